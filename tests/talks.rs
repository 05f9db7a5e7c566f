//! `talking`, `talk_end`, `send_end_msg`, `leave` and the end of a connection,
//! over loopback.

pub mod rig;

use std::io::Write;
use std::thread;

use rig::{Handset, Server, Setup};
use serde_json::{Value, json};

/// Bodies of a 6 from `ann` to `bob` that a careless relay would change.
const BODIES: &[&str] = &[
    r#"{"yourId":"ann","toId":"bob","msg":"hi"}"#,
    r##"{ "msg" :"a # b ## c#" ,  "toId":"bob","yourId" : "ann","gps":"46#7" }"##,
    r#"{"youId":"ann","toId":"bob","msg":"\u00e9\ud83d\ude00 \/ \" \\ \n \u0000"}"#,
    "{\"fromId\":\"ann\",\"toId\":\"bob\",\"msg\":\"안녕 😀 \u{2028}\u{7f}\"}",
    "{\t\"yourId\":\"ann\",\t\"toId\":\r\"bob\",\"msg\":\"\"}",
    r#"{"yourId":"ann","toId":"bob","msg":"x","n":[1,1e400,-0.0,{"n":null}],"n":true,"":{}}"#,
    r#"{"your\u0049d":"\u0061nn","toId":"b\u006fb","m\u0073g":"x"}"#,
    r#"{"toId":"bob","msg":"{\"yourId\":\"eve\"}","yourId":"ann","talkId":null}"#,
];

#[test]
fn the_partner_gets_the_very_same_bytes() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        for body in BODIES {
            ann.send_line(&format!("6#{body}"));
            assert_eq!(bob.expect_line(), format!("6#{body}"));
            let back = swapped(body);
            bob.send_line(&format!("6##{back}\r"));
            assert_eq!(ann.expect_line(), format!("6#{back}"));
            ann.send_line(&format!(r#"{{"msg": {body} ,"msgType":"talking","n":1}}"#));
            assert_eq!(bob.expect_line(), format!("6#{body}"));
        }
        let body = r#"{"yourId":"ann","toId":"bob","msg":""}"#;
        let longest = body.replace(r#""""#, &format!("{:?}", "x".repeat(8190 - body.len())));
        ann.send_line(&format!("6#{longest}"));
        assert_eq!(bob.expect_line(), format!("6#{longest}"));
        ann.quiet();
        bob.quiet();
    });
}

#[test]
fn each_is_told_in_its_own_dialect() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        let mut bob = Handset::connect(&server);
        bob.user = "bob".to_owned();
        bob.send_line(r#"{"msgType":"join","msg":{"userId":"bob","gender":"M","findGender":"F"}}"#);
        let talk = bob.expect_named("talk_begin")["talkId"].clone();
        assert_eq!(ann.expect(5)["talkId"], talk);
        for body in BODIES {
            ann.send_line(&format!("6#{body}"));
            let expected = format!(r#"{{"msgType":"talking","msg":{body}}}"#);
            assert_eq!(bob.expect_line(), expected);
            let back = swapped(body);
            bob.send_line(&format!(r#"{{"msgType":"talking","msg":{back}}}"#));
            assert_eq!(ann.expect_line(), format!("6#{back}"));
            // Also when it speaks in the other one for once.
            bob.send_line(&format!("6#{back}"));
            assert_eq!(ann.expect_line(), format!("6#{back}"));
        }
        ann.last_word("bob", "so long");
        let told = bob.expect_named("receive_end_msg");
        assert_eq!(told["endmessage"], "so long");
        bob.end("ann", "bye");
        ann.expect_over("bob", "bye");
        ann.seek();
        ann.expect_place(1);
        bob.seek();
        assert_eq!(bob.expect_named("wait"), json!({"youNum": "1"}));
        bob.pass();
        let told = bob.expect_named("pass_res");
        assert_eq!(told, json!({"youNum": "1", "passNum": 1, "passCount": 0}));
    });
}

#[test]
fn ten_thousand_lines_in_one_burst_keep_their_order() {
    const LINES: usize = 10_000;
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("max_rate", 0)
            .set("max_outbox", "16MiB")
            .start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        thread::scope(|scope| {
            for (own, other) in [(&mut ann, "bob"), (&mut bob, "ann")] {
                let user = own.user.clone();
                let line = move |from: &str, to: &str, n: usize| {
                    format!("6#{{\"yourId\":\"{from}\",\"toId\":\"{to}\",\"msg\":\"{n}\"}}")
                };
                let burst: String = (0..LINES).map(|n| line(&user, other, n) + "\n").collect();
                let mut stream = own.stream().try_clone().expect("a second handle");
                scope.spawn(move || stream.write_all(burst.as_bytes()).expect("it is taken"));
                scope.spawn(move || {
                    for n in 0..LINES {
                        assert_eq!(own.expect_line(), line(other, &user, n));
                    }
                    own.quiet();
                });
            }
        });
    });
}

