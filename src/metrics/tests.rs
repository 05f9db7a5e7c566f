//! The text as a scraper reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Bounds, Histogram, Metrics, Reading, Refusal, SmsDenial, SmsResult, StoreOp};
use crate::config::Gateway;
use crate::engine::Line;
use crate::engine::ids::CoreId;
use crate::engine::matchmaker::Side;
use crate::wire::message::{Kind, Slug};

/// Samples by name and labels as they stand, checked against the rules of the
/// exposition format on the way.
fn read(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n'), "the last line is ended too");
    let mut samples = BTreeMap::new();
    let mut families: BTreeMap<String, String> = BTreeMap::new();
    let mut helped = BTreeSet::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').unwrap();
            assert!(!words.is_empty());
            assert!(helped.insert(name.to_owned()), "{name} is explained twice");
            current = name.to_owned();
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(name, current, "TYPE follows its HELP");
            assert!(["counter", "gauge", "histogram"].contains(&kind));
            assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
            families.insert(name.to_owned(), kind.to_owned());
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let name = check_series(series);
            let kind = &families[&current];
            let suffix = name.strip_prefix(current.as_str()).expect(line);
            match kind.as_str() {
                "histogram" => assert!(["_bucket", "_sum", "_count"].contains(&suffix)),
                _ => assert_eq!(suffix, "", "{line} stands under its family"),
            }
            let value: f64 = value.parse().unwrap();
            assert!(value >= 0.0);
            let twice = samples.insert(series.to_owned(), value);
            assert_eq!(twice, None, "{series} is told twice");
        }
    }
    samples
}

