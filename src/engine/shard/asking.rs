//! What somebody outside wants to know of a user: the directory's core answers
//! of one who is away, the home of a session of one who is here.

use super::Shard;
use crate::engine::ids::{SessionId, Time};
use crate::engine::note::{ToDirectory, ToHome};
use crate::engine::record::{Lines, Record};
use crate::engine::session::{Session, Slot, Talk};
use crate::engine::tidings::{Inquiry, Live, Past, Sighting, Tidings, With};
use crate::engine::{Effect, Effects};

impl Shard {
    /// At the directory.
    pub(super) fn asked_about(&mut self, inquiry: Inquiry, fx: &mut Effects) {
        if let Some(session) = self.directory.holder(inquiry.user) {
            return self.tell_home(session, ToHome::Inquire { session, inquiry }, fx);
        }
        let talk = inquiry.talk;
        let talk = talk.and_then(|talk| self.directory.talk(inquiry.user, talk));
        answer(inquiry, None, talk, fx);
    }

    /// At home. What belongs to a session that has just gone is on its way to
    /// the directory, and will be there before this is.
    pub(super) fn asked_at_home(&mut self, id: SessionId, inquiry: Inquiry, fx: &mut Effects) {
        let Some(own) = self.session(id) else {
            return self.tell_directory(inquiry.user, ToDirectory::Inquire(inquiry), fx);
        };
        let talk = inquiry.talk.and_then(|talk| {
            let mut past = own.record.as_deref().and_then(|record| record.talk(talk))?;
            if let Some(on) = own.talks().find(|on| on.id == talk) {
                past.lines = on.lines.as_deref().map_or_else(Vec::new, Lines::to_vec);
            }
            Some(past)
        });
        let live = own.live();
        answer(inquiry, Some(live), talk, fx);
    }

    /// A line of a talk is kept for the case that this side reports it.
    pub(super) fn overhear(&mut self, id: SessionId, own: bool, line: Overheard<'_>) {
        let Overheard { talk, at, body } = line;
        let Some(session) = self.session(id) else {
            return;
        };
        let slots = session.slots.iter_mut();
        let mut talks = slots.filter_map(|slot| match slot {
            Slot::Talking(on) if on.id == talk => Some(on),
            _ => None,
        });
        if let Some(lines) = talks.next().and_then(|on| on.lines.as_mut()) {
            lines.push(own, at, body);
        }
    }
}

/// A line of a talk, on its way.
#[derive(Clone, Copy)]
pub(super) struct Overheard<'a> {
    pub(super) talk: crate::engine::ids::TalkId,
    pub(super) at: Time,
    pub(super) body: &'a [u8],
}

fn answer(inquiry: Inquiry, live: Option<Live>, talk: Option<Past>, fx: &mut Effects) {
    let number = inquiry.number;
    let sighting = Sighting { number, live, talk };
    let tidings = Box::new(Tidings::Sighting(sighting));
    fx.list.push(Effect::Tell(tidings));
}

impl Session {
    fn live(&self) -> Live {
        let with = |talk: &Talk| With {
            talk: talk.id,
            user: talk.profile.user().into(),
            nickname: talk.profile.nickname().into(),
            began: talk.began,
        };
        Live {
            nickname: self.profile.nickname().into(),
            gender: self.profile.gender,
            find: self.profile.find,
            guys: self.guys.into(),
            waiting: self.slots.iter().filter_map(Slot::since).collect(),
            talks: self.talks().map(with).collect(),
        }
    }
}

/// The lines of a talk that is over go where the user's memory of it is.
pub(super) fn put_away(talk: &Talk, record: &mut Record) {
    if let Some(lines) = &talk.lines {
        record.keep_lines(talk.id, (**lines).clone());
    }
}
