//! What every relay does, whatever moves its bytes.
#![allow(
    clippy::unwrap_used,
    reason = "the tests' bodies are shared by the relays"
)]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(30);
const QUIET: Duration = Duration::from_millis(100);

struct Relay {
    process: Child,
    address: SocketAddr,
}

impl Relay {
    fn start(program: &str, flags: &[&str]) -> Relay {
        let mut process = Command::new(program)
            .args(["--listen", "127.0.0.1:0"])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the relay starts");
        let mut ready = String::new();
        let out = process.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut ready).expect("a line");
        let words: Vec<&str> = ready.trim_end().split(' ').collect();
        let [first, chat, pid] = words[..] else {
            panic!("{ready}")
        };
        assert_eq!(first, "ready");
        assert_eq!(pid, format!("pid={}", process.id()));
        let address = chat.strip_prefix("chat=").expect("chat=").parse();
        let address = address.expect("an address");
        Relay { process, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        stream
    }

    fn pair(&self) -> (TcpStream, TcpStream) {
        (self.connect(), self.connect())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Numbered lines of all lengths up to the limit's neighbourhood, most of them
/// short.
fn lines(name: &str, count: usize) -> Vec<u8> {
    let mut stream = Vec::new();
    for number in 0..count {
        let long = if number % 97 == 0 { number % 8000 } else { 100 };
        let text = "x".repeat(long);
        let line = format!(r##"6#{{"yourId":"{name}","toId":"b","msg":"{number}#{text}"}}"##);
        writeln!(stream, "{line}").expect("memory");
    }
    stream
}

fn assert_comes(stream: &mut TcpStream, expected: &[u8]) {
    let mut came = vec![0; expected.len()];
    stream.read_exact(&mut came).expect("all of it comes");
    let differ = came.iter().zip(expected).position(|(a, b)| a != b);
    assert_eq!(differ, None, "the first byte that differs");
}

fn assert_quiet(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(QUIET)).expect("a socket");
    let error = stream.read(&mut [0]).expect_err("nothing comes");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
}

fn forwards_both_ways(program: &str, flags: &[&str]) {
    let relay = Relay::start(program, flags);
    let (a, b) = relay.pair();
    let exchange = |mut stream: &TcpStream, mine: &[u8], theirs: &[u8]| {
        thread::scope(|scope| {
            scope.spawn(|| assert_comes(&mut stream.try_clone().unwrap(), theirs));
            stream.write_all(mine).expect("taken");
        });
    };
    let (from_a, from_b) = (lines("a", 10_000), lines("b", 10_000));
    thread::scope(|scope| {
        scope.spawn(|| exchange(&a, &from_a, &from_b));
        scope.spawn(|| exchange(&b, &from_b, &from_a));
    });
}

fn pairs_in_order(program: &str) {
    let relay = Relay::start(program, &[]);
    let mut all: Vec<TcpStream> = (0..6).map(|_| relay.connect()).collect();
    for from in 0..6_usize {
        let line = format!("6#{from}\n");
        all[from].write_all(line.as_bytes()).unwrap();
        assert_comes(&mut all[from ^ 1], line.as_bytes());
    }
    all.iter_mut().for_each(assert_quiet);
}

fn holds_half_a_line_back(program: &str) {
    let relay = Relay::start(program, &["--validate"]);
    let (mut a, mut b) = relay.pair();
    let stream = lines("a", 3);
    let (all_but_one, last) = stream.split_at(stream.len() - 1);
    for byte in &stream[..150] {
        a.write_all(&[*byte]).unwrap();
    }
    a.write_all(&all_but_one[150..]).unwrap();
    let whole = 1 + all_but_one.iter().rposition(|&byte| byte == b'\n').unwrap();
    assert_comes(&mut b, &stream[..whole]);
    assert_quiet(&mut b);
    a.write_all(last).unwrap();
    assert_comes(&mut b, &stream[whole..]);
}

fn waits_for_a_partner(program: &str) {
    let relay = Relay::start(program, &[]);
    let mut a = relay.connect();
    let stream = lines("a", 1000);
    a.write_all(&stream).unwrap();
    thread::sleep(QUIET);
    assert_comes(&mut relay.connect(), &stream);
}

/// More than sockets and relay may hold: the writer has to stop, and what it
/// got rid of arrives.
fn waits_for_a_slow_reader(program: &str) {
    let relay = Relay::start(program, &[]);
    let (mut a, mut b) = relay.pair();
    let line = [b"6#".as_slice(), &[b'x'; 1021], b"\n"].concat();
    let stream = line.repeat(64 * 1024);
    a.set_write_timeout(Some(5 * QUIET)).unwrap();
    let mut written = 0;
    while written < stream.len() {
        match a.write(&stream[written..]) {
            Ok(bytes) => written += bytes,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                break;
            }
        }
    }
    assert!(written < stream.len(), "64 MiB without a reader");
    a.set_write_timeout(Some(PATIENCE)).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            a.write_all(&stream[written..]).unwrap();
            a.shutdown(Shutdown::Write).unwrap();
        });
        let mut came = Vec::new();
        for _ in 0..20 {
            let mut some = [0; 1000];
            b.read_exact(&mut some).unwrap();
            came.extend_from_slice(&some);
            thread::sleep(Duration::from_millis(5));
        }
        b.read_to_end(&mut came).unwrap();
        assert!(came == stream, "{} of {} bytes", came.len(), stream.len());
    });
}

