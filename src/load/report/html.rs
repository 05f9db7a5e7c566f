//! The result as a page of its own: nothing is fetched, nothing runs.
//!
//! Each figure shown carries its place in the JSON and its value there
//! (`data-figure`, `data-value`), and the whole JSON lies in the page.

use std::fmt::Write as _;

use serde_json::Value;

use super::Report;
use super::svg::{Chart, Curve, short};

/// The whole page.
pub(in crate::load) fn page(report: &Report) -> serde_json::Result<String> {
    let json = serde_json::to_value(report)?;
    let title = format!("{} against {}", report.scenario, report.peer);
    let verdict = match report.passed {
        true => "<p class=\"verdict\">Every check held.</p>",
        false => "<p class=\"verdict bad\">Checks failed.</p>",
    };
    let data = serde_json::to_string(&json)?.replace('<', "\\u003c");
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>\n{}</style></head><body><main>\n\
         <h1>{title}</h1>{}{verdict}\n{}\n{}\n{}\n{}\n{}\n\
         <script type=\"application/json\" id=\"report\">{data}</script>\n</main></body></html>\n",
        include_str!("page.css"),
        summary(report),
        cards(&json),
        over_time(report),
        by_percentile(report),
        all_figures(&json),
        failures(report),
    ))
}

fn summary(report: &Report) -> String {
    let asked = &report.options;
    let kind = match report.kind {
        "open" => format!(
            "Open loop at {} a second: latency is counted from the time a line was due.",
            asked.rate_per_second
        ),
        _ => format!(
            "Closed loop, {} lines a connection: a slow server is asked less, and latency is counted from sending.",
            asked.window_lines
        ),
    };
    let saturated = match report.generator.saturated {
        true => " The generator was SATURATED: it may be the limit, not the server.",
        false => "",
    };
    format!(
        "<p>{} connections, {} bytes a line, {} seconds. {kind}{saturated}</p>",
        asked.connections, asked.size_bytes, report.measured_seconds
    )
}

fn cards(json: &Value) -> String {
    const CARDS: [(&str, &str); 9] = [
        ("/lines_per_second", "lines a second"),
        ("/matches_per_second", "matches a second"),
        ("/joins_per_second", "joins a second"),
        ("/latency/p50_us", "latency p50, µs"),
        ("/latency/p99_us", "latency p99, µs"),
        ("/match_time/p99_us", "time to match p99, µs"),
        ("/join_time/p99_us", "time to join p99, µs"),
        ("/server/cpu_ns_per_line", "server CPU a line, ns"),
        (
            "/server/memory_bytes_per_session",
            "memory a session, bytes",
        ),
    ];
    let mut out = "<div class=\"cards\">".to_owned();
    for (place, label) in CARDS {
        let number = json
            .pointer(place)
            .filter(|value| value.as_f64() > Some(0.0));
        if let Some(number) = number.and_then(|value| figure(place, value, "b")) {
            // Writing to a string cannot fail.
            let _ = write!(out, "<div>{number}<span>{label}</span></div>");
        }
    }
    out + "</div>"
}

fn over_time(report: &Report) -> String {
    let unit = match (report.lines, report.matches, report.joins) {
        (1.., _, _) => "lines a second",
        (_, _, 1..) => "joins a second",
        _ => "matches a second",
    };
    let points: Vec<(f64, f64)> = (report.seconds.iter())
        .flat_map(|second| {
            let count = match unit {
                "lines a second" => second.lines,
                "joins a second" => second.joins,
                _ => second.matches,
            };
            let begun = second.second as f64;
            // The last one may be cut short.
            let length = (report.measured_seconds - begun).clamp(0.001, 1.0);
            let rate = count as f64 / length;
            [(begun, rate), (begun + length, rate)]
        })
        .collect();
    let end = report.measured_seconds.max(1.0);
    let step = (end / 8.0).ceil().max(1.0);
    let marks = std::iter::successors(Some(0.0), |at| Some(at + step));
    let chart = Chart {
        title: "throughput over time".into(),
        x: (0.0, end),
        x_marks: (marks.take_while(|at| *at <= end))
            .map(|at| (at, format!("{at} s")))
            .collect(),
        y_most: points.iter().map(|point| point.1).fold(0.0, f64::max),
        curves: vec![Curve {
            class: "one",
            points,
            filled: true,
        }],
    };
    format!(
        "<section><h2>Throughput over time <small>{unit}</small></h2>{}</section>",
        chart.draw()
    )
}

/// The axis runs towards 100 as far as there are values, each decade as wide as
/// the one before.
fn by_percentile(report: &Report) -> String {
    let what = report.curve_of.replace('_', " ");
    let decades = |percentile: f64| -(1.0 - percentile / 100.0).max(1e-12).log10();
    let end = (report.percentiles.iter().rev())
        .map(|point| point.percentile)
        .find(|percentile| *percentile < 100.0)
        .map_or(1.0, decades)
        .max(1.0);
    let points: Vec<(f64, f64)> = (report.percentiles.iter())
        .map(|point| (decades(point.percentile).min(end), point.us))
        .collect();
    let marks = [50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999];
    let chart = Chart {
        title: format!("{what} by percentile"),
        x: (0.0, end),
        x_marks: (marks.into_iter().filter(|mark| decades(*mark) <= end))
            .map(|mark| (decades(mark), format!("{mark} %")))
            .collect(),
        y_most: points.iter().map(|point| point.1).fold(0.0, f64::max),
        curves: vec![Curve {
            class: "two",
            points,
            filled: false,
        }],
    };
    format!(
        "<section><h2>{} by percentile <small>µs</small></h2>{}</section>",
        capital(&what),
        chart.draw()
    )
}

/// Every number of the JSON that is no series.
fn all_figures(json: &Value) -> String {
    let mut rows = String::new();
    let mut walk = vec![(String::new(), json)];
    while let Some((place, value)) = walk.pop() {
        if let Value::Object(members) = value {
            let inner = members.iter().rev();
            walk.extend(inner.map(|(key, value)| (format!("{place}/{key}"), value)));
        } else if let Some(number) = figure(&place, value, "span") {
            let label = place[1..].replace("p99_9", "p99.9").replace("_us", " µs");
            let label = escape(&label.replace('/', " › ").replace('_', " "));
            let _ = write!(rows, "<tr><td>{label}</td><td>{number}</td></tr>");
        }
    }
    format!("<section><h2>All figures</h2><table>{rows}</table></section>")
}

fn failures(report: &Report) -> String {
    if report.failures.is_empty() {
        return String::new();
    }
    let text = escape(&report.failures.join("\n"));
    format!("<section><h2>What went wrong</h2><pre>{text}</pre></section>")
}

/// A number, with its place in the JSON and its value there.
fn figure(place: &str, value: &Value, tag: &str) -> Option<String> {
    let shown = match tag {
        "b" => short(value.as_f64()?),
        _ => value.is_number().then(|| value.to_string())?,
    };
    Some(format!(
        "<{tag} data-figure=\"{}\" data-value=\"{value}\">{shown}</{tag}>",
        escape(place)
    ))
}

fn capital(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    first.to_uppercase() + rest
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
