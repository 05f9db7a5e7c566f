//! Starting through the real binary: what it says when it is ready, and what
//! keeps it from it, each with its own message and exit code.

pub mod rig;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rig::{Handset, Server, Setup};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};

/// The exit code is this, and standard error names all of these.
#[track_caller]
fn refused(setup: Setup, code: i32, parts: &[&str]) {
    let (found, said) = setup.refuse();
    assert_eq!(found, code, "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} not in {said}");
    }
}

fn taken_port() -> (TcpListener, SocketAddr) {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound");
    (taken, address)
}

mod ready {
    use super::*;

    #[test]
    fn exactly_one_line_is_on_standard_output() {
        rig::both(|cores| {
            let mut server = Server::start(cores);
            let line = format!(
                "ready chat={} http={} cores={cores} pid={}\n",
                server.chat,
                server.http,
                server.pid()
            );
            assert_eq!(server.stdout(), line);
            let (chat, http) = (server.chat.port(), server.http.port());
            assert!(chat != 0 && http != 0 && chat != http);

            let (mut ann, _bob) = rig::pair(&server, "ann", "bob");
            assert_eq!(rig::http_get(server.http, "/healthz").0, 200);
            server.term();
            ann.expect_error("draining");
            assert_eq!(server.wait_exit().code(), Some(0));
            assert_eq!(server.stdout(), line);
        });
    }

    #[test]
    fn all_else_is_json_lines_on_standard_error() {
        let mut server = Setup::new(1).set("test_mode", true).start();
        server.term();
        server.wait_exit();
        json_lines(&server.log());

        let (_taken, chat) = taken_port();
        let (_, said) = Setup::new(1).chat(chat).refuse();
        json_lines(&said);
        // Why it gives up is said even where nothing else is.
        let quiet = Setup::new(1).chat(chat).set("log", "off");
        refused(quiet, 71, &["chat: cannot listen on "]);
    }

    #[track_caller]
    fn json_lines(log: &str) {
        assert!(!log.is_empty());
        for line in log.lines() {
            let read = serde_json::from_str::<Value>(line);
            assert!(read.is_ok_and(|line| line.is_object()), "{line}");
        }
    }

    #[test]
    fn as_many_cores_as_are_wanted_run() {
        let processors = thread::available_parallelism().expect("it is known").get();
        for cores in [1, 2, processors + 1] {
            let server = Setup::new(cores).start();
            rig::pair(&server, "ann", "bob");
            let (_, metrics) = rig::http_get(server.http, "/metrics");
            let gauges = metrics.matches("\npairline_sessions{core=").count();
            assert_eq!(gauges, cores, "{metrics}");
        }
    }

    #[test]
    fn test_mode_is_said_loudly() {
        let plain = Setup::new(1).start();
        assert!(!plain.log().contains("TEST MODE"));
        let loud = Setup::new(1).set("test_mode", true).start();
        loud.wait_log("TEST MODE");
        let warned = |line: &str| line.contains("TEST MODE") && line.contains("\"WARN\"");
        assert!(loud.log().lines().any(warned), "{}", loud.log());
    }
}

mod ports {
    use super::*;

    #[test]
    fn a_chat_port_that_another_program_has_is_refused() {
        let (_taken, chat) = taken_port();
        let address = chat.to_string();
        refused(
            Setup::new(1).chat(chat),
            71,
            &["chat: cannot listen on ", &address, "choose another port"],
        );
    }

    /// The cores' listeners have SO_REUSEPORT, which must let nobody else in.
    #[test]
    fn a_chat_port_that_another_pairline_has_is_refused() {
        rig::both(|cores| {
            for first in ["127.0.0.1:0", "0.0.0.0:0"] {
                let first = first.parse().expect("an address");
                let server = Setup::new(cores).chat(first).start();
                let chat = SocketAddr::from(([127, 0, 0, 1], server.chat.port()));
                let parts = ["chat: cannot listen on ", "another pairline"];
                refused(Setup::new(2).chat(chat), 71, &parts);
                // The first has not noticed.
                for _ in 0..8 {
                    let mut handset = Handset::connect_to(chat);
                    handset.send_line("");
                    assert_eq!(handset.expect_line(), "");
                }
            }
        });
    }

    #[test]
    fn an_http_port_that_another_program_has_is_refused() {
        let (_taken, http) = taken_port();
        let address = http.to_string();
        refused(
            Setup::new(1).http(http),
            71,
            &["http: cannot listen on ", &address, "choose another port"],
        );
        refused(
            Setup::new(1).set("admin_listen", http),
            71,
            &["admin_listen: cannot listen on ", &address],
        );
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        let elsewhere = "192.0.2.1:9400".parse().expect("an address");
        refused(
            Setup::new(1).chat(elsewhere),
            71,
            &["chat: cannot listen on 192.0.2.1:9400", "does not have"],
        );
    }

