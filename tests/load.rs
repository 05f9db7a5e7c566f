//! The load generator: what it measures is so, and what goes wrong it finds.

pub mod rig;

#[path = "load/generator.rs"]
mod generator;
#[path = "load/liar.rs"]
mod liar;
#[path = "load/relay.rs"]
mod relay;
#[path = "load/saboteur.rs"]
mod saboteur;
#[path = "load/schema.rs"]
mod schema;

use std::fs;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use generator::{Ran, load, load_while};
use liar::{Lie, liar};
use relay::{Script, relay};
use rig::{Server, Setup, signal};
use saboteur::{Deed, saboteur};

const SECOND: Duration = Duration::from_secs(1);

/// Two seconds of a scenario against a server of its own.
#[track_caller]
fn two_seconds(scenario: &str, flags: &str) -> Ran {
    let ran = load(&format!(
        "{scenario} --pairs 10 --duration 2s --warmup 200ms {flags}"
    ));
    let ran = ran.fine();
    assert!(ran.said.contains("max_rate=0"), "it says what it changed");
    assert_eq!(ran.json["scenario"], scenario);
    assert_eq!(ran.json["options"]["own_server"], true);
    ran
}

#[test]
fn relay_runs() {
    let ran = two_seconds("relay", "--window 4");
    assert_eq!(ran.json["loop"], "closed");
    assert!(ran.table.contains("closed loop"));
    assert!(ran.number("/lines") > 100.0);
    assert!(ran.number("/server/cpu_ns_per_line") > 0.0);
    assert!(ran.number("/generator/cpu_ns_per_line") > 0.0);
}

#[test]
fn relay_runs_at_a_rate() {
    let ran = two_seconds("relay", "--rate 500");
    assert_eq!(
        (&ran.json["loop"], &ran.json["latency_from"]),
        (&"open".into(), &"due".into())
    );
    // What was due within two seconds and came in time, give or take a pause.
    let lines = ran.number("/lines");
    assert!((300.0..=1100.0).contains(&lines), "{lines}");
}

#[test]
fn pingpong_runs() {
    let ran = two_seconds("pingpong", "--window 9");
    assert_eq!(ran.number("/options/window_lines"), 1.0);
    assert!(ran.number("/lines") > 20.0);
}

#[test]
fn match_runs() {
    let ran = two_seconds("match", "");
    assert!(ran.number("/matches") > 10.0);
    assert!(ran.number("/match_time/p50_us") > 0.0);
    assert_eq!(ran.json["curve_of"], "match_time");
}

#[test]
fn match_runs_at_a_rate_over_threads() {
    let ran = two_seconds("match", "--rate 200 --threads 2");
    let matches = ran.number("/matches");
    assert!((50.0..=450.0).contains(&matches), "{matches}");
}

#[test]
fn idle_runs() {
    let ran = two_seconds("idle", "");
    assert_eq!(ran.number("/lines"), 0.0);
    assert!(ran.number("/server/memory_bytes") > 1e5);
    assert!(ran.number("/server/memory_bytes_per_session") >= 0.0);
    assert_eq!(ran.number("/matches"), 0.0, "all wait");
}

#[test]
fn churn_runs() {
    let ran = two_seconds("churn", "");
    assert!(ran.number("/joins") > 10.0);
    assert_eq!(ran.json["curve_of"], "join_time");
}

#[test]
fn http_runs() {
    let ran = two_seconds("http", "--threads 2");
    assert_eq!(ran.number("/options/callers"), 20.0);
    assert_eq!(ran.number("/options/connections"), 20.0);
    assert!(ran.number("/requests") > 20.0);
    assert!(ran.number("/rounds") > 0.0);
    assert_eq!(ran.json["curve_of"], "answer_time");
    let requests = ran.json["answer_time_by_request"].as_object();
    assert_eq!(requests.expect("an object").len(), 7, "all were asked");
    assert!(ran.number("/server/cpu_ns_per_request") > 0.0);
    page_is_sound(&ran);
}

#[test]
fn http_runs_at_a_rate() {
    let ran = two_seconds("http", "--rate 30");
    assert_eq!(ran.json["latency_from"], "due");
    let requests = ran.number("/requests");
    assert!((10.0..=61.0).contains(&requests), "{requests}");
}

