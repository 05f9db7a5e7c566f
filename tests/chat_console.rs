//! `pairline chat` as a process of its own, against the real server: the
//! documents' samples as they stand.

pub mod rig;

use std::collections::BTreeSet;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rig::{Handset, Server};
use serde_json::Value;

/// Every `/send` line of the documents, in their order.
const SAMPLES: &str = include_str!("data/samples.txt");

#[test]
fn the_samples_work_as_they_stand() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let came = console(server.chat, &[], SAMPLES);
        assert!(came.status.success(), "{came:?}");
        let heard = Lines::of(&came);
        for woman in ["penny", "penny1", "penny2", "penny3", "penny4", "penny6"] {
            let first = heard.of_user(woman)[0];
            assert!(first.starts_with("2#{"), "{woman} waits: {first}");
        }
        heard.check_the_pairs();
        heard.check_the_talk();
        let notes = String::from_utf8_lossy(&came.stderr);
        assert_eq!(notes, "[penny2] (closed by the server)\n");
    });
}

#[test]
fn lines_do_without_the_command() {
    let server = Server::start(1);
    let bare = SAMPLES.replace("/send ", "");
    let came = console(server.chat, &[], &bare);
    assert!(came.status.success(), "{came:?}");
    let heard = Lines::of(&came);
    heard.check_the_pairs();
    heard.check_the_talk();
}

#[test]
fn a_room_is_asked_for() {
    let server = Server::start(1);
    let came = console(server.chat, &["--linger", "0s"], "E8308298402399320\n");
    let room = Lines::of(&came).of_user("-")[0].to_owned();
    let seconds = room.strip_prefix("E8308298402399320").expect("the MAC");
    assert!(seconds.parse::<u64>().is_ok(), "{room}");
}

#[test]
fn lingers_for_a_partner() {
    let server = Server::start(1);
    let join = "1#{\"userId\":\"ann\",\"gender\":\"F\",\"findGender\":\"M\"}\n";
    let chat = server.chat;
    let waiting = std::thread::spawn(move || console(chat, &["--linger", "1500ms"], join));
    std::thread::sleep(Duration::from_millis(500));
    let mut bob = Handset::connect(&server);
    bob.join("bob", "M", "F");
    assert_eq!(bob.expect(5)["toId"], "ann");
    let came = waiting.join().expect("the console ends");
    assert_eq!(Lines::of(&came).body("ann", 5)["toId"], "bob");
    assert_eq!(bob.expect(9)["youId"], "ann", "the console hung up");
}

#[test]
fn ends_after_the_linger() {
    let server = Server::start(1);
    let begin = Instant::now();
    let came = console(server.chat, &["--linger", "700ms"], "/send 3#{}\n");
    assert!(came.status.success(), "{came:?}");
    let took = begin.elapsed();
    assert!(took >= Duration::from_millis(700), "{took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(Lines::of(&came).body("-", 0)["error"], "not_joined");
}

#[test]
fn without_a_server_the_exit_code_is_71() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = gone.local_addr().unwrap();
    drop(gone);
    for input in ["", SAMPLES] {
        let came = console(addr, &[], input);
        assert_eq!(came.status.code(), Some(71), "{came:?}");
        let notes = String::from_utf8_lossy(&came.stderr);
        assert!(notes.contains(&addr.to_string()), "{notes}");
        assert_eq!(came.stdout, b"");
    }
}

/// Runs the console with piped input, to its end.
fn console(server: SocketAddr, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pairline"))
        .args(["chat", &server.to_string()])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    // A console without a server ends before it has read anything.
    let mut stdin = child.stdin.take().expect("it is piped");
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("its end is told")
}

/// What the console showed: whose handset, and the line.
struct Lines(Vec<(String, String)>);

impl Lines {
    fn of(came: &Output) -> Lines {
        let text = String::from_utf8(came.stdout.clone()).expect("UTF-8");
        let lines = text.lines().map(|line| {
            let (user, line) = line.split_once("] ").expect(line);
            let user = user.strip_prefix('[').expect(line);
            (user.to_owned(), line.to_owned())
        });
        Lines(lines.collect())
    }

    fn of_user(&self, user: &str) -> Vec<&str> {
        let lines = self.0.iter().filter(|(whose, _)| whose == user);
        lines.map(|(_, line)| line.as_str()).collect()
    }

    /// The bodies of the user's lines of this kind.
    fn bodies(&self, user: &str, kind: u16) -> Vec<Value> {
        let header = format!("{kind}#");
        let lines = self.of_user(user).into_iter();
        let bodies = lines.filter_map(|line| line.strip_prefix(&header));
        bodies
            .map(|body| serde_json::from_str(body).expect(body))
            .collect()
    }

    /// The body of the user's only line of this kind.
    #[track_caller]
    fn body(&self, user: &str, kind: u16) -> Value {
        let mut bodies = self.bodies(user, kind);
        assert_eq!(bodies.len(), 1, "[{user}] {kind}# in {:#?}", self.0);
        bodies.remove(0)
    }

    /// The man takes over `penny2` and meets three women at once.
    fn check_the_pairs(&self) {
        assert_eq!(self.body("penny2", 0)["error"], "replaced");
        let met = self.bodies("penny2", 5);
        let met: BTreeSet<&str> = met.iter().filter_map(|met| met["toId"].as_str()).collect();
        assert_eq!(met, BTreeSet::from(["penny", "penny1", "penny3"]));
        assert_eq!(self.bodies("penny2", 5).len(), 3);
        for woman in ["penny", "penny1", "penny3"] {
            let met = self.body(woman, 5);
            assert_eq!(met["toId"], "penny2");
            assert_eq!(met["gender"], "M");
        }
        for woman in ["penny4", "penny6"] {
            assert!(self.bodies(woman, 5).is_empty(), "{woman} still waits");
        }
    }

    /// A word arrives as it was typed, and so does the last one.
    fn check_the_talk(&self) {
        let typed = r#"6#{"yourId":"penny1","toId":"penny2","msg":"goodmorning again"}"#;
        let words: Vec<&str> = self.of_user("penny2");
        let words: Vec<&&str> = words.iter().filter(|line| line.starts_with("6#")).collect();
        assert_eq!(words, [&typed]);
        let last = self.body("penny2", 9);
        assert_eq!(last["youId"], "penny1");
        assert_eq!(last["toId"], "penny2");
        assert_eq!(last["nickname"], "test");
        assert_eq!(last["endmessage"], "goodbyte");
        assert_eq!(last["over"].as_u64(), Some(1));
        assert_eq!(self.body("test1", 0)["error"], "not_joined");
        assert!(
            self.bodies("penny1", 9).is_empty(),
            "she knows that she left"
        );
    }
}