    #[test]
    fn a_port_that_becomes_free_shortly_is_waited_for() {
        let (taken, chat) = taken_port();
        let starting = thread::spawn(move || Setup::new(2).chat(chat).start());
        thread::sleep(Duration::from_millis(1500));
        assert!(!starting.is_finished(), "the port is still taken");
        drop(taken);
        let server = starting.join().expect("it starts");
        assert_eq!(server.chat, chat);
        rig::pair(&server, "ann", "bob");
    }

    #[test]
    fn a_restart_after_sigkill_takes_the_same_ports() {
        rig::both(|cores| {
            let setup = Setup::new(cores);
            let mut server = setup.clone().start();
            let setup = setup.chat(server.chat).http(server.http);
            for _ in 0..3 {
                let talking = rig::pair(&server, "ann", "bob");
                let mut http = TcpStream::connect(server.http).expect("the HTTP port is open");
                http.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                    .expect("the request is taken");
                http.read_exact(&mut [0; 12]).expect("a reply");
                server.kill9();
                server = setup.clone().start();
                drop((talking, http));
            }
        });
    }
}

mod configuration {
    use super::*;

    #[test]
    fn a_congestion_control_that_cannot_be_set_is_refused() {
        let parts = [
            "congestion: bogus cannot be set",
            "tcp_available_congestion_control",
        ];
        refused(Setup::new(2).set("congestion", "bogus"), 78, &parts);
        let names = fs::read_to_string("/proc/sys/net/ipv4/tcp_allowed_congestion_control");
        let name = names.as_deref().unwrap_or("reno").split_whitespace().next();
        let server = Setup::new(1)
            .set("congestion", name.expect("there is one"))
            .start();
        rig::pair(&server, "ann", "bob");
    }

    #[test]
    fn what_is_for_tests_needs_test_mode() {
        let file = config("[test_numbers]\n13800000000 = \"123456\"\n");
        let setup = Setup::new(1).arg("--config").arg(path(&file));
        let parts = ["test_numbers", "test_mode"];
        refused(setup.clone(), 78, &parts);
        setup.set("test_mode", true).start();
        let shrunken = Setup::new(1).set("test.ring_buffers", 64);
        refused(shrunken, 78, &["test.ring_buffers", "test_mode"]);
    }

    #[test]
    fn an_unknown_key_or_a_bad_value_is_refused() {
        let unknown = config("max_guy = 4\n");
        let setup = Setup::new(1).arg("--config").arg(path(&unknown));
        refused(setup, 78, &[path(&unknown), "max_guy is no known key"]);
        let setup = Setup::new(1).set("max_guys", "three");
        refused(setup, 78, &["max_guys", "a whole number, 1 to 64"]);
        let setup = Setup::new(1).env("PAIRLINE_MAX_GUY", "3");
        refused(setup, 78, &["PAIRLINE_MAX_GUY"]);
        let setup = Setup::new(1).arg("--config").arg("/nonexistent.toml");
        refused(setup, 78, &["/nonexistent.toml"]);
        let parts = ["log", "bogus=bogus"];
        refused(Setup::new(1).set("log", "bogus=bogus"), 78, &parts);
    }

    #[test]
    fn an_unknown_flag_is_usage() {
        refused(Setup::new(1).arg("--loud"), 2, &["--loud"]);
        refused(Setup::new(1).arg("more"), 2, &["more"]);
    }

    /// Flags, then variables, then the file, then defaults.
    #[test]
    fn the_first_source_that_has_a_key_counts() {
        let file = config("max_line = 2000\ncores = 3\nchat = \"192.0.2.1:1\"\n");
        let bare = Setup::new(1);
        let with_file = Setup::new(1).arg("--config").arg(path(&file));
        let with_variable = with_file
            .clone()
            .env("PAIRLINE_MAX_LINE", "3000")
            .env("PAIRLINE_CORES", "2")
            .env("PAIRLINE_CHAT", "192.0.2.2:2");
        let with_flag = with_variable.clone().set("max_line", 4000).set("cores", 2);
        for (setup, limit) in [
            (bare, 8192),
            (with_file, 2000),
            (with_variable, 3000),
            (with_flag, 4000),
        ] {
            let server = setup.start();
            let mut handset = Handset::connect(&server);
            handset.send_line(&"x".repeat(limit));
            handset.expect_error("bad_frame");
            handset.send_line(&"x".repeat(limit + 1));
            handset.expect_error("line_too_long");
        }
    }

    fn config(text: &str) -> NamedTempFile {
        let mut file = NamedTempFile::new().expect("a temporary file");
        file.write_all(text.as_bytes()).expect("it is written");
        file
    }

    fn path(file: &NamedTempFile) -> &str {
        file.path().to_str().expect("a plain path")
    }
}

