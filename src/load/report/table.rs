//! The result as people read it at the end of a run.

use std::fmt::Write as _;

use super::{Figures, Report, Weight};
use crate::load::course::Outcome;
use crate::load::tally::Finish;

/// The whole text.
pub(in crate::load) fn of(report: &Report, outcome: &Outcome) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut text, report, outcome);
    text
}

fn write_all(out: &mut String, report: &Report, outcome: &Outcome) -> std::fmt::Result {
    let asked = &report.options;
    writeln!(
        out,
        "{} against {}: {} connections, {}, {} loop (latency from {})",
        report.scenario,
        report.peer,
        asked.connections,
        match asked.callers {
            callers if callers == asked.connections => "a request each".to_owned(),
            _ => format!("{} bytes a line", asked.size_bytes),
        },
        report.kind,
        match report.latency_from {
            "due" => "the time a line was due",
            _ => "sending",
        }
    )?;
    match (report.kind, report.lines) {
        ("open", _) => writeln!(out, "  rate             {} a second", asked.rate_per_second)?,
        (_, 0) => writeln!(
            out,
            "  each user waits for its turn; a slow server is asked less"
        )?,
        _ => writeln!(
            out,
            "  window           {} lines a connection; a slow server is asked less",
            asked.window_lines
        )?,
    }
    if report.overdue_at_end > 0 {
        writeln!(
            out,
            "  OVERDUE          {} were due, but nobody was free to do them: more --pairs",
            report.overdue_at_end
        )?;
    }
    rate(out, "lines", report.lines, report.lines_per_second)?;
    rate(out, "matches", report.matches, report.matches_per_second)?;
    rate(out, "joins", report.joins, report.joins_per_second)?;
    rate(out, "requests", report.requests, report.requests_per_second)?;
    rate(out, "rounds", report.rounds, report.rounds_per_second)?;
    figures(out, "latency", report.latency.as_ref())?;
    figures(out, "time to match", report.match_time.as_ref())?;
    figures(out, "time to join", report.join_time.as_ref())?;
    figures(out, "time to answer", report.answer_time.as_ref())?;
    for (request, times) in &report.answer_time_by_request {
        let (p50, p99, max) = (times.p50_us, times.p99_us, times.max_us);
        writeln!(
            out,
            "    {request:<24} p50 {p50:.1}  p99 {p99:.1}  max {max:.1} µs ({})",
            times.count
        )?;
    }
    if report.put_off > 0 {
        writeln!(
            out,
            "  put off          {} uploads waited, as the server asked, and came again",
            report.put_off
        )?;
    }
    checked(out, &outcome.finish)?;
    machines(out, report)?;
    for (what, count) in &report.errors {
        writeln!(out, "  error            {what}: {count}")?;
    }
    for (what, count) in &report.failed_checks {
        writeln!(out, "  FAILED CHECK     {what}: {count}")?;
    }
    if let Some(unruly) = &report.unruly {
        writeln!(
            out,
            "  unruly           {} slow readers and {} senders of rubbish: {} connections, {} bytes, hung up on {} times",
            unruly.slow, unruly.rubbish, unruly.connections, unruly.sent_bytes, unruly.hung_up
        )?;
    }
    for (what, count) in &report.provoked {
        writeln!(out, "  provoked         {what}: {count}")?;
    }
    if report.passed {
        writeln!(out, "  errors           none; every check held")?;
    }
    Ok(())
}

fn checked(out: &mut String, finish: &Finish) -> std::fmt::Result {
    write!(
        out,
        "  checked          {} lines said, {} heard",
        finish.sent, finish.heard
    )?;
    if finish.answered > 0 {
        write!(out, ", {} answers over HTTP", finish.answered)?;
    }
    writeln!(out, ", warm-up and drain included")
}

fn rate(out: &mut String, what: &str, count: u64, a_second: f64) -> std::fmt::Result {
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "  {what:<16} {a_second:.0} a second ({count})")
}

fn figures(out: &mut String, what: &str, figures: Option<&Figures>) -> std::fmt::Result {
    let Some(figures) = figures else {
        return Ok(());
    };
    writeln!(
        out,
        "  {what:<16} p50 {:.1}  p90 {:.1}  p99 {:.1}  p99.9 {:.1}  max {:.1} µs",
        figures.p50_us, figures.p90_us, figures.p99_us, figures.p99_9_us, figures.max_us
    )
}

fn machines(out: &mut String, report: &Report) -> std::fmt::Result {
    let own = &report.generator;
    write!(
        out,
        "  generator        {:.0} % busy",
        own.busy_share * 100.0
    )?;
    if let Some(ns) = own.cpu_ns_per_line {
        write!(out, ", {ns:.0} ns a line")?;
    }
    if own.saturated {
        write!(out, " — SATURATED: it may be the limit, not the server")?;
    }
    writeln!(out)?;
    let Some(server) = &report.server else {
        return Ok(());
    };
    if let Some(share) = server.cpu_share {
        write!(out, "  server           {:.0} % of a core", share * 100.0)?;
        if let (Some(all), Some(user), Some(system)) = (
            server.cpu_ns_per_line,
            server.cpu_user_ns_per_line,
            server.cpu_system_ns_per_line,
        ) {
            write!(
                out,
                ", {all:.0} ns a line (user {user:.0}, system {system:.0})"
            )?;
        }
        if let Some(ns) = server.cpu_ns_per_match {
            write!(out, ", {ns:.0} ns a match")?;
        }
        if let Some(ns) = server.cpu_ns_per_join {
            write!(out, ", {ns:.0} ns a join")?;
        }
        if let Some(ns) = server.cpu_ns_per_request {
            write!(out, ", {ns:.0} ns a request")?;
        }
        writeln!(out)?;
    }
    if let (Some(bytes), Some(each)) = (server.memory_bytes, server.memory_bytes_per_session) {
        write!(
            out,
            "  memory           {:.1} MiB, {each:.0} bytes a session",
            bytes as f64 / 1048576.0
        )?;
        for Weight {
            sessions,
            bytes_per_session,
        } in &server.memory_by_sessions
        {
            write!(out, ", {bytes_per_session:.0} at {sessions}")?;
        }
        if let Some(slab) = server.slab_bytes_per_session {
            write!(out, ", {slab:.0} in the kernel (both ends)")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
