use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::limits;

/// Sources with these `--set`s.
fn set(pairs: &[(&str, &str)]) -> Sources {
    let own = |pair: &(&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
    Sources {
        set: pairs.iter().map(own).collect(),
        ..Sources::default()
    }
}

fn load_file(text: &str) -> Result<Config, Failure> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Config::load(&Sources {
        file: Some(file.path().into()),
        ..Sources::default()
    })
}

fn environment(pairs: &[(&str, &str)]) -> Sources {
    Sources {
        environment: pairs.iter().map(|(n, v)| (n.into(), v.into())).collect(),
        ..Sources::default()
    }
}

/// The complaint must name everything in `parts`.
#[track_caller]
fn refused(result: Result<Config, Failure>, parts: &[&str]) {
    let failure = result.expect_err("it should have been refused");
    assert_eq!(failure.code, crate::exit::Code::Config);
    for part in parts {
        assert!(failure.message.contains(part), "{part:?} not in {failure}");
    }
}

#[test]
fn the_defaults_are_the_contract() {
    let config = Config::load(&Sources::default()).unwrap();
    assert_eq!(config.chat.to_string(), "0.0.0.0:9400");
    assert_eq!(config.http.to_string(), "0.0.0.0:9480");
    assert_eq!(config.cores, None);
    assert_eq!(config.max_line, limits::LINE_BYTES);
    assert_eq!(config.max_guys, limits::GUYS);
    assert_eq!(config.max_outbox, Some(256 * 1024));
    assert_eq!(config.idle_timeout, Some(Duration::from_secs(300)));
    assert_eq!(config.pass_cooldown, Duration::from_secs(10));
    assert_eq!(config.max_remembered, Some(1_000_000));
    assert_eq!(config.token_ttl, Duration::from_secs(30 * 86_400));
    assert_eq!(config.sms_gateway, [Gateway::Console]);
    assert_eq!(config.timezone.iana_name(), Some("Asia/Shanghai"));
    assert_eq!(config.test.ring_buffers, 512);
    assert!(config.admin_token.is_none() && config.congestion.is_none());
}

#[test]
fn every_default_is_shown_as_something_that_reads_back() {
    for row in keys::rows() {
        let mut config = Config::default();
        let shown = (row.show)(&config);
        assert_eq!((row.set)(&mut config, &shown), Ok(()), "{}", row.key);
        assert_eq!((row.show)(&config), shown, "{}", row.key);
        assert!(!row.meaning.is_empty(), "{}", row.key);
    }
}

#[test]
fn no_key_is_named_twice_and_every_key_has_a_variable() {
    let mut names: Vec<_> = keys::rows().map(|row| row.key).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(names.iter().all(|name| !name.contains("__")));
}

#[test]
fn a_later_source_counts() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"max_guys = 4\npass_floor = 4\nmax_rate = 4\ncores = 4\nmax_line = 4096")
        .unwrap();
    let mut sources = environment(&[
        ("PAIRLINE_PASS_FLOOR", "5"),
        ("PAIRLINE_MAX_RATE", "5"),
        ("PAIRLINE_CORES", "5"),
        ("HOME", "/root"),
    ]);
    sources.file = Some(file.path().into());
    sources.set = set(&[("max_rate", "6"), ("cores", "6"), ("max_rate", "7")]).set;
    sources.flags = vec![("cores", "8".into())];
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.max_line, 4096);
    assert_eq!(config.max_guys, 4);
    assert_eq!(config.pass_floor, 5);
    assert_eq!(config.max_rate, Some(7));
    assert_eq!(config.cores, Some(8));
    let shown = effective(&sources).unwrap();
    for line in [
        r#"cores = "8" # --cores"#,
        r#"max_rate = "7" # --set"#,
        r#"pass_floor = "5" # environment variable PAIRLINE_PASS_FLOOR"#,
        r#"rematch_pause = "10s" # default"#,
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
}

#[test]
fn what_is_in_force_can_be_loaded_again() {
    let sources = set(&[
        ("test_mode", "true"),
        ("test_numbers.+8613800000000", "123456"),
        ("idle_timeout", "0"),
        ("trusted_proxies", "10.0.0.0/8,::1"),
        ("test.ring_buffers", "16"),
    ]);
    let shown = effective(&sources).unwrap();
    let again = load_file(&shown).unwrap();
    assert_eq!(again.idle_timeout, None);
    assert_eq!(again.trusted_proxies.len(), 2);
    assert_eq!(again.test_numbers["+8613800000000"], "123456");
    assert_eq!(again.test.ring_buffers, 16);
}

#[test]
fn what_is_in_force_is_a_file_whatever_the_path() {
    for path in [
        "/srv/cafe\u{301}",
        "/srv/\u{1b}",
        "/srv/a \"b\" \\c",
        "/srv/a\nb",
    ] {
        let shown = effective(&set(&[("data", path)])).unwrap();
        let file: toml::Table = shown.parse().unwrap_or_else(|e| panic!("{shown}: {e}"));
        assert_eq!(file["data"].as_str(), Some(path));
    }
}

