//! A blocking client of the chat port.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use socket2::{Domain, SockRef, Socket, Type};

use super::{PATIENCE, Server};

/// Lines of its past that a handset tells when it panics.
const STORY: usize = 20;

/// One connection to the chat port. Dropping it hangs up.
pub struct Handset {
    /// The `userId` of its last join, `""` before.
    pub user: String,
    stream: TcpStream,
    heard: Vec<u8>,
    /// Where the next line in `heard` starts.
    start: usize,
    ended: bool,
    /// The end was a failure: a reset.
    broken: Option<ErrorKind>,
    story: VecDeque<String>,
}

/// What came next.
enum Heard {
    Line(String),
    Closed,
    Nothing,
}

/// A connection from 127.0.0.`host`.
#[track_caller]
pub fn stream_from(host: u8, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let from = SocketAddr::from(([127, 0, 0, host], 0));
    socket.bind(&from.into()).expect("loopback is wide");
    let connected = socket.connect_timeout(&to.into(), PATIENCE);
    connected.expect("the port is open");
    socket.into()
}

impl Handset {
    /// Connects to the server's chat port.
    #[track_caller]
    pub fn connect(server: &Server) -> Handset {
        Handset::connect_to(server.chat)
    }

    /// Connects to this chat port.
    #[track_caller]
    pub fn connect_to(chat: SocketAddr) -> Handset {
        let stream = TcpStream::connect_timeout(&chat, PATIENCE).expect("the chat port is open");
        Handset::on(stream)
    }

    /// Connects from 127.0.0.`host`.
    #[track_caller]
    pub fn connect_from(host: u8, server: &Server) -> Handset {
        Handset::on(stream_from(host, server.chat))
    }

    #[track_caller]
    fn on(stream: TcpStream) -> Handset {
        stream.set_nodelay(true).expect("it is TCP");
        stream
            .set_write_timeout(Some(PATIENCE))
            .expect("it is not zero");
        Handset {
            user: String::new(),
            stream,
            heard: Vec::new(),
            start: 0,
            ended: false,
            broken: None,
            story: VecDeque::new(),
        }
    }

    /// The socket, for its options.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Ends its own half of the stream; it can still listen.
    pub fn shutdown_write(&self) {
        // Fails only on a connection that is down already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Vanishes: the server gets a reset, whatever was on its way.
    pub fn vanish(self) {
        let none_left = Some(Duration::ZERO);
        let set = SockRef::from(&self.stream).set_linger(none_left);
        set.expect("it is TCP");
    }
}

/// Sending.
impl Handset {
    /// The line and its end.
    #[track_caller]
    pub fn send_line(&mut self, line: &str) {
        self.send_bytes(format!("{line}\n").as_bytes());
    }

    /// Just these bytes.
    #[track_caller]
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        if let Err(error) = self.try_send(bytes) {
            self.fail(&format!("could not send the last ({error})"));
        }
    }

