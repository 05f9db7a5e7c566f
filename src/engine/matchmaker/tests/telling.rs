//! When a place is told again.

use std::time::Duration;

use super::*;

const FAR_TOLD_IN: Duration = Duration::from_secs(5);

impl Desk {
    /// One woman each, behind the others; all have been told their place.
    fn line_up(&mut self, count: u32, now: Time) {
        for n in 0..count {
            self.enqueue(n, 0, 1, Side::FM);
        }
        self.settle_down(now);
    }

    /// Every answer is given; what else was to be told has been.
    fn settle_down(&mut self, now: Time) {
        self.answers(now);
        self.told_until(now + FAR_TOLD_IN);
    }

    /// Turns of the loop, each when it is due.
    fn told_until(&mut self, end: Time) -> Vec<(Ticket, u64)> {
        let mut told = Vec::new();
        let mut now = Time(end.0 - u64::try_from(FAR_TOLD_IN.as_nanos()).unwrap());
        while now <= end {
            told.extend(self.told(now));
            now = self.0.deadline().max(now + Duration::from_millis(1));
        }
        told
    }
}

#[test]
fn a_near_place_is_told_when_it_changes_but_once_a_second() {
    let mut desk = Desk::default();
    for n in 0..3 {
        desk.enqueue(n, 0, 1, Side::FM);
    }
    let now = at(100);
    let answers = desk.answers(now);
    assert_eq!(answers.len(), 3);
    assert_eq!(desk.told(now), [], "an answer has told it");
    desk.0.withdraw(ticket(0, 0));
    assert_eq!(desk.told(now), [], "that was less than a second ago");
    assert_eq!(desk.0.deadline(), at(101));
    assert_eq!(desk.told(at(101)), [(ticket(1, 0), 1), (ticket(2, 0), 2)]);
    assert_eq!(desk.told(at(103)), [], "nothing has changed");
    desk.0.withdraw(ticket(1, 0));
    assert_eq!(desk.told(at(103)), [(ticket(2, 0), 1)], "at once");
    assert_eq!(desk.0.deadline(), Time::NEVER);
}

#[test]
fn who_is_overtaken_near_the_front_is_told() {
    let mut desk = Desk::default();
    desk.line_up(20, at(100));
    let jump = desk.0.pass(session(19), 3, 1);
    assert_eq!(jump, Some(Jump { from: 20, by: 3 }));
    let told: Vec<_> = (16..19).map(|n| (ticket(n, 0), u64::from(n) + 2)).collect();
    assert_eq!(desk.told(at(200)), told, "all but who jumped");
}

#[test]
fn a_far_place_is_told_within_five_seconds_when_it_is_a_tenth_better() {
    let mut desk = Desk::default();
    desk.line_up(1_000, at(100));
    for n in 0..99 {
        desk.0.withdraw(ticket(n, 0));
    }
    let told = desk.told_until(at(205));
    assert!(!told.contains(&(ticket(999, 0), 901)));
    assert!(told.contains(&(ticket(600, 0), 502)));
    desk.0.withdraw(ticket(99, 0));
    let told = desk.told_until(at(305));
    assert!(told.contains(&(ticket(999, 0), 900)), "a tenth of 1000");
    assert!(
        !told.contains(&(ticket(600, 0), 501)),
        "from 502 by 1 is less"
    );
}

#[test]
fn a_far_place_that_worsens_is_not_told() {
    let mut desk = Desk::default();
    desk.line_up(30, at(100));
    desk.0.pass(session(29), 5, 1);
    assert_eq!(desk.told_until(at(205)), []);
}

#[test]
fn a_jump_counts_as_told() {
    let mut desk = Desk::default();
    desk.line_up(40, at(100));
    let jump = desk.0.pass(session(39), 10, 1);
    assert_eq!(jump, Some(Jump { from: 40, by: 10 }));
    for n in 0..2 {
        desk.0.withdraw(ticket(n, 0));
    }
    let told = desk.told_until(at(205));
    assert!(told.iter().all(|told| told.0 != ticket(39, 0)), "30 to 28");
    desk.0.withdraw(ticket(2, 0));
    let told = desk.told_until(at(305));
    assert!(told.contains(&(ticket(39, 0), 27)), "a tenth of 30");
}

