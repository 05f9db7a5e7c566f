//! The page that `pairline load --html` writes, as a browser shows it. Needs
//! Chromium, so it is run by name only: `tools/test` does where there is one.
//! The pages and pictures of them stay in `target/tmp/pages`, for people to
//! look at.

pub mod rig;

#[path = "page/browser.rs"]
mod browser;
#[path = "load/generator.rs"]
mod generator;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use browser::{Browser, View};
use generator::{Ran, load};
use rig::Server;

const PROBE: &str = include_str!("page/probe.js");
const PHONE: u32 = 390;
const DESK: u32 = 1280;

#[test]
fn a_good_run_is_shown() {
    let ran = load("mix --pairs 10 --rate 1000 --duration 3s --warmup 200ms").fine();
    let views = shown("good", &ran);
    for (view, seen) in &views {
        let [throughput, latency] = charts(seen);
        throughput_is_drawn(throughput, &ran);
        percentiles_are_drawn(latency, &ran);
        let cards = seen["texts"].as_array().expect("texts");
        assert!(cards.contains(&"matches a second".into()), "{}", view.width);
    }
}

#[test]
fn a_bad_run_is_shown() {
    let server = Server::start(1);
    let ran = load(&format!(
        "relay --chat {} --pairs 2 --window 8 --duration 2s --warmup 100ms",
        server.chat
    ));
    assert!(ran.number("/errors/rate_limited") >= 1.0);
    for (_, seen) in shown("bad", &ran) {
        let texts = seen["texts"].as_array().expect("texts");
        assert!(texts.contains(&"Checks failed.".into()));
        assert!(texts.contains(&"rate limited".into()));
    }
}

#[test]
fn the_browser_tells_what_a_page_does() {
    let page = "<!doctype html><body><img src=\"http://127.0.0.1:1/x.png\">\
                <script>console.error('so')</script><script>nothing.at.all</script>";
    let mut browser = Browser::start();
    let url = address(&kept("faulty.html", page.as_bytes()));
    browser.open(&url);
    assert_eq!(browser.requests(), [&url, "http://127.0.0.1:1/x.png"]);
    assert_eq!(browser.complaints().len(), 3, "{:?}", browser.complaints());
}

/// Opens the run's page and looks at it on a phone and at a desk, by day and by
/// night: what the probe saw in each.
#[track_caller]
fn shown(name: &str, ran: &Ran) -> Vec<(View, Value)> {
    let file = kept(&format!("{name}.html"), ran.page.as_bytes());
    let mut browser = Browser::start();
    let url = address(&file);
    browser.open(&url);
    let mut views = Vec::new();
    for (width, place) in [(PHONE, "phone"), (DESK, "desk")] {
        for scheme in ["light", "dark"] {
            let view = View { width, scheme };
            browser.look(view);
            kept(
                &format!("{name}-{place}-{scheme}.png"),
                &browser.screenshot(),
            );
            let seen = browser.evaluate(PROBE);
            is_readable(&seen, view);
            figures_are_the_jsons(&seen, ran);
            views.push((view, seen));
        }
    }
    assert_eq!(browser.requests(), [url], "it asks for nothing but itself");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    views
}

fn address(file: &Path) -> String {
    format!("file://{}", file.display())
}

/// Writes a file for people to look at.
fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).expect("the target directory is ours");
    let file = folder.join(name);
    fs::write(&file, bytes).expect("the target directory is ours");
    file
}

#[track_caller]
fn is_readable(seen: &Value, view: View) {
    assert_eq!(seen["width"], view.width);
    assert_eq!(seen["content"], view.width, "no scrolling sideways");
    for flaw in ["overlaps", "outside", "faint", "small"] {
        let found = &seen[flaw];
        assert_eq!(found, &serde_json::json!([]), "{flaw} at {}", view.width);
    }
    let paper = seen["paper"].as_f64().expect("a luminance");
    assert_eq!(paper < 0.1, view.scheme == "dark", "{paper}");
}