#[test]
fn http_runs_against_a_server_that_is_there() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let hook = free.local_addr().expect("it is bound");
    drop(free);
    let mut setup = Setup::new(1)
        .set("sms_gateway", "webhook")
        .set("sms.webhook.url", format!("http://{hook}/"))
        .set("sms.webhook.secret", "load")
        // So few are soon out of partners, and say much.
        .set("rematch_pause", "0s")
        .set("max_rate", 0);
    for key in ["sms_per_address_hour", "sms_per_address_day", "http_rate"] {
        setup = setup.set(key, 0);
    }
    let server = setup.start();
    let (chat, http) = (server.chat, server.http);
    let there = format!("--http {http} --hook {hook} --pairs 2 --duration 1s --warmup 100ms");
    let ran = load(&format!("http {there}")).fine();
    assert!(ran.number("/rounds") > 0.0);
    assert_eq!(ran.json["options"]["own_server"], false);
    let ran = load(&format!("mix --chat {chat} {there} --rate 500")).fine();
    assert!(ran.number("/requests") > 0.0 && ran.number("/lines") > 0.0);
}

#[test]
fn mix_runs() {
    let ran = two_seconds("mix", "--rate 1000 --threads 2");
    assert_eq!(ran.json["loop"], "open");
    assert!(ran.number("/lines") > 100.0);
    assert!(ran.number("/matches") > 0.0);
    assert_eq!(ran.number("/options/callers"), 10.0);
    assert!(ran.number("/requests") > 10.0);
}

/// Every answer over HTTP is the same lie.
#[track_caller]
fn lied_to(lie: Lie) -> Ran {
    let http = liar(lie);
    let ran = load(&format!(
        "http --http {http} --hook 127.0.0.1:0 --pairs 1 --duration 1s --warmup 0s"
    ));
    assert_eq!(ran.code, 1, "{}", ran.said);
    assert_eq!(ran.json["passed"], false);
    assert_eq!(ran.number("/rounds"), 0.0);
    ran
}

#[test]
fn a_code_that_never_comes_is_missed() {
    let ran = lied_to(Lie::Say(
        r#"{"type":"sms_validation_send","success":true,"error_no":0,"request_id":"r"}"#,
    ));
    assert!(ran.number("/failed_checks/unanswered") >= 1.0);
    let complaint = "asked for sms_validation_request and got no code came";
    assert!(ran.said.contains(complaint), "{}", ran.said);
}

#[test]
fn a_refusal_over_http_is_reported() {
    let ran = lied_to(Lie::Say(
        r#"{"type":"sms_validation_send","success":false,"error_no":15}"#,
    ));
    assert!(ran.number("/errors/error_no_15") >= 1.0);
    let ran = lied_to(Lie::Utter(
        "HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n",
    ));
    assert!(ran.number("/errors/status_429") >= 1.0);
}

#[test]
fn what_answers_nothing_that_was_asked_is_noticed() {
    let ran = lied_to(Lie::Say(
        r#"{"type":"profile_response","success":true,"error_no":0}"#,
    ));
    assert!(ran.number("/failed_checks/unexpected") >= 1.0);
    for answer in [
        "6#{}\n\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{\"a\"",
    ] {
        let ran = lied_to(Lie::Utter(answer));
        assert!(ran.number("/failed_checks/corrupted") >= 1.0);
    }
}

#[test]
fn an_answer_that_never_comes_is_missed() {
    let ran = lied_to(Lie::Ignore);
    assert_eq!(ran.number("/failed_checks/unanswered"), 2.0);
    let ran = lied_to(Lie::HangUp);
    assert!(ran.number("/failed_checks/disconnected") >= 1.0);
}

#[test]
fn who_misbehaves_is_counted_apart() {
    let ran = two_seconds("mix", "--rate 500 --slow 4 --rubbish 4 --server-cores 2");
    assert_eq!(ran.json["errors"], serde_json::json!({}));
    assert!(ran.number("/unruly/connections") > 8.0, "they come again");
    assert!(ran.number("/unruly/hung_up") > 0.0);
    assert!(ran.number("/provoked/bad_frame") > 0.0);
    assert!(ran.number("/provoked/too_many_errors") > 0.0);
    assert!(ran.table.contains("  provoked         bad_frame: "));
    page_is_sound(&ran);
}

#[test]
fn processes_work_together() {
    let ran = two_seconds("relay", "--processes 2 --threads 2 --window 2");
    assert_eq!(ran.number("/options/processes"), 2.0);
    assert!(ran.number("/lines") > 100.0);
    // Each of the four busy or not, they are one generator.
    assert!((0.0..=1.05).contains(&ran.number("/generator/busy_share")));
}

