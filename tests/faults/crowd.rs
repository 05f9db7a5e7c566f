//! Pairs who talk on a server on which things go wrong. Whoever is closed is
//! counted, its partner is told, and another pair takes their place.

use serde_json::{Value, json};

use crate::rig::{Handset, Server};

const PAIRS: usize = 8;
/// Lines that each says in a round.
const LINES: usize = 12;

/// See the module.
pub(crate) struct Crowd<'a> {
    server: &'a Server,
    pairs: Vec<[Talker; 2]>,
    named: usize,
    closed: usize,
}

impl<'a> Crowd<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Crowd {
            server,
            pairs: Vec::new(),
            named: 0,
            closed: 0,
        }
    }

    /// Everybody goes; how many connections the server closed before that.
    pub(crate) fn closed(self) -> usize {
        self.closed
    }

    /// Everybody says something and hears what the other says; then half of
    /// them go.
    #[track_caller]
    pub(crate) fn round(&mut self) {
        while self.pairs.len() < PAIRS {
            self.add();
        }
        self.pairs.iter_mut().flatten().for_each(Talker::say);
        self.pairs.iter_mut().flatten().for_each(Talker::hear_all);
        for [a, b] in &mut self.pairs {
            if a.closed {
                b.hear_of_the_end();
            }
            if b.closed {
                a.hear_of_the_end();
            }
            assert!(!a.left || b.closed, "{} was told a lie", a.handset.user);
            assert!(!b.left || a.closed, "{} was told a lie", b.handset.user);
        }
        let talkers = self.pairs.iter().flatten();
        self.closed += talkers.filter(|talker| talker.closed).count();
        self.pairs.retain(|[a, b]| !a.closed && !b.closed);
        let half = self.pairs.len() / 2;
        self.pairs.drain(..half);
        self.settle();
    }

    /// One pair more, unless one of the two is closed.
    fn add(&mut self) {
        let [a, b] = ["ann", "bob"].map(|name| format!("{name}{}", self.named));
        self.named += 1;
        let mut woman = join(self.server, &a, "F", "M");
        if told(&mut woman, "2#").is_none() {
            return self.lost((woman, None));
        }
        let mut man = join(self.server, &b, "M", "F");
        let Some(his) = told(&mut man, "5#") else {
            return self.lost((woman, Some(man)));
        };
        let Some(hers) = told(&mut woman, "5#") else {
            return self.lost((woman, Some(man)));
        };
        assert_eq!((&his["toId"], &hers["toId"]), (&json!(a), &json!(b)));
        self.pairs
            .push([Talker::new(woman, b), Talker::new(man, a)]);
    }

    /// One of them has been closed; the other goes.
    #[track_caller]
    fn lost(&mut self, both: (Handset, Option<Handset>)) {
        self.closed += 1;
        drop(both);
        self.settle();
    }

    /// Nobody is left on the server but those who talk.
    #[track_caller]
    fn settle(&self) {
        self.server.wait_metric("pairline_waiting", 0.0);
        let here = 2 * self.pairs.len();
        self.server.wait_metric("pairline_joined", here as f64);
    }
}

/// Connects and joins; the server may close at any step.
pub(crate) fn join(server: &Server, user: &str, gender: &str, find: &str) -> Handset {
    let mut handset = Handset::connect(server);
    handset.user = user.to_owned();
    let fields = json!({"userId": user, "gender": gender, "findGender": find});
    // Fails only on a closed connection, which is found out when it is read.
    let _ = handset.try_send(format!("1#{fields}\n").as_bytes());
    handset
}

/// The next line that is no place and no end is of this kind: its body. None
/// when the connection is closed before.
#[track_caller]
fn told(handset: &mut Handset, kind: &str) -> Option<Value> {
    loop {
        let line = handset.line_or_end()?;
        match line.strip_prefix(kind) {
            Some(body) => return Some(serde_json::from_str(body).expect("JSON")),
            // The other may have been closed again by now.
            None if line.starts_with("2#") || line.starts_with("9#") => {}
            None => handset.fail(&format!("expected {kind}, not the last line")),
        }
    }
}

/// One side of a talk.
struct Talker {
    handset: Handset,
    other: String,
    said: usize,
    heard: usize,
    /// Of its heartbeats, so many are not answered.
    unanswered: usize,
    /// The other has left, it was told.
    left: bool,
    closed: bool,
}

impl Talker {
    fn new(handset: Handset, other: String) -> Self {
        Talker {
            handset,
            other,
            said: 0,
            heard: 0,
            unanswered: 0,
            left: false,
            closed: false,
        }
    }

    /// Says a round's lines, and a heartbeat behind them.
    fn say(&mut self) {
        let mut lines = String::new();
        for _ in 0..LINES {
            let msg = self.said.to_string();
            let body = json!({"yourId": self.handset.user, "toId": self.other, "msg": msg});
            lines += &format!("6#{body}\n");
            self.said += 1;
        }
        lines += "\n";
        self.unanswered += 1;
        // Fails only on a closed connection, which is found out when it is read.
        let _ = self.handset.try_send(lines.as_bytes());
    }

    /// Hears as much as it has said, and that it is alive.
    #[track_caller]
    fn hear_all(&mut self) {
        while !self.closed && !self.left && (self.heard < self.said || self.unanswered > 0) {
            self.hear();
        }
    }

    /// The other has been closed, and it is told.
    #[track_caller]
    fn hear_of_the_end(&mut self) {
        while !self.closed && !self.left {
            self.hear();
        }
    }

    #[track_caller]
    fn hear(&mut self) {
        let Some(line) = self.handset.line_or_end() else {
            self.closed = true;
            return;
        };
        let Some((kind, body)) = line.split_once('#') else {
            assert_eq!(line, "");
            self.unanswered -= 1;
            return;
        };
        let body: Value = serde_json::from_str(body).expect("JSON");
        match kind {
            "6" => {
                let msg = self.heard.to_string();
                let said = json!({"yourId": self.other, "toId": self.handset.user, "msg": msg});
                assert_eq!(body, said);
                self.heard += 1;
            }
            "9" => {
                assert_eq!(
                    (&body["youId"], &body["over"]),
                    (&json!(self.other), &json!(1))
                );
                self.left = true;
            }
            _ => self
                .handset
                .fail("expected words or an end, not the last line"),
        }
    }
}
