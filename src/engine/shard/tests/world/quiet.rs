//! What must hold when nothing is under way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{USERS, World};
use crate::engine::durable::Write;
use crate::engine::ids::{SessionId, Ticket, Time};
use crate::engine::matchmaker::Side;
use crate::engine::profile::Keyring;
use crate::engine::session::{Session, Slot, Talk};
use crate::engine::shard::Shard;

type Sessions<'w> = BTreeMap<SessionId, &'w Session>;

impl World {
    /// Everything that is under way arrives, in any order; then all is looked
    /// at.
    pub(super) fn quiet(&mut self) {
        self.run();
        // Who was declined for a reason that has gone since is asked again.
        self.rig.now = self.rig.now + Duration::from_secs(1);
        self.run();
        let sessions = self.sessions();
        assert_nobody_is_busy(&sessions);
        assert_talks_have_two_sides(&sessions);
        self.assert_each_user_is_once(&sessions);
        self.assert_tickets_are_slots(&sessions);
        self.assert_no_two_wait_in_vain(&sessions);
        self.assert_gauges_add_up(&sessions);
        self.assert_handsets_know_their_talks();
        self.assert_lines_have_arrived();
        self.assert_words_are_stored();
    }

    pub(super) fn everybody_leaves(&mut self) {
        for phone in &mut self.rig.phones {
            phone.hung_up = true;
        }
        self.quiet();
        self.rig.assert_nobody();
        let known = self.rig.known();
        let on_disk = self.users_on_disk().len();
        if self.remembers {
            assert!(known <= USERS.len());
        } else {
            assert_eq!(known, on_disk, "nobody is remembered without a reason");
        }
    }

    fn run(&mut self) {
        for _ in 0..50_000 {
            let moves = self.rig.moves();
            match self.rng.choice(&moves) {
                Some(&step) => self.rig.go(step),
                None => {
                    self.rig.turn();
                    if self.rig.moves().is_empty() {
                        return self.listen();
                    }
                }
            }
            self.listen();
        }
        panic!("it never gets quiet");
    }