/// A closed loop through a saboteur who does one deed to one frame.
#[track_caller]
fn sabotaged(scenario: &str, deed: Deed, prefix: &'static str) -> Ran {
    let server = Setup::new(1)
        .set("max_rate", 0)
        .set("rematch_pause", "0s")
        .start();
    let proxy = saboteur(server.chat, deed, prefix);
    load(&format!(
        "{scenario} --chat {proxy} --pairs 4 --window 4 --duration 1s --warmup 100ms"
    ))
}

/// One line of thousands is treated badly: that is found out, and named.
#[track_caller]
fn is_caught(deed: Deed, check: &str) {
    let ran = sabotaged("relay", deed, "6#");
    assert_eq!(ran.code, 1, "{}", ran.said);
    assert_eq!(ran.json["passed"], false);
    assert!(ran.number("/lines") > 200.0, "most lines came");
    assert!(ran.number(&format!("/failed_checks/{check}")) >= 1.0);
    let complaint = format!("pairline: {check}: pair ");
    assert!(ran.said.contains(&complaint), "{}", ran.said);
    assert!(ran.table.contains("FAILED CHECK"));
    assert!(ran.page.contains("What went wrong"));
}

#[test]
fn an_honest_proxy_is_not_suspected() {
    sabotaged("relay", Deed::Nothing, "6#").fine();
    sabotaged("match", Deed::Nothing, "6#").fine();
}

#[test]
fn a_lost_line_is_missed() {
    is_caught(Deed::Lose, "lost");
}

#[test]
fn a_repeated_line_is_noticed() {
    is_caught(Deed::Repeat, "repeated");
}

#[test]
fn a_late_line_is_noticed() {
    is_caught(Deed::Delay, "reordered");
}

#[test]
fn a_misrouted_line_is_noticed() {
    is_caught(Deed::Misroute, "misrouted");
}

#[test]
fn a_corrupted_line_is_noticed() {
    // In the padding, in the check, in the number.
    for back in [5, 60, 95] {
        is_caught(Deed::Corrupt(back), "corrupted");
    }
}

#[test]
fn a_lost_end_is_missed() {
    let ran = sabotaged("match", Deed::Lose, "9#");
    assert_eq!(ran.code, 1, "{}", ran.said);
    assert!(
        ran.said.contains("pairline: one_sided: pair "),
        "{}",
        ran.said
    );
}

#[test]
fn a_repeated_beginning_is_noticed() {
    let ran = sabotaged("match", Deed::Repeat, "5#");
    assert_eq!(ran.code, 1, "{}", ran.said);
    assert!(
        ran.said.contains("pairline: unexpected: pair "),
        "{}",
        ran.said
    );
}

#[test]
fn what_the_server_refuses_is_reported() {
    let server = Server::start(1);
    let ran = load(&format!(
        "relay --chat {} --pairs 2 --window 8 --duration 1s --warmup 100ms",
        server.chat
    ));
    assert_eq!(ran.code, 1);
    assert!(ran.number("/errors/rate_limited") >= 1.0);
    assert!(
        ran.said.contains("the server answered rate_limited"),
        "{}",
        ran.said
    );
}

#[test]
fn a_server_that_dies_is_missed() {
    let mut server = Setup::new(1).set("max_rate", 0).start();
    let words = format!(
        "relay --chat {} --pairs 2 --duration 2s --warmup 0s",
        server.chat
    );
    let run = thread::spawn(move || load(&words));
    thread::sleep(SECOND);
    server.kill9();
    let ran = run.join().expect("it ends");
    assert_eq!(ran.code, 1, "{}", ran.said);
    assert!(
        ran.said.contains("disconnected: the server closed"),
        "{}",
        ran.said
    );
}