#[test]
fn a_file_with_every_sort_of_value() {
    let config = load_file(
        r#"
        chat = "[::1]:0"
        idle_timeout = 60
        join_timeout = "300ms"
        max_outbox = "64kB"
        require_token = true
        test_mode = true
        sms_gateway = ["webhook", "console"]
        trusted_proxies = "10.0.0.0/8, 127.0.0.1"
        sms_countries = ["+86", "+1242"]
        log = "info,pairline::net=debug"
        [test_numbers]
        13800000000 = "012345"
        [sms.webhook]
        url = "http://127.0.0.1:8080/sms"
        secret = "s3cret"
        [test]
        ring_buffers = 64
        send_buffer = 4608
        "#,
    )
    .unwrap();
    assert_eq!(config.idle_timeout, Some(Duration::from_secs(60)));
    assert_eq!(config.join_timeout, Some(Duration::from_millis(300)));
    assert_eq!(config.max_outbox, Some(64_000));
    assert!(config.require_token);
    assert_eq!(config.sms_gateway, [Gateway::Webhook, Gateway::Console]);
    assert_eq!(config.sms_countries, ["+86", "+1242"]);
    assert_eq!(config.test_numbers["13800000000"], "012345");
    assert_eq!(config.sms.webhook.secret.expose(), "s3cret");
    assert_eq!(config.test.send_buffer, Some(4608));
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn bad_values_name_their_key_and_what_it_may_be() {
    let table: &[(&str, &str, &str)] = &[
        ("chat", "localhost", "IP:PORT"),
        ("chat", "0.0.0.0:65536", "IP:PORT"),
        ("data", "", "a directory"),
        ("cores", "-1", "1 to 1024"),
        ("cores", "two", "0 for every core"),
        ("max_line", "1023", "1KiB to 1MiB"),
        ("max_line", "2MiB", "1KiB to 1MiB"),
        ("max_guys", "0", "1 to 64"),
        ("max_guys", "65", "1 to 64"),
        ("pass_floor", "0", "1 to"),
        ("pass_cooldown", "10 s", "a duration"),
        ("pass_cooldown", "25h", "0s to 1d"),
        ("idle_timeout", "forever", "0 for no limit"),
        ("proxy_protocol", "yes", "true or false"),
        ("timezone", "Asia/Beijing", "time zone"),
        ("timezone", "", "time zone"),
        ("default_country", "86", "+86"),
        ("sms_gateway", "pigeon", "console, webhook"),
        ("sms_gateway", "console,console", "one or two"),
        ("sms_gateway", "", "one or two"),
        ("sms_countries", "86", "calling codes"),
        ("sms_countries", "+86,", "calling codes"),
        ("sms_countries", "+086", "calling codes"),
        ("sms_countries", "+86186123", "calling codes"),
        ("trusted_proxies", "10.0.0.0/33", "blocks"),
        ("admin_listen", "9481", "empty for the HTTP port"),
        ("congestion", "cu bic", "cubic"),
        ("log", "inof", "info"),
        ("log", "pairline=loud", "info"),
        ("log", "", "info"),
        ("sms.webhook.url", "ftp://x", "http://"),
        ("sms.twilio.from", "a\nb", "a text"),
        ("test_numbers", "13800000000=12345", "6-digit"),
        ("test_numbers.tel", "123456", "6-digit"),
        ("test.ring_buffers", "100", "a power of two"),
        ("test.cq_entries", "3", "a power of two"),
    ];
    for (key, value, may_be) in table {
        let name = key.split_once(".tel").map_or(*key, |(table, _)| table);
        refused(
            Config::load(&set(&[(key, value)])),
            &["--set: ", name, may_be],
        );
        let variable = format!("PAIRLINE_{}", key.replace('.', "__").to_uppercase());
        let sources = environment(&[(&variable, value)]);
        refused(Config::load(&sources), &[&variable, name, may_be]);
    }
}

#[test]
fn wrong_toml_types_name_their_key() {
    let table = [
        ("token_ttl = true", "token_ttl cannot be a boolean"),
        ("max_guys = 1.5", "max_guys cannot be a float"),
        ("max_guys = -1", "max_guys cannot be \"-1\""),
        ("chat = 9400", "chat cannot be an integer"),
        ("test_mode = \"true\"", "test_mode cannot be a string"),
        ("log = [\"info\"]", "log cannot be an array"),
        (
            "trusted_proxies = [1]",
            "trusted_proxies cannot be an array",
        ),
        ("[max_line]\na = 1", "max_line cannot be a table"),
        ("sms = 1", "sms is a table of keys"),
        (
            "[sms.webhook]\nsecret = 1",
            "sms.webhook.secret cannot be an integer",
        ),
        (
            "[test_numbers]\n13800000000 = 123456",
            "test_numbers cannot be a table",
        ),
    ];
    for (text, complaint) in table {
        refused(load_file(text), &[complaint]);
    }
}

#[test]
fn unknown_keys_are_named_with_the_closest_known_one() {
    let table = [
        ("max_guy", "the closest is max_guys"),
        ("sms.webhok.url", "the closest is sms.webhook.url"),
        ("test.ring_bufers", "the closest is test.ring_buffers"),
        ("nonsense_altogether", "`pairline config`"),
        ("admin_token", "admin_token is no known key"),
        ("sms.webhook", "a table of keys"),
        ("", " is no known key"),
    ];
    for (key, advice) in table {
        refused(Config::load(&set(&[(key, "1")])), &["--set: ", key, advice]);
    }
    refused(
        load_file("max_guy = 1"),
        &["max_guy is no known key", "max_guys"],
    );
    refused(
        load_file("[sms.pigeon]\nx = 1"),
        &["sms.pigeon is no known key"],
    );
    let sources = environment(&[("PAIRLINE_MAX_GUY", "1")]);
    refused(Config::load(&sources), &["PAIRLINE_MAX_GUY", "max_guys"]);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let failure = load_file("max_guy = 1\nmax_line = 1\nlog = \"inof\"").unwrap_err();
    assert_eq!(failure.message.lines().count(), 3, "{failure}");
}

#[test]
fn what_only_tests_may_do_needs_test_mode() {
    for text in [
        "test_numbers = {}",
        "[test]",
        "[test]\nring_buffers = 8192",
        "test_mode = false\n[test_numbers]\n13800000000 = \"123456\"",
    ] {
        refused(
            load_file(text),
            &["test", "only allowed with test_mode = true"],
        );
        load_file(&format!(
            "test_mode = true\n{}",
            text.replace("test_mode = false\n", "")
        ))
        .unwrap();
    }
    let sources = set(&[("test.send_buffer", "4096")]);
    refused(Config::load(&sources), &["--set: test.send_buffer"]);
}

#[test]
fn keys_that_hang_together() {
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("max_outbox", "16383")], "max_outbox (16383)"),
        (&[("max_line", "1MiB")], "max_outbox (262144)"),
        (
            &[("http", "0.0.0.0:9400")],
            "http and chat are both 0.0.0.0:9400",
        ),
        (&[("admin_listen", "0.0.0.0:9480")], "admin_listen and http"),
        (&[("sms_gateway", "webhook")], "sms.webhook.url must be set"),
        (
            &[("sms_gateway", "console,twilio")],
            "sms.twilio.account_sid",
        ),
        (&[("sms_gateway", "aliyun")], "sms.aliyun.access_key_secret"),
        (&[("sms_gateway", "tencent")], "sms.tencent.sdk_app_id"),
        (
            &[("sms_gateway", "tencent"), ("crush_invites", "true")],
            "sms.tencent.invite_template_id",
        ),
    ];
    for (pairs, complaint) in table {
        refused(Config::load(&set(pairs)), &["--set: ", complaint]);
    }
    Config::load(&set(&[("max_line", "1MiB"), ("max_outbox", "0")])).unwrap();
    Config::load(&set(&[("chat", "127.0.0.1:0"), ("http", "127.0.0.1:0")])).unwrap();
}

