//! What a handset hears.

use serde_json::Value;

use crate::wire::message::Kind;

/// One line from the server, as far as a check looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Error(String),
    Wait(u64),
    Passed {
        from: u64,
        by: u64,
    },
    /// A talk with a user of this nickname.
    Begin {
        to: String,
        nickname: String,
        talk: u64,
    },
    /// What a partner said; the talk only if it named one.
    Line {
        from: String,
        to: String,
        talk: Option<u64>,
        number: u64,
    },
    End {
        from: String,
        to: String,
        nickname: String,
        text: String,
        over: bool,
        talk: Option<u64>,
    },
    Notice {
        number: u64,
        user: String,
    },
    Beat,
}

impl Told {
    /// Reads a line of either dialect.
    pub(super) fn read(line: &str, named: bool) -> Told {
        if line.is_empty() {
            return Told::Beat;
        }
        let (kind, body) = if line.starts_with('{') {
            let mut frame: Value = serde_json::from_str(line).expect("the server writes JSON");
            let kinds = (0..32).filter_map(Kind::from_number);
            let kind = kinds
                .into_iter()
                .find(|kind| frame["msgType"] == kind.name());
            (kind, frame["msg"].take())
        } else {
            let (number, body) = line.split_once('#').expect("a numbered frame");
            let number = number.parse().expect("a number");
            let body = serde_json::from_str(body).expect("the server writes JSON");
            (Kind::from_number(number), body)
        };
        let kind = kind.unwrap_or_else(|| panic!("unexpected: {line}"));
        assert!(
            named == line.starts_with('{') || kind == Kind::Error,
            "the dialect of the handset: {line}"
        );
        Self::parse(kind, &body).unwrap_or_else(|| panic!("unexpected: {line}"))
    }

    fn parse(kind: Kind, body: &Value) -> Option<Told> {
        let text = |key: &str| body[key].as_str().map(str::to_owned);
        let digits = |key: &str| body[key].as_str()?.parse::<u64>().ok();
        Some(match kind {
            Kind::Error => Told::Error(text("error")?),
            Kind::Wait => Told::Wait(digits("youNum").filter(|&place| place > 0)?),
            Kind::PassRes => {
                let (from, by) = (body["passNum"].as_u64()?, body["passCount"].as_u64()?);
                assert_eq!(digits("youNum"), from.checked_sub(by), "{body}");
                Told::Passed { from, by }
            }
            Kind::TalkBegin => Told::Begin {
                to: text("toId")?,
                nickname: text("nickname")?,
                talk: digits("talkId")?,
            },
            Kind::Talking => Told::Line {
                from: text("yourId")?,
                to: text("toId")?,
                talk: digits("talkId"),
                number: digits("msg")?,
            },
            Kind::ReceiveEndMsg => Told::End {
                from: text("youId")?,
                to: text("toId")?,
                nickname: text("nickname")?,
                text: text("endmessage")?,
                over: body["over"] == 1,
                talk: digits("talkId"),
            },
            Kind::Notice => Told::Notice {
                number: digits("text")?,
                user: text("kind")?,
            },
            _ => return None,
        })
    }
}
