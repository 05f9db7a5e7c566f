//! Reports of talks: who with whom and when, and what was said last.

use serde_json::{Value, json};

use crate::rig::users::{Town, User};
use crate::rig::{Handset, Setup};
use crate::{ann, bob};

struct Talk {
    town: Town,
    ann: User,
    bob: User,
    woman: Handset,
    man: Handset,
    id: String,
}

impl Talk {
    #[track_caller]
    fn begin(cores: usize, keep_evidence: bool) -> Talk {
        let setup = Setup::new(cores).operated();
        let town = Town::start(setup.set("keep_evidence", keep_evidence));
        let (ann, bob) = (ann(&town), bob(&town));
        let mut woman = town.join(&ann, "F", &ann.token);
        woman.expect(2);
        let mut man = town.join(&bob, "M", &bob.token);
        let id = man.expect_past_waits(5)["talkId"]
            .as_str()
            .expect("an id")
            .to_owned();
        woman.expect_past_waits(5);
        Talk {
            town,
            ann,
            bob,
            woman,
            man,
            id,
        }
    }

    fn says(&mut self, she: bool, msg: &str) {
        let (from, to) = if she {
            (&self.ann, &self.bob)
        } else {
            (&self.bob, &self.ann)
        };
        let (own, other) = match she {
            true => (&mut self.woman, &mut self.man),
            false => (&mut self.man, &mut self.woman),
        };
        own.send(6, &json!({"yourId": from.id, "toId": to.id, "msg": msg}));
        assert_eq!(other.expect_past_waits(6)["msg"], msg);
    }

    /// Ann reports it; what operators see.
    #[track_caller]
    fn report(&self) -> Value {
        self.town.done(json!({
            "type": "report_request", "token": self.ann.token, "talkId": self.id, "reason": "x",
        }));
        let reports = self.town.server.operator().get("/admin/reports");
        reports["reports"][0].clone()
    }
}

#[test]
fn it_is_told_who_talked_with_whom_and_when() {
    crate::rig::both(|cores| {
        let mut talk = Talk::begin(cores, false);
        talk.says(true, "secret");
        let shown = talk.report();
        assert_eq!(
            (&shown["kind"], &shown["about"]),
            (&json!("talk"), &json!(talk.id))
        );
        assert_eq!(shown["whom"], talk.bob.id.as_str());
        let evidence = &shown["evidence"];
        assert_eq!(evidence["with"], talk.bob.id.as_str());
        assert_eq!(evidence["by"], talk.ann.id.as_str());
        assert!(evidence["began_at"].is_i64() && evidence["ended_at"].is_null());
        assert_eq!(
            evidence["lines"],
            json!([]),
            "nothing that was said is kept"
        );
    });
}

#[test]
fn the_last_lines_are_there_where_evidence_is_kept() {
    crate::rig::both(|cores| {
        let mut talk = Talk::begin(cores, true);
        for n in 0..15 {
            talk.says(true, &format!("ann {n} \"<b>"));
            talk.says(false, &format!("bob {n} 你好"));
        }
        // Also when the other has gone, and she has as well.
        talk.man.shutdown_write();
        talk.woman.expect_past_waits(9);
        talk.woman.vanish();
        talk.town.server.wait_metric("pairline_joined", 0.0);
        let body = json!({
            "type": "report_request", "token": talk.ann.token, "talkId": talk.id, "reason": "x",
        });
        talk.town.done(body);
        let shown = talk.town.server.operator().get("/admin/reports")["reports"][0].clone();
        let evidence = &shown["evidence"];
        assert!(evidence["ended_at"].is_i64());
        let lines = evidence["lines"].as_array().expect("a list");
        assert_eq!(lines.len(), 20);
        for (at, line) in lines.iter().enumerate() {
            let n = 5 + at / 2;
            let (from, text) = match at % 2 {
                0 => (&talk.ann.id, format!("ann {n} \"<b>")),
                _ => (&talk.bob.id, format!("bob {n} 你好")),
            };
            assert_eq!((&line["from"], &line["text"]), (&json!(from), &json!(text)));
            assert!(line["at"].is_i64());
        }
    });
}

#[test]
fn a_talk_that_nobody_knows_is_reported_all_the_same() {
    let talk = Talk::begin(1, true);
    for id in ["1", "99999999999999999999"] {
        talk.town.done(json!({
            "type": "report_request", "token": talk.ann.token, "talkId": id, "reason": "x",
        }));
        let shown = talk.town.server.operator().get("/admin/reports")["reports"][0].clone();
        assert_eq!(shown["about"], id);
        assert_eq!(
            (&shown["whom"], &shown["evidence"]),
            (&json!(""), &Value::Null)
        );
    }
}
