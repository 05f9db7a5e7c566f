//! The same as plain lists, whatever comes.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// A session's next tickets.
    Enqueue(u32, u32),
    Withdraw(Index),
    /// What becomes of one of the offers.
    Decide(Index, Fate),
    Pass(u32, u64),
    /// So many seconds go by.
    Wait(u64),
    /// Two of the sessions, and when they may meet again.
    Part(u32, u32, u64),
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Talk,
    StaleA,
    StaleB,
    NotFor(u64),
    Never,
}

const SESSIONS: u32 = 6;

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..SESSIONS;
    let fate = prop_oneof![
        4 => Just(Fate::Talk),
        1 => Just(Fate::StaleA),
        1 => Just(Fate::StaleB),
        3 => (0..20_u64).prop_map(Fate::NotFor),
        1 => Just(Fate::Never),
    ];
    prop_oneof![
        6 => (who(), 0..=3_u32).prop_map(|(who, count)| Step::Enqueue(who, count)),
        3 => any::<Index>().prop_map(Step::Withdraw),
        6 => (any::<Index>(), fate).prop_map(|(which, fate)| Step::Decide(which, fate)),
        2 => (who(), 1..=PASS_PLACES).prop_map(|(who, draw)| Step::Pass(who, draw)),
        3 => (0..15_u64).prop_map(Step::Wait),
        2 => (who(), who(), 0..15_u64).prop_map(|(a, b, pause)| Step::Part(a, b, pause)),
    ]
}

/// What the matchmaker should know, with no thought for speed.
struct Model {
    /// Do all serve themselves, or the odd the even ones?
    one_kind: bool,
    queues: [Vec<Waiting>; 2],
    apart: Vec<(SessionId, SessionId, Time)>,
    offers: Vec<(Ticket, Ticket)>,
    due: Vec<SessionId>,
    next_serial: [u32; SESSIONS as usize],
    now: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waiting {
    ticket: Ticket,
    offered: bool,
}

impl Model {
    fn side(&self, who: u32) -> Side {
        match (self.one_kind, who % 2) {
            (true, _) => Side::MM,
            (false, 0) => Side::FM,
            (false, _) => Side::MF,
        }
    }

    fn queue(&mut self, who: u32) -> &mut Vec<Waiting> {
        let queue = self.side(who).queue();
        &mut self.queues[queue]
    }

    fn waits(&self, session: SessionId) -> bool {
        let all = self.queues.iter().flatten();
        all.filter(|own| own.ticket.session == session).count() > 0
    }

    fn find(&mut self, ticket: Ticket) -> Option<&mut Waiting> {
        self.queues
            .iter_mut()
            .flatten()
            .find(|own| own.ticket == ticket)
    }

    fn drop(&mut self, ticket: Ticket) {
        for queue in &mut self.queues {
            queue.retain(|own| own.ticket != ticket);
        }
        if !self.waits(ticket.session) {
            let gone = ticket.session;
            self.apart.retain(|&(a, b, _)| a != gone && b != gone);
        }
    }

    fn keep_apart(&mut self, a: SessionId, b: SessionId, until: Time) {
        self.apart
            .retain(|&(x, y, _)| (x, y) != (a, b) && (x, y) != (b, a));
        if self.waits(a) && self.waits(b) {
            self.apart.push((a, b, until));
        }
    }

    fn are_apart(&self, a: SessionId, b: SessionId) -> bool {
        let mut pairs = self.apart.iter();
        pairs.any(|&(x, y, _)| (x, y) == (a, b) || (x, y) == (b, a))
    }

    /// One of an undecided offer between these two has been withdrawn, or not.
    fn are_asked(&self, a: SessionId, b: SessionId) -> bool {
        let mut offers = self.offers.iter();
        offers.any(|(x, y)| (x.session, y.session) == (a, b) || (x.session, y.session) == (b, a))
    }

    fn may_meet(&self, a: Waiting, b: Waiting) -> bool {
        let (x, y) = (a.ticket.session, b.ticket.session);
        !a.offered && !b.offered && x != y && !self.are_apart(x, y)
    }

    /// Takes an offer as it came, if it is one that first come, first served
    /// allows.
    fn take(&mut self, a: Ticket, b: Ticket) {
        let (one, other) = (self.side(a.session.slot), self.side(b.session.slot));
        assert_eq!(one.opposite(), other);
        for (own, partner, queue) in [(a, b, other), (b, a, one)] {
            let own = *self.find(own).expect("who is on offer waits");
            let first = self.queues[queue.queue()].iter().find(|&&waiting| {
                let asked = self.are_asked(own.ticket.session, waiting.ticket.session);
                self.may_meet(own, waiting) && (waiting.ticket == partner || !asked)
            });
            assert_eq!(
                first.map(|first| first.ticket),
                Some(partner),
                "the longest-waiting whom {own:?} may meet"
            );
        }
        for ticket in [a, b] {
            self.find(ticket).expect("it was just found").offered = true;
        }
        self.offers.push((a, b));
    }

