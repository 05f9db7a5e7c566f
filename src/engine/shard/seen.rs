//! A shard as a check from outside sees it: plain copies of what it holds.

use super::Shard;
use crate::engine::ids::{CoreId, LinkId, SessionId, TalkId, Ticket, Time};
use crate::engine::link::Bond;
use crate::engine::matchmaker::Side;
use crate::engine::profile::UserKey;
use crate::engine::session::{Session, Slot, Talk};

/// A session.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its name.
    pub id: SessionId,
    /// Its connection.
    pub link: LinkId,
    /// The key of its user.
    pub user: UserKey,
    /// Its user.
    pub name: String,
    /// The queue it waits in, if it waits.
    pub side: Side,
    /// Conversations wanted.
    pub guys: usize,
    /// Its slots in all.
    pub slots: usize,
    /// Tickets that stand in the queue, held ones included.
    pub tickets: Vec<Ticket>,
    /// Users whose homes are being asked.
    pub held: Vec<UserKey>,
    /// Its talks.
    pub talks: Vec<SeenTalk>,
    /// Whom its user has blocked.
    pub blocked: Vec<UserKey>,
    /// The id is its own.
    pub granted: bool,
    /// Something is unanswered.
    pub busy: bool,
    /// Connections that wait to take it over.
    pub arrivals: usize,
}

/// One side of a talk.
#[derive(Clone, Debug)]
pub struct SeenTalk {
    /// The talk.
    pub id: TalkId,
    /// With which session.
    pub partner: SessionId,
    /// The key of the partner.
    pub user: UserKey,
    /// The partner.
    pub name: String,
    /// This side counts it.
    pub counted: bool,
}

impl Shard {
    /// Has somebody lines for which it waits for its next turn?
    #[must_use]
    pub fn is_behind(&self) -> bool {
        !self.turns.behind.is_empty()
    }

    /// Every session, by its place.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let sessions = self.sessions.iter();
        sessions.map(|(_, session)| session.seen()).collect()
    }

    /// Would this session meet that user now, as far as its own record and its
    /// talks go?
    #[must_use]
    pub fn would_meet(&self, session: SessionId, user: UserKey, now: Time) -> bool {
        let own = self.sessions.get(session.slot, session.generation);
        let own = own.expect("it was seen");
        let record = own.record.as_ref();
        own.user != user
            && own.talks().all(|talk| talk.user != user)
            && record.is_none_or(|record| record.may_meet(user, now).is_ok())
    }

    /// The tickets of a queue that this core owns, by place.
    #[must_use]
    pub fn queue(&self, side: Side) -> Vec<Ticket> {
        self.matchmakers[side.pair()].queue(side)
    }

    /// Which core owns a queue.
    #[must_use]
    pub fn owner_of(&self, side: Side) -> CoreId {
        self.owner(side)
    }

    /// Who has an id that this core looks after.
    #[must_use]
    pub fn holder(&self, user: UserKey) -> Option<SessionId> {
        self.directory.holder(user)
    }

    /// Users of which anything is known here.
    #[must_use]
    pub fn known(&self) -> usize {
        self.directory.len()
    }

    /// Sessions and links, also those that are on their way out.
    #[must_use]
    pub fn lives(&self) -> (usize, usize) {
        (self.sessions.len(), self.links.len())
    }

    /// Times at which some link is looked at again.
    #[must_use]
    pub fn deadlines(&self) -> usize {
        self.links.deadlines.len()
    }

    /// The session of a link.
    #[must_use]
    pub fn session_of(&self, link: LinkId) -> Option<Seen> {
        match self.links.get(link)?.bond {
            Bond::Session(id) => self.sessions.get(id.slot, id.generation).map(Session::seen),
            _ => None,
        }
    }
}

impl Session {
    fn seen(&self) -> Seen {
        let session = self.id;
        let ticket = |slot: &Slot| match *slot {
            Slot::Waiting { serial, .. } | Slot::Held { serial, .. } => {
                Some(Ticket { session, serial })
            }
            Slot::Idle { .. } | Slot::Talking(_) => None,
        };
        let held = |slot: &Slot| match slot {
            Slot::Held { hold, .. } => Some(hold.user),
            _ => None,
        };
        Seen {
            id: session,
            link: self.link,
            user: self.user,
            name: self.profile.user().to_owned(),
            side: self.side(),
            guys: self.guys as usize,
            slots: self.slots.len(),
            tickets: self.slots.iter().filter_map(ticket).collect(),
            held: self.slots.iter().filter_map(held).collect(),
            talks: self.talks().map(Talk::seen).collect(),
            blocked: self.record.as_ref().map_or(Vec::new(), |own| own.seen()),
            granted: self.granted,
            busy: self.is_busy(),
            arrivals: self.guests().count(),
        }
    }
}

impl Talk {
    fn seen(&self) -> SeenTalk {
        SeenTalk {
            id: self.id,
            partner: self.partner,
            user: self.user,
            name: self.profile.user().to_owned(),
            counted: self.counted,
        }
    }
}
