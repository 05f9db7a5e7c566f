//! What must hold of the whole world at any moment: for whatever two cores see
//! differently, a note is under way that will set it right.

use std::collections::BTreeSet;

use super::phone::Connection;
use super::quiet::Sessions;
use super::script::USERS;
use super::world::World;
use crate::engine::ids::{SessionId, TalkId, Ticket};
use crate::engine::lives::Lives;
use crate::engine::matchmaker::Side;
use crate::engine::note::{Note, ToHome, ToMatchmaker};
use crate::engine::shard::Shard;
use crate::limits::WORDS_KEPT;

/// What the notes under way are about.
#[derive(Default)]
struct UnderWay {
    /// Tickets that will stand in a queue.
    coming: Vec<(Ticket, Side)>,
    /// Tickets that a queue will be told of.
    leaving: Vec<Ticket>,
    /// Talks of which this session will be told something.
    talks: Vec<(SessionId, TalkId)>,
}

impl World {
    pub(super) fn assert_whole(&self) {
        let sessions = self.sessions();
        let mut under_way = UnderWay::default();
        for note in self.rig.lanes.notes() {
            under_way.add(note);
        }
        self.assert_users_are_once(&sessions);
        self.assert_tickets_stand_once(&sessions, &under_way);
        assert_talks_are_known(&sessions, &under_way);
        self.assert_bounds(&sessions);
    }

    fn assert_users_are_once(&self, sessions: &Sessions) {
        let mut users = BTreeSet::new();
        for session in sessions.values().filter(|session| session.granted) {
            assert!(users.insert(session.user), "{} is here twice", session.name);
        }
    }

    /// Each waiting ticket stands in exactly one queue or one note; and who
    /// stands in a queue waits, or its core has sent word that it does not.
    fn assert_tickets_stand_once(&self, sessions: &Sessions, under_way: &UnderWay) {
        let queues = Side::ALL.map(|side| (side, self.queue(side)));
        for session in sessions.values() {
            for ticket in &session.tickets {
                let coming = under_way.coming.iter();
                let coming =
                    coming.filter(|(other, side)| other == ticket && *side == session.side);
                let queued = queues.iter().filter(|(side, _)| *side == session.side);
                let queued = queued.flat_map(|(_, queue)| queue);
                let queued = queued.filter(|other| *other == ticket);
                let places = coming.count() + queued.count();
                assert_eq!(places, 1, "{ticket:?} stands in one queue or note");
            }
        }
        for ticket in queues.iter().flat_map(|(_, queue)| queue) {
            let waits = sessions
                .get(&ticket.session)
                .is_some_and(|own| own.tickets.contains(ticket));
            assert!(
                waits || under_way.leaving.contains(ticket),
                "{ticket:?} is a ghost"
            );
        }
    }

    fn assert_bounds(&self, sessions: &Sessions) {
        let most = self.plan.rules.max_guys as usize;
        for session in sessions.values() {
            assert!(session.guys <= most && session.slots <= most, "{session:?}");
            let taken = session.tickets.len() + session.talks.len();
            assert!(taken <= session.slots, "{session:?}");
        }
        let untaken = |net: &Lives<Connection>| {
            net.iter()
                .map(|(_, own)| own.untaken.len() as u64)
                .sum::<u64>()
        };
        for (shard, net) in self.rig.shards.iter().zip(&self.rig.nets) {
            let gauges = Shard::gauges(shard);
            assert_eq!(gauges.outbox, untaken(net), "bytes on their way out");
            assert_eq!(gauges.links, net.len(), "connections");
        }
        for user in USERS {
            let kept = self.ledger.kept_for().filter(|to| *to == user).count();
            assert!(kept <= WORDS_KEPT, "{kept} words for {user}");
        }
    }
}

/// Both sides of a talk know it, or the other will be told.
fn assert_talks_are_known(sessions: &Sessions, under_way: &UnderWay) {
    for session in sessions.values() {
        for talk in &session.talks {
            let back = sessions.get(&talk.partner).into_iter();
            let mut back = back.flat_map(|other| &other.talks);
            let known = back.any(|back| back.id == talk.id && back.partner == session.id);
            let own = under_way.talks.contains(&(session.id, talk.id));
            let other = under_way.talks.contains(&(talk.partner, talk.id));
            assert!(
                known || own || other,
                "{} talks with nobody: {talk:?}",
                session.name
            );
        }
    }
}

impl UnderWay {
    fn add(&mut self, note: &Note) {
        match note {
            Note::Matchmaker(ToMatchmaker::Enqueue {
                first, count, side, ..
            }) => {
                for serial in first.serial..first.serial + count {
                    let session = first.session;
                    self.coming.push((Ticket { session, serial }, *side));
                }
            }
            Note::Matchmaker(ToMatchmaker::Withdraw { ticket, .. }) => self.leaving.push(*ticket),
            Note::Matchmaker(ToMatchmaker::Settled { a, b, .. }) => self.leaving.extend([*a, *b]),
            Note::Home(ToHome::Begin(begin)) => {
                self.leaving.extend([begin.a, begin.b]);
                self.talks.push((begin.a.session, begin.talk));
            }
            Note::Home(ToHome::End(end)) => self.talks.push((end.to, end.talk)),
            _ => {}
        }
    }
}