fn passes_the_end_on(program: &str) {
    let relay = Relay::start(program, &[]);
    let (mut a, mut b) = relay.pair();
    a.write_all(b"6#last\nhalf a li").unwrap();
    a.shutdown(Shutdown::Write).unwrap();
    let mut came = Vec::new();
    b.read_to_end(&mut came).unwrap();
    assert_eq!(came, b"6#last\n");
    b.write_all(b"6#later\n").unwrap();
    b.shutdown(Shutdown::Write).unwrap();
    came.clear();
    a.read_to_end(&mut came).unwrap();
    assert_eq!(came, b"6#later\n");
    // The next two are a pair of their own.
    let (mut c, mut d) = relay.pair();
    c.write_all(b"6#next\n").unwrap();
    assert_comes(&mut d, b"6#next\n");
}

fn closes_on_what_it_refuses(program: &str) {
    for (flags, line) in [(&[][..], "hello\n"), (&["--validate"], "6#{}\n")] {
        let relay = Relay::start(program, flags);
        let (mut a, mut b) = relay.pair();
        a.write_all(line.as_bytes()).unwrap();
        for stream in [&mut a, &mut b] {
            match stream.read(&mut [0]) {
                Ok(0) => {}
                Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
                Ok(_) => panic!("{line} was forwarded"),
            }
        }
    }
}

fn ends_on_sigterm(program: &str) {
    let mut relay = Relay::start(program, &["--core", "0"]);
    let (mut a, _b) = relay.pair();
    let pid = Pid::from_child(&relay.process);
    kill_process(pid, Signal::TERM).unwrap();
    relay.process.wait().unwrap();
    assert!(!matches!(a.read(&mut [0]), Ok(1..)));
}

macro_rules! relays {
    ($($name:ident: $program:literal),*) => {$(
        mod $name {
            const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", $program));

            #[test]
            fn forwards_both_ways() {
                super::forwards_both_ways(PROGRAM, &[]);
            }
            #[test]
            fn forwards_both_ways_with_validation() {
                super::forwards_both_ways(PROGRAM, &["--validate"]);
            }
            #[test]
            fn pairs_in_order() {
                super::pairs_in_order(PROGRAM);
            }
            #[test]
            fn holds_half_a_line_back() {
                super::holds_half_a_line_back(PROGRAM);
            }
            #[test]
            fn waits_for_a_partner() {
                super::waits_for_a_partner(PROGRAM);
            }
            #[test]
            fn waits_for_a_slow_reader() {
                super::waits_for_a_slow_reader(PROGRAM);
            }
            #[test]
            fn passes_the_end_on() {
                super::passes_the_end_on(PROGRAM);
            }
            #[test]
            fn closes_on_what_it_refuses() {
                super::closes_on_what_it_refuses(PROGRAM);
            }
            #[test]
            fn ends_on_sigterm() {
                super::ends_on_sigterm(PROGRAM);
            }
        }
    )*};
}

relays!(ring: "ring", epoll: "epoll", tokio: "tokio", tokio_uring: "tokio-uring");
