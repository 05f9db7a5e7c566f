//! Each line means what the contract says, field for field.

use super::lines;
use super::reference::{self, Read, Said};
use crate::wire::message::{Dialect, Incoming};
use crate::wire::parse::{Detail, Parsed, parse};
use crate::wire::text::Text;

/// Each line of the input by itself.
pub fn parser(data: &[u8]) {
    for line in lines(data) {
        check(line);
    }
}

fn check(line: &[u8]) {
    // The name by which serde_json tells a number of any size from an object.
    if memchr::memmem::find(line, b"serde_json::private").is_some() {
        return;
    }
    let parsed = parse(line);
    let read = Read {
        dialect: parsed.dialect,
        msg_type: parsed.msg_type,
        content: match &parsed.content {
            Ok(incoming) => Ok(said(incoming)),
            Err(fault) => Err(match fault.detail {
                Detail::Key(key, _) => (fault.error, key),
                Detail::Says(_) => (fault.error, ""),
            }),
        },
    };
    let shown = String::from_utf8_lossy(line);
    assert_eq!(read, reference::read(line), "{shown:?}");
    if let Ok(incoming) = &parsed.content {
        assert_eq!(number(incoming), parsed.msg_type, "{shown:?}");
    }
    if let Ok(Incoming::Talking { body, .. }) = parsed.content {
        check_body(line, body, &parsed);
    }
}

/// The body is the sender's own bytes, and says the same by itself.
fn check_body(line: &[u8], body: &[u8], parsed: &Parsed<'_>) {
    assert!(
        line.as_ptr_range().contains(&body.as_ptr()),
        "where it lies"
    );
    match parsed.dialect {
        Some(Dialect::Named) => assert_eq!(body.trim_ascii(), body),
        _ => assert!(line.ends_with(body), "all that stands behind the header"),
    }
    let alone = [b"6#", body].concat();
    let told = reference::read(&alone).content;
    let content = parsed.content.as_ref().map(said).expect("it is a line");
    assert_eq!(told, Ok(content));
}

/// Which message it is.
fn number(incoming: &Incoming<'_>) -> Option<u16> {
    match incoming {
        Incoming::Heartbeat | Incoming::RoomRequest { .. } => None,
        Incoming::Join(_) => Some(1),
        Incoming::Pass { .. } => Some(3),
        Incoming::Talking { .. } => Some(6),
        Incoming::TalkEnd { .. } => Some(7),
        Incoming::LastWord { .. } => Some(8),
        Incoming::NextOne { .. } => Some(10),
        Incoming::Leave { .. } => Some(13),
    }
}

/// The fields in the order of the contract.
fn said(incoming: &Incoming<'_>) -> Said {
    let text = |text: Text<'_>| text.decoded().into_owned();
    let mut said = Said::new();
    let mut tell = |key, value: Option<String>| said.extend(value.map(|value| (key, value)));
    match *incoming {
        Incoming::Heartbeat => {}
        Incoming::RoomRequest { mac } => tell("mac", Some(mac.to_owned())),
        Incoming::Join(join) => {
            tell("userId", Some(text(join.user)));
            tell("nickname", Some(text(join.nickname)));
            tell("gender", Some(join.gender.as_str().to_owned()));
            tell("findGender", Some(join.find.as_str().to_owned()));
            tell("picId", Some(text(join.pic)));
            tell("location", Some(text(join.location)));
            tell("gps", Some(text(join.gps)));
            tell("guys", Some(join.guys.to_string()));
            tell("token", join.token.map(text));
        }
        Incoming::Pass { you } | Incoming::Leave { you } => tell("youId", Some(text(you))),
        Incoming::Talking {
            you,
            to,
            talk,
            text: said,
            body: _,
        } => {
            tell("yourId", Some(text(you)));
            tell("toId", Some(text(to)));
            tell("msg", Some(text(said)));
            tell("talkId", talk.map(text));
        }
        Incoming::TalkEnd {
            you,
            to,
            talk,
            text: word,
            nickname,
            refuse,
        } => {
            tell("yourId", Some(text(you)));
            tell("toId", Some(text(to)));
            tell("msg", Some(text(word)));
            tell("nickname", nickname.map(text));
            tell("seeAgain", Some(u8::from(refuse).to_string()));
            tell("talkId", talk.map(text));
        }
        Incoming::LastWord {
            you,
            to,
            talk,
            text: word,
        } => {
            tell("youId", Some(text(you)));
            tell("toId", Some(text(to)));
            tell("endmessage", Some(text(word)));
            tell("talkId", talk.map(text));
        }
        Incoming::NextOne {
            you,
            to,
            talk,
            text: word,
        } => {
            tell("youId", Some(text(you)));
            tell("toId", to.map(text));
            tell("endmessage", Some(text(word)));
            tell("talkId", talk.map(text));
        }
    }
    said
}
