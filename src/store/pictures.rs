//! Pictures, and what others say to them.
//!
//! What somebody may see is decided here: nothing of those whom they block or
//! who block them, as if it were not there.

use std::fmt;

use super::{StoreError, UserKey};
use crate::picture::{Ext, PictureId};

/// A comment's number, never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommentId(pub i64);

impl fmt::Display for CommentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is known of a picture without looking at what stands around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Who uploaded it.
    pub owner: UserKey,
    /// What its file is.
    pub ext: Ext,
}

/// A picture that is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPicture {
    /// Its files lie under this id already.
    pub id: PictureId,
    /// Who uploads it, and what it is.
    pub kept: Kept,
    /// What its owner says of it.
    pub words: String,
    /// Unix seconds.
    pub published: i64,
}

/// Which pictures are wanted: the newest of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only older ones than this; it need not exist (any more).
    pub before: Option<PictureId>,
    /// Only theirs.
    pub owner: Option<UserKey>,
    /// At most so many.
    pub limit: u32,
}

/// A picture's place in the feed, with what changes all the time or differs
/// for each who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Which one.
    pub id: PictureId,
    /// All else about it is the same as long as this is.
    pub edition: Edition,
    /// How many like it.
    pub likes: u32,
    /// Whether who looks is one of them.
    pub liked: bool,
}

/// Goes up when a picture's comments change, or anybody's nickname.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edition {
    /// Of the comments.
    pub comments: i64,
    /// Of all nicknames.
    pub names: i64,
}

/// Somebody, as others see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The user.
    pub key: UserKey,
    /// The same, as others know them.
    pub user_id: String,
    /// What they are called.
    pub nickname: String,
}

/// A picture with all that stands around it, whoever looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What its file is.
    pub ext: Ext,
    /// What its owner says of it.
    pub words: String,
    /// Unix seconds.
    pub published: i64,
    /// Who uploaded it.
    pub owner: Author,
    /// Oldest first.
    pub comments: Vec<Comment>,
}

/// A comment and the answers to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its number.
    pub id: CommentId,
    /// Who says it.
    pub author: Author,
    /// What.
    pub text: String,
    /// Oldest first; answers have none of their own.
    pub answers: Vec<Comment>,
}

/// What came of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commented {
    /// It stands under this number.
    Done(CommentId),
    /// No such picture, or no such comment of it, that its author may see.
    NoSuchThing,
    /// The picture has as many comments as one may have.
    Full,
}

/// What came of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone, and with it what others said to it.
    Done,
    /// No such picture, as far as one may see.
    NoSuchThing,
    /// It is another's.
    NotAllowed,
}

/// What is read of pictures.
pub trait ReadPictures {
    /// The highest id that any picture ever had.
    fn last_picture(&self) -> Result<PictureId, StoreError>;

    /// A picture, whoever looks.
    fn picture(&self, id: PictureId) -> Result<Option<Kept>, StoreError>;

    /// Those of `ids` that there are, or that are kept as evidence.
    fn pictures_among(&self, ids: &[PictureId]) -> Result<Vec<PictureId>, StoreError>;

    /// Who must see nothing of `user`, and `user` nothing of them.
    fn hidden_from(&self, user: UserKey) -> Result<Vec<UserKey>, StoreError>;

    /// The newest pictures that `viewer` may see, newest first.
    fn listed(&self, viewer: UserKey, page: &Page) -> Result<Vec<Listed>, StoreError>;

    /// All about a picture.
    fn shown(&self, id: PictureId) -> Result<Option<Shown>, StoreError>;
}

/// What is changed about pictures.
pub trait ChangePictures {
    /// Publishes a picture.
    fn add_picture(&mut self, picture: &NewPicture) -> Result<(), StoreError>;

    /// A picture is liked by `user`, once however often it is said. How many
    /// like it now; `None` if there is none that `user` may see.
    fn like(&mut self, user: UserKey, id: PictureId) -> Result<Option<u32>, StoreError>;

    /// It is liked no more, if it was.
    fn unlike(&mut self, user: UserKey, id: PictureId) -> Result<Option<u32>, StoreError>;

    /// Says something to a picture, or in answer to a comment. An answer to an
    /// answer stands beside it.
    fn comment(
        &mut self,
        user: UserKey,
        id: PictureId,
        answers: Option<CommentId>,
        text: &str,
        now: i64,
    ) -> Result<Commented, StoreError>;

    /// Takes a picture back. Its files are left to the caller.
    fn delete_picture(&mut self, user: UserKey, id: PictureId) -> Result<Deleted, StoreError>;

    /// Takes a picture away, whoever's it is. Was it there? Its files are left
    /// to the caller.
    fn remove_picture(&mut self, id: PictureId) -> Result<bool, StoreError>;

    /// Takes a comment away, with the answers to it. Was it there?
    fn remove_comment(&mut self, id: CommentId) -> Result<bool, StoreError>;
}
