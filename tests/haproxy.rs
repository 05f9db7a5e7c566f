//! The README's HAProxy in front of the real server: TLS outside, the PROXY
//! protocol inside. Needs `haproxy` and `openssl`.

pub mod rig;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rig::{PATIENCE, Samples, Server, Setup};
use tempfile::TempDir;

const README: &str = include_str!("../README.md");

/// Whether all that is needed is installed; says so when it is not, past the
/// test runner, which would keep it to itself.
fn installed() -> bool {
    let runs = |program: &str, arg: &str| {
        let mut command = Command::new(program);
        let command = command.arg(arg).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let all = runs("haproxy", "-v") && runs("openssl", "version");
    if !all {
        let loud = "SKIPPED: the README's HAProxy is not tried; install haproxy and openssl\n";
        // Nobody reads it when standard error is closed.
        let _ = std::io::stderr().write_all(loud.as_bytes());
    }
    all
}

/// The README's configuration, with other addresses.
fn configuration(port: u16, certificate: &Path, server: &Server) -> String {
    let (_, rest) = README
        .split_once("```haproxy\n")
        .expect("it has an example");
    let mut text = rest.split_once("```").expect("which ends").0.to_owned();
    for (from, to) in [
        ("bind :9443", format!("bind 127.0.0.1:{port}")),
        ("/etc/haproxy/chat.pem", certificate.display().to_string()),
        ("127.0.0.1:9400", server.chat.to_string()),
        // More checks than one every two seconds.
        (" check", " check inter 50ms".to_owned()),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from:?} once in\n{text}");
        text = text.replace(from, &to);
    }
    text
}

/// A certificate that nobody trusts, and its key.
fn certificate(folder: &Path) -> std::path::PathBuf {
    let (key, crt) = (folder.join("key"), folder.join("crt"));
    let made = Command::new("openssl")
        .args("req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost".split(' '))
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&crt)
        .stderr(Stdio::null())
        .status();
    assert!(made.expect("openssl runs").success());
    let read = |path| fs::read_to_string(path).expect("openssl wrote it");
    let both = folder.join("chat.pem");
    fs::write(&both, read(&crt) + &read(&key)).expect("it is writable");
    both
}

/// A process that is killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only on a process that is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// HAProxy on a port of its own, and everything that it reads.
struct Proxy {
    port: u16,
    _running: Running,
    _folder: TempDir,
}

impl Proxy {
    #[track_caller]
    fn before(server: &Server) -> Proxy {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let certificate = certificate(folder.path());
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = free.local_addr().expect("it has one").port();
        drop(free);
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, configuration(port, &certificate, server)).expect("it is writable");
        let started = Command::new("haproxy")
            .arg("-db")
            .arg("-f")
            .arg(&file)
            .spawn();
        let mut running = Running(started.expect("haproxy runs"));
        let until = Instant::now() + PATIENCE * 2;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = running.0.try_wait().expect("its end is told");
            assert!(ended.is_none(), "haproxy does not take the configuration");
            assert!(Instant::now() < until, "haproxy does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        Proxy {
            port,
            _running: running,
            _folder: folder,
        }
    }
}

/// A handset that speaks TLS.
struct Client {
    _running: Running,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Client {
    /// Connects from 127.0.0.`host`.
    fn connect(proxy: &Proxy, host: u8) -> Client {
        let mut child = Command::new("openssl")
            .args(["s_client", "-quiet", "-no_ign_eof", "-connect"])
            .arg(format!("127.0.0.1:{}", proxy.port))
            .args(["-bind", &format!("127.0.0.{host}:0")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        Client {
            input: child.stdin.take().expect("it is piped"),
            output: BufReader::new(child.stdout.take().expect("it is piped")),
            _running: Running(child),
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("openssl reads");
    }

    /// The next line; empty at the end of the stream.
    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("text");
        line
    }

    #[track_caller]
    fn expect(&mut self, start: &str) {
        let line = self.hear();
        assert!(line.starts_with(start), "{start:?}, but {line:?}");
    }
}

#[test]
fn handsets_come_through_it_with_their_own_addresses() {
    if !installed() {
        return;
    }
    let setup = Setup::new(2).set("proxy_protocol", true);
    let server = setup.set("max_per_address", 2).set("log", "debug").start();
    let proxy = Proxy::before(&server);
    // Its checks begin with a header too, one for the proxy itself.
    let received = "pairline_bytes_total{direction=\"in\"}";
    Samples::wait(&server, |samples| samples.get(received) >= 64.0);
    let mut ann = Client::connect(&proxy, 7);
    ann.say(r#"1#{"userId":"ann","gender":"F","findGender":"M"}"#);
    ann.expect("2#");
    let mut bob = Client::connect(&proxy, 7);
    bob.say(r#"1#{"userId":"bob","gender":"M","findGender":"F"}"#);
    bob.expect("5#");
    ann.expect("5#");
    bob.say(r#"6#{"yourId":"bob","toId":"ann","msg":"through TLS"}"#);
    ann.expect(r#"6#{"yourId":"bob","toId":"ann","msg":"through TLS"}"#);
    // A third from there is one too many, from elsewhere it is not.
    Client::connect(&proxy, 7).expect(r#"0#{"error":"server_full""#);
    server.wait_log("127.0.0.7:");
    let mut eve = Client::connect(&proxy, 8);
    eve.say("cafe");
    eve.expect("cafe");
    let refused = "pairline_connections_refused_total{key=\"proxy_protocol\"}";
    assert_eq!(Samples::of(&server).get(refused), 0.0);
    drop((ann, bob, eve));
    server.wait_metric("pairline_joined", 0.0);
}