    /// Just these bytes; the server may refuse them.
    pub fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.remember("->", &String::from_utf8_lossy(bytes));
        self.stream.write_all(bytes)
    }

    /// `N#body`
    #[track_caller]
    pub fn send(&mut self, kind: u16, body: &Value) {
        self.send_line(&format!("{kind}#{body}"));
    }

    /// 1, for one conversation.
    #[track_caller]
    pub fn join(&mut self, user: &str, gender: &str, find: &str) {
        self.join_with(&json!({"userId": user, "gender": gender, "findGender": find}));
    }

    /// 1, of these fields.
    #[track_caller]
    pub fn join_with(&mut self, fields: &Value) {
        self.user = fields["userId"].as_str().unwrap_or_default().to_owned();
        self.send(1, fields);
    }

    /// 3
    #[track_caller]
    pub fn pass(&mut self) {
        self.send(3, &json!({"youId": self.user}));
    }

    /// 6
    #[track_caller]
    pub fn talk(&mut self, to: &str, msg: &str) {
        self.send(6, &json!({"yourId": self.user, "toId": to, "msg": msg}));
    }

    /// 7; they may meet again.
    #[track_caller]
    pub fn end(&mut self, to: &str, msg: &str) {
        let body = json!({"yourId": self.user, "toId": to, "msg": msg, "seeAgain": 0});
        self.send(7, &body);
    }

    /// 7; they never meet again.
    #[track_caller]
    pub fn refuse(&mut self, to: &str, msg: &str) {
        let body = json!({"yourId": self.user, "toId": to, "msg": msg, "seeAgain": 1});
        self.send(7, &body);
    }

    /// 8
    #[track_caller]
    pub fn last_word(&mut self, to: &str, text: &str) {
        let body = json!({"youId": self.user, "toId": to, "endmessage": text});
        self.send(8, &body);
    }

    /// 10
    #[track_caller]
    pub fn next_one(&mut self, to: &str, text: &str) {
        let body = json!({"youId": self.user, "toId": to, "endmessage": text});
        self.send(10, &body);
    }

    /// 13
    #[track_caller]
    pub fn leave(&mut self) {
        self.send(13, &json!({"youId": self.user}));
    }
}

/// Listening.
impl Handset {
    /// The next line, if one comes in time; none when the connection is closed,
    /// too.
    pub fn try_line(&mut self, patience: Duration) -> Option<String> {
        match self.hear(patience) {
            Heard::Line(line) => Some(line),
            Heard::Closed | Heard::Nothing => None,
        }
    }

    /// The next line, without its end; none when the server has closed the
    /// connection.
    #[track_caller]
    pub fn line_or_end(&mut self) -> Option<String> {
        match self.hear(PATIENCE) {
            Heard::Line(line) => Some(line),
            Heard::Closed => None,
            Heard::Nothing => self.fail("expected a line or the end, but nothing came"),
        }
    }

    /// The next line, without its end.
    #[track_caller]
    pub fn expect_line(&mut self) -> String {
        match self.hear(PATIENCE) {
            Heard::Line(line) => line,
            Heard::Closed => self.fail(&format!(
                "expected a line, but the connection is closed ({})",
                self.broken
                    .map_or("in good order".to_owned(), |kind| kind.to_string())
            )),
            Heard::Nothing => self.fail("expected a line, but nothing came"),
        }
    }

    /// The next line is `kind#body`: its body.
    #[track_caller]
    pub fn expect(&mut self, kind: u16) -> Value {
        let line = self.expect_line();
        match body_of(&line, kind) {
            Some(body) => body,
            None => self.fail(&format!("expected {kind}#{{…}}, not the last line")),
        }
    }

    /// The next line that is no 2 is `kind#body`: its body. (A 2 may come
    /// whenever a place changes.)
    #[track_caller]
    pub fn expect_past_waits(&mut self, kind: u16) -> Value {
        loop {
            let line = self.expect_line();
            match body_of(&line, kind) {
                Some(body) => return body,
                None if line.starts_with("2#") => {}
                None => self.fail(&format!("expected {kind}#{{…}}, not the last line")),
            }
        }
    }

    /// The next line is `{"msgType":name,"msg":body}`: its body.
    #[track_caller]
    pub fn expect_named(&mut self, name: &str) -> Value {
        let line = self.expect_line();
        match serde_json::from_str::<Value>(&line) {
            Ok(mut frame) if frame["msgType"] == name && frame["msg"].is_object() => {
                frame["msg"].take()
            }
            _ => self.fail(&format!("expected a named {name}, not the last line")),
        }
    }

    /// The next line is the error of this slug: its body.
    #[track_caller]
    pub fn expect_error(&mut self, slug: &str) -> Value {
        let body = self.expect(0);
        if body["error"] != slug {
            self.fail(&format!("expected the error {slug}, not the last line"));
        }
        body
    }

