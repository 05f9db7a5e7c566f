//! A joined user: its slots, and which message is legal when.

use std::collections::VecDeque;

use smallvec::SmallVec;

use super::ids::{LinkId, SessionId, TalkId, Ticket, Time};
use super::matchmaker::Side;
use super::note::Arrival;
use super::profile::{Profile, UserKey};
use super::record::{Lines, Record};
use crate::limits::GUYS_CEILING;
use crate::wire::message::{Kind, Slug};
use crate::wire::text::Text;

/// See the module. Lives at one core, its home, until it leaves or its
/// connection ends; another connection may take it over.
#[derive(Debug)]
pub struct Session {
    pub(crate) id: SessionId,
    pub(crate) link: LinkId,
    pub(crate) user: UserKey,
    pub(crate) profile: Profile,
    /// Most want one.
    pub(crate) slots: SmallVec<[Slot; 1]>,
    pub(crate) record: Option<Box<Record>>,
    /// Connections that wait to take it over.
    pub(crate) arrivals: Option<Box<Arrivals>>,
    next_serial: u32,
    /// The directory has said that the id is this session's.
    pub(crate) granted: bool,
    /// Steps at other places whose answer has not come yet: no line is read.
    pub(crate) unanswered: u16,
    /// Held slots: no line is read either.
    pub(crate) held: u8,
    pub(crate) guys: u8,
    /// It has wanted more than one conversation at once.
    pub(crate) several: bool,
}

/// In the order in which they came.
pub(crate) type Arrivals = VecDeque<(LinkId, Arrival)>;

/// One conversation, or the want of it.
#[derive(Debug)]
pub(crate) enum Slot {
    /// Does not look for anybody.
    Idle {
        /// With whom it was last used.
        last: Option<Box<UserKey>>,
    },
    /// Stands in a queue.
    Waiting { serial: u32, since: Time },
    /// On offer: the home of this user is being asked.
    Held { serial: u32, hold: Box<Hold> },
    /// In a talk.
    Talking(Box<Talk>),
}

/// What a held slot is held for.
#[derive(Debug)]
pub(crate) struct Hold {
    /// How long it has waited.
    pub(crate) since: Time,
    /// Who is being asked.
    pub(crate) user: UserKey,
}

/// One side of a talk.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) id: TalkId,
    pub(crate) partner: SessionId,
    pub(crate) user: UserKey,
    pub(crate) profile: Profile,
    pub(crate) began: Time,
    /// What was said lately, where that is kept.
    pub(crate) lines: Option<Box<Lines>>,
    /// This side counts the talk.
    pub(crate) counted: bool,
    /// A line of this side was told of for a listed word in it.
    pub(crate) flagged: bool,
}

/// What a connection may say next depends on this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has joined on it.
    Fresh,
    /// Joined; no slot waits.
    Joined,
    /// Joined; a slot waits.
    Waiting,
}

/// May this message be sent in this state? The whole table; what depends on
/// the partner that a message names (6, 7, 8, 10) is for its handler.
///
/// # Errors
///
/// The error that answers it.
pub const fn legal(state: State, kind: Kind) -> Result<(), Slug> {
    match (state, kind) {
        (_, Kind::Join) => Ok(()),
        (
            State::Fresh,
            Kind::PassReq
            | Kind::Talking
            | Kind::TalkEnd
            | Kind::SendEndMsg
            | Kind::NextOne
            | Kind::Leave,
        ) => Err(Slug::NotJoined),
        (State::Joined, Kind::PassReq) => Err(Slug::NotWaiting),
        (State::Waiting, Kind::PassReq) => Ok(()),
        (
            State::Joined | State::Waiting,
            Kind::Talking | Kind::TalkEnd | Kind::SendEndMsg | Kind::NextOne | Kind::Leave,
        ) => Ok(()),
        (
            _,
            Kind::Error
            | Kind::Wait
            | Kind::PassRes
            | Kind::TalkBegin
            | Kind::ReceiveEndMsg
            | Kind::Notice,
        ) => Err(Slug::UnknownType),
    }
}

impl Session {
    pub(crate) fn new(id: SessionId, link: LinkId, arrival: Arrival) -> Self {
        Session {
            id,
            link,
            user: arrival.user,
            profile: arrival.profile,
            slots: SmallVec::new(),
            record: None,
            arrivals: None,
            next_serial: 0,
            granted: false,
            unanswered: 1,
            held: 0,
            guys: few(arrival.guys),
            several: false,
        }
    }

    pub(crate) fn state(&self) -> State {
        if self.waits() {
            State::Waiting
        } else {
            State::Joined
        }
    }

    /// No line is read before something else has been decided.
    pub(crate) fn is_busy(&self) -> bool {
        self.unanswered > 0 || self.held > 0
    }

    pub(crate) fn side(&self) -> Side {
        Side::new(self.profile.gender, self.profile.find)
    }

    pub(crate) fn record(&mut self) -> &mut Record {
        self.record.get_or_insert_default()
    }

    /// The connections that wait to take it over.
    pub(crate) fn guests(&self) -> impl Iterator<Item = LinkId> {
        let arrivals = self.arrivals.iter().flat_map(|list| list.iter());
        arrivals.map(|arrival| arrival.0)
    }

    /// Does any slot stand in a queue?
    pub(crate) fn waits(&self) -> bool {
        self.slots.iter().any(|slot| slot.serial().is_some())
    }

    /// Does this ticket still stand in a queue?
    pub(crate) fn has_ticket(&self, ticket: Ticket) -> bool {
        let serial = Some(ticket.serial);
        self.slots.iter().any(|slot| slot.serial() == serial)
    }

