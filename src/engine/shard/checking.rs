//! What must hold between the tables of a shard whenever it is not busy.

use std::collections::BTreeSet;

use super::Shard;
use crate::engine::ids::SessionId;
use crate::engine::link::Bond;
use crate::engine::session::{Session, Slot};

impl Shard {
    /// Checks what must hold between the tables.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn invariants(&self) {
        for matchmaker in &self.matchmakers {
            matchmaker.invariants();
        }
        self.links.invariants();
        assert!(
            self.local.is_empty() && self.ready.is_empty(),
            "nothing is left over after an event"
        );
        let sessions = || self.sessions.iter().map(|(_, session)| session);
        assert_eq!(
            sessions().filter(|session| session.granted).count(),
            self.joined
        );
        let counted = sessions().flat_map(Session::talks);
        let counted = counted.filter(|talk| talk.counted).count();
        assert_eq!(counted, self.talks);
        for ((slot, generation), session) in self.sessions.iter() {
            let core = self.core;
            assert_eq!(
                session.id,
                SessionId {
                    core,
                    slot,
                    generation
                }
            );
            session.invariants();
            // Who is told that the server goes down has no link any more.
            assert!(self.draining || self.is_linked(session));
        }
        let asking = self
            .links
            .iter()
            .filter(|(_, link)| link.waits.for_answer())
            .count();
        assert_eq!(
            asking,
            self.questions.len(),
            "a question goes with its link"
        );
        for (id, link) in self.links.iter() {
            let listed = self.turns.behind.iter().filter(|&&behind| behind == id);
            assert_eq!(listed.count(), usize::from(link.waits.for_turn()), "{id:?}");
            match &link.bond {
                Bond::Session(session) => {
                    let session = self.sessions.get(session.slot, session.generation);
                    assert_eq!(session.map(|session| session.link), Some(id));
                }
                Bond::Guest(holder) => {
                    let holder = self.sessions.get(holder.slot, holder.generation);
                    let mut guests = holder.expect("a guest waits for somebody").guests();
                    assert!(guests.any(|guest| guest == id));
                }
                Bond::Free { .. } | Bond::Moving(_) => {}
            }
        }
    }

    fn is_linked(&self, session: &Session) -> bool {
        let own = self.links.get(session.link);
        let guest = |link| self.links.get(link).map(|link| &link.bond);
        own.is_some_and(|link| matches!(link.bond, Bond::Session(id) if id == session.id))
            && session
                .guests()
                .all(|link| matches!(guest(link), Some(Bond::Guest(id)) if *id == session.id))
    }
}

impl Session {
    fn invariants(&self) {
        let held = |slot: &&Slot| matches!(slot, Slot::Held { .. });
        assert_eq!(
            self.slots.iter().filter(held).count(),
            usize::from(self.held)
        );
        assert!(self.granted || self.slots.is_empty());
        if self.granted {
            let talking = self.talks().count();
            let wanted = usize::from(self.guys);
            assert_eq!(self.slots.len(), wanted.max(talking), "slots as wished");
        }
        let partners: BTreeSet<_> = self.talks().map(|talk| talk.user).collect();
        assert_eq!(
            partners.len(),
            self.talks().count(),
            "one talk with one partner"
        );
        let serials = self.slots.iter().filter_map(Slot::serial);
        let distinct: BTreeSet<_> = serials.clone().collect();
        assert_eq!(distinct.len(), serials.count(), "each ticket is one slot's");
    }
}
