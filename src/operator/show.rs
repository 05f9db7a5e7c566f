//! Answers, for people.

use serde_json::Value;

use super::options::Order;
use super::stats;
use super::table::{Table, cell, list};

/// What came of an order.
pub(super) fn show(order: &Order, answer: &Value) -> String {
    match order {
        Order::Users { .. } => users(answer),
        Order::User { .. } => user(answer),
        Order::Bans { .. } => bans(list(&answer["bans"])),
        Order::Ban { .. } | Order::Unban { .. } => bans(std::slice::from_ref(&answer["ban"])),
        Order::Reports { .. } => reports(answer),
        Order::Draw { .. } => draw(answer),
        Order::Stats { .. } => stats::show(answer),
        Order::Audit => audit(answer),
        Order::Kick { .. } | Order::Resolve { .. } | Order::Drain => "done\n".to_owned(),
    }
}

fn users(answer: &Value) -> String {
    let mut table = Table::new(&["id", "number", "gender", "registered", "banned", "nickname"]);
    for user in list(&answer["users"]) {
        let banned = match &user["ban"] {
            Value::Null => String::new(),
            ban => until(ban),
        };
        table.row([
            cell(&user["user_id"]),
            cell(&user["tel"]),
            cell(&user["gender"]),
            cell(&user["registered"]),
            banned,
            cell(&user["nickname"]),
        ]);
    }
    table.write()
}

fn user(answer: &Value) -> String {
    let mut text = format!("{}\n", cell(&answer["user_id"]));
    let mut line = |key: &str, value: String| text += &format!("  {key:<12}{value}\n");
    match &answer["user"] {
        Value::Null => line("registered", "no".to_owned()),
        user => {
            for key in ["tel", "nickname", "gender", "birthday", "location", "words"] {
                line(key, cell(&user[key]));
            }
            line("registered", cell(&user["registered"]));
        }
    }
    let live = &answer["live"];
    line(
        "online",
        if live.is_null() { "no" } else { "yes" }.to_owned(),
    );
    if !live.is_null() {
        let waiting = list(&live["waiting_since_at"]).len();
        line("waiting", format!("{waiting} of {}", cell(&live["guys"])));
        for talk in list(&live["talks"]) {
            let with = format!("{} since {}", cell(&talk["user_id"]), cell(&talk["began"]));
            line("talks with", with);
        }
    }
    if !list(&answer["bans"]).is_empty() {
        text += &format!("\n{}", bans(list(&answer["bans"])));
    }
    if !list(&answer["reports"]).is_empty() {
        text += &format!("\n{}", report_rows(list(&answer["reports"])));
    }
    text
}

fn bans(bans: &[Value]) -> String {
    let mut table = Table::new(&["ban", "who", "since", "until", "reason"]);
    for ban in bans {
        let who = [&ban["user_id"], &ban["tel"]].map(cell).concat();
        let until = match &ban["lifted_at"] {
            Value::Null => until(ban),
            _ => "lifted".to_owned(),
        };
        let since = cell(&ban["since"]);
        table.row([cell(&ban["id"]), who, since, until, cell(&ban["reason"])]);
    }
    table.write()
}

fn until(ban: &Value) -> String {
    match &ban["banned_until_at"] {
        Value::Null => "for good".to_owned(),
        _ => cell(&ban["banned_until"]),
    }
}

fn reports(answer: &Value) -> String {
    let rows = report_rows(list(&answer["reports"]));
    format!("{} open\n{rows}", cell(&answer["open"]))
}

fn report_rows(reports: &[Value]) -> String {
    let mut table = Table::new(&["report", "time", "by", "kind", "about", "whom", "reason"]);
    for report in reports {
        let by = match cell(&report["by"]) {
            by if by.is_empty() => "word list".to_owned(),
            by => by,
        };
        let reason = match report["state"] == "resolved" {
            true => format!("{} [{}]", cell(&report["reason"]), cell(&report["outcome"])),
            false => cell(&report["reason"]),
        };
        table.row([
            cell(&report["id"]),
            cell(&report["time"]),
            by,
            cell(&report["kind"]),
            cell(&report["about"]),
            cell(&report["whom"]),
            reason,
        ]);
    }
    table.write()
}

fn draw(answer: &Value) -> String {
    let [number, winner] = ["winner_number", "winner"].map(|key| cell(&answer[key]));
    format!("ticket {number} wins: {winner}\n")
}

fn audit(answer: &Value) -> String {
    let mut table = Table::new(&["time", "who", "from", "action", "about", "result", "detail"]);
    for entry in list(&answer["audit"]) {
        let keys = [
            "time", "who", "address", "action", "about", "result", "detail",
        ];
        table.row(keys.map(|key| cell(&entry[key])));
    }
    table.write()
}
