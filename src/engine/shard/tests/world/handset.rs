//! What a handset believes, from what it said and heard.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::World;

pub(super) struct Handset {
    pub(super) user: &'static str,
    /// By id: with whom.
    pub(super) talks: BTreeMap<u64, String>,
    /// Talks that have been here and are over.
    over: BTreeSet<u64>,
    /// It knows which talks it has; not so after it said that it leaves all of
    /// them, until all is quiet.
    pub(super) sure: bool,
}

impl Handset {
    pub(super) fn new(user: &'static str) -> Self {
        Handset {
            user,
            talks: BTreeMap::new(),
            over: BTreeSet::new(),
            sure: true,
        }
    }

    pub(super) fn ends(&mut self, talk: u64) {
        self.talks.remove(&talk);
        self.over.insert(talk);
    }

    pub(super) fn leaves(&mut self) {
        while let Some((talk, _)) = self.talks.pop_first() {
            self.over.insert(talk);
        }
        self.sure = false;
    }

    fn begins(&mut self, talk: u64, partner: &str) {
        if self.sure {
            assert_ne!(partner, self.user, "nobody meets themself");
            assert!(!self.over.contains(&talk), "a talk begins once");
            let mut partners = self.talks.values();
            assert!(
                partners.all(|own| own != partner),
                "one talk with one partner"
            );
        }
        let before = self.talks.insert(talk, partner.to_owned());
        assert!(before.is_none() || !self.sure, "a talk begins once");
    }
}

impl World {
    /// Every handset takes in what has arrived.
    pub(super) fn listen(&mut self) {
        for phone in 0..self.handsets.len() {
            for line in self.rig.heard(phone) {
                self.heard(phone, &line);
            }
        }
    }

    fn heard(&mut self, phone: usize, line: &str) {
        let Some((number, body)) = line.split_once('#') else {
            return assert_eq!(line, "", "a heartbeat");
        };
        let body: Value = serde_json::from_str(body).expect("the server writes JSON");
        let text = |key: &str| body[key].as_str().expect("a string").to_owned();
        let digits = |key: &str| text(key).parse::<u64>();
        let own = &mut self.handsets[phone];
        match number {
            "0" => {
                let error = text("error");
                let never = ["not_your_id", "not_joined", "bad_field", "draining"];
                assert!(!never.contains(&error.as_str()), "{line}");
            }
            "2" => assert!(digits("youNum").expect("a number") > 0, "{line}"),
            "4" => {
                let [from, by] = ["passNum", "passCount"].map(|key| body[key].as_u64());
                let now = from.expect("a number") - by.expect("a number");
                assert_eq!(digits("youNum"), Ok(now));
            }
            "5" => own.begins(digits("talkId").expect("a number"), &text("toId")),
            "6" => {
                let talk = digits("talkId").expect("a number");
                assert!(!own.sure || own.user == text("toId"), "{line}");
                let known = own.talks.contains_key(&talk) || own.over.contains(&talk);
                assert!(known, "a line of a talk that never began here: {line}");
                let number = digits("msg").expect("a number");
                self.relayed(talk, &text("yourId"), number);
            }
            "9" if body["over"] == 1 => match digits("talkId") {
                Ok(talk) if own.talks.contains_key(&talk) => own.ends(talk),
                Ok(talk) if own.over.contains(&talk) => {}
                _ => assert!(!own.sure, "the end of an unknown talk: {line}"),
            },
            "9" => {}
            _ => panic!("unexpected: {line}"),
        }
    }

    /// A line arrives once, and behind those that were said before; only what
    /// a closed connection had said may be missing.
    fn relayed(&mut self, talk: u64, sender: &str, number: u64) {
        let key = self
            .lines
            .keys()
            .copied()
            .find(|key| *key == (talk, sender));
        let said = key.and_then(|key| self.lines.get_mut(&key));
        let said = said.expect("only what was said is heard");
        while let Some((first, phone)) = said.pop_front() {
            if first == number {
                return;
            }
            let phone = &self.rig.phones[phone];
            assert!(phone.closed || phone.hung_up, "line {first} was lost");
        }
        panic!("line {number} came twice, or out of order");
    }
}