    fn sessions(&self) -> Sessions<'_> {
        self.rig
            .shards
            .iter()
            .flat_map(Shard::all_sessions)
            .map(|session| (session.id, session))
            .collect()
    }

    fn assert_each_user_is_once(&self, sessions: &Sessions<'_>) {
        let users: BTreeSet<_> = sessions.values().map(|session| session.user).collect();
        assert_eq!(users.len(), sessions.len(), "one session a user");
        for name in USERS {
            let user = Keyring::new((1, 2)).key(name);
            let session = sessions.values().find(|session| session.user == user);
            let home = user.pick(u16::try_from(self.rig.shards.len()).unwrap());
            let holder = self.rig.shards[usize::from(home)].directory.holder(user);
            assert_eq!(holder, session.map(|session| session.id), "{name}");
        }
    }

    fn assert_tickets_are_slots(&self, sessions: &Sessions<'_>) {
        for side in Side::ALL {
            let wanted: BTreeSet<_> = sessions
                .values()
                .filter(|session| session.side() == side)
                .flat_map(|session| tickets(session))
                .collect();
            let queue = self.queue(side);
            let queued: BTreeSet<_> = queue.iter().copied().collect();
            assert_eq!(queued.len(), queue.len(), "{side:?}: a ticket stands once");
            assert_eq!(queued, wanted, "{side:?}: queued, and waiting slots");
        }
    }

    fn assert_no_two_wait_in_vain(&self, sessions: &Sessions<'_>) {
        let now = self.rig.now;
        for side in [Side::FM, Side::MM, Side::FF] {
            for a in self.queue(side) {
                for b in self.queue(side.opposite()) {
                    let (a, b) = (sessions[&a.session], sessions[&b.session]);
                    assert!(!may_meet(a, b, now), "{side:?}: {a:?} and {b:?} both wait");
                }
            }
        }
    }

    fn assert_gauges_add_up(&self, sessions: &Sessions<'_>) {
        let gauges = || self.rig.shards.iter().map(Shard::gauges);
        let sides: usize = sessions
            .values()
            .map(|session| session.talks().count())
            .sum();
        let talks: usize = gauges().map(|gauges| gauges.talks).sum();
        assert_eq!(talks * 2, sides, "talks");
        assert_eq!(
            gauges().map(|gauges| gauges.joined).sum::<usize>(),
            sessions.len()
        );
        let open = self.rig.phones.iter().filter(|phone| phone.is_open());
        assert_eq!(
            gauges().map(|gauges| gauges.links).sum::<usize>(),
            open.count()
        );
        assert_eq!(gauges().map(|gauges| gauges.outbox).sum::<u64>(), 0);
    }

    fn assert_handsets_know_their_talks(&mut self) {
        for phone in 0..self.handsets.len() {
            let own = &mut self.handsets[phone];
            let talks = self.rig.session(phone).map(|session| {
                let talk = |talk: &Talk| (talk.id.0, talk.profile.user().to_owned());
                session.talks().map(talk).collect::<BTreeMap<_, _>>()
            });
            let Some(talks) = talks else { continue };
            if own.sure {
                assert_eq!(own.talks, talks, "phone {phone}, {}", own.user);
            }
            own.talks = talks;
            own.sure = true;
        }
    }

    /// In a talk that is on, nothing is under way but what a closed connection
    /// had said last.
    fn assert_lines_have_arrived(&mut self) {
        let on: BTreeSet<u64> = self
            .sessions()
            .values()
            .flat_map(|session| session.talks())
            .map(|talk| talk.id.0)
            .collect();
        self.lines.retain(|key, _| on.contains(&key.0));
        for (key, lines) in &mut self.lines {
            for (number, phone) in lines.drain(..) {
                let phone = &self.rig.phones[phone];
                let gone = phone.closed || phone.hung_up;
                assert!(gone, "line {number} of {key:?} was lost");
            }
        }
    }

    /// Words that are kept for somebody who is here would never be told.
    fn assert_words_are_stored(&self) {
        let sessions = self.sessions();
        for (to, _) in self.words_on_disk() {
            let here = sessions
                .values()
                .any(|session| *session.profile.user() == *to);
            assert!(!here, "a word for {to} was neither told nor is it to come");
        }
    }

    fn words_on_disk(&self) -> Vec<(Box<str>, u64)> {
        let mut words = Vec::new();
        for write in &self.rig.stored {
            match write {
                Write::Keep(word) => words.push((word.to.clone(), word.id)),
                Write::Forget(ids) => words.retain(|(_, id)| !ids.contains(id)),
                Write::Refuse { .. } => {}
            }
        }
        words
    }

    fn users_on_disk(&self) -> BTreeSet<Box<str>> {
        let refusals = self.rig.stored.iter().filter_map(|write| match write {
            Write::Refuse { by, .. } => Some(by.clone()),
            _ => None,
        });
        let words = self.words_on_disk().into_iter().map(|(to, _)| to);
        refusals.chain(words).collect()
    }

    fn queue(&self, side: Side) -> Vec<Ticket> {
        let owner = side.pair() % self.rig.shards.len();
        self.rig.shards[owner].matchmakers[side.pair()].queue(side)
    }
}

fn assert_nobody_is_busy(sessions: &Sessions<'_>) {
    for session in sessions.values() {
        assert!(!session.is_busy(), "an answer is missing: {session:?}");
        assert!(session.granted && session.guests().next().is_none());
    }
}

fn assert_talks_have_two_sides(sessions: &Sessions<'_>) {
    for session in sessions.values() {
        for talk in session.talks() {
            let other = sessions.get(&talk.partner).expect("a partner is there");
            let back = other.talks().find(|back| back.id == talk.id);
            let back = back.expect("the partner has the same talk");
            assert_eq!((back.partner, back.user), (session.id, session.user));
            assert_ne!(back.counted, talk.counted, "a talk is counted once");
        }
    }
}

fn tickets(session: &Session) -> Vec<Ticket> {
    let ticket = |slot: &Slot| match slot {
        Slot::Waiting { serial, .. } => Some(Ticket {
            session: session.id,
            serial: *serial,
        }),
        _ => None,
    };
    session.slots.iter().filter_map(ticket).collect()
}

fn may_meet(a: &Session, b: &Session, now: Time) -> bool {
    let allows = |own: &Session, other: &Session| {
        own.user != other.user
            && own.talks().all(|talk| talk.user != other.user)
            && own
                .record
                .as_ref()
                .is_none_or(|record| record.may_meet(other.user, now).is_ok())
    };
    allows(a, b) && allows(b, a)
}