/// Sessions 100 with places 31 and 33, and others around it.
fn with_two_tickets() -> Desk {
    let mut desk = Desk::default();
    for n in 0..30 {
        desk.enqueue(n, 0, 1, Side::FM);
    }
    desk.enqueue(100, 0, 1, Side::FM);
    desk.enqueue(30, 0, 1, Side::FM);
    desk.enqueue(100, 1, 1, Side::FM);
    desk.enqueue(31, 0, 1, Side::FM);
    desk.settle_down(at(100));
    desk
}

#[test]
fn a_worse_place_is_told_when_the_better_slot_was_matched() {
    let mut desk = with_two_tickets();
    desk.0.settled(ticket(100, 0), ticket(77, 0));
    assert_eq!(desk.told_until(at(205)), [(ticket(100, 1), 32)]);
    let mut desk = with_two_tickets();
    desk.0.withdraw(ticket(100, 0));
    assert_eq!(desk.told_until(at(205)), [], "given up, not matched");
}

#[test]
fn what_a_jump_has_told_is_not_told_again_for_a_lost_slot() {
    let mut desk = with_two_tickets();
    desk.0.settled(ticket(100, 0), ticket(77, 0));
    let jump = desk.0.pass(session(100), 2, 1);
    assert_eq!(jump, Some(Jump { from: 32, by: 2 }));
    desk.0.pass(session(31), 5, 1);
    assert_eq!(desk.0.place(session(100)), Some(31));
    assert_eq!(desk.told_until(at(205)), [], "it was overtaken far back");
}

#[test]
fn an_answer_that_is_owed_tells_the_place() {
    let mut desk = Desk::default();
    desk.enqueue(1, 0, 1, Side::FM);
    desk.answers(at(100));
    desk.enqueue(2, 0, 1, Side::FM);
    desk.0.withdraw(ticket(1, 0));
    assert_eq!(desk.told(at(200)), [], "the answer comes first");
    assert_eq!(desk.answers(at(200)), [(session(2), Some(1))]);
    assert_eq!(desk.told(at(205)), []);
    desk.enqueue(2, 1, 0, Side::FM);
    assert_eq!(
        desk.answers(at(206)),
        [(session(2), Some(1))],
        "asked again"
    );
}

#[test]
fn an_answer_waits_for_what_is_on_offer() {
    let mut desk = Desk::default();
    desk.enqueue(1, 0, 1, Side::FM);
    desk.answers(at(100));
    let offers = desk.enqueue(2, 0, 2, Side::MF);
    assert_eq!(offers, [(ticket(2, 0), ticket(1, 0))]);
    assert_eq!(desk.answers(at(100)), []);
    desk.0.settled(ticket(2, 0), ticket(1, 0));
    assert_eq!(desk.offers(), []);
    assert_eq!(desk.answers(at(100)), [(session(2), Some(1))]);
    desk.enqueue(3, 0, 1, Side::MF);
    desk.0.withdraw(ticket(3, 0));
    assert_eq!(desk.answers(at(100)), [(session(3), None)], "it left again");
}

/// Its home may have made a talk of the ticket by then, and would not tell.
#[test]
fn the_place_of_a_ticket_on_offer_is_told_when_that_is_decided() {
    let mut desk = Desk::default();
    desk.enqueue(0, 0, 1, Side::FM);
    desk.enqueue(1, 0, 2, Side::FM);
    desk.settle_down(at(100));
    desk.0.declined(ticket(9, 0), ticket(0, 0), Decline::StaleB);
    let offers = desk.enqueue(9, 0, 1, Side::MF);
    assert_eq!(offers, [(ticket(9, 0), ticket(1, 0))]);
    assert_eq!(desk.told(at(110)), []);
    desk.0.settled(ticket(9, 0), ticket(1, 0));
    assert_eq!(desk.told(at(110)), [(ticket(1, 1), 1)]);
    desk.enqueue(0, 1, 1, Side::FM);
    desk.settle_down(at(120));
    let [offer] = desk.enqueue(8, 0, 1, Side::MF)[..] else {
        panic!("one offer");
    };
    desk.0.pass(session(0), 1, 1);
    assert_eq!(desk.told(at(130)), []);
    let never = Decline::NotBefore(Time::NEVER);
    desk.0.declined(offer.0, offer.1, never);
    desk.answers(at(130));
    assert_eq!(desk.told(at(131)), [(ticket(1, 1), 2)]);
}