    /// The next line is this error, as a whole: its detail. In either dialect.
    #[track_caller]
    pub fn expect_refusal(&mut self, slug: &str, msg_type: Option<u16>) -> String {
        let line = self.expect_line();
        let Some(body) = body_of(&line, 0).or_else(|| named_error(&line)) else {
            self.fail("expected an error, not the last line");
        };
        let detail = body["detail"].as_str().unwrap_or_default().to_owned();
        let whole = json!({"error": slug, "msgType": msg_type, "detail": detail});
        if body != whole || detail.is_empty() {
            self.fail(&format!("expected {whole}, not the last line"));
        }
        detail
    }

    /// No line comes for so long, and the connection stays open.
    #[track_caller]
    pub fn expect_nothing(&mut self, patience: Duration) {
        match self.hear(patience) {
            Heard::Nothing => {}
            Heard::Line(_) => self.fail("expected nothing, not the last line"),
            Heard::Closed => self.fail("expected nothing, but the connection is closed"),
        }
    }

    /// The server closes the connection (an end or a reset) without another
    /// line.
    #[track_caller]
    pub fn expect_closed(&mut self) {
        match self.hear(PATIENCE) {
            Heard::Closed => {}
            Heard::Line(_) => self.fail("expected the end, not the last line"),
            Heard::Nothing => self.fail("expected the end, but the connection is open"),
        }
    }

    /// The server ends the stream in good order without another line.
    #[track_caller]
    pub fn expect_end(&mut self) {
        self.expect_closed();
        if let Some(kind) = self.broken {
            self.fail(&format!("expected an end in good order, not {kind}"));
        }
        if self.start < self.heard.len() {
            self.fail("expected the end behind a whole line, not a half one");
        }
    }

    fn hear(&mut self, patience: Duration) -> Heard {
        let until = Instant::now() + patience;
        let mut searched = self.start;
        loop {
            let new = &self.heard[searched..];
            if let Some(end) = new.iter().position(|byte| *byte == b'\n') {
                return Heard::Line(self.take_line(searched + end));
            }
            if self.ended {
                return Heard::Closed;
            }
            self.heard.drain(..self.start);
            self.start = 0;
            searched = self.heard.len();
            if !self.read(until.saturating_duration_since(Instant::now())) {
                return Heard::Nothing;
            }
        }
    }

    fn take_line(&mut self, end: usize) -> String {
        let line = String::from_utf8_lossy(&self.heard[self.start..end]).into_owned();
        self.start = end + 1;
        self.remember("<-", &line);
        line
    }

    /// Reads once; false when nothing comes in time.
    fn read(&mut self, patience: Duration) -> bool {
        // A time-out of zero is refused.
        let patience = patience.max(Duration::from_millis(1));
        self.stream
            .set_read_timeout(Some(patience))
            .expect("it is not zero");
        let mut bytes = [0; 64 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(read) => {
                self.ended = read == 0;
                self.heard.extend_from_slice(&bytes[..read]);
                true
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            Err(error) => {
                let late = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                self.ended = !late;
                self.broken = self.broken.or((!late).then_some(error.kind()));
                !late
            }
        }
    }

    fn remember(&mut self, direction: &str, text: &str) {
        if self.story.len() == STORY {
            self.story.pop_front();
        }
        self.story.push_back(format!("{direction} {text:.160}"));
    }

    /// Panics, with what was sent and heard.
    #[track_caller]
    pub fn fail(&self, what: &str) -> ! {
        let story: Vec<&str> = self.story.iter().map(|line| line.trim_end()).collect();
        panic!("[{}] {what}\n{}", self.user, story.join("\n"));
    }
}

fn body_of(line: &str, kind: u16) -> Option<Value> {
    let body = line.strip_prefix(&format!("{kind}#"))?;
    let body: Value = serde_json::from_str(body).ok()?;
    body.is_object().then_some(body)
}

fn named_error(line: &str) -> Option<Value> {
    let mut frame: Value = serde_json::from_str(line).ok()?;
    (frame["msgType"] == "error").then(|| frame["msg"].take())
}
