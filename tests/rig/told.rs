//! What a handset is told, in the words of the contract.

use std::time::Instant;

use serde_json::{Value, json};

use super::{Handset, PATIENCE, Server};

impl Handset {
    /// Connects and joins for one conversation; nothing is read.
    #[track_caller]
    pub fn joined(server: &Server, user: &str, gender: &str, find: &str) -> Handset {
        let mut handset = Handset::connect(server);
        handset.join(user, gender, find);
        handset
    }

    /// Connects and joins for so many conversations; nothing is read.
    #[track_caller]
    pub fn joined_for(server: &Server, user: &str, gender: &str, find: &str, guys: u32) -> Handset {
        let mut handset = Handset::connect(server);
        handset.rejoin_for(user, gender, find, guys);
        handset
    }

    /// 1, for so many conversations.
    #[track_caller]
    pub fn rejoin_for(&mut self, user: &str, gender: &str, find: &str, guys: u32) {
        self.join_with(&json!({
            "userId": user, "gender": gender, "findGender": find, "guys": guys
        }));
    }

    /// 10, without a `toId`.
    #[track_caller]
    pub fn seek(&mut self) {
        self.send(10, &json!({"youId": self.user}));
    }

    /// The next line is a 2 with this place.
    #[track_caller]
    pub fn expect_place(&mut self, place: u64) {
        let told = self.expect(2);
        if told != json!({"youNum": place.to_string()}) {
            self.fail(&format!("expected the place {place}, not the last line"));
        }
    }

    /// Nothing but 2s comes until one tells this place.
    #[track_caller]
    pub fn await_place(&mut self, place: u64) {
        let until = Instant::now() + PATIENCE * 2;
        while self.expect(2) != json!({"youNum": place.to_string()}) {
            if Instant::now() > until {
                self.fail(&format!("was never told the place {place}"));
            }
        }
    }

    /// The next line that is no 2 is a 5 with this partner: the talk's id.
    #[track_caller]
    pub fn expect_talk(&mut self, with: &str) -> String {
        let told = self.expect_past_waits(5);
        match told["talkId"].as_str() {
            Some(talk) if told["toId"] == with => talk.to_owned(),
            _ => self.fail(&format!("expected a talk with {with}, not the last line")),
        }
    }

    /// The next lines are the 5s of talks with these partners, in any order.
    #[track_caller]
    pub fn expect_talks(&mut self, with: &[&str]) {
        let mut told: Vec<String> = Vec::new();
        for _ in with {
            told.push(self.expect(5)["toId"].as_str().unwrap_or_default().into());
        }
        told.sort_unstable();
        let mut with = with.to_vec();
        with.sort_unstable();
        if told != with {
            self.fail(&format!("expected talks with {with:?}, not these"));
        }
    }

    /// The next line that is no 2 is a 6 from this partner with this `msg`.
    #[track_caller]
    pub fn expect_said(&mut self, from: &str, msg: &str) {
        let told = self.expect_past_waits(6);
        if told != json!({"yourId": from, "toId": self.user, "msg": msg}) {
            self.fail(&format!("expected {msg:?} from {from}, not the last line"));
        }
    }

    /// The next line that is no 2 is a 9 that ends the talk with `from`.
    #[track_caller]
    pub fn expect_over(&mut self, from: &str, text: &str) -> Value {
        self.expect_end_message(from, text, 1)
    }

    /// The next line that is no 2 is a 9 that is only a last word of `from`.
    #[track_caller]
    pub fn expect_word(&mut self, from: &str, text: &str) -> Value {
        self.expect_end_message(from, text, 0)
    }

    #[track_caller]
    fn expect_end_message(&mut self, from: &str, text: &str, over: u8) -> Value {
        let told = self.expect_past_waits(9);
        if told["youId"] != from
            || told["toId"] != self.user
            || told["endmessage"] != text
            || told["over"] != over
        {
            self.fail(&format!(
                "expected {text:?} from {from}, over {over}, not the last line"
            ));
        }
        told
    }

    /// Everything sent on this connection has taken effect, and nothing was
    /// told meanwhile. (Frames are acted on in order, each after the one before
    /// took effect; so the answer to a heartbeat comes behind all of that.)
    #[track_caller]
    pub fn quiet(&mut self) {
        self.send_line("");
        let line = self.expect_line();
        if !line.is_empty() {
            self.fail("expected only the heartbeat's answer, not the last line");
        }
    }

    /// As [`quiet`](Self::quiet), but places may have been told.
    #[track_caller]
    pub fn quiet_past_waits(&mut self) {
        self.send_line("");
        loop {
            let line = self.expect_line();
            if line.is_empty() {
                return;
            }
            if !line.starts_with("2#") {
                self.fail("expected places and the heartbeat's answer, not the last line");
            }
        }
    }

    /// It has been replaced, and its connection is closed.
    #[track_caller]
    pub fn expect_replaced(&mut self) {
        let told = self.expect_past_waits(0);
        if told["error"] != "replaced" || !told["msgType"].is_null() {
            self.fail("expected to be replaced, not the last line");
        }
        self.expect_closed();
    }
}
