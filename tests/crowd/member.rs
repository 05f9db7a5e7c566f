//! One of a crowd: what it does, and what it may be told.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::rig::{Handset, PATIENCE, Server};

/// Genders and whom they look for, by a member's number.
const POOLS: [(&str, &str); 6] = [
    ("F", "M"),
    ("M", "F"),
    ("F", "M"),
    ("M", "F"),
    ("M", "M"),
    ("F", "F"),
];

/// A handset with a model of what it is in.
pub(super) struct Member {
    handset: Handset,
    number: usize,
    guys: u32,
    rng: fastrand::Rng,
    /// Every talk that was told, by its id.
    pub(super) heard: HashMap<String, Heard>,
    /// Talks that are on, by the partner.
    on: BTreeMap<String, String>,
    refused: HashSet<String>,
    /// While it comes on another connection: talks that it may be told again.
    again: Option<HashSet<String>>,
    /// What it was told may have been lost with a connection.
    pub(super) vanished: bool,
    /// Lines that it was told.
    pub(super) lines: u64,
    /// What it may still say on this connection that may be refused, before the
    /// server ends it for its errors.
    tries: u32,
}

/// Fewer than the errors that end a connection.
const TRIES: u32 = 24;

/// What a member knows of a talk.
#[derive(Debug)]
pub(super) struct Heard {
    /// The partner.
    pub(super) with: String,
    /// It has not ended.
    pub(super) on: bool,
    /// This side ended it: what the partner said may be on its way still.
    closing: bool,
    /// The partner's next line.
    next_in: u64,
    /// Lines before that one were lost with a connection.
    gap: bool,
    /// Lines to the partner.
    lines_out: u64,
}

/// What it does.
impl Member {
    pub(super) fn join(server: &Server, number: usize, mut rng: fastrand::Rng) -> Member {
        let guys = rng.u32(1..=3);
        let mut member = Member {
            handset: Handset::connect(server),
            number,
            guys,
            rng,
            heard: HashMap::new(),
            on: BTreeMap::new(),
            refused: HashSet::new(),
            again: None,
            vanished: false,
            lines: 0,
            tries: TRIES,
        };
        member.introduce();
        member
    }

    pub(super) fn name(&self) -> String {
        name(self.number)
    }

    /// The talks that are on: partner and id.
    pub(super) fn talks(&self) -> Vec<(String, String)> {
        let talks = self.on.iter();
        talks
            .map(|(with, talk)| (with.clone(), talk.clone()))
            .collect()
    }

    /// Is in another pool, has no slot left, talks with it or has refused it.
    pub(super) fn avoids(&self, other: &Member) -> bool {
        let (gender, find) = pool(self.number);
        let name = other.name();
        pool(other.number) != (find, gender)
            || self.on.len() == self.guys as usize
            || self.on.contains_key(&name)
            || self.refused.contains(&name)
    }

    /// One thing at random, and then listens for a moment.
    pub(super) fn act(&mut self, server: &Server) {
        let partner = self.any_partner();
        match (self.rng.u32(0..100), partner) {
            (0..60, Some(partner)) => {
                for _ in 0..self.rng.u32(1..=5) {
                    self.say(&partner);
                }
            }
            (60..72, Some(partner)) => self.next(&partner),
            (72..78, Some(partner)) => self.end(&partner),
            (78..84, Some(partner)) => {
                let body = json!({"youId": self.name(), "toId": partner, "endmessage": "a word"});
                self.handset.send(8, &body);
            }
            (60..84, None) => self.try_to(10),
            (84..88, _) => self.leave(),
            (88..91, _) => self.introduce(),
            (91..94, _) => self.try_to(3),
            (94..95, _) => self.go_and_come(server),
            (95..97, _) => self.vanish_and_come(server),
            (97..99, _) => self.take_over(server),
            _ => {}
        }
        let moment = self.rng.u64(1..=20);
        while let Some(line) = self.handset.try_line(Duration::from_millis(moment)) {
            self.told(&line);
            if self.rng.u32(0..4) == 0 {
                break;
            }
        }
    }

    /// Something that is an error when it crosses a talk's beginning.
    fn try_to(&mut self, kind: u16) {
        if let Some(left) = self.tries.checked_sub(1) {
            self.tries = left;
            self.handset.send(kind, &json!({"youId": self.name()}));
        }
    }

    /// Comes on another connection, which has made no errors yet.
    fn connect(&mut self, server: &Server) -> Handset {
        self.tries = TRIES;
        std::mem::replace(&mut self.handset, Handset::connect(server))
    }

