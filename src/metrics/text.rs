//! The text exposition format.

use std::fmt::{Display, Write};

use super::cell::Reading;
use super::{CoreMetrics, Metrics, OperatorTry, Refusal, SmsDenial, SmsResult, StoreOp};
use crate::config::Gateway;
use crate::engine::Line;
use crate::engine::matchmaker::Side;
use crate::wire::message::{Direction, Slug, TABLE};

/// One queue of each kind of couple.
const COUPLES: [Side; Side::PAIRS] = [Side::FM, Side::MM, Side::FF];

pub(super) fn write(metrics: &Metrics) -> String {
    let mut page = Page(String::with_capacity(16 * 1024));
    people(&mut page, metrics);
    traffic(&mut page, metrics);
    trouble(&mut page, metrics);
    codes(&mut page, metrics);
    machinery(&mut page, metrics);
    page.0
}

fn people(page: &mut Page, metrics: &Metrics) {
    page.family(
        "pairline_build_info",
        "gauge",
        "Always 1; the labels say what runs.",
    );
    let version = env!("CARGO_PKG_VERSION");
    page.sample("pairline_build_info", &[("version", &version)], 1);

    page.family(
        "pairline_sessions",
        "gauge",
        "Chat connections that a core has.",
    );
    for (core, block) in metrics.cores() {
        page.sample(
            "pairline_sessions",
            &[("core", &core.0)],
            block.sessions.get(),
        );
    }
    page.total("pairline_joined", "gauge", "Users that are joined.", {
        metrics.sum(|core| core.joined.get())
    });
    page.family(
        "pairline_waiting",
        "gauge",
        "Slots that wait, by own and wanted gender.",
    );
    for side in Side::ALL {
        let slots = metrics.sum(|core| core.waiting(side));
        page.sample("pairline_waiting", &[("pair", &side.as_str())], slots);
    }
    page.family(
        "pairline_waiting_oldest_seconds",
        "gauge",
        "How long the longest-waiting slot has waited, by own and wanted gender.",
    );
    for side in Side::ALL {
        let name = "pairline_waiting_oldest_seconds";
        let waited = metrics.oldest_wait(side).as_secs();
        page.sample(name, &[("pair", &side.as_str())], waited);
    }
    page.total("pairline_talks", "gauge", "Talks that are on.", {
        metrics.sum(|core| core.talks.get())
    });
    page.family(
        "pairline_matches_total",
        "counter",
        "Talks begun, by the two genders.",
    );
    for side in COUPLES {
        let begun = metrics.sum(|core| core.matched(side));
        page.sample("pairline_matches_total", &[("pair", &side.as_str())], begun);
    }
    page.family(
        "pairline_match_wait_seconds",
        "histogram",
        "How long a slot waited for its match, by own and wanted gender.",
    );
    for side in Side::ALL {
        let waits = metrics.merged(|core| core.waits(side));
        page.histogram(
            "pairline_match_wait_seconds",
            &[("pair", &side.as_str())],
            waits,
        );
    }
}

fn traffic(page: &mut Page, metrics: &Metrics) {
    page.family(
        "pairline_frames_total",
        "counter",
        "Lines received and queued, by message.",
    );
    let mut frames = |frame: Line, direction: &str, of: FrameCount| {
        let labels: [Label; 2] = [("type", &frame.as_str()), ("direction", &direction)];
        page.sample(
            "pairline_frames_total",
            &labels,
            metrics.sum(|core| of(core, frame)),
        );
    };
    for (kind, _, direction) in TABLE {
        if direction != Direction::ToClient {
            frames(Line::Message(kind), "in", CoreMetrics::came_in);
        }
        if direction != Direction::ToServer {
            frames(Line::Message(kind), "out", CoreMetrics::went_out);
        }
    }
    for frame in [Line::Heartbeat, Line::Room] {
        frames(frame, "in", CoreMetrics::came_in);
        frames(frame, "out", CoreMetrics::went_out);
    }
    frames(Line::Invalid, "in", CoreMetrics::came_in);

    page.family(
        "pairline_bytes_total",
        "counter",
        "Bytes on the chat connections.",
    );
    let received = metrics.sum(|core| core.bytes_in.get());
    page.sample("pairline_bytes_total", &[("direction", &"in")], received);
    let sent = metrics.sum(|core| core.bytes_out.get());
    page.sample("pairline_bytes_total", &[("direction", &"out")], sent);

    page.family(
        "pairline_relay_seconds",
        "histogram",
        "From a line's receipt to its partner's send, sampled.",
    );
    let relays = metrics.merged(CoreMetrics::relays);
    page.histogram("pairline_relay_seconds", &[], relays);

    page.family(
        "pairline_http_requests_total",
        "counter",
        "Requests answered, by their type and error_no.",
    );
    for (name, error_no, count) in metrics.http().requests() {
        let labels: [Label; 2] = [("type", &name), ("error_no", &error_no)];
        page.sample("pairline_http_requests_total", &labels, count);
    }
}

type FrameCount = fn(&CoreMetrics, Line) -> u64;

