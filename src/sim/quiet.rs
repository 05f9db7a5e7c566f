//! What must hold when nothing is under way.

use std::collections::{BTreeMap, BTreeSet};

use super::rig::HASH_SEED;
use super::script::USERS;
use super::world::World;
use crate::account_id::is_account_id;
use crate::engine::ids::{SessionId, Ticket};
use crate::engine::matchmaker::Side;
use crate::engine::profile::Keyring;
use crate::engine::shard::Shard;
use crate::engine::shard::seen::Seen;
use crate::limits::{BLOCKS_SEEN_EVERY, END_ARRIVES_IN};

pub(super) type Sessions = BTreeMap<SessionId, Seen>;

impl World {
    /// Everything that is under way arrives, in any order; then all is looked
    /// at.
    pub(super) fn quiet(&mut self, seed: u64) {
        self.run(seed);
        // Who was declined for a reason that has gone since is asked again.
        let lifted = std::mem::take(&mut self.lifted) && self.model.is_none();
        let span = if lifted {
            BLOCKS_SEEN_EVERY
        } else {
            END_ARRIVES_IN
        };
        self.rig.now = self.rig.now + span;
        self.run(seed);
        let sessions = self.sessions();
        assert_nobody_is_busy(&sessions);
        assert_talks_have_two_sides(&sessions);
        self.assert_each_user_is_once(&sessions);
        self.assert_tickets_are_slots(&sessions);
        self.assert_no_two_wait_in_vain(&sessions);
        self.assert_blocks_count(&sessions);
        self.assert_all_were_let_in(&sessions);
        self.assert_nobody_is_banned(&sessions);
        assert!(self.looks.is_empty(), "no answer: {:?}", self.looks);
        self.assert_gauges_add_up(&sessions);
        self.assert_handsets_know_their_talks();
        self.assert_all_has_arrived(&sessions);
    }

    /// The end of the world: everybody hangs up, and nothing is left.
    pub(super) fn everybody_leaves(&mut self, seed: u64) {
        self.model = None;
        self.quiet(seed);
        for &phone in &self.rig.open.clone() {
            self.rig.phones[phone].hung_up = true;
        }
        self.quiet(seed);
        self.rig.assert_nobody();
        let known = self.rig.known();
        assert!(known <= USERS.len(), "{known} users are remembered");
    }

    pub(super) fn sessions(&self) -> Sessions {
        let seen = self.rig.shards.iter().flat_map(Shard::seen);
        seen.map(|session| (session.id, session)).collect()
    }

    fn assert_each_user_is_once(&self, sessions: &Sessions) {
        let users: BTreeSet<_> = sessions.values().map(|session| session.user).collect();
        assert_eq!(users.len(), sessions.len(), "one session a user");
        for name in USERS {
            let user = Keyring::new(HASH_SEED).key(name);
            let session = sessions.values().find(|session| session.user == user);
            let home = user.pick(u16::try_from(self.rig.shards.len()).expect("a few cores"));
            let holder = self.rig.shards[usize::from(home)].holder(user);
            assert_eq!(holder, session.map(|session| session.id), "{name}");
        }
    }

    fn assert_tickets_are_slots(&self, sessions: &Sessions) {
        for side in Side::ALL {
            let own = sessions.values().filter(|session| session.side == side);
            let wanted: BTreeSet<Ticket> = own.flat_map(|own| own.tickets.clone()).collect();
            let queue = self.queue(side);
            let queued: BTreeSet<_> = queue.iter().copied().collect();
            assert_eq!(queued.len(), queue.len(), "{side:?}: a ticket stands once");
            assert_eq!(queued, wanted, "{side:?}: queued, and waiting slots");
        }
    }

    fn assert_no_two_wait_in_vain(&self, sessions: &Sessions) {
        for side in [Side::FM, Side::MM, Side::FF] {
            for a in self.queue(side) {
                for b in self.queue(side.opposite()) {
                    let (a, b) = (&sessions[&a.session], &sessions[&b.session]);
                    let both = self.would_meet(a, b) && self.would_meet(b, a);
                    assert!(!both, "{side:?}: {a:?} and {b:?} both wait");
                }
            }
        }
    }

    /// Each session knows whom its user has blocked, and talks with none of
    /// them.
    fn assert_blocks_count(&self, sessions: &Sessions) {
        let key = |user: usize| Keyring::new(HASH_SEED).key(USERS[user]);
        for session in sessions.values() {
            let by = |user: usize| USERS[user] == session.name;
            let own = self.blocks.iter().filter(|block| by(block.0));
            let wanted: BTreeSet<_> = own.map(|block| key(block.1)).collect();
            let known: BTreeSet<_> = session.blocked.iter().copied().collect();
            assert_eq!(known, wanted, "whom {} has blocked", session.name);
            let on = session
                .talks
                .iter()
                .find(|talk| wanted.contains(&talk.user));
            assert!(
                on.is_none(),
                "{} talks in spite of a block: {on:?}",
                session.name
            );
        }
    }

