//! The result as a page of its own: nothing is fetched, nothing runs.
//!
//! Each figure shown carries its place in the JSON and its value there
//! (`data-figure`, `data-value`), and the whole JSON lies in the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::svg::{Chart, Mark};
use super::unit::Unit;
use super::{Report, Second};

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
         <h1>{title}</h1>{}{verdict}{}\n{}\n{}\n{}\n{}\n\
         <script type=\"application/json\" id=\"report\">{data}</script>\n</main></body></html>\n",
        include_str!("page.css"),
        summary(report, &json),
        failures(report),
        cards(&json),
        over_time(report),
        by_percentile(report),
        all_figures(&json),
    ))
}

fn summary(report: &Report, json: &Value) -> String {
    let said = |place| figure(place, json, plain, "data").unwrap_or_default();
    let kind = match report.kind {
        "open" => format!(
            "Open loop at {} a second: latency is counted from the time a line was due.",
            said("/options/rate_per_second")
        ),
        _ if report.lines + report.matches + report.joins == 0 && report.requests > 0 => {
            "Closed loop, a request a connection: a slow server is asked less, and latency is counted from sending."
                .to_owned()
        }
        _ => format!(
            "Closed loop, {} lines a connection: a slow server is asked less, and latency is counted from sending.",
            said("/options/window_lines")
        ),
    };
    let saturated = match report.generator.saturated {
        true => " The generator was SATURATED: it may be the limit, not the server.",
        false => "",
    };
    format!(
        "<p>{} connections, {} bytes a line, {} seconds. {kind}{saturated}</p>",
        said("/options/connections"),
        said("/options/size_bytes"),
        said("/measured_seconds")
    )
}

fn cards(json: &Value) -> String {
    use Unit::{Bytes, Count, Micros, Nanos};
    const CARDS: [(&str, Unit, &str); 12] = [
        ("/lines_per_second", Count, "lines a second"),
        ("/matches_per_second", Count, "matches a second"),
        ("/joins_per_second", Count, "joins a second"),
        ("/requests_per_second", Count, "requests a second"),
        ("/latency/p50_us", Micros, "latency, p50"),
        ("/latency/p99_us", Micros, "latency, p99"),
        ("/match_time/p99_us", Micros, "time to match, p99"),
        ("/join_time/p99_us", Micros, "time to join, p99"),
        ("/answer_time/p50_us", Micros, "time to answer, p50"),
        ("/answer_time/p99_us", Micros, "time to answer, p99"),
        ("/server/cpu_ns_per_line", Nanos, "server CPU a line"),
        (
            "/server/memory_bytes_per_session",
            Bytes,
            "memory a session",
        ),
    ];
    let mut out = "<div class=\"cards\">".to_owned();
    for (place, unit, label) in CARDS {
        let short = |value: &Value| {
            let value = value.as_f64().filter(|value| *value > 0.0)?;
            Some(unit.scale(value).show(value))
        };
        if let Some(number) = figure(place, json, short, "b") {
            // Writing to a string cannot fail.
            let _ = write!(out, "<div>{number}<span>{label}</span></div>");
        }
    }
    out + "</div>"
}

fn over_time(report: &Report) -> String {
    let (unit, count): (_, fn(&Second) -> u64) = match report.curve_of {
        "join_time" => ("joins a second", |second| second.joins),
        "match_time" => ("matches a second", |second| second.matches),
        "answer_time" => ("requests a second", |second| second.requests),
        _ => ("lines a second", |second| second.lines),
    };
    let points: Vec<(f64, f64)> = (report.seconds.iter())
        .flat_map(|second| {
            let begun = second.second as f64;
            // The last one may be cut short.
            let length = (report.measured_seconds - begun).clamp(0.001, 1.0);
            let rate = count(second) as f64 / length;
            [(begun, rate), (begun + length, rate)]
        })
        .collect();
    let end = report.measured_seconds.max(1.0);
    let step = (end / 8.0).ceil();
    let crowded = end / step >= 6.0;
    let marks = (0_u32..).map(|number| (number, f64::from(number) * step));
    let chart = Chart {
        title: "throughput over time".into(),
        class: "one",
        x: (0.0, end),
        x_marks: (marks.take_while(|(_, at)| *at <= end))
            .map(|(number, at)| Mark {
                at,
                label: format!("{at} s"),
                minor: crowded && number % 2 == 1,
            })
            .collect(),
        unit: Unit::Count,
        points,
        filled: true,
    };
    format!(
        "<section><h2>Throughput over time <small>{unit}</small></h2>{}</section>",
        chart.draw()
    )
}

