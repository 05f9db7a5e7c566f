//! Doorbells between rings, wakers from other threads, time-outs.

use std::sync::mpsc;
use std::thread;

use super::super::Waker;
use super::*;

#[test]
fn a_turn_ends_when_its_time_is_over() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let before = Instant::now();
    ring.turn(Some(Duration::from_millis(20))).unwrap();
    assert!(before.elapsed() >= Duration::from_millis(19));
    assert!(ring.pop().is_none());
    ring.turn(Some(Duration::ZERO)).unwrap();
    assert!(ring.pop().is_none());
}

/// How long the ring sleeps, with nothing else to wake it.
fn slept(ring: &mut Ring, until: Instant) -> Duration {
    let before = Instant::now();
    while Instant::now() < until {
        ring.turn_until(Some(until)).unwrap();
        assert!(ring.pop().is_none());
    }
    before.elapsed()
}

#[test]
fn an_alarm_goes_off_again_and_again_and_may_be_moved_nearer() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let in_ms = |ms| Instant::now() + Duration::from_millis(ms);
    // Past: no sleep.
    let past = Instant::now();
    ring.turn_until(Some(past)).unwrap();
    assert_eq!(ring.in_flight(), 0);
    for _ in 0..3 {
        assert!(slept(&mut ring, in_ms(20)) >= Duration::from_millis(19));
    }
    // One that is far away is moved when a nearer one is wanted.
    let waker = Waker::new().unwrap();
    ring.watch(Key::new(0, 1), &waker).unwrap();
    waker.wake();
    ring.turn_until(Some(in_ms(3_600_000))).unwrap();
    assert!(matches!(ring.pop(), Some(Completion::Woken { .. })));
    let slept = slept(&mut ring, in_ms(20));
    assert!(slept >= Duration::from_millis(19) && slept < A_WHILE);
    assert_eq!(ring.in_flight(), 0, "it was one and the same");
}

#[test]
fn a_waker_wakes_a_sleeping_ring_each_time() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let waker = Waker::new().unwrap();
    let key = Key::new(0, 7);
    ring.watch(key, &waker).unwrap();
    let other = waker.clone();
    // A wake-up before anybody sleeps counts too.
    other.wake();
    let (go, wait) = mpsc::channel();
    let waking = thread::spawn(move || {
        while wait.recv().is_ok() {
            other.wake();
        }
    });
    for _ in 0..3 {
        run(&mut ring, |_, done| match done {
            Completion::Woken { key: of, result } => {
                assert_eq!(of, key);
                result.unwrap();
                true
            }
            other => panic!("{other:?}"),
        });
        ring.watch(key, &waker).unwrap();
        go.send(()).unwrap();
    }
    drop(go);
    waking.join().unwrap();
}

#[test]
fn two_rings_wake_each_other_by_doorbell() {
    const ROUNDS: u32 = 200;
    let mut blanks = ROOMY.make(2).unwrap();
    let (second, first) = (blanks.pop().unwrap(), blanks.pop().unwrap());
    let (first_bell, second_bell) = (first.bell(), second.bell());
    let start = std::sync::Arc::new(std::sync::Barrier::new(2));
    let other_start = start.clone();
    let answering = thread::spawn(move || {
        let mut ring = second.open().unwrap();
        other_start.wait();
        run(&mut ring, |ring, done| {
            let Completion::Doorbell { key } = done else {
                panic!("{done:?}");
            };
            assert_eq!(key.slot, 1);
            ring.knock(&first_bell, Key::new(2, key.generation), key)
                .unwrap();
            key.generation == ROUNDS
        });
        ring.turn(Some(Duration::ZERO)).unwrap();
        assert_eq!(ring.in_flight(), 0);
    });
    let mut ring = first.open().unwrap();
    start.wait();
    let ours = Key::new(3, 0);
    ring.knock(&second_bell, Key::new(1, 1), ours).unwrap();
    run(&mut ring, |ring, done| {
        let Completion::Doorbell { key } = done else {
            panic!("{done:?}");
        };
        assert_eq!(key.slot, 2);
        if key.generation < ROUNDS {
            let next = Key::new(1, key.generation + 1);
            ring.knock(&second_bell, next, ours).unwrap();
        }
        key.generation == ROUNDS
    });
    answering.join().unwrap();
}

#[test]
fn a_doorbell_that_nobody_can_hear_fails_aloud() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let blank = SMALL.make(1).unwrap().pop().unwrap();
    let ours = Key::new(8, 8);
    ring.knock(&blank.bell(), Key::new(1, 1), ours).unwrap();
    run(&mut ring, |_, done| {
        assert!(matches!(done, Completion::DoorbellFailed { key, .. } if key == ours));
        true
    });
}
