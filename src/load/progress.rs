//! What is shown while it runs: a line that changes on a terminal, a line a
//! second elsewhere; on standard error in both cases.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::tally::Beat;

pub(super) struct Progress {
    bar: Option<ProgressBar>,
    errors: u64,
}

impl Progress {
    pub(super) fn new() -> Progress {
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
            let bar = ProgressBar::new_spinner();
            bar.set_style(style.expect("the template is sound"));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Progress { bar, errors: 0 }
    }

    /// One that shows nothing.
    pub(super) fn silent() -> Progress {
        let bar = Some(ProgressBar::hidden());
        Progress { bar, errors: 0 }
    }

    /// Says something, once.
    pub(super) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            // With standard error gone there is nobody to tell.
            None => drop(writeln!(io::stderr(), "{text}")),
        }
    }

    /// So many users are ready.
    pub(super) fn ready(&self, users: u32, all: u32) {
        let text = format!("{users} of {all} users are ready");
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None if users == all => self.say(&text),
            None => {}
        }
    }

    /// A second of all workers together.
    pub(super) fn beat(&mut self, beat: &Beat) {
        self.errors += beat.errors;
        let text = line(beat, self.errors);
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None => self.say(&text),
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn line(beat: &Beat, errors: u64) -> String {
    let micros = |nanos: Option<u64>| match nanos {
        Some(nanos) => format!("{:.1} µs", nanos as f64 / 1e3),
        None => "–".into(),
    };
    let others = beat.matches + beat.joins + beat.requests;
    let (what, count, spread) = if beat.lines > 0 || others == 0 {
        ("lines", beat.lines, &beat.latency)
    } else if beat.requests > 0 {
        ("requests", beat.requests, &beat.answering)
    } else if beat.matches >= beat.joins {
        ("matches", beat.matches, &beat.matching)
    } else {
        ("joins", beat.joins, &beat.joining)
    };
    let when = if beat.second < 0 { "warm-up" } else { "second" };
    format!(
        "{when} {:>3}: {count} {what}, p50 {}, p99 {}, {errors} errors",
        beat.second,
        micros(spread.quantile(0.5)),
        micros(spread.quantile(0.99)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_one_line() {
        let mut beat = Beat {
            second: 3,
            lines: 2,
            ..Beat::default()
        };
        beat.latency.record(1_500);
        beat.settle();
        assert_eq!(
            line(&beat, 1),
            "second   3: 2 lines, p50 1.5 µs, p99 1.5 µs, 1 errors"
        );
        let beat = Beat {
            second: -1,
            matches: 7,
            ..Beat::default()
        };
        assert_eq!(
            line(&beat, 0),
            "warm-up  -1: 7 matches, p50 –, p99 –, 0 errors"
        );
    }
}
