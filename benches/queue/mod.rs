//! A matchmaker in whose queue so many women wait, and what can happen to it.
//! Every act does what the owner's core would do: no offer and no answer is
//! left over.

use pairline::engine::ids::{CoreId, SessionId, Ticket, Time};
use pairline::engine::matchmaker::{Jump, Matchmaker, Side};
use pairline::engine::profile::{Keyring, UserKey};
use std::time::Duration;

/// See the module.
pub struct Queue {
    matchmaker: Matchmaker,
    user: UserKey,
    sessions: u32,
    now: Time,
}

impl Queue {
    /// So many wait; gives their tickets, in order.
    pub fn with(waiting: usize) -> (Self, Vec<Ticket>) {
        let mut queue = Queue {
            matchmaker: Matchmaker::default(),
            user: Keyring::new((1, 2)).key("penny"),
            sessions: 0,
            now: Time(1_700_000_000_000_000_000),
        };
        let tickets = (0..waiting).map(|_| queue.join()).collect();
        (queue, tickets)
    }

    /// A woman comes, and is told her place.
    pub fn join(&mut self) -> Ticket {
        let ticket = self.come(Side::FM);
        assert!(self.matchmaker.next_offer().is_none(), "no man waits");
        self.answer();
        ticket
    }

    /// A woman goes.
    pub fn leave(&mut self, woman: Ticket) {
        self.matchmaker.withdraw(woman);
        assert!(self.matchmaker.next_offer().is_none(), "no man waits");
    }

    /// The place of a woman.
    pub fn place(&mut self, woman: Ticket) -> u64 {
        let place = self.matchmaker.place(woman.session);
        place.expect("she waits")
    }

    /// A woman jumps as far as anybody may.
    pub fn pass(&mut self, woman: Ticket) -> Jump {
        let jump = self.matchmaker.pass(woman.session, 10, 1);
        jump.expect("she waits")
    }

    /// A man comes and meets the first woman.
    pub fn meet(&mut self) -> Ticket {
        self.come(Side::MF);
        let offer = self.matchmaker.next_offer();
        let (offer, _) = offer.expect("a woman waits");
        self.matchmaker.settled(offer.a, offer.b);
        assert!(self.matchmaker.next_offer().is_none(), "no man waits");
        self.answer();
        offer.b
    }

    /// Men come from another core: all are offered a woman before the first
    /// offer is settled.
    pub fn meet_all(&mut self, men: usize) {
        let offers: Vec<_> = (0..men)
            .map(|_| {
                self.come(Side::MF);
                let offer = self.matchmaker.next_offer();
                assert!(self.matchmaker.next_answer(self.now).is_none());
                offer.expect("a woman waits").0
            })
            .collect();
        for offer in offers {
            self.matchmaker.settled(offer.a, offer.b);
            assert!(self.matchmaker.next_offer().is_none(), "no man waits");
            self.answer();
        }
    }

    /// A turn in which places have changed is over, `later` than the last one:
    /// the near ones are told and, when it is time for that, a slice of the far
    /// ones.
    pub fn turn(&mut self, later: Duration) -> u64 {
        self.now = self.now + later;
        let mut told = 0;
        self.matchmaker.tell(self.now, |_, place| told += place);
        told
    }

    fn come(&mut self, side: Side) -> Ticket {
        let session = SessionId {
            core: CoreId(0),
            slot: self.sessions,
            generation: 1,
        };
        self.sessions += 1;
        let ticket = Ticket { session, serial: 0 };
        self.matchmaker.enqueue(self.user, ticket, 1, side, Time(0));
        ticket
    }

    fn answer(&mut self) {
        let answer = self.matchmaker.next_answer(self.now);
        assert!(answer.is_some(), "who came is owed one");
        assert!(self.matchmaker.next_answer(self.now).is_none());
    }
}