#[test]
fn to_nobody_or_somebody_else_is_over() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let over = |to: &str| {
            json!({
                "youId": to, "toId": "ann", "nickname": "", "endmessage": "", "over": 1,
                "talkId": ""
            })
        };
        let (_eve, mut dan) = rig::pair(&server, "eve", "dan");
        for to in ["dan", "nobody", "\"\\#", "ann"] {
            ann.talk(to, "hello");
            assert_eq!(ann.expect(9), over(to));
        }
        bob.end("ann", "bye");
        ann.expect_over("bob", "bye");
        ann.talk("bob", "hello?");
        assert_eq!(ann.expect(9), over("bob"));
        ann.quiet();
        bob.quiet();
        dan.quiet();
    });
}

#[test]
fn only_those_who_joined_speak_and_only_as_themselves() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut eve = Handset::connect(&server);
        for kind in [3, 6, 7, 8, 10, 13] {
            let body = json!({"yourId": "ann", "toId": "bob", "msg": "I am ann"});
            eve.send(kind, &body);
            assert_eq!(eve.expect_error("not_joined")["msgType"], kind);
        }
        eve.join("eve", "F", "M");
        eve.expect_place(1);
        for kind in [3, 6, 7, 8, 10, 13] {
            let body = json!({"yourId": "ann", "toId": "bob", "msg": "I am ann"});
            eve.send(kind, &body);
            assert_eq!(eve.expect_error("not_your_id")["msgType"], kind);
        }
        ann.quiet();
        bob.quiet();
        ann.talk("bob", "me");
        bob.expect_said("ann", "me");
    });
}

#[test]
fn an_end_tells_the_partner_and_frees_both() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for (index, (said, nickname)) in [
            (json!({}), "Ann"),
            (json!({"nickname": "Änni \"#\""}), "Änni \"#\""),
            (json!({"nickname": null, "seeAgain": "0"}), "Ann"),
            (json!({"msg": "so long #1"}), "Ann"),
        ]
        .into_iter()
        .enumerate()
        {
            let mut ann = Handset::connect(&server);
            ann.join_with(&json!({
                "userId": format!("ann{index}"), "nickname": "Ann", "gender": "F",
                "findGender": "M"
            }));
            let mut bob = Handset::joined(&server, &format!("bob{index}"), "M", "F");
            let talk = bob.expect_talk(&ann.user);
            assert_eq!(ann.expect_talk(&bob.user), talk);
            let mut body = json!({"yourId": ann.user, "toId": bob.user});
            for (key, value) in said.as_object().expect("an object") {
                body[key] = value.clone();
            }
            ann.send(7, &body);
            let expected = json!({
                "youId": ann.user, "toId": bob.user, "nickname": nickname,
                "endmessage": said["msg"].as_str().unwrap_or_default(), "over": 1,
                "talkId": talk
            });
            assert_eq!(bob.expect(9), expected);
            for handset in [&mut ann, &mut bob] {
                handset.quiet();
                handset.pass();
                handset.expect_error("not_waiting");
            }
            ann.talk(&bob.user, "one more");
            assert_eq!(ann.expect(9)["over"], 1);
            bob.quiet();
        }
    });
}

#[test]
fn see_again_is_nothing_or_one() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        for wrong in [json!(2), json!(-1), json!("yes"), json!(true), json!("")] {
            let body = json!({"yourId": "ann", "toId": "bob", "msg": "", "seeAgain": wrong});
            ann.send(7, &body);
            assert_eq!(ann.expect_error("bad_field")["msgType"], 7, "{wrong}");
        }
        ann.talk("bob", "still on");
        bob.expect_said("ann", "still on");
    });
}

