//! The command line through the real binary: exit codes and what is said, for
//! everything that needs no running server.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use tempfile::NamedTempFile;

/// The binary with no variables but these.
fn pairline(variables: &[(&str, &str)], args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pairline"))
        .env_clear()
        .envs(variables.iter().copied())
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts")
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("it is written");
    file
}

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().expect("a plain path")
}

/// The exit code is this, nothing is on standard output, and standard error
/// names all of these.
#[track_caller]
fn refused(output: &Output, code: i32, parts: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(output.stdout, b"", "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} not in {said}");
    }
    if code == 78 {
        assert!(
            said.lines().all(|line| line.starts_with("pairline: ")),
            "{said}"
        );
    }
}

/// The exit code is 0 and standard error stays empty; gives standard output.
#[track_caller]
fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.as_ref()), (Some(0), ""));
    String::from_utf8(output.stdout.clone()).expect("UTF-8 is printed")
}

#[test]
fn what_is_no_usage_exits_with_2() {
    let table: &[&[&str]] = &[
        &[],
        &["dance"],
        &["--loud"],
        &["config", "--loud"],
        &["config", "--set", "no-equals-sign"],
        &["config", "--chat", "nowhere"],
        &["config", "--http", "127.0.0.1"],
        &["config", "--cores", "many"],
        &["config", "--markdown", "--effective"],
        &["check-config"],
        &["check-config", "a", "b"],
        &["backup"],
        &["backup", "a", "b"],
        &["restore"],
        &["restore", "a", "--http", "127.0.0.1:0"],
    ];
    for args in table {
        refused(&pairline(&[], args), 2, &["--help"]);
    }
    refused(
        &pairline(&[], &["config", "--chat", "nowhere"]),
        2,
        &["--chat", "IP:PORT"],
    );
}

#[test]
fn help_and_version_exit_with_0() {
    assert!(done(&pairline(&[], &["--help"])).contains("check-config"));
    assert!(done(&pairline(&[], &["--version"])).starts_with("pairline "));
}

#[test]
fn an_unknown_key_exits_with_78_from_every_source() {
    let bad = file("max_guy = 4\n");
    let closest = "the closest is max_guys";
    refused(
        &pairline(&[], &["check-config", path(&bad)]),
        78,
        &[path(&bad), "max_guy is no known key", closest],
    );
    refused(
        &pairline(&[], &["config", "--set", "max_guy=4"]),
        78,
        &["--set: max_guy is no known key", closest],
    );
    refused(
        &pairline(&[("PAIRLINE_MAX_GUY", "4")], &["config", "--effective"]),
        78,
        &["PAIRLINE_MAX_GUY: max_guy is no known key", closest],
    );
    let nested = file("[sms.webhook]\nurll = \"http://127.0.0.1/\"\n");
    refused(
        &pairline(&[], &["check-config", path(&nested)]),
        78,
        &["sms.webhook.urll is no known key", "sms.webhook.url"],
    );
}

#[test]
fn a_bad_value_exits_with_78_and_names_the_key() {
    let table = [
        ("max_guys", "65", "a whole number, 1 to 64"),
        ("max_guys", "three", "a whole number, 1 to 64"),
        ("max_line", "9MiB", "1KiB to 1MiB"),
        ("idle_timeout", "soon", "a duration"),
        ("chat", "localhost", "IP:PORT"),
        ("require_token", "maybe", "true or false"),
        ("timezone", "Mars/Olympus", "time zone"),
        ("sms_gateway", "pigeon", "console"),
        ("log", "inof", "info"),
        ("max_outbox", "8192", "twice max_line"),
        ("sms_gateway", "twilio", "sms.twilio.auth_token"),
    ];
    for (key, value, may_be) in table {
        let variable = format!("PAIRLINE_{}", key.to_uppercase());
        let written = file(&format!("{key} = {value:?}\n"));
        let set = format!("{key}={value}");
        let outputs = [
            pairline(&[], &["check-config", path(&written)]),
            pairline(&[], &["config", "--set", &set]),
            pairline(&[(&variable, value)], &["config", "--effective"]),
        ];
        for output in outputs {
            refused(&output, 78, &[key, may_be]);
        }
    }
}

#[test]
fn everything_wrong_in_a_file_is_said_at_once() {
    let bad =
        file("max_guys = true\nnonsense_altogether = 1\n[sms.webhook]\nurl = \"gopher://x\"\n");
    let output = pairline(&[], &["check-config", path(&bad)]);
    refused(
        &output,
        78,
        &["max_guys", "nonsense_altogether", "sms.webhook.url"],
    );
    assert_eq!(
        output.stderr.iter().filter(|byte| **byte == b'\n').count(),
        3
    );
}