#[test]
fn nobody_there_is_a_refusal_of_the_system() {
    let ran = load("relay --chat 127.0.0.1:1 --pairs 1 --duration 1s");
    assert_eq!(ran.code, 71, "{}", ran.said);
    assert!(
        ran.said.contains("cannot connect to 127.0.0.1:1"),
        "{}",
        ran.said
    );
    let words = "http --http 127.0.0.1:1 --hook 127.0.0.1:0 --pairs 1 --duration 1s";
    assert_eq!(load(words).code, 71);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for words in [
        "relay --pairs 0",
        "relay --size 20",
        "relay --size 9000",
        "relay --window 0",
        "relay --duration 0s",
        "relay --peer nats",
        "match --peer bare --chat 127.0.0.1:1",
        "idle --rate 5",
        "mix --slow 201",
        "relay --peer bare --chat 127.0.0.1:1 --rubbish 1",
        "relay --sources nowhere",
        "http --chat 127.0.0.1:1",
        "http --http 127.0.0.1:1",
        "http --pairs 501",
        "http --processes 2",
        "http --rubbish 1",
        "http --picture /nowhere",
        "mix --http 127.0.0.1:1 --hook 127.0.0.1:0",
        "relay --chat 127.0.0.1:1 --http 127.0.0.1:1 --hook 127.0.0.1:0",
        "wander",
    ] {
        assert_eq!(load(words).code, 2, "{words}");
    }
}

#[test]
fn connections_come_from_where_they_are_told_to() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let target = listener.local_addr().expect("it is bound");
    let free = |host: &&str| TcpListener::bind((*host, 0)).expect("a free port");
    let taken: Vec<_> = ["127.0.7.1", "127.0.7.2"].iter().map(free).collect();
    let sources: Vec<_> = taken.iter().map(|one| one.local_addr().unwrap()).collect();
    drop(taken);
    let folder = TempDir::new().expect("a temporary directory");
    let list = folder.path().join("sources");
    let text: String = sources.iter().map(|one| format!("{one}\n")).collect();
    fs::write(&list, text).expect("it is writable");
    // Whoever has been heard of is hung up on: only where it came from matters.
    let peers = thread::spawn(move || {
        let accept = |_| listener.accept().expect("a connection").1;
        (0..2).map(accept).collect::<Vec<_>>()
    });
    let list = list.display();
    let asked = format!("--peer bare --chat {target} --sources {list} --duration 1s");
    assert_eq!(
        load(&format!("relay --pairs 2 {asked}")).code,
        2,
        "two pairs are four"
    );
    assert_eq!(
        load(&format!("relay --pairs 1 --threads 2 {asked}")).code,
        2
    );
    assert_ne!(load(&format!("relay --pairs 1 {asked}")).code, 2);
    assert_eq!(peers.join().unwrap(), sources);
}

/// Against a relay whose delays are known.
#[track_caller]
fn scripted(script: Script, flags: &str) -> Ran {
    scripted_while(script, flags, |_| ())
}

/// The same; what is done from the first line on knows the generator's process.
#[track_caller]
fn scripted_while(script: Script, flags: &str, meanwhile: impl FnOnce(u32)) -> Ran {
    let relay = relay(script);
    let words = format!(
        "relay --peer bare --chat {} --warmup 0s {flags}",
        relay.address
    );
    let ran = load_while(&words, |pid| {
        relay.first.wait();
        meanwhile(pid);
    });
    ran.fine()
}

#[test]
fn a_closed_loop_waits_for_its_lines() {
    let script = Script {
        delays: &[50],
        stall_after: SECOND,
        stall: Duration::ZERO,
    };
    let ran = scripted(script, "--pairs 1 --duration 2s");
    // Two connections, a line each 50 ms at best.
    let lines = ran.number("/lines");
    assert!((20.0..=82.0).contains(&lines), "{lines}");
    let p50 = ran.number("/latency/p50_us");
    assert!((50_000.0..150_000.0).contains(&p50), "{p50}");
    assert_eq!(ran.number("/latency/count"), lines);
    assert_eq!(ran.number("/lines_per_second"), lines / 2.0);
}

#[test]
fn an_open_loop_goes_on_while_the_server_stalls() {
    let script = Script {
        delays: &[2],
        stall_after: SECOND,
        stall: SECOND,
    };
    let ran = scripted(script, "--pairs 1 --duration 3s --rate 300");
    a_second_is_late(&ran);
    let lines = ran.number("/lines");
    assert!((600.0..=901.0).contains(&lines), "{lines}");
    let seconds = ran.json["seconds"].as_array().expect("a series");
    assert_eq!(seconds.len(), 3);
}

