//! The console against a server that follows a script.

use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::{Source, converse};
use crate::exit::{Code, Failure};

const LINGER: Duration = Duration::from_millis(400);
const PIPED: Source = Source::Piped { linger: LINGER };

/// One thing that the server saw.
#[derive(Clone, Debug)]
struct Seen {
    /// 0 is the console's look whether anybody is there.
    connection: usize,
    line: String,
    at: Instant,
}

/// What the script does after a line.
enum Then {
    Say(&'static [u8]),
    Wait(u64),
    Close,
}

struct Fake {
    addr: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    fn start(script: impl Fn(&str) -> Vec<Then> + Clone + Send + 'static) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (seen, script) = (seen.clone(), script.clone());
                thread::spawn(move || follow(&script, connection, stream.unwrap(), &seen));
            }
        });
        Fake { addr, seen: kept }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Connection and line, in the order of their arrival.
    fn lines(&self) -> Vec<(usize, String)> {
        let seen = self.seen().into_iter();
        seen.map(|seen| (seen.connection, seen.line)).collect()
    }
}

fn follow(
    script: &impl Fn(&str) -> Vec<Then>,
    connection: usize,
    mut stream: TcpStream,
    seen: &Mutex<Vec<Seen>>,
) {
    let reader = BufReader::new(stream.try_clone().unwrap());
    for line in reader.lines() {
        let Ok(line) = line else { return };
        let does = script(&line);
        seen.lock().unwrap().push(Seen {
            connection,
            line,
            at: Instant::now(),
        });
        for then in does {
            match then {
                Then::Say(bytes) => stream.write_all(bytes).unwrap(),
                Then::Wait(ms) => thread::sleep(Duration::from_millis(ms)),
                Then::Close => return,
            }
        }
    }
}

/// What came of a conversation.
struct Came {
    result: Result<(), Failure>,
    heard: String,
    notes: String,
    took: Duration,
}

fn talk(server: SocketAddr, source: Source, typed: &str) -> Came {
    let (mut heard, mut notes) = (Vec::new(), Vec::new());
    let begin = Instant::now();
    let input = Cursor::new(typed.to_owned());
    let result = converse(server, source, input, &mut heard, &mut notes);
    Came {
        result,
        heard: String::from_utf8(heard).unwrap(),
        notes: String::from_utf8(notes).unwrap(),
        took: begin.elapsed(),
    }
}

fn owned(lines: &[(usize, &str)]) -> Vec<(usize, String)> {
    lines
        .iter()
        .map(|(n, line)| (*n, (*line).to_owned()))
        .collect()
}

