//! A store with many users, pictures and comments.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::runtime::Builder;

use pairline::engine::ids::Time;
use pairline::metrics::Metrics;
use pairline::picture::{Ext, PictureId};
use pairline::store::writer::Writer;
use pairline::store::{
    Changes, Commented, Door, Kept, NewPicture, Profile, Readers, StoreError, TokenHash, UserKey,
    sqlite,
};

const USERS: usize = 1000;
const PICTURES: i64 = 10_000;
const COMMENTS_EACH: usize = 10;

pub(crate) struct Town {
    pub(crate) door: Door,
    pub(crate) tokens: Vec<String>,
    _readers: Readers,
    _writer: Writer,
}

impl Town {
    pub(crate) fn build(folder: &Path) -> Town {
        let store = sqlite::open(folder).expect("a store");
        let metrics = Arc::new(Metrics::new(1));
        let readers = Readers::start(|| store.reader(), &metrics).expect("readers");
        let writer = Writer::start(store, metrics, Time(0)).expect("a writer");
        let door = Door::new(writer.handle(), readers.handle());
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let building = door.write(|changes| build(changes));
        let tokens = runtime.block_on(building).expect("it is written");
        Town {
            door,
            tokens,
            _readers: readers,
            _writer: writer,
        }
    }
}

fn build(changes: &mut dyn Changes) -> Result<Vec<String>, StoreError> {
    let mut random = fastrand::Rng::with_seed(5);
    let (mut users, mut tokens) = (Vec::new(), Vec::new());
    for number in 0..USERS {
        let (user, token) = add_user(changes, number)?;
        users.push(user);
        tokens.push(token);
    }
    for id in 1..=PICTURES {
        let id = PictureId(id);
        changes.add_picture(&NewPicture {
            id,
            kept: Kept {
                owner: *random.choice(&users).expect("there are users"),
                ext: Ext::Jpeg,
            },
            words: "今天天气很好，一起去看海吧".to_owned(),
            published: 1_438_623_840 + id.0,
        })?;
        add_voices(changes, &mut random, id, &users)?;
    }
    Ok(tokens)
}

fn add_user(changes: &mut dyn Changes, number: usize) -> Result<(UserKey, String), StoreError> {
    let profile = Profile {
        nickname: format!("小明{number}"),
        gender: "M".to_owned(),
        birthday: String::new(),
        pic_id: String::new(),
        location: String::new(),
        words: String::new(),
    };
    let user = changes.add_account(
        &format!("u{number:016}"),
        &format!("+86{number:011}"),
        &profile,
        0,
    )?;
    let token = format!("token{number}");
    let hash = TokenHash(Sha256::digest(&token).into());
    changes.add_session(&hash, user, i64::MAX)?;
    Ok((user, token))
}

/// Comments, every third an answer to the one before it, and likes.
fn add_voices(
    changes: &mut dyn Changes,
    random: &mut fastrand::Rng,
    id: PictureId,
    users: &[UserKey],
) -> Result<(), StoreError> {
    let mut last = None;
    for number in 0..COMMENTS_EACH {
        let answers = last.filter(|_| number % 3 == 2);
        let author = *random.choice(users).expect("there are users");
        let said = changes.comment(author, id, answers, "拍得真好，在哪里？", 0)?;
        let Commented::Done(comment) = said else {
            panic!("not taken: {said:?}");
        };
        last = Some(comment);
        changes.like(author, id)?;
    }
    Ok(())
}