#[test]
fn a_file_that_is_missing_or_no_toml_exits_with_78() {
    let args = ["check-config", "/nonexistent/pairline.toml"];
    refused(&pairline(&[], &args), 78, &["/nonexistent/pairline.toml"]);
    let bad = file("max_guys = 3\nchat = 0.0.0.0:9400\n");
    let output = pairline(&[], &["check-config", path(&bad)]);
    refused(&output, 78, &["line 2 (chat = …) is not TOML"]);
}

#[test]
fn what_only_tests_may_do_needs_test_mode() {
    let table = [
        ("[test_numbers]\n13800000000 = \"123456\"\n", "test_numbers"),
        ("[test]\nring_buffers = 64\n", "test.ring_buffers"),
    ];
    for (text, key) in table {
        let plain = file(text);
        let output = pairline(&[], &["check-config", path(&plain)]);
        refused(&output, 78, &[key, "only allowed with test_mode = true"]);
        let allowed = file(&format!("test_mode = true\n{text}"));
        done(&pairline(&[], &["check-config", path(&allowed)]));
        done(&pairline(
            &[("PAIRLINE_TEST_MODE", "true")],
            &["check-config", path(&plain)],
        ));
    }
}

#[test]
fn a_good_file_is_ok() {
    let good = file(
        "chat = \"127.0.0.1:0\"\nmax_rate = 0\ntoken_ttl = \"7d\"\nsms_gateway = [\"webhook\", \"console\"]\n\
         [sms.webhook]\nurl = \"http://127.0.0.1:8080/\"\nsecret = \"x\"\n",
    );
    let printed = done(&pairline(&[], &["check-config", path(&good)]));
    assert_eq!(printed, format!("{}: ok\n", path(&good)));
    let token = [("PAIRLINE_ADMIN_TOKEN", "t0ken"), ("OTHER", "x")];
    done(&pairline(&token, &["check-config", path(&good)]));
}

#[test]
fn the_later_source_counts() {
    let written = file("cores = 2\nmax_guys = 2\npass_floor = 2\nmax_rate = 2\n");
    let variables = [
        ("PAIRLINE_CORES", "3"),
        ("PAIRLINE_MAX_GUYS", "3"),
        ("PAIRLINE_PASS_FLOOR", "3"),
        ("PAIRLINE_SMS__WEBHOOK__URL", "https://example.org/sms"),
    ];
    let args = [
        "config",
        "--config",
        path(&written),
        "--cores",
        "5",
        "--set",
        "cores=4",
        "--set",
        "max_guys=4",
    ];
    let printed = done(&pairline(&variables, &args));
    let lines = [
        "cores = \"5\" # --cores".to_owned(),
        "max_guys = \"4\" # --set".to_owned(),
        "pass_floor = \"3\" # environment variable PAIRLINE_PASS_FLOOR".to_owned(),
        format!("max_rate = \"2\" # {}", path(&written)),
        "rematch_pause = \"10s\" # default".to_owned(),
        "sms.webhook.url = \"https://example.org/sms\" # environment variable PAIRLINE_SMS__WEBHOOK__URL".to_owned(),
    ];
    for line in lines {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line}\n{printed}"
        );
    }
}

#[test]
fn the_list_of_keys_needs_no_configuration() {
    let wrong = [("PAIRLINE_NONSENSE", "1")];
    let people = done(&pairline(&wrong, &["config"]));
    let readme = done(&pairline(&wrong, &["config", "--markdown"]));
    assert!(people.starts_with("KEY "));
    for key in CONTRACT_KEYS {
        let starts = |line: &str| line.split_whitespace().next() == Some(key);
        assert!(people.lines().any(starts), "{key}");
        assert!(readme.contains(&format!("\n| `{key}` | ")), "{key}");
    }
}

/// The keys that the contract names.
const CONTRACT_KEYS: [&str; 43] = [
    "chat",
    "http",
    "data",
    "cores",
    "max_line",
    "max_guys",
    "pass_cooldown",
    "pass_floor",
    "rematch_pause",
    "idle_timeout",
    "join_timeout",
    "max_outbox",
    "outbox_timeout",
    "max_per_address",
    "proxy_protocol",
    "max_rate",
    "drain_timeout",
    "max_remembered",
    "max_sessions",
    "require_token",
    "timezone",
    "default_country",
    "test_mode",
    "test_numbers",
    "sms_gateway",
    "sms.webhook.url",
    "sms.webhook.secret",
    "sms_interval",
    "sms_per_number_hour",
    "sms_per_number_day",
    "sms_per_address_hour",
    "sms_per_address_day",
    "sms_code_ttl",
    "registration_ttl",
    "token_ttl",
    "http_rate",
    "crush_invites",
    "admin_listen",
    "trusted_proxies",
    "congestion",
    "sms_budget_day",
    "keep_evidence",
    "log",
];