#[test]
fn the_operators_token_comes_from_the_environment_alone() {
    let config = Config::load(&environment(&[("PAIRLINE_ADMIN_TOKEN", "t0ken")])).unwrap();
    assert_eq!(config.admin_token.as_ref().unwrap().expose(), "t0ken");
    for bad in ["", "two words", "早"] {
        let sources = environment(&[("PAIRLINE_ADMIN_TOKEN", bad)]);
        refused(Config::load(&sources), &["PAIRLINE_ADMIN_TOKEN"]);
    }
}

#[test]
fn secrets_are_not_repeated() {
    let sources = set(&[("sms.webhook.secret", "s3cret\n")]);
    let failure = Config::load(&sources).unwrap_err();
    assert!(!failure.message.contains("s3cret"), "{failure}");
    let failure = load_file("max_guys = 3\nsms.webhook.secret = s3cret").unwrap_err();
    assert!(!failure.message.contains("s3cret"), "{failure}");
    assert!(
        failure.message.contains("line 2 (sms.webhook.secret = …)"),
        "{failure}"
    );
    let shown = effective(&set(&[("sms.webhook.secret", "s3cret")])).unwrap();
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn the_lists_have_every_key() {
    for list in [for_people(), markdown()] {
        for row in keys::rows() {
            assert!(
                list.contains(row.key) && list.contains(row.meaning),
                "{}",
                row.key
            );
        }
    }
    let columns = |line: &str| line.matches(" | ").count();
    assert!(markdown().lines().skip(2).all(|line| columns(line) == 3));
}

proptest! {
    #[test]
    fn no_file_panics(text in "(?s)([a-z_.\\[\\]]{0,12} ?= ?.{0,12}\n){0,4}") {
        let _ = load_file(&text);
    }

    #[test]
    fn no_setting_panics(row in 0..keys::rows().count(), tail in "(\\.\\PC{0,5})?", text in "\\PC{0,20}") {
        let key = keys::rows().nth(row).unwrap().key;
        let key = format!("{key}{tail}");
        let _ = Config::load(&set(&[(&key, &text)]));
    }
}