mod data {
    use super::*;

    #[test]
    fn a_directory_that_another_pairline_uses_is_refused() {
        let setup = Setup::new(1);
        let first = setup.clone().start();
        let owner = format!("in use by another pairline (process {})", first.pid());
        refused(setup, 71, &[&owner, "--data"]);
        rig::pair(&first, "ann", "bob");
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_refused() {
        let file = NamedTempFile::new().expect("a temporary file");
        let below = file.path().join("data");
        let below = below.to_str().expect("a plain path");
        let setup = Setup::new(1).data_at(Path::new(below));
        refused(setup, 71, &["data directory", below, "--data"]);
    }

    #[test]
    fn a_damaged_database_is_refused_and_left_as_it_is() {
        type Damage = fn(&mut Vec<u8>);
        let damages: [(Damage, &str); 5] = [
            (
                |file| *file = b"precious, and not ours".to_vec(),
                "is not a pairline database",
            ),
            (|file| file[..16].fill(0), "is not a pairline database"),
            (|file| file.truncate(60), "is damaged"),
            (|file| file[100..].fill(0xa5), "is damaged"),
            (|file| file[4096..].fill(0xa5), "is damaged"),
        ];
        for (damage, said) in damages {
            let setup = Setup::new(1);
            let mut server = setup.clone().start();
            server.term();
            assert_eq!(server.wait_exit().code(), Some(0));
            let path = setup.data().join("pairline.db");
            let mut file = fs::read(&path).expect("it has been made");
            damage(&mut file);
            fs::write(&path, &file).expect("it is written");
            let path_text = path.to_str().expect("a plain path");
            refused(setup, 71, &[path_text, said, "nothing was changed"]);
            assert_eq!(fs::read(&path).expect("it is there"), file);
        }
    }

    /// What a killed server had not moved into the file yet stays beside it.
    #[test]
    fn a_database_damaged_after_a_kill_is_left_as_it_is() {
        let setup = Setup::new(1);
        let mut server = setup.clone().start();
        server.term();
        assert_eq!(server.wait_exit().code(), Some(0));
        let mut server = setup.clone().start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        ann.refuse("bob", "");
        bob.expect_over("ann", "");
        thread::sleep(Duration::from_secs(1));
        server.kill9();
        let path = setup.data().join("pairline.db");
        let log = setup.data().join("pairline.db-wal");
        let mut file = fs::read(&path).expect("it has been made");
        file[4096..].fill(0xa5);
        fs::write(&path, &file).expect("it is written");
        let logged = fs::read(&log).expect("it has not been moved");
        assert!(!logged.is_empty());
        refused(setup, 71, &["is damaged", "nothing was changed"]);
        assert_eq!(fs::read(&path).expect("it is there"), file);
        assert_eq!(fs::read(&log).expect("it is there"), logged);
    }
}

mod limits {
    use super::*;

    #[test]
    fn too_few_descriptors_are_refused() {
        let setup = Setup::new(1).through(&ulimit("ulimit -n 64"));
        let parts = ["only 64 file descriptors", "ulimit -Hn", "LimitNOFILE="];
        refused(setup, 71, &parts);
        let setup = Setup::new(1).through(&ulimit("ulimit -n 255"));
        refused(setup, 71, &["only 255 file descriptors"]);
    }

    #[test]
    fn soft_limits_are_raised_to_the_hard_ones() {
        let few = "ulimit -S -n 64 && ulimit -H -n 256";
        let server = Setup::new(1).through(&ulimit(few)).start();
        rig::pair(&server, "ann", "bob");
        let proc = format!("/proc/{}/limits", server.pid());
        let limits = fs::read_to_string(proc).expect("it runs");
        let files = limits
            .lines()
            .find(|line| line.starts_with("Max open files"));
        let numbers: Vec<_> = files.expect("it is told").split_whitespace().collect();
        assert_eq!(numbers[3..5], ["256", "256"]);
    }

    #[test]
    fn too_little_locked_memory_is_refused() {
        let Some(user) = User::new(64_064) else {
            return;
        };
        if !charges_rings() {
            eprintln!("SKIPPED: kernels before 6.14 charge nobody for rings");
            return;
        }
        let setup = Setup::new(1).through(&ulimit("ulimit -l 64"));
        refused(
            user.run(setup),
            71,
            &[
                "RLIMIT_MEMLOCK is 64 KiB",
                "ulimit -l",
                "LimitMEMLOCK=",
                "fewer cores",
            ],
        );
    }