    /// Whose id needed a token has shown it, and it has not been revoked.
    fn assert_all_were_let_in(&self, sessions: &Sessions) {
        for &phone in &self.rig.open {
            let Some((core, link)) = self.rig.phones[phone].at else {
                continue;
            };
            let Some(session) = self.rig.shards[core].session_of(link) else {
                continue;
            };
            let name = &session.name;
            assert!(sessions.contains_key(&session.id));
            if is_account_id(name) {
                let accounts = &self.rig.accounts;
                let admitted = accounts.admitted.get(&(phone, name.clone()));
                assert_eq!(admitted, Some(&accounts.life(name)), "{name} was let in");
            }
        }
    }

    /// Nobody is here whose ban stands.
    fn assert_nobody_is_banned(&self, sessions: &Sessions) {
        for (&user, &until) in &self.bans {
            let here = sessions.values().any(|own| own.name == USERS[user]);
            let stands = until > self.rig.now;
            assert!(!(here && stands), "{} is here, and banned", USERS[user]);
        }
    }

    fn would_meet(&self, own: &Seen, other: &Seen) -> bool {
        let home = &self.rig.shards[usize::from(own.id.core.0)];
        home.would_meet(own.id, other.user, self.rig.now)
    }

    fn assert_gauges_add_up(&self, sessions: &Sessions) {
        let gauges = || self.rig.shards.iter().map(Shard::gauges);
        let sides: usize = sessions.values().map(|own| own.talks.len()).sum();
        let talks: usize = gauges().map(|gauges| gauges.talks).sum();
        assert_eq!(talks * 2, sides, "talks");
        let joined: usize = gauges().map(|gauges| gauges.joined).sum();
        assert_eq!(joined, sessions.len());
        let links: usize = gauges().map(|gauges| gauges.links).sum();
        assert_eq!(links, self.rig.open.len());
        assert_eq!(gauges().map(|gauges| gauges.outbox).sum::<u64>(), 0);
    }

    /// Who was not sure is so now.
    pub(super) fn assert_handsets_know_their_talks(&mut self) {
        for &phone in &self.rig.open {
            let own = &mut self.handsets[phone];
            let Some((core, link)) = self.rig.phones[phone].at else {
                continue;
            };
            let Some(session) = self.rig.shards[core].session_of(link) else {
                own.joined = false;
                continue;
            };
            let user = USERS.into_iter().find(|user| *user == session.name);
            let user = user.expect("one of the users");
            assert!(!own.sure || own.user == user, "{} is {user}", own.user);
            (own.user, own.joined) = (user, true);
            let talks = session.talks.into_iter().map(|talk| (talk.id.0, talk.name));
            let talks: BTreeMap<u64, String> = talks.collect();
            if own.sure {
                assert_eq!(own.talks, talks, "phone {phone}, {}", own.user);
            }
            own.over.retain(|talk| !talks.contains_key(talk));
            own.talks = talks;
            own.sure = true;
        }
    }

    /// In a talk that is on, nothing is under way but what a closed connection
    /// had said last; and words that are kept for somebody who is here would
    /// never be told.
    fn assert_all_has_arrived(&mut self, sessions: &Sessions) {
        let talks = sessions.values().flat_map(|own| &own.talks);
        let on: BTreeSet<u64> = talks.map(|talk| talk.id.0).collect();
        let handsets = &mut self.handsets;
        let blocks = self.blocks.iter();
        let blocks = blocks.map(|&(by, whom)| (USERS[by], USERS[whom]));
        let refusals = |phone: usize| std::mem::take(&mut handsets[phone].refusals);
        let is_on = |talk| on.contains(&talk);
        self.ledger
            .settle(is_on, blocks, &self.rig.phones, refusals);
        for to in self.ledger.kept_for() {
            let here = sessions.values().any(|session| session.name == to);
            assert!(!here, "a word for {to} was neither told nor is it to come");
        }
    }

    pub(super) fn queue(&self, side: Side) -> Vec<Ticket> {
        let owner = self.rig.shards[0].owner_of(side);
        self.rig.shards[usize::from(owner.0)].queue(side)
    }
}

fn assert_nobody_is_busy(sessions: &Sessions) {
    for session in sessions.values() {
        assert!(!session.busy, "an answer is missing: {session:?}");
        assert!(session.granted && session.arrivals == 0);
    }
}

fn assert_talks_have_two_sides(sessions: &Sessions) {
    for session in sessions.values() {
        for talk in &session.talks {
            let other = sessions.get(&talk.partner).expect("a partner is there");
            let mut back = other.talks.iter().filter(|back| back.id == talk.id);
            let back = back.next().expect("the partner has the same talk");
            assert_eq!((back.partner, back.user), (session.id, session.user));
            assert_ne!(back.counted, talk.counted, "a talk is counted once");
        }
    }
}
