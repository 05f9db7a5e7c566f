//! SIGKILL at any moment, fifty times: what was written down is kept, what came
//! later is kept whole or not at all, and nothing that has been delivered comes
//! back.
//!
//! `pairline_store_waiting` says when something is written down. That takes less
//! than a second, unless the disk takes longer: on a machine under heavy load a
//! single sync may. So the second is not asked of each, but of most.

pub mod rig;

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rig::{Handset, Server, Setup};

/// Servers that are killed beside each other, each so many times.
const SERVERS: usize = 3;
const KILLS: usize = 17;
/// The longest life after the checks.
const LIFE: Duration = Duration::from_millis(1_600);
/// Within this time what was acted on is on disk.
const ON_DISK: Duration = Duration::from_secs(1);

#[test]
fn fifty_kills_lose_nothing_that_was_written_down() {
    let seen = Mutex::new(Seen::default());
    thread::scope(|scope| {
        for server in 0..SERVERS {
            let seen = &seen;
            scope.spawn(move || live_and_die(server, seen));
        }
    });
    let seen = seen.into_inner().expect("nobody panicked");
    println!("{seen:?}");
    assert!(seen.written > 4 * SERVERS * KILLS);
    assert!(seen.old > SERVERS * KILLS);
    assert!(seen.late * 10 <= seen.old, "it takes more than a second");
}

/// Of the deeds that were done, at the moments of the kills.
#[derive(Debug, Default)]
struct Seen {
    /// Known to be on disk.
    written: usize,
    /// Not known to be.
    unsure: usize,
    /// A second old.
    old: usize,
    /// Of these, not known to be on disk.
    late: usize,
}

impl Seen {
    fn look(&mut self, deeds: &[Deed]) {
        for deed in deeds {
            let Some(done) = deed.done else { continue };
            let old = done.elapsed() >= ON_DISK;
            self.written += usize::from(deed.written);
            self.unsure += usize::from(!deed.written);
            self.old += usize::from(old);
            self.late += usize::from(old && !deed.written);
        }
    }
}

fn live_and_die(number: usize, seen: &Mutex<Seen>) {
    let mut random = Rng::with_seed(number as u64);
    let setup = Setup::new(1 + number % 2).set("max_rate", 0);
    let mut deeds: Vec<Deed> = Vec::new();
    for life in 0..KILLS {
        let mut server = setup.clone().start();
        // The older ones have been checked twice.
        let recent = deeds.iter_mut().filter(|deed| deed.life + 2 >= life);
        recent.for_each(|deed| deed.check(&server));
        let end = Instant::now() + LIFE.mul_f64(random.f64());
        while Instant::now() < end {
            deeds.push(Deed::done(&server, life, deeds.len()));
            thread::sleep(Duration::from_millis(random.u64(0..120)));
            if server.metric("pairline_store_waiting") == 0.0 {
                deeds.iter_mut().for_each(Deed::is_written);
            }
        }
        deeds.push(Deed::begun(&server, life, deeds.len()));
        thread::sleep(Duration::from_micros(random.u64(0..5_000)));
        server.kill9();
        let own = deeds.iter().position(|deed| deed.life == life);
        let own = own.expect("one has begun at least");
        seen.lock().expect("nobody panicked").look(&deeds[own..]);
    }
    let server = setup.start();
    deeds.iter_mut().for_each(|deed| deed.check(&server));
}

/// `ann` refuses `bob`, and gets a word from him when she is away.
struct Deed {
    ann: String,
    bob: String,
    life: usize,
    /// When all of it had been acted on, where that is known.
    done: Option<Instant>,
    /// All of it was on disk.
    written: bool,
    /// Whether the refusal is on disk, once a later life has shown it.
    refused: Option<bool>,
    /// A later life has delivered the word, or has shown that there is none.
    delivered: bool,
    /// And that was on disk.
    forgotten: bool,
}

impl Deed {
    /// A whole one.
    #[track_caller]
    fn done(server: &Server, life: usize, number: usize) -> Deed {
        let (deed, mut ann, mut bob) = Deed::met(server, life, number);
        ann.refuse(&deed.bob, "");
        bob.expect_over(&deed.ann, "");
        // As another she is away for sure.
        ann.join(&deed.elsewhere(), "F", "F");
        ann.expect(2);
        ann.leave();
        ann.quiet_past_waits();
        bob.last_word(&deed.ann, &deed.word());
        bob.quiet();
        let done = Some(Instant::now());
        Deed { done, ..deed }
    }

    /// One that the server may still be busy with.
    #[track_caller]
    fn begun(server: &Server, life: usize, number: usize) -> Deed {
        let (deed, mut ann, mut bob) = Deed::met(server, life, number);
        ann.refuse(&deed.bob, "");
        ann.join(&deed.elsewhere(), "F", "F");
        bob.last_word(&deed.ann, &deed.word());
        deed
    }

    #[track_caller]
    fn met(server: &Server, life: usize, number: usize) -> (Deed, Handset, Handset) {
        let [a, b] = ["ann", "bob"].map(|name| format!("{name}{number}"));
        let (ann, bob) = rig::pair(server, &a, &b);
        let deed = Deed {
            ann: a,
            bob: b,
            life,
            done: None,
            written: false,
            refused: None,
            delivered: false,
            forgotten: false,
        };
        (deed, ann, bob)
    }

    /// Who she is when she is away.
    fn elsewhere(&self) -> String {
        format!("not {}", self.ann)
    }

    fn word(&self) -> String {
        format!("a word for {} \"#\"", self.ann)
    }

    /// Nothing waits for the disk: what was acted on before is there.
    fn is_written(&mut self) {
        self.written |= self.done.is_some();
        self.forgotten |= self.delivered;
    }

    /// What a server that was started after the kill knows of it.
    #[track_caller]
    fn check(&mut self, server: &Server) {
        let mut ann = Handset::joined(server, &self.ann, "F", "M");
        let mut words = 0;
        loop {
            let line = ann.expect_line();
            if line.starts_with("2#") {
                break;
            }
            assert!(line.starts_with("9#"), "{line}");
            let body: serde_json::Value = serde_json::from_str(&line[2..]).expect("JSON");
            assert_eq!(
                (&body["youId"], &body["over"]),
                (&self.bob.as_str().into(), &0.into())
            );
            assert_eq!(body["endmessage"], self.word());
            words += 1;
        }
        assert!(words <= 1, "{} was told twice", self.ann);
        assert!(words == 0 || !self.forgotten, "{} was told again", self.ann);
        if !self.delivered {
            assert!(words == 1 || !self.written, "{} lost it", self.ann);
        }
        self.delivered = true;

        let mut bob = Handset::joined(server, &self.bob, "M", "F");
        let line = bob.expect_line();
        let apart = line.starts_with("2#");
        assert!(apart || line.starts_with("5#"), "{line}");
        let must = self.refused.unwrap_or(self.written);
        assert!(apart || !must, "{} met {}", self.ann, self.bob);
        self.refused = Some(apart);
        for handset in [&mut ann, &mut bob] {
            handset.leave();
            handset.send_line("");
            while !handset.expect_line().is_empty() {}
        }
    }
}