#[test]
fn ends_that_cross_act_as_last_words() {
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("rematch_pause", "0s")
            .set("max_rate", 0)
            .start();
        for pair in 0..4 {
            let names = [format!("ann{pair}"), format!("bob{pair}")];
            let (mut ann, mut bob) = rig::pair(&server, &names[0], &names[1]);
            for round in 0..8 {
                let texts = [format!("a{round}"), format!("b{round}")];
                ann.end(&names[1], &texts[0]);
                bob.end(&names[0], &texts[1]);
                let (to_ann, to_bob) = (ann.expect(9), bob.expect(9));
                assert_eq!(
                    (&to_ann["youId"], &to_bob["youId"]),
                    (&json!(names[1]), &json!(names[0]))
                );
                let told = (&to_ann["endmessage"], &to_bob["endmessage"]);
                assert_eq!(told, (&json!(texts[1]), &json!(texts[0])));
                assert_eq!(to_ann["talkId"], to_bob["talkId"]);
                assert!(
                    to_ann["over"] == 0 || to_bob["over"] == 0,
                    "{to_ann} {to_bob}"
                );
                ann.quiet();
                bob.quiet();
                ann.seek();
                ann.expect_place(1);
                bob.seek();
                bob.expect_talk(&names[0]);
                ann.expect_talk(&names[1]);
            }
            // Without a text there is nothing to pass on; a refusal counts.
            ann.end(&names[1], "");
            bob.expect_over(&names[0], "");
            bob.refuse(&names[0], "");
            bob.quiet();
            ann.quiet();
            ann.seek();
            ann.expect_place(1);
            bob.seek();
            bob.expect_place(1);
            bob.quiet();
            // The next pair shall not meet one of these, still on their way out.
            for gone in [&mut ann, &mut bob] {
                gone.leave();
                gone.quiet();
            }
        }
    });
}

#[test]
fn who_was_never_met_is_no_partner() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let (mut eve, _dan) = rig::pair(&server, "eve", "dan");
        for to in ["eve", "nobody", "ann"] {
            ann.refuse(to, "boo");
            assert_eq!(ann.expect_error("not_partner")["msgType"], 7);
            ann.last_word(to, "boo");
            assert_eq!(ann.expect_error("not_partner")["msgType"], 8);
            ann.next_one(to, "boo");
            assert_eq!(ann.expect_error("not_partner")["msgType"], 10);
        }
        eve.quiet();
        bob.quiet();
        ann.talk("bob", "still on");
        bob.expect_said("ann", "still on");
    });
}

/// A frame that names an older talk of the same two does not touch the new one.
#[test]
fn a_stale_talk_id_names_a_talk_that_is_over() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        let mut bob = Handset::joined(&server, "bob", "M", "F");
        let old = bob.expect_talk("ann");
        ann.expect_talk("bob");
        ann.next_one("bob", "");
        bob.expect_over("ann", "");
        ann.expect_place(1);
        bob.seek();
        let talk = bob.expect_talk("ann");
        assert_ne!(talk, old);
        ann.expect_talk("bob");
        let body = |talk: &str, text: &str| json!({"yourId": "ann", "toId": "bob", "msg": text, "talkId": talk});
        for stale in [&old, "0", "x"] {
            ann.send(6, &body(stale, "hello"));
            let told = ann.expect(9);
            assert_eq!((&told["youId"], &told["over"]), (&json!("bob"), &json!(1)));
            assert_eq!(
                (&told["nickname"], &told["endmessage"]),
                (&json!(""), &json!(""))
            );
            ann.send(7, &body(stale, "late"));
            bob.expect_word("ann", "late");
            ann.send(7, &body(stale, ""));
            ann.quiet();
            bob.quiet();
        }
        ann.send(6, &body(&talk, "still on"));
        assert_eq!(bob.expect(6), body(&talk, "still on"));
        ann.send(7, &body(&talk, "bye"));
        bob.expect_over("ann", "bye");
    });
}

#[test]
fn the_end_of_a_connection_tells_every_partner() {
    rig::both(|cores| {
        for how in ["drop", "half", "cut line", "reset"] {
            let server = Server::start(cores);
            let mut ann = Handset::connect(&server);
            ann.join_with(&json!({
                "userId": "ann", "nickname": "Ann", "gender": "F", "findGender": "M", "guys": 3
            }));
            ann.expect_place(1);
            let mut men = Vec::new();
            for name in ["bob", "carl"] {
                let mut man = Handset::joined(&server, name, "M", "F");
                let talk = man.expect_talk("ann");
                ann.expect_talk(name);
                men.push((man, talk));
            }
            let mut eve = Handset::joined(&server, "eve", "F", "M");
            eve.expect_place(2);
            ann.talk("bob", "last");
            match how {
                "half" => ann.shutdown_write(),
                "cut line" => {
                    ann.send_bytes(br#"6#{"yourId":"ann","toId":"bob","msg":"no end"}"#);
                    ann.shutdown_write();
                }
                "reset" => {
                    // What lies unread makes the close a reset.
                    ann.send_line("");
                    thread::sleep(std::time::Duration::from_millis(50));
                    men[0].0.expect_said("ann", "last");
                    drop(ann);
                    ann = Handset::connect(&server);
                }
                _ => {
                    drop(ann);
                    ann = Handset::connect(&server);
                }
            }
            if how != "reset" {
                men[0].0.expect_said("ann", "last");
            }
            for (man, talk) in &mut men {
                let expected = json!({
                    "youId": "ann", "toId": man.user, "nickname": "Ann", "endmessage": "",
                    "over": 1, "talkId": talk
                });
                assert_eq!(man.expect(9), expected, "{how}");
                man.quiet();
            }
            eve.await_place(1);
            if how == "half" || how == "cut line" {
                ann.expect_closed();
            }
        }
    });
}

#[test]
fn leaving_ends_everything_but_the_session() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        let mut ann = Handset::joined_for(&server, "ann", "F", "M", 3);
        ann.expect_place(1);
        let mut men = Vec::new();
        for name in ["bob", "carl"] {
            let mut man = Handset::joined(&server, name, "M", "F");
            let talk = man.expect_talk("ann");
            ann.expect_talk(name);
            men.push((man, talk));
        }
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(2);
        ann.quiet_past_waits();
        ann.leave();
        ann.quiet();
        for (man, talk) in &mut men {
            let expected = json!({
                "youId": "ann", "toId": man.user, "nickname": "ann", "endmessage": "",
                "over": 1, "talkId": talk
            });
            assert_eq!(man.expect(9), expected);
            man.quiet();
        }
        eve.await_place(1);
        // It may leave nothing, and say last words.
        ann.leave();
        ann.quiet();
        ann.last_word("bob", "sorry");
        men[0].0.expect_word("ann", "sorry");
        // 10 queues one slot again, 1 all that are idle.
        ann.seek();
        ann.expect_place(2);
        ann.rejoin_for("ann", "F", "M", 3);
        ann.expect_place(2);
        let mut ivy = Handset::joined(&server, "ivy", "F", "M");
        ivy.expect_place(5);
        ann.quiet();
    });
}

