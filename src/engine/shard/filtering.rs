//! What users say, looked through for listed words, where that is switched on.
//! A text that passes with a word covered up goes on as if it had been said so.

use super::Shard;
use crate::engine::ids::{LinkId, SessionId, TalkId};
use crate::engine::session::Slot;
use crate::engine::tidings::{Flagged, Tidings};
use crate::engine::{Effect, Effects};
use crate::filter::Found;
use crate::wire::message::{Incoming, Join, Kind, Slug};
use crate::wire::text::Text;
use crate::wire::write::reword;

const NOT_TAKEN: &str = "it holds a word that is not taken here";

/// What has become of the texts of a message, where it is something else than
/// what was said.
#[derive(Default)]
pub(super) struct Reworded {
    text: Option<String>,
    nickname: Option<String>,
    body: Option<Vec<u8>>,
}

/// A text has passed.
#[derive(Default)]
struct Passed {
    masked: Option<String>,
    /// The word that somebody is to be told of.
    flagged: Option<String>,
}

impl Shard {
    /// Looks through what a joined user says; nothing, if it may not be said.
    pub(super) fn look_through(
        &mut self,
        link: LinkId,
        id: SessionId,
        message: &Incoming<'_>,
        fx: &mut Effects,
    ) -> Option<Reworded> {
        let (kind, key, text) = match message {
            Incoming::Talking { text, .. } => (Kind::Talking, "msg", text),
            Incoming::TalkEnd { text, .. } => (Kind::TalkEnd, "msg", text),
            Incoming::LastWord { text, .. } => (Kind::SendEndMsg, "endmessage", text),
            Incoming::NextOne { text, .. } => (Kind::NextOne, "endmessage", text),
            _ => return Some(Reworded::default()),
        };
        let Passed { masked, flagged } = self.look(link, kind, key, text, fx)?;
        let mut reworded = Reworded::default();
        match *message {
            Incoming::Talking { to, body, .. } => {
                if let Some(word) = flagged {
                    self.flag_line(id, &to, word, text, fx);
                }
                reworded.body = masked.map(|masked| reword(body, text, &masked));
            }
            Incoming::TalkEnd {
                nickname: Some(nickname),
                ..
            } => {
                let called = self.look(link, kind, "nickname", &nickname, fx)?;
                (reworded.text, reworded.nickname) = (masked, called.masked);
            }
            _ => reworded.text = masked,
        }
        Some(reworded)
    }

    /// A join, as far as its nickname may be.
    pub(super) fn join_looked_through(&mut self, link: LinkId, join: &Join<'_>, fx: &mut Effects) {
        let called = self.look(link, Kind::Join, "nickname", &join.nickname, fx);
        let Some(Passed { masked, flagged }) = called else {
            return;
        };
        if let Some(word) = flagged {
            self.flag(None, &join.user.decoded(), "", word, &join.nickname, fx);
        }
        let nickname = masked.as_deref().map_or(join.nickname, Text::plain);
        self.join_as(link, &Join { nickname, ..*join }, fx);
    }

    /// Whoever may not say it is told so.
    fn look(
        &mut self,
        link: LinkId,
        kind: Kind,
        key: &str,
        text: &Text<'_>,
        fx: &mut Effects,
    ) -> Option<Passed> {
        let filter = self.filter.as_ref();
        match filter.and_then(|filter| filter.look(&text.decoded())) {
            None => Some(Passed::default()),
            Some(Found::Passed { masked, flagged }) => Some(Passed { masked, flagged }),
            Some(Found::Refused(_)) => {
                let detail = format!("{key}: {NOT_TAKEN}");
                self.refuse(link, Slug::BadField, Some(kind.number()), &detail, fx);
                None
            }
        }
    }

    /// A line of a talk is told of, the first of this side.
    fn flag_line(
        &mut self,
        id: SessionId,
        to: &Text<'_>,
        word: String,
        text: &Text<'_>,
        fx: &mut Effects,
    ) {
        let Some(own) = self.session(id) else { return };
        let mut on = own.slots.iter_mut().filter_map(|slot| match slot {
            Slot::Talking(talk) if to.is(talk.profile.user()) => Some(talk),
            _ => None,
        });
        let Some(talk) = on.next().filter(|talk| !talk.flagged) else {
            return;
        };
        talk.flagged = true;
        let (talk, to) = (talk.id, talk.profile.user().to_owned());
        let user = own.profile.user().to_owned();
        self.flag(Some(talk), &user, &to, word, text, fx);
    }

    fn flag(
        &mut self,
        talk: Option<TalkId>,
        user: &str,
        to: &str,
        word: String,
        text: &Text<'_>,
        fx: &mut Effects,
    ) {
        let flagged = Flagged {
            talk,
            user: user.into(),
            to: to.into(),
            word: word.into(),
            text: text.decoded().into(),
            said: self.now,
        };
        let tidings = Box::new(Tidings::Flagged(flagged));
        fx.list.push(Effect::Tell(tidings));
    }
}

impl Reworded {
    /// The message as it may be said.
    pub(super) fn put_into<'a>(&'a self, message: &Incoming<'a>) -> Incoming<'a> {
        let mut message = *message;
        let put = |text: &mut Text<'a>, other: &'a Option<String>| {
            if let Some(other) = other {
                *text = Text::plain(other);
            }
        };
        match &mut message {
            Incoming::Talking { body, .. } => {
                if let Some(other) = &self.body {
                    *body = other;
                }
            }
            Incoming::TalkEnd { text, nickname, .. } => {
                put(text, &self.text);
                if let Some(nickname) = nickname {
                    put(nickname, &self.nickname);
                }
            }
            Incoming::LastWord { text, .. } | Incoming::NextOne { text, .. } => {
                put(text, &self.text);
            }
            _ => {}
        }
        message
    }
}
