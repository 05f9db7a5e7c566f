//! A crowd on several cores: handsets of every gender join, talk, end, go on,
//! leave, vanish and are taken over at random, and each checks every line that
//! it is told.

#[path = "crowd/member.rs"]
mod member;
pub mod rig;

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use member::{Heard, Member};
use rig::Setup;

const MEMBERS: usize = 200;
const LASTS: Duration = Duration::from_secs(4);

#[test]
fn two_hundred_on_two_cores() {
    act_at_random(2, "200ms");
}

/// More than there may be: then what one core tells two others overtakes
/// itself more often.
#[test]
fn two_hundred_on_five_cores() {
    act_at_random(5, "0s");
}

fn act_at_random(cores: usize, rematch_pause: &str) {
    let seed = std::env::var("CROWD_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..1_000_000));
    eprintln!("CROWD_SEED={seed}");
    let server = Setup::new(cores)
        .set("max_rate", 0)
        .set("rematch_pause", rematch_pause)
        .set("pass_cooldown", "100ms")
        .start();
    let until = Instant::now() + LASTS;
    let mut crowd: Vec<Member> = thread::scope(|scope| {
        let acting: Vec<_> = (0..MEMBERS)
            .map(|number| {
                let server = &server;
                scope.spawn(move || {
                    let rng = fastrand::Rng::with_seed(seed + number as u64);
                    let mut member = Member::join(server, number, rng);
                    while Instant::now() < until {
                        member.act(server);
                    }
                    member.settle();
                    member
                })
            })
            .collect();
        let came = acting.into_iter().map(thread::ScopedJoinHandle::join);
        came.map(|member| member.expect("every check held"))
            .collect()
    });
    while settle(&mut crowd) > 0 {}
    check_symmetry(&crowd);
    // Whoever is idle waits again, until nobody finds anybody any more.
    for member in &mut crowd {
        member.introduce();
    }
    while settle(&mut crowd) > 0 {}
    check_symmetry(&crowd);
    check_nobody_waits_in_vain(&crowd);
    let mut talks = 0;
    for index in 0..crowd.len() {
        for (other, talk) in crowd[index].talks() {
            let at = crowd.iter().position(|member| member.name() == other);
            crowd[index].say(&other);
            crowd[at.expect("a member")].expect_line_of(&talk);
            talks += 1;
        }
    }
    let begun: usize = crowd.iter().map(|member| member.heard.len()).sum();
    eprintln!("{} talks, {} still on", begun / 2, talks / 2);
    assert!(begun > MEMBERS, "hardly anything happened");
}

/// How many lines were told until all was quiet for a while.
fn settle(crowd: &mut [Member]) -> u64 {
    // Longer than any pause that is set.
    thread::sleep(Duration::from_millis(400));
    let told = |crowd: &[Member]| crowd.iter().map(|member| member.lines).sum::<u64>();
    let before = told(crowd);
    for member in &mut *crowd {
        member.settle();
    }
    told(crowd) - before
}

/// Every talk was told to two, each of whom the other was named to; either both
/// have seen its end or none has.
fn check_symmetry(crowd: &[Member]) {
    let mut told: HashMap<&str, Vec<(String, &Heard)>> = HashMap::new();
    for member in crowd {
        for (talk, heard) in &member.heard {
            told.entry(talk).or_default().push((member.name(), heard));
        }
    }
    for (talk, told) in told {
        let [(one, by_one), (two, by_two)] = &told[..] else {
            // The other one heard of it on a connection that was cut off.
            let with = crowd.iter().find(|member| member.name() == told[0].1.with);
            let lost = with.is_some_and(|member| member.vanished);
            assert!(told.len() == 1 && lost && !told[0].1.on, "{talk}: {told:?}");
            continue;
        };
        assert_eq!((&by_one.with, &by_two.with), (two, one), "{talk}");
        assert_eq!(by_one.on, by_two.on, "{talk}: {told:?}");
    }
}

fn check_nobody_waits_in_vain(crowd: &[Member]) {
    for (index, one) in crowd.iter().enumerate() {
        for two in &crowd[..index] {
            let apart = one.avoids(two) || two.avoids(one);
            assert!(apart, "{} and {} may meet", one.name(), two.name());
        }
    }
}