#[test]
fn last_words_are_said_during_a_talk_and_after() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::connect(&server);
        ann.join_with(&json!({
            "userId": "ann", "nickname": "Ann #1", "gender": "F", "findGender": "M"
        }));
        ann.expect_place(1);
        let mut bob = Handset::joined(&server, "bob", "M", "F");
        let talk = bob.expect_talk("ann");
        ann.expect_talk("bob");
        let word = |text: &str| {
            json!({
                "youId": "ann", "toId": "bob", "nickname": "Ann #1", "endmessage": text,
                "over": 0, "talkId": talk
            })
        };
        ann.talk("bob", "one");
        ann.last_word("bob", "two \"#\" 둘");
        ann.talk("bob", "three");
        bob.expect_said("ann", "one");
        assert_eq!(bob.expect(9), word("two \"#\" 둘"));
        bob.expect_said("ann", "three");
        bob.talk("ann", "it goes on");
        ann.expect_said("bob", "it goes on");
        ann.end("bob", "four");
        ann.last_word("bob", "five");
        ann.send(8, &json!({"youId": "ann", "toId": "bob"}));
        bob.expect_over("ann", "four");
        assert_eq!(bob.expect(9), word("five"));
        assert_eq!(bob.expect(9), word(""));
        // Either may, and also while in another talk.
        let mut carl = Handset::joined(&server, "carl", "M", "F");
        carl.expect_place(1);
        ann.seek();
        ann.expect_talk("carl");
        bob.last_word("ann", "six");
        ann.expect_word("bob", "six");
        let long = "ü".repeat(512);
        ann.last_word("bob", &long);
        assert_eq!(bob.expect(9), word(&long));
        carl.expect_talk("ann");
        carl.quiet();
        ann.quiet();
    });
}

#[test]
fn sixteen_partners_may_be_told_a_last_word() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        let mut men = Vec::new();
        for name in (0..17).map(|index| format!("m{index}")) {
            let mut man = Handset::joined(&server, &name, "M", "F");
            man.expect_talk("ann");
            ann.expect_talk(&name);
            if men.len() < 16 {
                ann.next_one(&name, "");
                man.expect_over("ann", "");
                ann.expect_place(1);
            }
            men.push(man);
        }
        ann.last_word("m0", "too late");
        assert_eq!(ann.expect_error("not_partner")["msgType"], 8);
        ann.end("m0", "too late");
        assert_eq!(ann.expect_error("not_partner")["msgType"], 7);
        for man in &mut men[1..] {
            ann.last_word(&man.user, "in time");
            man.expect_word("ann", "in time");
        }
        men[0].quiet();
        // The other way round there was one partner only.
        men[0].last_word("ann", "still");
        ann.expect_word("m0", "still");
    });
}

/// The same body from `bob` to `ann`.
fn swapped(body: &str) -> String {
    let mut back = body.to_owned();
    for (ann, bob) in [("\"ann\"", "\"bob\""), ("\"\\u0061nn\"", "\"b\\u006fb\"")] {
        back = back.replace(ann, "<>").replace(bob, ann).replace("<>", bob);
    }
    let told: Value = serde_json::from_str(&back).expect("it is JSON still");
    assert!(told.is_object() && back != body, "{back}");
    back
}
