//! What the server writes can be read back, by any reader of JSON and by our
//! own.

use serde_json::{Value, json};

use crate::wire::message::{Dialect, Gender, Incoming, Kind, Outgoing, Slug};
use crate::wire::parse::parse;
use crate::wire::write::write;

/// The first byte names the message, the rest are its fields, with `|` between
/// them: `5ann|Ann|F|…`.
pub fn writer(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut letters = text.chars();
    let Some(kind) = letters.next() else {
        return;
    };
    let fields: Vec<&str> = letters.as_str().split('|').collect();
    let text = |at: usize| fields.get(at).copied().unwrap_or_default();
    let number = |at: usize| text(at).parse().unwrap_or(text(at).len() as u64);
    let a_number = number(0);
    match kind {
        '0' => {
            let which = text(0).bytes().next().unwrap_or_default();
            let error = Slug::ALL[usize::from(which) % Slug::ALL.len()];
            let msg_type = text(1).parse().ok();
            let detail = text(2);
            let body = json!({"error": error.as_str(), "msgType": msg_type, "detail": detail});
            let error = Outgoing::Error {
                error,
                msg_type,
                detail,
            };
            reads_back(Kind::Error, &error, &body);
        }
        '2' => {
            let body = json!({"youNum": a_number.to_string()});
            reads_back(Kind::Wait, &Outgoing::Wait { place: a_number }, &body);
        }
        '4' => {
            let (from, by) = (a_number, number(1).min(a_number));
            let place = (from - by).to_string();
            let body = json!({"youNum": place, "passNum": from, "passCount": by});
            reads_back(Kind::PassRes, &Outgoing::Passed { from, by }, &body);
        }
        '5' => begins(text, number(6)),
        '6' => relayed(text(0)),
        '9' => ends(text),
        _ => bare(text(0), number(1)),
    }
}

fn begins<'a>(text: impl Fn(usize) -> &'a str, talk: u64) {
    let gender = match text(2) {
        "M" => Gender::Male,
        _ => Gender::Female,
    };
    let begin = Outgoing::TalkBegin {
        to: text(0),
        nickname: text(1),
        gender,
        pic: text(3),
        location: text(4),
        gps: text(5),
        talk,
    };
    let body = json!({
        "toId": text(0), "nickname": text(1), "gender": gender.as_str(), "picId": text(3),
        "location": text(4), "gps": text(5), "talkId": talk.to_string(),
    });
    reads_back(Kind::TalkBegin, &begin, &body);
}

fn ends<'a>(text: impl Fn(usize) -> &'a str) {
    let over = text(4) == "1";
    let end = Outgoing::EndMessage {
        you: text(0),
        to: text(1),
        nickname: text(2),
        text: text(3),
        over,
        talk: text(5),
    };
    let body = json!({
        "youId": text(0), "toId": text(1), "nickname": text(2), "endmessage": text(3),
        "over": u8::from(over), "talkId": text(5),
    });
    reads_back(Kind::ReceiveEndMsg, &end, &body);
}

/// One line, whatever stands in it.
fn written(dialect: Dialect, message: &Outgoing<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, dialect, message);
    assert_eq!(memchr::memchr(b'\n', &out), Some(out.len() - 1), "one line");
    out.pop();
    out
}

/// The body is this one, in both dialects; and our own reader takes the line
/// for a frame, although no client may send it.
fn reads_back(kind: Kind, message: &Outgoing<'_>, body: &Value) {
    let numbered = written(Dialect::Numbered, message);
    let head = format!("{}#", kind.number());
    let numbered_body = numbered.strip_prefix(head.as_bytes()).expect("its number");
    let read: Value = serde_json::from_slice(numbered_body).expect("a body is JSON");
    assert_eq!(read, *body);
    let named = written(Dialect::Named, message);
    let read: Value = serde_json::from_slice(&named).expect("a named frame is JSON");
    assert_eq!(read, json!({"msgType": kind.name(), "msg": body}));
    for (line, dialect) in [(numbered, Dialect::Numbered), (named, Dialect::Named)] {
        let parsed = parse(&line);
        assert_eq!(parsed.dialect, Some(dialect));
        assert_eq!(parsed.msg_type, Some(kind.number()));
        assert_eq!(
            parsed.content.map_err(|fault| fault.error),
            Err(Slug::UnknownType)
        );
    }
}

/// A body that passed once passes again, as it was typed.
fn relayed(body: &str) {
    let line = format!("6#{body}");
    let Ok(Incoming::Talking { body, .. }) = parse(line.as_bytes()).content else {
        return;
    };
    if body.contains(&b'\n') {
        return;
    }
    let message = Outgoing::Talking { body };
    let numbered = written(Dialect::Numbered, &message);
    let named = written(Dialect::Named, &message);
    for (line, sent) in [(&numbered, body), (&named, body.trim_ascii())] {
        match parse(line).content {
            Ok(Incoming::Talking { body, .. }) => assert_eq!(body, sent),
            other => panic!("{other:?}"),
        }
    }
}

/// Lines that are no frames with JSON in them.
fn bare(mac: &str, seconds: u64) {
    let is_mac = matches!(
        parse(mac.as_bytes()).content,
        Ok(Incoming::RoomRequest { mac: same }) if same == mac
    );
    for dialect in [Dialect::Numbered, Dialect::Named] {
        assert_eq!(written(dialect, &Outgoing::Heartbeat), b"");
        if is_mac {
            let line = written(dialect, &Outgoing::Room { mac, seconds });
            assert_eq!(line, format!("{mac}{seconds}").into_bytes());
        }
    }
}