fn check_series(series: &str) -> &str {
    let word = |text: &str| {
        !text.is_empty()
            && !text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let (name, labels) = match series.split_once('{') {
        Some((name, rest)) => (name, rest.strip_suffix('}').expect(series)),
        None => return series,
    };
    assert!(word(name), "{series}");
    for label in labels.split(',') {
        let (key, value) = label.split_once('=').expect(series);
        assert!(word(key), "{series}");
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        assert!(!value.expect(series).contains(['"', '\\', '\n']));
    }
    name
}

#[test]
fn an_idle_server_tells_every_name_of_the_contract() {
    let samples = read(&Metrics::new(2).text());
    for series in [
        "pairline_sessions{core=\"0\"}",
        "pairline_sessions{core=\"1\"}",
        "pairline_joined",
        "pairline_waiting{pair=\"F-M\"}",
        "pairline_waiting{pair=\"M-F\"}",
        "pairline_waiting{pair=\"M-M\"}",
        "pairline_waiting{pair=\"F-F\"}",
        "pairline_talks",
        "pairline_matches_total{pair=\"F-M\"}",
        "pairline_matches_total{pair=\"M-M\"}",
        "pairline_matches_total{pair=\"F-F\"}",
        "pairline_frames_total{type=\"join\",direction=\"in\"}",
        "pairline_frames_total{type=\"talking\",direction=\"in\"}",
        "pairline_frames_total{type=\"talking\",direction=\"out\"}",
        "pairline_frames_total{type=\"heartbeat\",direction=\"in\"}",
        "pairline_frames_total{type=\"room\",direction=\"out\"}",
        "pairline_frames_total{type=\"invalid\",direction=\"in\"}",
        "pairline_bytes_total{direction=\"in\"}",
        "pairline_bytes_total{direction=\"out\"}",
        "pairline_errors_total{error=\"bad_frame\"}",
        "pairline_errors_total{error=\"draining\"}",
        "pairline_errors_total{error=\"store\"}",
        "pairline_match_wait_seconds_count{pair=\"M-F\"}",
        "pairline_match_wait_seconds_bucket{pair=\"F-F\",le=\"+Inf\"}",
        "pairline_relay_seconds_bucket{le=\"0.000005\"}",
        "pairline_relay_seconds_sum",
        "pairline_outbox_bytes",
        "pairline_connections_refused_total{key=\"max_sessions\"}",
        "pairline_connections_refused_total{key=\"max_per_address\"}",
        "pairline_connections_refused_total{key=\"proxy_protocol\"}",
        "pairline_slow_consumers_total",
        "pairline_buffers_exhausted_total{core=\"1\"}",
        "pairline_cq_overflow_total{core=\"0\"}",
        "pairline_lane_notes_total{from=\"0\",to=\"1\"}",
        "pairline_lane_notes_total{from=\"1\",to=\"0\"}",
        "pairline_store_waiting",
        "pairline_store_seconds_count{op=\"apply\"}",
        "pairline_sms_total{gateway=\"twilio\",result=\"sent\"}",
        "pairline_sms_total{gateway=\"console\",result=\"timed_out\"}",
    ] {
        assert_eq!(samples.get(series), Some(&0.0), "{series}");
    }
    let build = format!(
        "pairline_build_info{{version=\"{}\"}}",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(samples[&build], 1.0);
    let errors = samples.keys().filter(|s| s.starts_with("pairline_errors"));
    assert_eq!(errors.count(), Slug::ALL.len() + 1);
    // A message is told only in the directions that it has.
    assert!(!samples.contains_key("pairline_frames_total{type=\"join\",direction=\"out\"}"));
    assert!(!samples.contains_key("pairline_frames_total{type=\"wait\",direction=\"in\"}"));
    assert!(!samples.contains_key("pairline_lane_notes_total{from=\"0\",to=\"0\"}"));
}

#[test]
fn what_cores_count_adds_up() {
    let metrics = Metrics::new(20);
    let (one, two) = (metrics.core(CoreId(0)), metrics.core(CoreId(19)));
    for (core, n) in [(one, 1), (two, 10)] {
        core.set_sessions(n);
        core.set_joined(n);
        core.set_joined(n + 1);
        core.set_talks(n);
        core.set_outbox_bytes(n);
        core.set_waiting(Side::MF, n);
        core.matches(Side::MF, n);
        core.matches(Side::FM, n);
        core.frames_in(Line::Message(Kind::Talking), n);
        core.frames_in(Line::Invalid, 2 * n);
        core.frames_out(Line::Message(Kind::Notice), 3 * n);
        core.add_bytes_in(n);
        core.add_bytes_in(n);
        core.add_bytes_out(5 * n);
        core.error(Slug::Draining, n);
        core.refused(Refusal::MaxPerAddress, n);
        core.slow_consumers(n);
        core.buffers_exhausted(n);
        core.cq_overflow(n);
    }
    one.lane_notes(CoreId(19), 4);
    one.lane_notes(CoreId(3), 5);
    metrics.store().error(7);
    assert_eq!(metrics.store().queued(5), 5);
    metrics.store().settled(2);
    metrics.sms().tried(Gateway::Aliyun, SmsResult::Refused);
    metrics.sms().tried(Gateway::Aliyun, SmsResult::Refused);
    metrics.sms().denied(SmsDenial::Budget);

    let samples = read(&metrics.text());
    for (series, value) in [
        ("pairline_sessions{core=\"0\"}", 1.0),
        ("pairline_sessions{core=\"19\"}", 10.0),
        ("pairline_joined", 13.0),
        ("pairline_talks", 11.0),
        ("pairline_outbox_bytes", 11.0),
        ("pairline_waiting{pair=\"M-F\"}", 11.0),
        ("pairline_waiting{pair=\"F-M\"}", 0.0),
        ("pairline_matches_total{pair=\"F-M\"}", 22.0),
        (
            "pairline_frames_total{type=\"talking\",direction=\"in\"}",
            11.0,
        ),
        (
            "pairline_frames_total{type=\"talking\",direction=\"out\"}",
            0.0,
        ),
        (
            "pairline_frames_total{type=\"invalid\",direction=\"in\"}",
            22.0,
        ),
        (
            "pairline_frames_total{type=\"notice\",direction=\"out\"}",
            33.0,
        ),
        ("pairline_bytes_total{direction=\"in\"}", 22.0),
        ("pairline_bytes_total{direction=\"out\"}", 55.0),
        ("pairline_errors_total{error=\"draining\"}", 11.0),
        ("pairline_errors_total{error=\"server_full\"}", 0.0),
        ("pairline_errors_total{error=\"store\"}", 7.0),
        ("pairline_store_waiting", 3.0),
        (
            "pairline_connections_refused_total{key=\"max_per_address\"}",
            11.0,
        ),
        ("pairline_slow_consumers_total", 11.0),
        ("pairline_buffers_exhausted_total{core=\"19\"}", 10.0),
        ("pairline_cq_overflow_total{core=\"0\"}", 1.0),
        ("pairline_lane_notes_total{from=\"0\",to=\"19\"}", 4.0),
        ("pairline_lane_notes_total{from=\"0\",to=\"3\"}", 5.0),
        ("pairline_lane_notes_total{from=\"19\",to=\"0\"}", 0.0),
        (
            "pairline_sms_total{gateway=\"aliyun\",result=\"refused\"}",
            2.0,
        ),
        (
            "pairline_sms_total{gateway=\"none\",result=\"budget\"}",
            1.0,
        ),
    ] {
        assert_eq!(samples.get(series), Some(&value), "{series}");
    }
}

#[test]
fn a_histogram_is_cumulative_and_its_bounds_belong_to_their_bucket() {
    let metrics = Metrics::new(2);
    metrics.core(CoreId(0)).relay(Duration::from_nanos(5_000));
    metrics.core(CoreId(1)).relay(Duration::from_nanos(5_001));
    metrics.core(CoreId(1)).relay(Duration::from_secs(100));
    metrics.core(CoreId(0)).match_wait(Side::FM, Duration::MAX);
    let samples = read(&metrics.text());
    let bucket = |le: &str| samples[&format!("pairline_relay_seconds_bucket{{le=\"{le}\"}}")];
    assert_eq!(bucket("0.000005"), 1.0);
    assert_eq!(bucket("0.00001"), 2.0);
    assert_eq!(bucket("1"), 2.0);
    assert_eq!(bucket("+Inf"), 3.0);
    assert_eq!(samples["pairline_relay_seconds_count"], 3.0);
    assert!((samples["pairline_relay_seconds_sum"] - 100.000_010_001).abs() < 1e-9);
    assert_eq!(
        samples["pairline_match_wait_seconds_count{pair=\"F-M\"}"],
        1.0
    );
}

#[test]
fn the_buckets_of_every_histogram_ascend() {
    let metrics = Metrics::new(1);
    for op in StoreOp::ALL {
        metrics.store().took(op, Duration::from_millis(3));
    }
    let text = metrics.text();
    let mut last: Option<(String, f64, f64)> = None;
    for line in text.lines().filter(|line| line.contains("_bucket{")) {
        let (series, count) = line.rsplit_once(' ').unwrap();
        let (series, le) = series.rsplit_once("le=\"").unwrap();
        let le: f64 = le.strip_suffix("\"}").unwrap().parse().unwrap();
        let count: f64 = count.parse().unwrap();
        if let Some((before, bound, so_far)) = &last
            && before == series
        {
            assert!(*bound < le && *so_far <= count, "{line}");
        }
        last = Some((series.to_owned(), le, count));
    }
    assert!(text.contains("pairline_store_seconds_bucket{op=\"purge\",le=\"0.005\"} 1\n"));
    assert!(text.contains("pairline_store_seconds_bucket{op=\"purge\",le=\"0.0025\"} 0\n"));
}

#[test]
fn no_two_cores_share_a_cache_line() {
    assert_eq!(align_of::<super::CoreMetrics>(), 128);
    assert_eq!(align_of::<super::StoreMetrics>(), 128);
}

#[test]
fn quantiles_lie_in_their_buckets() {
    static BOUNDS: Bounds = [
        10, 20, 40, 80, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 2000, 4000,
    ];
    let histogram = Histogram::new(&BOUNDS);
    let none = histogram.read();
    assert_eq!((none.count(), none.quantile(0.5)), (0, None));
    for nanos in [5, 15, 16, 17, 35] {
        histogram.observe(Duration::from_nanos(nanos));
    }
    let first = histogram.read();
    let nanos = |reading: &Reading, share| reading.quantile(share).map(|time| time.as_nanos());
    assert_eq!(nanos(&first, 0.0), Some(0));
    assert_eq!(nanos(&first, 0.2), Some(10));
    assert_eq!(nanos(&first, 0.5), Some(15));
    assert_eq!(nanos(&first, 0.8), Some(20));
    assert_eq!(nanos(&first, 1.0), Some(40));
    histogram.observe(Duration::from_secs(1));
    let later = histogram.read();
    assert_eq!(nanos(&later, 1.0), Some(4000), "beyond the last bound");
    assert_eq!(later.since(&first).count(), 1);
    assert_eq!(nanos(&later.since(&first), 0.5), Some(4000));
}