#[test]
fn an_open_loop_counts_from_the_due_time() {
    let script = Script {
        delays: &[2],
        stall_after: SECOND,
        stall: Duration::ZERO,
    };
    let flags = "--pairs 1 --duration 3s --rate 300";
    // What was due while the generator itself stood still it sent too late:
    // counted from sending, nothing would have taken long.
    let ran = scripted_while(script, flags, |pid| {
        thread::sleep(SECOND / 2);
        signal(pid, "STOP");
        thread::sleep(SECOND);
        signal(pid, "CONT");
    });
    a_second_is_late(&ran);
}

/// Of three seconds' lines one second's waited for its end: a third of all,
/// spread evenly from none to all of it.
#[track_caller]
fn a_second_is_late(ran: &Ran) {
    let at = |which: &str| ran.number(&format!("/latency/{which}_us")) / 1e6;
    assert!((0.9..3.0).contains(&at("max")), "{}", at("max"));
    assert!((0.5..2.5).contains(&at("p90")), "{}", at("p90"));
    // Whatever came in time or late.
    assert_eq!(ran.number("/latency/count"), 900.0);
}

#[test]
fn what_nobody_is_free_for_waits_from_its_due_time() {
    for (scenario, time) in [("match", "match_time"), ("churn", "join_time")] {
        let ran = load(&format!(
            "{scenario} --pairs 1 --duration 1s --warmup 0s --rate 100000"
        ))
        .fine();
        // Far more than one pair can do: it is done later and later, up to a
        // second after it was due, though it never takes long by itself.
        assert!(ran.number("/overdue_at_end") > 10_000.0, "{scenario}");
        let p50 = ran.number(&format!("/{time}/p50_us"));
        assert!(p50 > 250_000.0, "{scenario}: {p50}");
    }
}

#[test]
fn workers_figures_become_one() {
    for crew in ["--threads 4", "--processes 2 --threads 2"] {
        let script = Script {
            delays: &[10, 100, 100, 500],
            stall_after: SECOND,
            stall: Duration::ZERO,
        };
        // A pair, and a quarter of all lines, for each of four workers.
        let ran = scripted(
            script,
            &format!("--pairs 4 --duration 2s --rate 200 {crew}"),
        );
        assert_eq!(ran.number("/latency/count"), 400.0, "{crew}");
        // Nothing comes before its time; of a hundred, one surely not long after.
        assert!(ran.number("/percentiles/0/us") < 100_000.0, "{crew}");
        assert!(ran.number("/latency/p50_us") >= 100_000.0, "{crew}");
        assert!(ran.number("/latency/p90_us") >= 500_000.0, "{crew}");
        // A quarter of 10 + 100 + 100 + 500 ms, to one in a thousand.
        assert!(ran.number("/latency/mean_us") > 177_300.0, "{crew}");
        let said = "400 lines said, 400 heard";
        assert!(ran.table.contains(said), "{crew}: {}", ran.table);
    }
}

#[test]
fn the_page_shows_what_the_json_says() {
    let ran = load("relay --pairs 3 --duration 2s --warmup 100ms").fine();
    let seconds = ran.json["seconds"].as_array().expect("a series");
    let sum: u64 = seconds
        .iter()
        .filter_map(|second| second["lines"].as_u64())
        .sum();
    assert_eq!(ran.json["lines"], sum);
    page_is_sound(&ran);
}

#[track_caller]
fn page_is_sound(ran: &Ran) {
    for foreign in ["http:", "https:", "src=", "@import", "url("] {
        assert!(
            !ran.page.contains(foreign),
            "the page fetches nothing: {foreign}"
        );
    }
    assert_eq!(ran.page.matches("<svg").count(), 2);
    assert_eq!(ran.page.matches("<polyline").count(), 2);
    // The whole JSON lies in it.
    let (_, data) = ran.page.split_once("id=\"report\">").expect("the data");
    let (data, _) = data.split_once("</script>").expect("its end");
    let data: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data, ran.json);
    // Each figure is the JSON's.
    let mut shown = Vec::new();
    for part in ran.page.split("data-figure=\"").skip(1) {
        let (place, rest) = part.split_once("\" data-value=\"").expect("a value");
        let (value, rest) = rest.split_once("\">").expect("its end");
        let (text, tag) = rest.split_once("</").expect("what is shown");
        let json = ran.json.pointer(place).expect("the JSON has it");
        assert_eq!(value, json.to_string(), "{place}");
        if tag.starts_with("span") {
            assert_eq!(text.parse(), value.parse::<f64>(), "{place}");
            shown.push(place.to_owned());
        }
    }
    shown.sort();
    assert_eq!(shown, ran.numbers());
}
