//! A user comes, comes again, takes over, goes.

use super::Shard;
use super::reading::GOING_DOWN;
use crate::engine::deadlines::Standing;
use crate::engine::ids::{LinkId, SessionId, Socket, Time};
use crate::engine::link::Bond;
use crate::engine::note::{Arrival, Granted, Guest, Release, ToDirectory, ToHome};
use crate::engine::session::{Arrivals, Session, Slot};
use crate::engine::{Effect, Effects};
use crate::wire::message::Slug;

impl Shard {
    /// A join that nothing speaks against.
    pub(super) fn admit(&mut self, link: LinkId, arrival: Arrival, fx: &mut Effects) {
        let user = arrival.user;
        match self.bound(link) {
            None => self.claim(link, arrival, fx),
            Some(session) if self.session(session).is_some_and(|own| own.user == user) => {
                self.join_again(session, arrival, fx);
            }
            Some(session) => {
                self.end_session(session, fx);
                self.claim(link, arrival, fx);
            }
        }
    }

    /// Asks for the id; until the answer is there the link reads no line.
    fn claim(&mut self, link: LinkId, arrival: Arrival, fx: &mut Effects) {
        let (user, asked) = (arrival.user, arrival.asked);
        let id = SessionId {
            core: self.core,
            slot: 0,
            generation: 0,
        };
        let (slot, generation) = self.sessions.insert(Session::new(id, link, arrival));
        let id = SessionId {
            slot,
            generation,
            ..id
        };
        self.session(id).expect("it was just made").id = id;
        self.bind(link, Bond::Session(id));
        let session = id;
        let claim = ToDirectory::Claim {
            user,
            session,
            asked,
        };
        self.tell_directory(user, claim, fx);
    }

    /// The id is the session's. One that has gone since gives it back.
    pub(super) fn granted(&mut self, granted: Granted, fx: &mut Effects) {
        let Granted {
            user,
            session: id,
            record,
            words,
        } = granted;
        let Some(session) = self.session(id) else {
            let release = Release {
                user,
                session: id,
                record,
                words,
            };
            return self.tell_directory(user, ToDirectory::Release(Box::new(release)), fx);
        };
        session.granted = true;
        session.unanswered -= 1;
        session.record = record;
        let (guys, link) = (session.guys.into(), session.link);
        session.resize(guys);
        self.joined += 1;
        if !words.is_empty() {
            for word in words {
                self.say_word(id, word, fx);
            }
            self.links.spare(link);
        }
        self.queue_idle_slots(id, fx);
        self.go_on(id);
    }

    /// Another session has the id: the connection goes there.
    pub(super) fn taken(
        &mut self,
        id: SessionId,
        holder: SessionId,
        asked: Option<Time>,
        fx: &mut Effects,
    ) {
        let Some(session) = self.sessions.remove(id.slot, id.generation) else {
            return;
        };
        if self.links.get(session.link).is_none() {
            // Closed, as the server goes down.
            return;
        }
        let Session {
            link,
            user,
            profile,
            guys,
            ..
        } = session;
        let arrival = Arrival {
            user,
            profile,
            guys: guys.into(),
            asked,
        };
        if holder.core == self.core {
            self.arrive(link, holder, arrival, fx);
        } else {
            self.bind(link, Bond::Moving(Box::new((holder, arrival))));
            fx.list.push(Effect::Detach { link });
        }
    }

    pub(super) fn detached(&mut self, id: LinkId, socket: Socket, fx: &mut Effects) {
        let mut link = self
            .links
            .remove(id)
            .expect("a link is closed or detached, never both");
        link.hushed = false;
        let free = Bond::Free { opened: self.now };
        let Bond::Moving(moving) = std::mem::replace(&mut link.bond, free) else {
            unreachable!("only a moving link is detached");
        };
        let (holder, arrival) = *moving;
        let guest = Box::new(Guest {
            holder,
            arrival,
            link,
        });
        self.tell_home(holder, ToHome::Takeover { socket, guest }, fx);
    }