fn trouble(page: &mut Page, metrics: &Metrics) {
    page.family("pairline_errors_total", "counter", "Errors, by their name.");
    for slug in Slug::ALL {
        let errors = metrics.sum(|core| core.errors(slug));
        page.sample(
            "pairline_errors_total",
            &[("error", &slug.as_str())],
            errors,
        );
    }
    let errors = metrics.store().errors();
    page.sample("pairline_errors_total", &[("error", &"store")], errors);

    page.family(
        "pairline_connections_refused_total",
        "counter",
        "Chat connections not let in, by the key that decided so.",
    );
    for why in Refusal::ALL {
        let refused = metrics.sum(|core| core.refusals(why));
        page.sample(
            "pairline_connections_refused_total",
            &[("key", &why.as_str())],
            refused,
        );
    }

    page.family(
        "pairline_admin_tries_total",
        "counter",
        "Wrong operator's tokens; slowed: not looked at.",
    );
    for result in OperatorTry::ALL {
        let tries = metrics.admin().tries(result);
        page.sample(
            "pairline_admin_tries_total",
            &[("result", &result.as_str())],
            tries,
        );
    }

    page.total(
        "pairline_outbox_bytes",
        "gauge",
        "Bytes that wait for clients to take them.",
        metrics.sum(|core| core.outbox_bytes.get()),
    );
    page.total(
        "pairline_slow_consumers_total",
        "counter",
        "Sessions closed because they did not read.",
        metrics.sum(|core| core.slow_consumers.get()),
    );
}

fn codes(page: &mut Page, metrics: &Metrics) {
    let name = "pairline_sms_total";
    page.family(
        name,
        "counter",
        "What became of codes; gateway none: kept from all of them.",
    );
    for gateway in Gateway::ALL {
        for result in SmsResult::ALL {
            let labels: [Label; 2] = [("gateway", &gateway.name()), ("result", &result.as_str())];
            page.sample(name, &labels, metrics.sms().results(gateway, result));
        }
    }
    for why in SmsDenial::ALL {
        let labels: [Label; 2] = [("gateway", &"none"), ("result", &why.as_str())];
        page.sample(name, &labels, metrics.sms().denials(why));
    }
}

fn machinery(page: &mut Page, metrics: &Metrics) {
    page.family(
        "pairline_buffers_exhausted_total",
        "counter",
        "Receives that found no buffer.",
    );
    for (core, block) in metrics.cores() {
        let found = block.buffers_exhausted.get();
        page.sample(
            "pairline_buffers_exhausted_total",
            &[("core", &core.0)],
            found,
        );
    }
    page.family(
        "pairline_cq_overflow_total",
        "counter",
        "Completions that did not fit their queue.",
    );
    for (core, block) in metrics.cores() {
        let missed = block.cq_overflow.get();
        page.sample("pairline_cq_overflow_total", &[("core", &core.0)], missed);
    }
    page.family(
        "pairline_lane_notes_total",
        "counter",
        "Notes from core to core.",
    );
    for (from, block) in metrics.cores() {
        for (to, _) in metrics.cores().filter(|&(to, _)| to != from) {
            let labels: [Label; 2] = [("from", &from.0), ("to", &to.0)];
            page.sample("pairline_lane_notes_total", &labels, block.notes(to));
        }
    }
    page.total(
        "pairline_store_waiting",
        "gauge",
        "Writes that are not on disk yet.",
        metrics.store().waiting() as u64,
    );
    page.family(
        "pairline_store_seconds",
        "histogram",
        "How long the store's operations take.",
    );
    for op in StoreOp::ALL {
        let times = Some(metrics.store().times(op));
        page.histogram("pairline_store_seconds", &[("op", &op.as_str())], times);
    }
    let reads = metrics.store().reads();
    page.histogram("pairline_store_seconds", &[("op", &"read")], reads);
}

/// Label values are fixed words and numbers: nothing to escape.
type Label<'a> = (&'a str, &'a dyn Display);

struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn total(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    fn sample(&mut self, name: &str, labels: &[Label], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            let open = if at == 0 { '{' } else { ',' };
            self.put(format_args!("{open}{label}=\"{text}\""));
        }
        let close = if labels.is_empty() { "" } else { "}" };
        self.line(format_args!("{close} {value}"));
    }

    fn histogram(&mut self, name: &str, labels: &[Label], reading: Option<Reading>) {
        let Some(reading) = reading else { return };
        let bucket = format!("{name}_bucket");
        let mut sofar = 0;
        for (at, count) in reading.counts.into_iter().enumerate() {
            sofar += count;
            let bound = reading
                .bounds
                .get(at)
                .map_or("+Inf".to_owned(), |&nanos| seconds(nanos).to_string());
            let labels: Vec<Label> = labels
                .iter()
                .copied()
                .chain([("le", &bound as _)])
                .collect();
            self.sample(&bucket, &labels, sofar);
        }
        self.sample(&format!("{name}_sum"), labels, seconds(reading.sum_nanos));
        self.sample(&format!("{name}_count"), labels, sofar);
    }

    fn line(&mut self, args: std::fmt::Arguments<'_>) {
        self.put(args);
        self.0.push('\n');
    }

    fn put(&mut self, args: std::fmt::Arguments<'_>) {
        self.0
            .write_fmt(args)
            .expect("writing to a String cannot fail");
    }
}

fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