    fn assert_nobody_waits_in_vain(&self) {
        let [one, other] = match self.one_kind {
            true => [&self.queues[0], &self.queues[0]],
            false => [&self.queues[0], &self.queues[1]],
        };
        for &a in one {
            for &b in other {
                let asked = self.are_asked(a.ticket.session, b.ticket.session);
                assert!(asked || !self.may_meet(a, b), "{a:?} and {b:?} both wait");
            }
        }
    }
}

fn run(one_kind: bool, steps: Vec<Step>) {
    let mut desk = Desk::default();
    let mut model = Model {
        one_kind,
        queues: [Vec::new(), Vec::new()],
        apart: Vec::new(),
        offers: Vec::new(),
        due: Vec::new(),
        next_serial: [0; SESSIONS as usize],
        now: at(1_000),
    };
    for step in steps {
        act(&mut desk, &mut model, step);
        while let Some((offer, side)) = desk.0.next_offer() {
            assert_eq!(side, model.side(offer.a.session.slot));
            model.take(offer.a, offer.b);
        }
        desk.0.invariants();
        model.assert_nobody_waits_in_vain();
        compare(&mut desk, &mut model);
    }
}

fn act(desk: &mut Desk, model: &mut Model, step: Step) {
    match step {
        // A session reads no line, and so asks no more, while it is owed an
        // answer.
        Step::Enqueue(who, _) if model.due.contains(&session(who)) => {}
        Step::Enqueue(who, count) => {
            let first = model.next_serial[who as usize];
            model.next_serial[who as usize] += count;
            desk.queue_up(who, first, count, model.side(who));
            for serial in first..first + count {
                let ticket = ticket(who, serial);
                let offered = false;
                model.queue(who).push(Waiting { ticket, offered });
            }
            model.due.push(session(who));
        }
        Step::Withdraw(which) => {
            let all: Vec<_> = model.queues.iter().flatten().collect();
            if !all.is_empty() {
                let ticket = all[which.index(all.len())].ticket;
                desk.0.withdraw(ticket);
                model.drop(ticket);
            }
        }
        Step::Decide(which, fate) if !model.offers.is_empty() => {
            let (a, b) = model.offers.remove(which.index(model.offers.len()));
            decide(desk, model, a, b, fate);
        }
        Step::Decide(..) => {}
        Step::Pass(who, draw) => {
            let jump = desk.0.pass(session(who), draw, 2);
            let queue = model.queue(who);
            let at = queue.iter().position(|own| own.ticket.session.slot == who);
            let expected = at.map(|at| {
                let from = at as u64 + 1;
                let by = draw.min(from.saturating_sub(2));
                let own = queue.remove(at);
                queue.insert(at - usize::try_from(by).unwrap(), own);
                Jump { from, by }
            });
            assert_eq!(jump, expected);
        }
        Step::Wait(seconds) => {
            model.now = model.now + std::time::Duration::from_secs(seconds);
            let now = model.now;
            model.apart.retain(|&(_, _, until)| until > now);
            desk.0.expire(now);
        }
        Step::Part(a, b, pause) => {
            let (a, b) = (session(a), session(b));
            let until = model.now + std::time::Duration::from_secs(pause);
            desk.0.parted(a, b, until);
            if model.are_apart(a, b) {
                model.keep_apart(a, b, until);
            }
        }
    }
}

fn decide(desk: &mut Desk, model: &mut Model, a: Ticket, b: Ticket, fate: Fate) {
    let now = model.now;
    let why = match fate {
        Fate::Talk => {
            desk.0.settled(a, b);
            model.drop(a);
            model.drop(b);
            return model.keep_apart(a.session, b.session, Time::NEVER);
        }
        Fate::StaleA => {
            model.drop(a);
            Decline::StaleA
        }
        Fate::StaleB => {
            model.drop(b);
            Decline::StaleB
        }
        Fate::NotFor(seconds) => {
            let until = now + std::time::Duration::from_secs(seconds);
            model.keep_apart(a.session, b.session, until);
            Decline::NotBefore(until)
        }
        Fate::Never => {
            model.keep_apart(a.session, b.session, Time::NEVER);
            Decline::NotBefore(Time::NEVER)
        }
    };
    desk.0.declined(a, b, why);
    for ticket in [a, b] {
        if let Some(own) = model.find(ticket) {
            own.offered = false;
        }
    }
}

/// Queues, places and answers are the same.
fn compare(desk: &mut Desk, model: &mut Model) {
    let sides = match model.one_kind {
        true => vec![Side::MM],
        false => vec![Side::FM, Side::MF],
    };
    for side in sides {
        let queue = &model.queues[side.queue()];
        let tickets: Vec<_> = queue.iter().map(|own| own.ticket).collect();
        assert_eq!(desk.0.queue(side), tickets);
        assert_eq!(desk.0.waiting(side), tickets.len());
    }
    let place = |model: &Model, who: SessionId| {
        let queue = &model.queues[model.side(who.slot).queue()];
        let at = queue.iter().position(|own| own.ticket.session == who)?;
        Some(at as u64 + 1)
    };
    for who in (0..SESSIONS).map(session) {
        assert_eq!(desk.0.place(who), place(model, who));
    }
    let on_offer = |model: &Model, who: SessionId| {
        let mut all = model.queues.iter().flatten();
        all.any(|own| own.offered && own.ticket.session == who)
    };
    let due = std::mem::take(&mut model.due);
    let (later, now): (Vec<_>, Vec<_>) = due.into_iter().partition(|&who| on_offer(model, who));
    let mut expected: Vec<_> = now.iter().map(|&who| (who, place(model, who))).collect();
    let mut answers = desk.answers(model.now);
    expected.sort_unstable();
    answers.sort_unstable();
    assert_eq!(answers, expected);
    model.due = later;
}

proptest! {
    #[test]
    fn behaves_as_lists(one_kind: bool, steps in prop::collection::vec(step(), 0..100)) {
        run(one_kind, steps);
    }
}
