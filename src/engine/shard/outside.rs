//! What reaches a session from beside the chat: blocks, notices, its end.

use super::Shard;
use crate::engine::Effects;
use crate::engine::ids::{SessionId, TalkId};
use crate::engine::note::{End, Farewell, ToHome, ToMatchmaker};
use crate::engine::profile::UserKey;
use crate::wire::message::Outgoing;

impl Shard {
    /// The session's user has, or has not, blocked another. What it has with
    /// whom it blocks is over; a match that is being made is, as soon as it is
    /// made. One whose session has gone is in the directory anyway.
    pub(super) fn block(&mut self, to: SessionId, whom: UserKey, on: bool, fx: &mut Effects) {
        let at = self.now;
        let Some(own) = self.session(to) else { return };
        own.record().block(whom, on);
        if on {
            self.part_if_blocked(to, whom, fx);
        } else if own.waits() {
            let side = own.side();
            let lifted = ToMatchmaker::Lifted {
                session: to,
                user: whom,
                side,
                at,
            };
            self.tell_matchmaker(side, lifted, fx);
        }
    }

    /// Ends the talk with this user, if there is one and the user is blocked.
    pub(super) fn part_if_blocked(&mut self, id: SessionId, whom: UserKey, fx: &mut Effects) {
        let Some(own) = self.session(id) else { return };
        let record = own.record.as_deref();
        if record.is_some_and(|record| record.has_blocked(whom)) {
            let on = own.talks().find(|talk| talk.user == whom);
            if let Some(talk) = on.map(|talk| talk.id) {
                self.break_up(id, talk, fx);
            }
        }
    }

    /// Ends a talk that neither of the two has ended: both are told.
    fn break_up(&mut self, id: SessionId, talk: TalkId, fx: &mut Effects) {
        let now = self.now;
        let Some(own) = self.session(id) else { return };
        let Some(talk) = own.hang_up(talk) else {
            return;
        };
        let word = own.word(talk.profile.user(), "", None, talk.id, now);
        let end = End {
            to: talk.partner,
            user: talk.user,
            talk: talk.id,
            word: Some(word),
            ack: None,
        };
        self.tell_home(talk.partner, ToHome::End(Box::new(end)), fx);
        self.partner_left(id, &talk, None, fx);
    }

    /// Somebody who has just gone misses it.
    pub(super) fn notice(&mut self, to: SessionId, body: &[u8], fx: &mut Effects) {
        if let Some(link) = self.session(to).map(|own| own.link) {
            self.say(link, &Outgoing::Notice { body }, fx);
        }
    }

    /// The session ends as if its connection had, which is told why.
    pub(super) fn expel(&mut self, id: SessionId, farewell: Farewell, fx: &mut Effects) {
        if let Some(link) = self.session(id).map(|own| own.link) {
            self.close_with(link, farewell.error, farewell.detail, fx);
        }
    }
}