    /// One line to a partner.
    pub(super) fn say(&mut self, partner: &str) {
        let talk = self.on[partner].clone();
        let heard = self.heard.get_mut(&talk).expect("a talk that is on");
        let body = json!({
            "yourId": name(self.number), "toId": partner, "talkId": talk,
            "msg": heard.lines_out.to_string()
        });
        heard.lines_out += 1;
        self.handset.send(6, &body);
    }

    /// Waits until all that it sent has taken effect.
    pub(super) fn settle(&mut self) {
        self.handset.send_line("");
        loop {
            let line = self.handset.expect_line();
            if line.is_empty() {
                return;
            }
            self.told(&line);
        }
    }

    /// The next line of this talk arrives.
    pub(super) fn expect_line_of(&mut self, talk: &str) {
        let before = self.heard[talk].next_in;
        while self.heard[talk].next_in == before {
            let line = self.handset.expect_line();
            self.told(&line);
        }
    }

    /// Joins, also again.
    pub(super) fn introduce(&mut self) {
        let (gender, find) = pool(self.number);
        self.handset.join_with(&json!({
            "userId": self.name(), "nickname": gender, "gender": gender, "findGender": find,
            "guys": self.guys
        }));
    }

    fn any_partner(&mut self) -> Option<String> {
        let at = self.rng.usize(0..self.on.len().max(1));
        self.on.keys().nth(at).cloned()
    }

    /// The last word tells how many lines there were.
    fn end(&mut self, partner: &str) {
        let refuse = self.rng.u32(0..20) == 0;
        let (talk, said) = self.close(partner);
        let body = json!({
            "yourId": self.name(), "toId": partner, "msg": said, "talkId": talk,
            "seeAgain": u8::from(refuse)
        });
        self.handset.send(7, &body);
        if refuse {
            // They may meet once more before this has taken effect, if the
            // partner had ended the talk already.
            self.settle();
            self.refused.insert(partner.to_owned());
        }
    }

    fn next(&mut self, partner: &str) {
        let (talk, said) = self.close(partner);
        let body = json!({
            "youId": self.name(), "toId": partner, "endmessage": said, "talkId": talk
        });
        self.handset.send(10, &body);
    }

    /// This side of a talk is over; its id and what was said.
    fn close(&mut self, partner: &str) -> (String, String) {
        let talk = self.on.remove(partner).expect("a talk that is on");
        let heard = self.heard.get_mut(&talk).expect("a talk that was told");
        heard.on = false;
        heard.closing = true;
        (talk, format!("{} lines", heard.lines_out))
    }

    fn leave(&mut self) {
        self.handset.send(13, &json!({"youId": self.name()}));
        // A talk may begin before this has taken effect, none after it.
        self.settle();
        self.all_over();
    }

    /// Ends its stream, hears it out, and comes on another connection.
    fn go_and_come(&mut self, server: &Server) {
        self.handset.shutdown_write();
        while let Some(line) = self.handset.try_line(PATIENCE) {
            self.told(&line);
        }
        self.handset.expect_closed();
        self.all_over();
        self.connect(server);
        self.introduce();
    }

    /// Is cut off, and comes on another connection: perhaps before the server
    /// has seen the end of the first, and then it takes itself over.
    fn vanish_and_come(&mut self, server: &Server) {
        self.settle();
        self.vanished = true;
        self.connect(server);
        self.introduce();
        let on = std::mem::take(&mut self.on).into_values();
        self.again = Some(on.collect());
        self.settle();
        for talk in self.again.take().unwrap_or_default() {
            let heard = self.heard.get_mut(&talk).expect("a talk that was told");
            heard.on = false;
        }
    }

    /// Another connection takes over; what the older is told until then counts.
    fn take_over(&mut self, server: &Server) {
        self.settle();
        let mut older = self.connect(server);
        self.introduce();
        loop {
            let line = older.expect_line();
            if line.contains(r#""error":"replaced""#) {
                break;
            }
            self.told(&line);
        }
        older.expect_closed();
        let on = std::mem::take(&mut self.on).into_values();
        self.again = Some(on.collect());
        self.settle();
        let missing = self.again.take().unwrap_or_default();
        self.check(missing.is_empty(), "not all talks were taken over");
    }

    fn all_over(&mut self) {
        for talk in std::mem::take(&mut self.on).into_values() {
            let heard = self.heard.get_mut(&talk).expect("a talk that was told");
            heard.on = false;
        }
    }
}