    /// What is lacking is taken from the completion queues, down to a bound.
    #[test]
    fn little_locked_memory_makes_smaller_queues() {
        let Some(user) = User::new(64_065) else {
            return;
        };
        let setup = Setup::new(1).through(&ulimit("ulimit -l 1024"));
        let server = user.run(setup).start();
        rig::pair(&server, "ann", "bob");
        let rings = server.log().lines().find_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            line["cq_entries"].as_u64()
        });
        let entries = rings.expect("the log tells how large they are");
        let most = if charges_rings() { 32_768 } else { 65_536 };
        assert!((16_384..=most).contains(&entries), "{entries}");
    }

    #[test]
    fn a_data_directory_without_the_right_to_write_is_refused() {
        let Some(user) = User::new(64_066) else {
            return;
        };
        let place = tempfile::tempdir().expect("a temporary directory");
        let mode = |mode| {
            fs::set_permissions(place.path(), fs::Permissions::from_mode(mode))
                .expect("it is ours");
        };
        mode(0o555);
        let shut = place.path().to_str().expect("a plain path");
        let inside = place.path().join("new");
        for data in [place.path(), &inside] {
            let setup = user.run(Setup::new(1)).data_at(data);
            refused(setup, 71, &["data directory", shut, "--data", "writable"]);
        }
        mode(0o755);
    }

    /// Is the memory of rings counted at all? Since Linux 6.14.
    fn charges_rings() -> bool {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let mut numbers = release.split('.').map(|number| number.parse().unwrap_or(0));
        (numbers.next(), numbers.next()) >= (Some(6), Some(14))
    }

    fn ulimit(limit: &str) -> [&str; 4] {
        let script: String = format!("{limit} && exec \"$@\"");
        ["sh", "-c", script.leak(), "sh"]
    }

    /// Somebody without rights.
    struct User {
        id: u32,
        /// The binary, where everybody may run it; none when the tests have no
        /// rights anyway.
        binary: Option<TempDir>,
    }

    impl User {
        /// Each test has a user of its own, since locked memory is counted by
        /// user. None, said loudly, when this cannot be tried here.
        fn new(id: u32) -> Option<User> {
            let root = fs::metadata("/proc/self").expect("/proc is there").uid() == 0;
            if !root {
                return Some(User { id, binary: None });
            }
            let dropped = std::process::Command::new("setpriv")
                .arg("--version")
                .output();
            if dropped.is_err() {
                eprintln!("SKIPPED: there is no setpriv to give up root's rights");
                return None;
            }
            let folder = tempfile::tempdir().expect("a temporary directory");
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
                .expect("it is ours");
            fs::copy(
                env!("CARGO_BIN_EXE_pairline"),
                folder.path().join("pairline"),
            )
            .expect("there is room for a copy");
            Some(User {
                id,
                binary: Some(folder),
            })
        }

        /// The set-up, run by this user.
        fn run(&self, setup: Setup) -> Setup {
            let Some(folder) = &self.binary else {
                return setup;
            };
            chown(setup.data(), Some(self.id), Some(self.id)).expect("root may");
            let (user, group) = (
                format!("--reuid={}", self.id),
                format!("--regid={}", self.id),
            );
            setup.binary(folder.path().join("pairline")).through(&[
                "setpriv",
                &user,
                &group,
                "--clear-groups",
                "--",
            ])
        }
    }
}

mod sandbox {
    use super::*;

    /// The same numbers on every architecture.
    const SETUP: i64 = 425;
    const ENTER: i64 = 426;
    const REGISTER: i64 = 427;
    const EPERM: u32 = 1;
    const ENOSYS: u32 = 38;

    #[test]
    fn a_forbidden_io_uring_is_told_with_its_causes() {
        for call in [SETUP, ENTER, REGISTER] {
            let (code, said) = refuse_without(call, EPERM);
            assert_eq!(code, 71, "{said}");
            let causes = ["seccomp", "kernel.io_uring_disabled", "io_uring_setup"];
            for part in causes {
                assert!(said.contains(part), "{part:?} not in {said}");
            }
        }
    }

    #[test]
    fn a_hidden_io_uring_is_told_with_its_causes() {
        for call in [SETUP, ENTER, REGISTER] {
            let (code, said) = refuse_without(call, ENOSYS);
            assert_eq!(code, 71, "{said}");
            for part in ["no io_uring", "CONFIG_IO_URING", "seccomp"] {
                assert!(said.contains(part), "{part:?} not in {said}");
            }
        }
    }

    /// A filter goes for one thread, and for the processes that it starts.
    fn refuse_without(call: i64, errno: u32) -> (i32, String) {
        let filter = SeccompFilter::new(
            [(call, Vec::new())].into(),
            SeccompAction::Allow,
            SeccompAction::Errno(errno),
            std::env::consts::ARCH.try_into().expect("a known machine"),
        );
        let filter = filter.expect("it makes sense");
        let filter = BpfProgram::try_from(filter).expect("it is short");
        let refused = thread::spawn(move || {
            seccompiler::apply_filter(&filter).expect("everybody may");
            Setup::new(1).refuse()
        });
        refused.join().expect("it is refused")
    }
}