    pub(crate) fn waiting_slot(&mut self, ticket: Ticket) -> Option<&mut Slot> {
        let is = |slot: &&mut Slot| matches!(slot, Slot::Waiting { serial, .. } if *serial == ticket.serial);
        self.slots.iter_mut().find(is)
    }

    pub(crate) fn held_slot(&mut self, ticket: Ticket) -> Option<&mut Slot> {
        let is = |slot: &&mut Slot| matches!(slot, Slot::Held { serial, .. } if *serial == ticket.serial);
        self.slots.iter_mut().find(is)
    }

    pub(crate) fn talks(&self) -> impl Iterator<Item = &Talk> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Talking(talk) => Some(&**talk),
            _ => None,
        })
    }

    /// Does it talk with this user, or is about to?
    pub(crate) fn is_taken_up_with(&self, other: UserKey) -> bool {
        self.slots.iter().any(|slot| match slot {
            Slot::Talking(talk) => talk.user == other,
            Slot::Held { hold, .. } => hold.user == other,
            Slot::Idle { .. } | Slot::Waiting { .. } => false,
        })
    }

    /// The talk with the user of this id; another `talk` id than the current
    /// one names a talk that is over, an empty one is none.
    #[inline]
    pub(crate) fn talk_with(&self, to: &Text<'_>, talk: Option<&Text<'_>>) -> Option<&Talk> {
        let with = self.talks().find(|own| to.is(own.profile.user()))?;
        let meant = talk.is_none_or(|id| id.is_empty() || with.id.is(id));
        meant.then_some(with)
    }

    /// Ends a talk on this side: its slot is idle or, beyond `guys`, goes.
    pub(crate) fn hang_up(&mut self, talk: TalkId) -> Option<Box<Talk>> {
        let is = |slot: &Slot| matches!(slot, Slot::Talking(own) if own.id == talk);
        let at = self.slots.iter().position(is)?;
        let over = self.slots.len() > usize::from(self.guys);
        let slot = if over {
            self.slots.remove(at)
        } else {
            let last = self.slots[at].partner().map(Box::new);
            std::mem::replace(&mut self.slots[at], Slot::Idle { last })
        };
        match slot {
            Slot::Talking(talk) => Some(talk),
            _ => None,
        }
    }

    /// Makes an idle slot wait; gives its serial.
    pub(crate) fn queue_slot(&mut self, at: usize, now: Time) -> u32 {
        let serial = self.next_serial;
        self.next_serial += 1;
        self.slots[at] = Slot::Waiting { serial, since: now };
        serial
    }

    /// An idle slot: the one last used with this user, else any.
    pub(crate) fn idle_slot(&self, last_with: Option<UserKey>) -> Option<usize> {
        let idle = |slot: &Slot| matches!(slot, Slot::Idle { .. });
        let used = |slot: &Slot| matches!(slot, Slot::Idle { last: Some(last) } if last_with == Some(**last));
        self.slots
            .iter()
            .position(used)
            .or_else(|| self.slots.iter().position(idle))
    }

    /// Makes room for the wished number of slots: adds idle ones, or removes
    /// idle ones first, then the worst-placed waiting ones. Gives the tickets
    /// that go; talks beyond the number stay until they end.
    pub(crate) fn resize(&mut self, guys: u32) -> Vec<Ticket> {
        let (session, wanted) = (self.id, guys as usize);
        self.guys = few(guys);
        self.several |= guys > 1;
        self.slots
            .reserve_exact(wanted.saturating_sub(self.slots.len()));
        while self.slots.len() < wanted {
            self.slots.push(Slot::Idle { last: None });
        }
        let mut gone = Vec::new();
        while self.slots.len() > wanted {
            let idle = self
                .slots
                .iter()
                .rposition(|slot| matches!(slot, Slot::Idle { .. }));
            let worst = || {
                let serial = |slot: &Slot| match slot {
                    Slot::Waiting { serial, .. } => Some(*serial),
                    _ => None,
                };
                (0..self.slots.len())
                    .filter(|&at| serial(&self.slots[at]).is_some())
                    .max_by_key(|&at| serial(&self.slots[at]))
            };
            let Some(at) = idle.or_else(worst) else { break };
            if let Slot::Waiting { serial, .. } = self.slots.remove(at) {
                gone.push(Ticket { session, serial });
            }
        }
        gone
    }

    /// Takes every waiting slot out of its queue; gives the tickets.
    pub(crate) fn stop_waiting(&mut self) -> Vec<Ticket> {
        let session = self.id;
        let mut gone = Vec::new();
        for slot in &mut self.slots {
            if let Some(serial) = slot.serial() {
                gone.push(Ticket { session, serial });
                *slot = Slot::Idle { last: None };
            }
        }
        gone
    }
}

impl Slot {
    /// That of the ticket with which it stands in a queue.
    pub(crate) fn serial(&self) -> Option<u32> {
        match self {
            Slot::Waiting { serial, .. } | Slot::Held { serial, .. } => Some(*serial),
            Slot::Idle { .. } | Slot::Talking(_) => None,
        }
    }

    /// Since when it has stood in a queue.
    pub(crate) fn since(&self) -> Option<Time> {
        match self {
            Slot::Waiting { since, .. } => Some(*since),
            Slot::Held { hold, .. } => Some(hold.since),
            Slot::Idle { .. } | Slot::Talking(_) => None,
        }
    }

    fn partner(&self) -> Option<UserKey> {
        match self {
            Slot::Talking(talk) => Some(talk.user),
            _ => None,
        }
    }
}

fn few(guys: u32) -> u8 {
    u8::try_from(guys).expect("max_guys has a ceiling below that")
}

/// There is one for each joined user: grow it knowingly.
const _: () = assert!(size_of::<Session>() <= 112);
const _: () = assert!(GUYS_CEILING <= u8::MAX as u32);

#[cfg(test)]
mod tests;
