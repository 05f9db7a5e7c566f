//! What one session does wrong, another does not notice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{fresh, waiting};
use crate::rig::{self, Handset, Server, Setup};

/// How long the others misbehave.
const SPAN: Duration = Duration::from_millis(1500);

#[test]
fn a_talk_goes_on_while_others_misbehave() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let gangs: [fn(&Server, usize); 6] =
                [rubbish, too_long, half_a_line, errors, replaced, vanished];
            for gang in gangs {
                let (over, server) = (&over, &server);
                scope.spawn(move || {
                    let mut round = 0;
                    while !over.load(Ordering::Relaxed) {
                        gang(server, round);
                        round += 1;
                    }
                    assert!(round > 0);
                });
            }
            // The others stop even if this fails.
            let talk = scope.spawn(|| {
                let begin = Instant::now();
                for n in 0.. {
                    ann.talk("bob", &format!("a{n}"));
                    assert_eq!(bob.expect(6)["msg"], format!("a{n}"));
                    bob.talk("ann", &format!("b{n}"));
                    assert_eq!(ann.expect(6)["msg"], format!("b{n}"));
                    if begin.elapsed() > SPAN {
                        break;
                    }
                }
            });
            let talked = talk.join();
            over.store(true, Ordering::Relaxed);
            talked.expect("the talk goes on");
        });
        drop((ann, bob));
        server.wait_metric("pairline_sessions", 0.0);
        server.wait_metric("pairline_joined", 0.0);
        server.wait_metric("pairline_waiting", 0.0);
        server.wait_metric("pairline_talks", 0.0);
    });
}

fn rubbish(server: &Server, round: usize) {
    let mut handset = fresh(server);
    let bytes: Vec<u8> = (0..20_000_usize)
        .map(|n| (n * n + n / 7 + round * 31).to_le_bytes()[0])
        .collect();
    // It is cut off when its errors are too many.
    let _ = handset.try_send(&bytes);
    while handset.try_line(rig::PATIENCE).is_some() {}
}

fn too_long(server: &Server, _: usize) {
    let mut handset = fresh(server);
    let _ = handset.try_send(&[b'1'; 100_000]);
    handset.expect_refusal("line_too_long", None);
}

fn half_a_line(server: &Server, round: usize) {
    let mut handset = fresh(server);
    handset.send_bytes(format!("1#{{\"userId\":\"half{round}\"").as_bytes());
    thread::sleep(Duration::from_millis(5));
}

fn errors(server: &Server, round: usize) {
    let mut handset = waiting(server, &format!("err{round}"));
    for line in ["99#{}", "1#{", "3#{}", "no frame", "{}"]
        .iter()
        .cycle()
        .take(32)
    {
        // Pushed about in the queue, it also hears its places.
        handset.send_line(line);
        handset.expect_past_waits(0);
    }
    assert_eq!(handset.expect_past_waits(0)["error"], "too_many_errors");
}

fn replaced(server: &Server, round: usize) {
    let user = format!("twice{}", round % 3);
    let mut older = waiting(server, &user);
    let newer = waiting(server, &user);
    assert_eq!(older.expect_past_waits(0)["error"], "replaced");
    if round.is_multiple_of(2) {
        newer.vanish();
    }
}

fn vanished(server: &Server, round: usize) {
    let (a, b) = (format!("gone{round}"), format!("left{round}"));
    // Women for women, so that nobody else is met.
    let join = |handset: &mut Handset, user: &str| {
        handset.join_with(&json!({"userId": user, "gender": "F", "findGender": "F"}));
    };
    let (mut one, mut two) = (fresh(server), fresh(server));
    join(&mut one, &a);
    one.expect(2);
    join(&mut two, &b);
    two.expect_past_waits(5);
    one.expect_past_waits(5);
    two.talk(&a, "x");
    one.expect(6);
    two.vanish();
    one.expect(9);
}