#[test]
fn lines_go_to_the_handset_that_they_name() {
    let server = Fake::start(|_| vec![Then::Say(b"ok\n")]);
    let came = talk(
        server.addr,
        PIPED,
        concat!(
            "/send 1#{\"userId\":\"ann\"}\n",
            "  1#{\"userId\":\"bob\"}\r\n",
            "\n",
            "6#{\"yourId\":\"ann\",\"toId\":\"bob\"}\n",
            "{\"msgType\":\"pass_req\",\"msg\":{\"youId\":\"bob\"}}\n",
            "E8308298402399320\n",
            "/send\n",
            "3#{\"fromId\":\"eve\"}\n",
            "/send 1#{\"userId\":\"ann\",\"again\":1}\n",
            "3#{\"youId\":\"ann\"}",
        ),
    );
    assert_eq!(came.result, Ok(()));
    assert_eq!(
        server.lines(),
        owned(&[
            (1, r#"1#{"userId":"ann"}"#),
            (2, r#"1#{"userId":"bob"}"#),
            (1, r#"6#{"yourId":"ann","toId":"bob"}"#),
            (2, r#"{"msgType":"pass_req","msg":{"youId":"bob"}}"#),
            (3, "E8308298402399320"),
            (3, ""),
            (4, r#"3#{"fromId":"eve"}"#),
            (5, r#"1#{"userId":"ann","again":1}"#),
            (5, r#"3#{"youId":"ann"}"#),
        ])
    );
    let who = ["ann", "bob", "ann", "bob", "-", "-", "eve", "ann", "ann"];
    let expected: String = who.iter().map(|who| format!("[{who}] ok\n")).collect();
    assert_eq!(came.heard, expected);
    assert_eq!(came.notes, "");
}

#[test]
fn a_line_waits_for_the_answer_to_the_one_before() {
    const JOIN: &str = r#"{"msgType":"join","msg":{"userId":"j"}}"#;
    let server = Fake::start(|line| match line {
        "1#" => vec![Then::Wait(60), Then::Say(b"late\n")],
        "2#" => vec![],
        JOIN => vec![
            Then::Say(b"one\n"),
            Then::Wait(5),
            Then::Say(b"two\n"),
            Then::Wait(300),
            Then::Say(b"three\n"),
        ],
        _ => vec![Then::Say(b"at once\n")],
    });
    // A stalled machine is late now and then, a console that waits in vain always.
    let in_time = (0..5).any(|_| {
        let before = server.seen().len();
        let came = talk(
            server.addr,
            PIPED,
            &format!("1#\n4#\n2#\n5#\n{JOIN}\n3#{{\"youId\":\"x\"}}\n"),
        );
        assert_eq!(came.result, Ok(()));
        let order: Vec<&str> = came.heard.lines().collect();
        let place = |text: &str| order.iter().position(|line| line.ends_with(text)).unwrap();
        assert!(place("] two") < place("[x] at once"), "{order:?}");
        let seen = server.seen().split_off(before);
        let gap = |n: usize| (seen[n].at - seen[n - 1].at).as_millis();
        assert!(gap(1) >= 60, "answered late: {}", gap(1));
        assert!(gap(3) >= 190, "never answered: {}", gap(3));
        assert!(gap(5) >= 20, "a join's lines: {}", gap(5));
        [gap(1), gap(2), gap(5)].iter().all(|&gap| gap < 190)
    });
    assert!(in_time, "it waits although it was answered");
}

#[test]
fn what_is_no_frame_is_sent_only_on_demand() {
    let server = Fake::start(|_| vec![Then::Say(b"0#{}\n")]);
    let typed = "hello there\x1b[2J\n/who\n/send hello there\n/send 1#{\n01#{}\n";
    let came = talk(server.addr, PIPED, typed);
    assert_eq!(
        server.lines(),
        owned(&[(1, "hello there"), (1, "1#{"), (1, "01#{}")]),
        "a join that names nobody is a line like any other"
    );
    let notes: Vec<&str> = came.notes.lines().collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].starts_with("not sent"), "{notes:?}");
    assert!(notes[0].ends_with("hello there\\u001b[2J"), "{notes:?}");
    assert!(notes[1].ends_with("/who"), "{notes:?}");
}

#[test]
fn lines_are_shown_whole_and_harmless() {
    let server = Fake::start(|_| {
        vec![
            Then::Say("6#{\"msg\":\"\u{4f60}".as_bytes()),
            Then::Wait(30),
            Then::Say(b"\"}\r\n\n\x1b[31m\xff\rx\nhalf"),
            Then::Close,
        ]
    });
    let came = talk(server.addr, PIPED, "3#{\"youId\":\"a\\u001b]\"}\n");
    let lines = [
        "6#{\"msg\":\"\u{4f60}\"}",
        "",
        "\\u001b[31m\u{fffd}\\u000dx",
        "half",
    ];
    let expected: String = lines.map(|line| format!("[a\\u001b]] {line}\n")).concat();
    assert_eq!(came.heard, expected);
    assert_eq!(came.notes, "[a\\u001b]] (closed by the server)\n");
}

#[test]
fn a_closed_handset_is_said_and_forgotten() {
    let server = Fake::start(|line| match line {
        "3#{\"youId\":\"a\"}" => vec![Then::Say(b"bye\n"), Then::Close],
        _ => vec![Then::Say(b"ok\n")],
    });
    let typed = "3#{\"youId\":\"a\"}\n3#{\"youId\":\"b\"}\n4#{\"youId\":\"a\"}\n";
    let came = talk(server.addr, PIPED, typed);
    assert_eq!(came.heard, "[a] bye\n[b] ok\n[a] ok\n");
    assert_eq!(came.notes, "[a] (closed by the server)\n");
    assert_eq!(server.lines()[2].0, 3, "a connection of its own");
}

#[test]
fn lingers_for_late_lines_and_then_ends() {
    let server = Fake::start(|_| {
        vec![
            Then::Wait(450),
            Then::Say(b"late\n"),
            Then::Wait(300),
            Then::Say(b"later\n"),
            Then::Wait(2000),
            Then::Say(b"too late\n"),
        ]
    });
    let came = talk(server.addr, PIPED, "3#{\"youId\":\"a\"}\n");
    assert_eq!(came.heard, "[a] late\n[a] later\n");
    let expected = Duration::from_millis(750) + LINGER;
    assert!(came.took >= expected, "{:?}", came.took);
    assert!(came.took < Duration::from_millis(2500), "{:?}", came.took);
}

#[test]
fn ends_at_once_when_nothing_more_can_come() {
    let forever = Source::Piped {
        linger: Duration::MAX,
    };
    let server = Fake::start(|_| vec![Then::Wait(300), Then::Close]);
    assert_eq!(talk(server.addr, forever, "").result, Ok(()));
    let came = talk(server.addr, forever, "3#{}\n");
    assert_eq!(came.notes, "[-] (closed by the server)\n");
    let silent = Fake::start(|_| vec![]);
    let came = talk(silent.addr, forever, "3#{}\n/quit\n4#{}\n");
    assert_eq!(came.result, Ok(()));
    assert_eq!(silent.lines(), owned(&[(1, "3#{}")]));
}

#[test]
fn a_person_gets_help_and_a_prompt() {
    let server = Fake::start(|_| vec![Then::Say(b"ok\n")]);
    let came = talk(server.addr, Source::Prompt, "3#{}\nhello\n");
    assert_eq!(came.heard, "[-] ok\n");
    assert!(came.notes.starts_with("Lines go to the server"));
    assert_eq!(came.notes.matches("> ").count(), 3, "{}", came.notes);
    assert!(came.took < LINGER, "{:?}", came.took);
}

#[test]
fn no_server_is_the_systems_failure() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = gone.local_addr().unwrap();
    drop(gone);
    for typed in ["", "3#{}\n"] {
        let failure = talk(addr, PIPED, typed).result.unwrap_err();
        assert_eq!(failure.code, Code::System);
        assert!(failure.message.contains(&addr.to_string()), "{failure:?}");
    }
}

#[test]
fn the_end_hangs_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        let _probe = listener.accept().unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        ended.send(all).unwrap();
    });
    assert_eq!(talk(addr, PIPED, "3#{}").result, Ok(()));
    let all = end.recv_timeout(Duration::from_secs(5)).unwrap();
    assert_eq!(all, b"3#{}\n");
}
