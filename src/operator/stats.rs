//! What goes on in the server, on one screen.

use serde_json::Value;

use super::table::{Table, cell, list};

/// The figures of `GET /admin/stats`.
pub(super) fn show(stats: &Value) -> String {
    let parts = [
        head(stats),
        rates(stats),
        waiting(stats),
        times(stats),
        cores(stats),
        trouble(stats),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn head(stats: &Value) -> String {
    let up = stats["uptime_seconds"].as_u64().unwrap_or(0);
    let (hours, minutes, seconds) = (up / 3600, up / 60 % 60, up % 60);
    let store = match stats["store_failing"] == true {
        true => "  THE STORE IS FAILING",
        false => "",
    };
    format!(
        "{}  up {hours}:{minutes:02}:{seconds:02}{store}\n{} sessions  {} joined  {} talks  {} bytes out  {} slow consumers\n",
        cell(&stats["phase"]),
        cell(&stats["sessions"]),
        cell(&stats["joined"]),
        cell(&stats["talks"]),
        cell(&stats["outbox_bytes"]),
        cell(&stats["slow_consumers"]),
    )
}

fn rates(stats: &Value) -> String {
    let mut table = Table::new(&["", "a second", "total"]);
    for key in ["joins", "lines", "matches", "requests"] {
        let rate = &stats[key];
        table.row([
            key.to_owned(),
            a_second(&rate["a_second"]),
            cell(&rate["total"]),
        ]);
    }
    table.write()
}

fn waiting(stats: &Value) -> String {
    let mut table = Table::new(&["waiting", "slots", "oldest", "waited p50", "p99"]);
    for side in list(&stats["waiting"]) {
        table.row([
            cell(&side["pair"]),
            cell(&side["slots"]),
            format!("{} s", cell(&side["oldest_seconds"])),
            time(&side["waited"]["p50"]),
            time(&side["waited"]["p99"]),
        ]);
    }
    table.write()
}

fn times(stats: &Value) -> String {
    let mut table = Table::new(&["time", "p50", "p90", "p99", "p99.9"]);
    let mut row = |name: String, spread: &Value| {
        let times = ["p50", "p90", "p99", "p999"].map(|key| time(&spread[key]));
        table.row(std::iter::once(name).chain(times));
    };
    row("relay".to_owned(), &stats["relay"]);
    for op in list(&stats["store"]) {
        row(format!("store {}", cell(&op["op"])), op);
    }
    table.write()
}

fn cores(stats: &Value) -> String {
    let heads = ["core", "sessions", "joined", "frames a second", "starved"];
    let mut table = Table::new(&heads);
    for core in list(&stats["cores"]) {
        table.row([
            cell(&core["core"]),
            cell(&core["sessions"]),
            cell(&core["joined"]),
            a_second(&core["frames"]["a_second"]),
            cell(&core["buffers_exhausted"]),
        ]);
    }
    table.write()
}

/// Errors and codes, as far as there were any.
fn trouble(stats: &Value) -> String {
    let mut table = Table::new(&["", "a second", "total"]);
    let mut any = false;
    for error in list(&stats["errors"]) {
        any = true;
        table.row([
            format!("error {}", cell(&error["error"])),
            a_second(&error["a_second"]),
            cell(&error["total"]),
        ]);
    }
    for sms in list(&stats["sms"]) {
        any = true;
        let name = format!("sms {} {}", cell(&sms["gateway"]), cell(&sms["result"]));
        table.row([name, String::new(), cell(&sms["total"])]);
    }
    if any { table.write() } else { String::new() }
}

fn a_second(value: &Value) -> String {
    value
        .as_f64()
        .map_or_else(String::new, |rate| format!("{rate:.1}"))
}

/// Seconds, in a unit that people read.
fn time(value: &Value) -> String {
    let Some(seconds) = value.as_f64() else {
        return "-".to_owned();
    };
    match seconds {
        s if s >= 1.0 => format!("{s:.1} s"),
        s if s >= 1e-3 => format!("{:.1} ms", s * 1e3),
        s => format!("{:.0} µs", s * 1e6),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_have_units_that_people_read() {
        let table = [
            (json!(0.000_017_5), "18 µs"),
            (json!(0.0123), "12.3 ms"),
            (json!(3.21), "3.2 s"),
            (Value::Null, "-"),
        ];
        for (value, text) in table {
            assert_eq!(time(&value), text);
        }
    }

    #[test]
    fn a_screen_tells_all_there_is() {
        let spread = json!({"count": 1, "p50": 0.5, "p90": 1.0, "p99": 2.0, "p999": 3.0});
        let rate = json!({"total": 12, "a_second": 3.25});
        let stats = json!({
            "phase": "ready", "uptime_seconds": 3723, "store_failing": true,
            "sessions": 4, "joined": 3, "talks": 1, "outbox_bytes": 0, "slow_consumers": 2,
            "joins": rate, "lines": rate, "matches": rate, "requests": rate,
            "waiting": [{"pair": "F-M", "slots": 5, "oldest_seconds": 77, "waited": spread}],
            "relay": spread, "store": [{"op": "change", "p50": 0.001}],
            "cores": [{"core": 0, "sessions": 4, "joined": 3, "frames": rate, "buffers_exhausted": 0}],
            "errors": [{"error": "bad_frame", "total": 1, "a_second": 0.5}],
            "sms": [{"gateway": "console", "result": "sent", "total": 9}],
        });
        let screen = show(&stats);
        for part in [
            "ready  up 1:02:03  THE STORE IS FAILING",
            "2 slow consumers",
            "matches   3.2       12",
            "F-M      5      77 s    500.0 ms    2.0 s",
            "store change  1.0 ms    -",
            "error bad_frame   0.5       1",
            "sms console sent            9",
        ] {
            assert!(screen.contains(part), "{part} in\n{screen}");
        }
    }
}
