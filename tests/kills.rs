//! SIGKILL at any moment, fifty times: what was acted on a second before is
//! kept, what came later is kept whole or not at all, and nothing that has been
//! delivered comes back.

pub mod rig;

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
fn fifty_kills_lose_nothing_that_was_a_second_old() {
    thread::scope(|scope| {
        for server in 0..SERVERS {
            scope.spawn(move || live_and_die(server));
        }
    });
}

fn live_and_die(number: usize) {
    let mut random = Rng::with_seed(number as u64);
    let setup = Setup::new(1 + number % 2).set("max_rate", 0);
    let mut deeds: Vec<Deed> = Vec::new();
    let mut killed = Instant::now();
    for life in 0..KILLS {
        let mut server = setup.clone().start();
        // The older ones have been checked twice.
        let recent = deeds.iter_mut().filter(|deed| deed.life + 2 >= life);
        recent.for_each(|deed| deed.check(&server, killed));
        let end = Instant::now() + LIFE.mul_f64(random.f64());
        while Instant::now() < end {
            deeds.push(Deed::done(&server, life, deeds.len()));
            thread::sleep(Duration::from_millis(random.u64(0..120)));
        }
        deeds.push(Deed::begun(&server, life, deeds.len()));
        thread::sleep(Duration::from_micros(random.u64(0..5_000)));
        killed = Instant::now();
        server.kill9();
        let delivered = |deed: &Deed| deed.delivered.is_some_and(|at| at + ON_DISK <= killed);
        for deed in &mut deeds {
            deed.forgotten |= delivered(deed);
        }
    }
    let server = setup.start();
    deeds
        .iter_mut()
        .for_each(|deed| deed.check(&server, killed));
    assert!(deeds.len() > 4 * KILLS, "{} deeds", deeds.len());
}

/// `ann` refuses `bob`, and gets a word from him when she is away.
struct Deed {
    ann: String,
    bob: String,
    life: usize,
    /// When all of it had been acted on, where that is known.
    done: Option<Instant>,
    /// Whether the refusal is on disk, once a later life has shown it.
    refused: Option<bool>,
    /// When a later life has delivered the word, or has shown that there is
    /// none.
    delivered: Option<Instant>,
    /// A kill came long enough after that.
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
            refused: None,
            delivered: None,
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

    /// What a server that was started after the kill knows of it.
    #[track_caller]
    fn check(&mut self, server: &Server, killed: Instant) {
        let on_disk = |at: Option<Instant>| at.is_some_and(|at| at + ON_DISK <= killed);
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
        if self.delivered.is_none() {
            assert!(words == 1 || !on_disk(self.done), "{} lost it", self.ann);
        }
        self.delivered = Some(Instant::now());

        let mut bob = Handset::joined(server, &self.bob, "M", "F");
        let line = bob.expect_line();
        let apart = line.starts_with("2#");
        assert!(apart || line.starts_with("5#"), "{line}");
        let must = self.refused.unwrap_or(on_disk(self.done));
        assert!(apart || !must, "{} met {}", self.ann, self.bob);
        self.refused = Some(apart);
        for handset in [&mut ann, &mut bob] {
            handset.leave();
            handset.send_line("");
            while !handset.expect_line().is_empty() {}
        }
    }
}