/// Each figure of the JSON stands there, and no other.
#[track_caller]
fn figures_are_the_jsons(seen: &Value, ran: &Ran) {
    let figures = seen["figures"].as_array().expect("figures");
    for place in ran.numbers() {
        let stands = figures.iter().any(|figure| figure["place"] == *place);
        assert!(stands, "{place} is missing");
    }
    for figure in figures {
        let text = |key: &str| figure[key].as_str().expect("a text");
        let json = ran.json.pointer(text("place")).expect("the JSON has it");
        assert_eq!(text("value"), json.to_string());
        let (json, shown) = (json.as_f64().expect("a number"), amount(text("text")));
        // Cards round to three digits, and tell times in seconds.
        let exact = text("text").ends_with(|last: char| last.is_ascii_digit());
        let unit = match text("place") {
            _ if exact => 1.0,
            place if place.ends_with("_us") => 1e-6,
            place if place.contains("_ns_") => 1e-9,
            _ => 1.0,
        };
        let off = (shown / (json * unit) - 1.0).abs();
        assert!(json == shown || off < 0.006, "{figure}: {json}");
    }
    for text in seen["texts"].as_array().expect("texts") {
        let text = text.as_str().expect("a text");
        let told = text.replace("p99.9", "").replace("p50", "");
        let told = told.replace("p90", "").replace("p99", "");
        assert!(!told.contains(|c: char| c.is_ascii_digit()), "{text}");
    }
}

/// A number with its unit, in that unit's base.
fn amount(text: &str) -> f64 {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let one = match unit.trim() {
        "" | "s" | "B" => 1.0,
        "k" | "kB" => 1e3,
        "M" | "MB" => 1e6,
        "ms" => 1e-3,
        "µs" => 1e-6,
        "ns" => 1e-9,
        strange => panic!("{strange} in {text}"),
    };
    number.parse::<f64>().expect("a number") * one
}

fn charts(seen: &Value) -> [&Value; 2] {
    let charts = seen["charts"].as_array().expect("charts");
    let [one, two] = &charts[..] else {
        panic!("{charts:?}");
    };
    [one, two]
}

/// The curve's points as a reader takes them from the axes: along and up.
fn read_off(chart: &Value) -> Vec<(f64, f64)> {
    let number = |value: &Value| value.as_f64().expect("a number");
    let marks = chart["up"].as_array().expect("marks");
    let [low, .., high] = &marks[..] else {
        panic!("{marks:?}");
    };
    let worth = |mark: &Value| amount(mark["text"].as_str().expect("a text"));
    let span = (worth(high) - worth(low)) / (number(&high["at"]) - number(&low["at"]));
    let points = chart["points"].as_array().expect("points");
    (points.iter())
        .map(|point| {
            let up = worth(low) + (number(&point[1]) - number(&low["at"])) * span;
            (number(&point[0]), up)
        })
        .collect()
}

/// As exact as a curve can be drawn.
#[track_caller]
fn near(drawn: f64, value: f64, most: f64) {
    assert!(
        (drawn - value).abs() < most * 0.01,
        "{drawn} for {value} of {most}"
    );
}

#[track_caller]
fn throughput_is_drawn(chart: &Value, ran: &Ran) {
    assert_eq!(chart["title"], "throughput over time");
    let seconds = ran.json["seconds"].as_array().expect("a series");
    let points = read_off(chart);
    assert_eq!(points.len(), 2 * seconds.len(), "a step for each second");
    let lines = |second: &Value| second["lines"].as_f64().expect("a number");
    let most = seconds.iter().map(lines).fold(0.0, f64::max);
    for (step, second) in points.chunks(2).zip(seconds) {
        near(step[0].1, lines(second), most);
        near(step[1].1, lines(second), most);
    }
}

#[track_caller]
fn percentiles_are_drawn(chart: &Value, ran: &Ran) {
    assert_eq!(chart["title"], "latency by percentile");
    let expected = ran.json["percentiles"].as_array().expect("a series");
    let points = read_off(chart);
    assert_eq!(points.len(), expected.len());
    let most = ran.number("/latency/max_us");
    for ((along, up), point) in points.iter().zip(expected) {
        near(*up * 1e6, point["us"].as_f64().expect("a number"), most);
        let label = match point["percentile"].as_f64() {
            Some(100.0) => "max".to_owned(),
            percentile => format!("p{}", percentile.expect("a number")),
        };
        let marks = chart["along"].as_array().expect("marks");
        let at = |mark: &Value| mark["at"].as_f64().filter(|at| *at > 0.0);
        let mark = marks.iter().find(|mark| mark["text"] == label).and_then(at);
        assert!(
            mark.is_none_or(|mark| (mark - along).abs() < 2.0),
            "{label}"
        );
    }
}