/// The axis runs towards 100 as far as there are values, each decade as wide as
/// the one before; the highest value stands apart at its end.
fn by_percentile(report: &Report) -> String {
    const MARKS: [f64; 7] = [50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999];
    const APART: f64 = 0.6;
    let what = report.curve_of.replace('_', " ");
    let decades = |percentile: f64| -(1.0 - percentile / 100.0).max(1e-12).log10();
    let last = (report.percentiles.iter().rev())
        .map(|point| point.percentile)
        .find(|percentile| *percentile < 100.0)
        .map_or(1.0, decades)
        .max(1.0);
    let end = last + APART;
    let marks = (MARKS.into_iter().enumerate())
        .filter(|(_, percentile)| decades(*percentile) <= last + 1e-6)
        .map(|(number, percentile)| {
            let at = decades(percentile);
            let beside_most = (end - at) * 5.0 < end;
            Mark {
                at,
                label: format!("p{percentile}"),
                minor: beside_most || last >= 5.0 && number % 2 == 1,
            }
        });
    let most = Mark {
        at: end,
        label: "max".into(),
        minor: false,
    };
    let chart = Chart {
        title: format!("{what} by percentile"),
        class: "two",
        x: (0.0, end),
        x_marks: marks.chain([most]).collect(),
        unit: Unit::Micros,
        points: (report.percentiles.iter())
            .map(|point| (decades(point.percentile).min(end), point.us))
            .collect(),
        filled: false,
    };
    format!(
        "<section><h2>{} by percentile</h2>{}</section>",
        capital(&what),
        chart.draw()
    )
}

/// Every number of the JSON that is no series, a table for each part of it.
fn all_figures(json: &Value) -> String {
    let mut tables = table("Run", "", json);
    for (key, part) in json.as_object().into_iter().flatten() {
        let name = capital(&key.replace('_', " "));
        tables += &table(&name, &format!("/{key}"), json);
        for inner in part.as_object().into_iter().flat_map(|parts| parts.keys()) {
            let name = format!("{name}: {}", escape(inner));
            tables += &table(&name, &format!("/{key}/{inner}"), json);
        }
    }
    format!("<section class=\"all\"><h2>All figures</h2><div>{tables}</div></section>")
}

/// The numbers that one part of the JSON has itself.
fn table(name: &str, part: &str, json: &Value) -> String {
    let mut rows = BTreeMap::new();
    let members = json.pointer(part).and_then(Value::as_object);
    for key in members.into_iter().flat_map(|members| members.keys()) {
        if let Some(number) = figure(&format!("{part}/{key}"), json, plain, "span") {
            rows.insert(label(key), number);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let rows =
        (rows.iter()).map(|(label, number)| format!("<tr><td>{label}</td><td>{number}</td></tr>"));
    let rows: String = rows.collect();
    format!("<table><caption>{name}</caption>{rows}</table>")
}

fn failures(report: &Report) -> String {
    if report.failures.is_empty() {
        return String::new();
    }
    let text = escape(&report.failures.join("\n"));
    format!("<section><h2>What went wrong</h2><pre>{text}</pre></section>")
}

/// A number of the JSON, with its place and its value there.
fn figure(
    place: &str,
    json: &Value,
    show: impl FnOnce(&Value) -> Option<String>,
    tag: &str,
) -> Option<String> {
    let value = json.pointer(place)?;
    let shown = show(value)?;
    Some(format!(
        "<{tag} data-figure=\"{}\" data-value=\"{value}\">{shown}</{tag}>",
        escape(place)
    ))
}

/// A key in words.
fn label(key: &str) -> String {
    let words = match key.strip_suffix("_us") {
        Some(key) => format!("{} µs", key.replace("p99_9", "p99.9")),
        None => key.replace("_per_", " a ").replace("cpu", "CPU"),
    };
    escape(&words.replace('_', " "))
}

/// A number with all its digits, but none that says nothing.
fn plain(value: &Value) -> Option<String> {
    let text = value.as_number()?.to_string();
    Some(text.strip_suffix(".0").unwrap_or(&text).to_owned())
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
