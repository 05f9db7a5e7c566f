//! Pictures, likes and comments.

use super::statements::{pictures as statements, reports};
use super::tables::Tables;
use crate::limits::COMMENTS_A_PICTURE;
use crate::picture::PictureId;
use crate::store::{
    ChangePictures, CommentId, Commented, Deleted, Edition, Kept, Listed, NewPicture, Page,
    ReadBonds as _, ReadPictures, Shown, StoreError, UserKey,
};

impl ReadPictures for Tables<'_> {
    fn last_picture(&self) -> Result<PictureId, StoreError> {
        Ok(statements::last_picture(self.connection)?)
    }

    fn picture(&self, id: PictureId) -> Result<Option<Kept>, StoreError> {
        Ok(statements::picture(self.connection, id)?)
    }

    fn pictures_among(&self, ids: &[PictureId]) -> Result<Vec<PictureId>, StoreError> {
        let mut found = Vec::new();
        for &id in ids {
            if reports::file(self.connection, id)?.is_some() {
                found.push(id);
            }
        }
        Ok(found)
    }

    fn hidden_from(&self, user: UserKey) -> Result<Vec<UserKey>, StoreError> {
        Ok(statements::hidden_from(self.connection, user)?)
    }

    fn listed(&self, viewer: UserKey, page: &Page) -> Result<Vec<Listed>, StoreError> {
        let rows = statements::page(self.connection, viewer, page)?;
        let (Some(newest), Some(oldest)) = (rows.first(), rows.last()) else {
            return Ok(Vec::new());
        };
        let names = statements::names(self.connection)?;
        // Ascending, where the page descends.
        let liked = statements::liked(self.connection, viewer, oldest.id, newest.id)?;
        let listed = rows.iter().map(|row| Listed {
            id: row.id,
            edition: Edition {
                comments: row.revision,
                names,
            },
            likes: row.likes,
            liked: liked.binary_search(&row.id).is_ok(),
        });
        Ok(listed.collect())
    }

    fn shown(&self, id: PictureId) -> Result<Option<Shown>, StoreError> {
        let Some(mut shown) = statements::shown(self.connection, id)? else {
            return Ok(None);
        };
        for (thread, comment) in statements::comments(self.connection, id)? {
            let Some(thread) = thread else {
                shown.comments.push(comment);
                continue;
            };
            let place = shown.comments.binary_search_by_key(&thread, |it| it.id);
            let place = place.expect("an answer comes after what it answers");
            shown.comments[place].answers.push(comment);
        }
        Ok(Some(shown))
    }
}

impl ChangePictures for Tables<'_> {
    fn add_picture(&mut self, picture: &NewPicture) -> Result<(), StoreError> {
        Ok(statements::add_picture(self.connection, picture)?)
    }

    fn like(&mut self, user: UserKey, id: PictureId) -> Result<Option<u32>, StoreError> {
        if self.visible(user, id)?.is_none() {
            return Ok(None);
        }
        statements::like(self.connection, user, id)?;
        Ok(Some(statements::likes(self.connection, id)?))
    }

    fn unlike(&mut self, user: UserKey, id: PictureId) -> Result<Option<u32>, StoreError> {
        if self.visible(user, id)?.is_none() {
            return Ok(None);
        }
        statements::unlike(self.connection, user, id)?;
        Ok(Some(statements::likes(self.connection, id)?))
    }

    fn comment(
        &mut self,
        user: UserKey,
        id: PictureId,
        answers: Option<CommentId>,
        text: &str,
        now: i64,
    ) -> Result<Commented, StoreError> {
        if self.visible(user, id)?.is_none() {
            return Ok(Commented::NoSuchThing);
        }
        let thread = match answers {
            None => None,
            Some(comment) => match self.thread(user, id, comment)? {
                None => return Ok(Commented::NoSuchThing),
                thread => thread,
            },
        };
        if statements::count_comments(self.connection, id)? >= COMMENTS_A_PICTURE {
            return Ok(Commented::Full);
        }
        let comment = statements::comment(self.connection, user, id, thread, text, now)?;
        Ok(Commented::Done(comment))
    }

    fn delete_picture(&mut self, user: UserKey, id: PictureId) -> Result<Deleted, StoreError> {
        let Some(kept) = self.visible(user, id)? else {
            return Ok(Deleted::NoSuchThing);
        };
        if kept.owner != user {
            return Ok(Deleted::NotAllowed);
        }
        statements::delete_picture(self.connection, id)?;
        Ok(Deleted::Done)
    }

    fn remove_picture(&mut self, id: PictureId) -> Result<bool, StoreError> {
        let there = statements::picture(self.connection, id)?.is_some();
        statements::delete_picture(self.connection, id)?;
        Ok(there)
    }

    fn remove_comment(&mut self, id: CommentId) -> Result<bool, StoreError> {
        Ok(statements::delete_comment(self.connection, id)?)
    }
}

impl Tables<'_> {
    /// A picture, if `user` may see it.
    fn visible(&self, user: UserKey, id: PictureId) -> Result<Option<Kept>, StoreError> {
        match statements::picture(self.connection, id)? {
            Some(kept) if !self.are_apart(user, kept.owner)? => Ok(Some(kept)),
            _ => Ok(None),
        }
    }

    /// The thread that an answer to `comment` joins, if `user` may see both it
    /// and what began it.
    fn thread(
        &self,
        user: UserKey,
        picture: PictureId,
        comment: CommentId,
    ) -> Result<Option<CommentId>, StoreError> {
        let mut first = comment;
        loop {
            let Some(said) = statements::said(self.connection, picture, first)? else {
                return Ok(None);
            };
            if self.are_apart(user, said.author)? {
                return Ok(None);
            }
            match said.thread {
                Some(thread) => first = thread,
                None => return Ok(Some(first)),
            }
        }
    }
}