    pub(super) fn adopted(&mut self, id: LinkId, guest: Guest, fx: &mut Effects) {
        let Guest {
            holder,
            arrival,
            mut link,
        } = guest;
        link.looks = Standing::NONE;
        self.links.insert(id, link);
        if self.draining {
            return self.close_with(id, Slug::Draining, GOING_DOWN, fx);
        }
        self.arrive(id, holder, arrival, fx);
    }

    /// A connection is at the home of the session that it takes over. If that
    /// has just gone, the id is claimed afresh.
    fn arrive(&mut self, link: LinkId, holder: SessionId, arrival: Arrival, fx: &mut Effects) {
        let Some(session) = self.session(holder) else {
            return self.claim(link, arrival, fx);
        };
        let arrivals = session.arrivals.get_or_insert_default();
        arrivals.push_back((link, arrival));
        self.bind(link, Bond::Guest(holder));
        self.go_on(holder);
    }

    /// If a takeover waits for the session of this link, and that is idle, it
    /// happens now.
    pub(super) fn let_guest_in(&mut self, old: LinkId, fx: &mut Effects) {
        let Some(id) = self.bound(old) else { return };
        let session = self.session(id).expect("a bound link's session is alive");
        if session.is_busy() {
            return;
        }
        let first = |arrivals: &mut Box<Arrivals>| arrivals.pop_front();
        let Some((link, arrival)) = session.arrivals.as_mut().and_then(first) else {
            return;
        };
        session.arrivals.take_if(|arrivals| arrivals.is_empty());
        session.link = link;
        let detail = "another connection joined with this id";
        self.tell_error(old, Slug::Replaced, None, detail, fx);
        let left = self.forget_link(old, fx);
        self.bind(link, Bond::Session(id));
        self.say_again(old, left, id, fx);
        self.tell_talks(id, fx);
        self.join_again(id, arrival, fx);
        self.go_on(id);
    }

    /// A join of who has joined: profile and number of slots as it says now.
    fn join_again(&mut self, id: SessionId, arrival: Arrival, fx: &mut Effects) {
        let Some(session) = self.session(id) else {
            return;
        };
        let before = session.side();
        session.profile = arrival.profile;
        let mut gone = session.resize(arrival.guys);
        if session.side() != before {
            gone.extend(session.stop_waiting());
        }
        self.withdraw(gone, before, fx);
        self.queue_idle_slots(id, fx);
    }

    /// Ends a session as its connection ends: every talk, every place in a
    /// queue, the id.
    pub(super) fn end_session(&mut self, id: SessionId, fx: &mut Effects) {
        let Some(mut session) = self.sessions.remove(id.slot, id.generation) else {
            return;
        };
        let (side, user) = (session.side(), session.user);
        self.withdraw(session.stop_waiting(), side, fx);
        for slot in std::mem::take(&mut session.slots) {
            if let Slot::Talking(talk) = slot {
                self.widow(&mut session, &talk, fx);
            }
        }
        if session.granted {
            self.joined -= 1;
            let release = Release {
                user,
                session: id,
                record: session.record,
                words: Vec::new(),
            };
            self.tell_directory(user, ToDirectory::Release(Box::new(release)), fx);
        }
        for (link, arrival) in session.arrivals.into_iter().flat_map(|list| *list) {
            self.claim(link, arrival, fx);
        }
    }

    /// A 5 for each talk that a new connection has taken over.
    fn tell_talks(&mut self, id: SessionId, fx: &mut Effects) {
        let Some(session) = self.sessions.get(id.slot, id.generation) else {
            return;
        };
        for talk in session.talks() {
            self.links.say(self.now, session.link, &talk.begin(), fx);
        }
    }

    pub(super) fn bind(&mut self, link: LinkId, bond: Bond) {
        if let Some(link) = self.links.get_mut(link) {
            link.bond = bond;
        }
    }
}