/// What it is told.
impl Member {
    fn told(&mut self, line: &str) {
        self.lines += 1;
        let (kind, body) = line.split_once('#').unwrap_or_default();
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        match kind {
            "0" => self.told_error(&body),
            "2" => {
                let place = number(&body["youNum"]);
                let waits = self.on.len() < self.guys as usize;
                self.check(waits && place > 0, "no slot waits");
            }
            "4" => {
                let [from, by] = ["passNum", "passCount"].map(|key| body[key].as_u64());
                let by = by.unwrap_or(u64::MAX);
                let sum = number(&body["youNum"]).checked_add(by);
                self.check(sum == from && by <= 10, "no jump");
            }
            "5" => self.told_begin(&body),
            "6" => self.told_line(&body),
            "9" if body["over"] == 1 => self.told_over(&body),
            "9" => self.told_word(&body),
            _ => self.check(false, "no such message"),
        }
    }

    fn told_error(&self, body: &Value) {
        let fine = match body["msgType"].as_u64() {
            Some(3) => body["error"] == "rate_limited" || body["error"] == "not_waiting",
            Some(10) => body["error"] == "not_partner",
            _ => false,
        };
        self.check(fine, "nothing was wrong");
    }

    fn told_begin(&mut self, body: &Value) {
        let (with, talk) = (text(&body["toId"]), text(&body["talkId"]));
        let again = self.again.as_mut().is_some_and(|again| again.remove(&talk));
        let partner = with[1..].parse().map(pool);
        let (gender, find) = pool(self.number);
        self.check(partner == Ok((find, gender)), "of another pool");
        self.check(
            body["gender"] == find && body["nickname"] == find,
            "not its profile",
        );
        self.check(with != self.name(), "alone");
        self.check(!self.refused.contains(&with), "refused for good");
        self.check(again || !self.heard.contains_key(&talk), "an old talk");
        let before = self.on.insert(with.clone(), talk.clone());
        self.check(before.is_none(), "two talks with the same partner");
        self.check(self.on.len() <= self.guys as usize, "more than wanted");
        let gap = self.vanished && self.again.is_some();
        let heard = self.heard.entry(talk).or_insert(Heard {
            with,
            on: true,
            closing: false,
            next_in: 0,
            gap: false,
            lines_out: 0,
        });
        heard.gap |= gap;
    }

    fn told_line(&mut self, body: &Value) {
        self.check(body["toId"] == self.name(), "not for me");
        let Some(heard) = self.heard.get_mut(&text(&body["talkId"])) else {
            return self.check(false, "of no talk of mine");
        };
        let line = number(&body["msg"]);
        let in_order = line == heard.next_in || (heard.gap && line > heard.next_in);
        let fine = body["yourId"] == heard.with && (heard.on || heard.closing) && in_order;
        heard.gap = false;
        heard.next_in = line + 1;
        self.check(fine, "not the partner's next line");
    }

    fn told_over(&mut self, body: &Value) {
        self.check(body["toId"] == self.name(), "not for me");
        let talk = text(&body["talkId"]);
        let Some(heard) = self.heard.get_mut(&talk) else {
            return self.check(false, "of no talk of mine");
        };
        let (on, closing) = (heard.on, heard.closing);
        let right = body["youId"] == heard.with;
        if body["nickname"] == "" {
            // It answers a line that came too late.
            return self.check(right && !on, "that talk is on");
        }
        let said = text(&body["endmessage"]);
        let all = match said.strip_suffix(" lines").map(str::parse::<u64>) {
            Some(Ok(lines)) => lines == heard.next_in || (heard.gap && lines > heard.next_in),
            _ => said.is_empty(),
        };
        heard.on = false;
        heard.closing = false;
        if on {
            let with = heard.with.clone();
            self.on.remove(&with);
        }
        self.check(right && (on || closing), "a talk that was over");
        self.check(all, "not all that the partner said");
    }

    fn told_word(&mut self, body: &Value) {
        let from = text(&body["youId"]);
        let heard = self.heard.get(&text(&body["talkId"]));
        let known = heard.is_some_and(|heard| heard.with == from) || self.vanished;
        let said = text(&body["endmessage"]);
        let fine = body["toId"] == self.name() && body["over"] == 0;
        let fine = fine && (said == "a word" || said.ends_with(" lines"));
        self.check(known && fine, "no such word");
    }

    #[track_caller]
    fn check(&self, fine: bool, otherwise: &str) {
        if !fine {
            self.handset.fail(otherwise);
        }
    }
}

fn name(number: usize) -> String {
    format!("u{number}")
}

fn pool(number: usize) -> (&'static str, &'static str) {
    POOLS[number % POOLS.len()]
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("no text").to_owned()
}

fn number(value: &Value) -> u64 {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or(u64::MAX)
}
