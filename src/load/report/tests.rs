//! What the report says of a run whose figures are known.

use super::*;
use crate::load::procfs::Cpu;
use crate::load::tally::Check;
use clap::Parser;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    options: Options,
}

/// Two seconds, 100 lines each; the n-th took n milliseconds.
fn outcome() -> Outcome {
    let mut outcome = Outcome {
        began: true,
        ..Outcome::default()
    };
    for second in [-1, 0, 1] {
        let mut beat = Beat {
            second,
            lines: 100,
            ..Beat::default()
        };
        for millis in 1..=100 {
            beat.latency.record(millis * 1_000_000);
        }
        beat.settle();
        outcome.seconds.insert(second, beat);
    }
    outcome.finish.wall_ns = 2_000_000_000;
    outcome.finish.busy_ns = 500_000_000;
    let cpu = |total, user_ticks, system_ticks| {
        Some(Cpu {
            total,
            user_ticks,
            system_ticks,
        })
    };
    outcome.server = Some(ServerUse {
        pid: 7,
        cpu: [cpu(1_000_000, 10, 20), cpu(3_000_000, 11, 23)],
        resident: [Some(1000), Some(9000)],
        resident_by_users: vec![(2, 4000)],
        slab: [Some(5000), Some(5400)],
    });
    outcome
}

fn options(flags: &[&str]) -> Options {
    let words = ["load", "relay", "--pairs", "4", "--duration", "2s"];
    let words = words.iter().chain(flags);
    Flags::try_parse_from(words).unwrap().options
}

fn report(outcome: &Outcome, flags: &[&str], failures: &[String]) -> Report {
    Report::new(&options(flags), 1, true, outcome, failures)
}

#[test]
fn figures_are_those_of_the_run() {
    let report = report(&outcome(), &[], &[]);
    assert_eq!((report.kind, report.latency_from), ("closed", "sending"));
    assert_eq!((report.lines, report.lines_per_second), (200, 100.0));
    let latency = report.latency.unwrap();
    for (got, millis) in [
        (latency.p50_us, 50.0),
        (latency.p90_us, 90.0),
        (latency.p99_us, 99.0),
        (latency.max_us, 100.0),
        (latency.mean_us, 50.5),
    ] {
        assert!(
            (got / (millis * 1e3) - 1.0_f64).abs() < 0.002,
            "{got} {millis}"
        );
    }
    assert_eq!(report.generator.busy_share, 0.25);
    assert!(!report.generator.saturated);
    let server = report.server.unwrap();
    assert_eq!(server.cpu_ns_per_line, Some(10_000.0));
    assert_eq!(server.cpu_user_ns_per_line, Some(2_500.0));
    assert_eq!(server.cpu_system_ns_per_line, Some(7_500.0));
    assert_eq!(server.memory_bytes_per_session, Some(1000.0));
    let [half] = &server.memory_by_sessions[..] else {
        panic!("{:?}", server.memory_by_sessions);
    };
    assert_eq!((half.sessions, half.bytes_per_session), (2, 1500.0));
    assert_eq!(server.slab_bytes_per_session, Some(50.0));
    assert_eq!(report.seconds.len(), 2);
    assert!(
        report
            .percentiles
            .is_sorted_by_key(|point| point.percentile)
    );
    assert!(report.percentiles.is_sorted_by_key(|point| point.us));
}

#[test]
fn a_busy_generator_says_so() {
    let mut outcome = outcome();
    outcome.finish.busiest = 0.96;
    let report = report(&outcome, &["--rate", "5"], &[]);
    assert!(report.generator.saturated);
    let text = table::of(&report, &outcome);
    assert!(
        text.contains("SATURATED") && text.contains("open loop"),
        "{text}"
    );
    assert!(html::page(&report).unwrap().contains("SATURATED"));
}

#[test]
fn a_failed_run_is_told_as_one() {
    let mut outcome = outcome();
    outcome.finish.errors.insert("rate_limited".into(), 12);
    outcome
        .finish
        .fail(Check::Lost, || "pair a and b: <line> 3".into());
    let failures = outcome.failures(&options(&[]), false);
    assert_eq!(failures.len(), 2, "{failures:?}");
    let report = report(&outcome, &[], &failures);
    assert!(!report.passed);
    let text = table::of(&report, &outcome);
    assert!(
        text.contains("rate_limited: 12") && text.contains("lost: 1"),
        "{text}"
    );
    let page = html::page(&report).unwrap();
    assert!(page.contains("&lt;line&gt; 3") && !page.contains("<line>"));
}

#[test]
fn nothing_measured_is_no_zero() {
    let outcome = Outcome::default();
    let report = report(&outcome, &[], &["setup: nobody came".into()]);
    assert!(report.latency.is_none() && report.percentiles.is_empty());
    assert!(html::page(&report).is_ok());
}
