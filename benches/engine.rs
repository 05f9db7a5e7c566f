//! What a relayed line costs one core's engine: framing, parsing, the session,
//! the way to the partner's buffer, and the line's share of a turn.
#![allow(missing_docs, reason = "criterion's macros make public items")]

pub mod bare;

use bare::Core;
use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use pairline::engine::rules::Rules;
use std::time::{Duration, Instant};

/// Lines of a turn.
const LINES: usize = 64;
/// From turn to turn, so that each says at most 50 lines a second.
const PAUSE: Duration = Duration::from_millis(10);

/// A turn of 64 lines; the times are those of one line.
fn turns(c: &mut Criterion) {
    let mut group = c.benchmark_group("a 160-byte line in a turn of 64");
    let unlimited = Rules {
        max_rate: None,
        ..Rules::default()
    };
    for (limits, rules) in [
        ("no rate limit", unlimited),
        ("default limits", Rules::default()),
    ] {
        for (spread, pairs, speakers) in [
            ("one from each of 64", 64, 64),
            ("one from each of 64 of 20,000", 10_000, 64),
            ("16 from each of 4", 64, 4),
            ("64 from one", 64, 1),
        ] {
            let name = format!("{spread}, {limits}");
            group.bench_function(name, |b| relay(b, rules.clone(), pairs, speakers));
        }
    }
    group.finish();
}

/// All talk in turn, so many in each turn of the loop.
fn relay(b: &mut Bencher<'_>, rules: Rules, pairs: usize, speakers: usize) {
    let each = LINES / speakers;
    let mut core = Core::alone(rules);
    let mut voices = bare::pairs(&mut core, pairs);
    for voice in &mut voices {
        voice.line = voice.line.repeat(each);
    }
    let mut voices = voices.iter().cycle();
    b.iter_custom(|lines| {
        let turns = lines.div_ceil(LINES as u64);
        let start = Instant::now();
        for _ in 0..turns {
            for voice in voices.by_ref().take(speakers) {
                core.hear(voice.from, &voice.line);
                assert_eq!(core.queued(voice.to).len(), voice.line.len());
            }
            core.turn(PAUSE);
        }
        start
            .elapsed()
            .mul_f64(lines as f64 / (turns * LINES as u64) as f64)
    });
}

criterion_group!(benches, turns);
criterion_main!(benches);
