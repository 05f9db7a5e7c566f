//! What a line means, by the contract alone: on a tree that `serde_json` made,
//! with nothing borrowed and nothing fast.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::wire::message::{Dialect, Slug, TABLE};

/// What a line turned out to be.
#[derive(Debug, PartialEq)]
pub(super) struct Read {
    pub(super) dialect: Option<Dialect>,
    pub(super) msg_type: Option<u16>,
    /// The fields, or the slug with the key that is at fault, if one is.
    pub(super) content: Result<Said, (Slug, &'static str)>,
}

/// Each field by its key, with what it says once defaults are filled in.
pub(super) type Said = Vec<(&'static str, String)>;

/// The deepest that a body may be.
const LEVELS: usize = 32;

pub(super) fn read(line: &[u8]) -> Read {
    if line.is_empty() {
        return bare(Ok(Vec::new()));
    }
    if line[0] == b'{' {
        return named(line);
    }
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || line.get(digits) != Some(&b'#') {
        return bare(match std::str::from_utf8(line) {
            Ok(mac) if is_mac(mac) => Ok(vec![("mac", mac.to_owned())]),
            _ => Err((Slug::BadFrame, "")),
        });
    }
    let body = &line[digits + 1..];
    let body = body.strip_prefix(b"#").unwrap_or(body);
    if digits > 3 || (digits > 1 && line[0] == b'0') {
        return bare(Err((Slug::BadFrame, "")));
    }
    let number = std::str::from_utf8(&line[..digits]).expect("digits");
    numbered(number.parse().expect("three digits"), body)
}

fn numbered(number: u16, body: &[u8]) -> Read {
    let members = object(body, LEVELS);
    let fields = fields(number);
    Read {
        dialect: members.is_some().then_some(Dialect::Numbered),
        msg_type: Some(number),
        content: match (fields.is_empty(), &members) {
            (true, _) => Err((Slug::UnknownType, "")),
            (false, None) => Err((Slug::BadJson, "")),
            (false, Some(members)) => said(fields, members),
        },
    }
}

fn named(line: &[u8]) -> Read {
    let Some(wrapper) = object(line, LEVELS + 1) else {
        return bare(Err((Slug::BadJson, "")));
    };
    let refused = |msg_type, slug, key| Read {
        dialect: Some(Dialect::Named),
        msg_type,
        content: Err((slug, key)),
    };
    let name = match wrapper.once(&["msgType"]) {
        Once::Twice => return refused(None, Slug::BadField, "msgType"),
        Once::Missing => return refused(None, Slug::MissingField, "msgType"),
        Once::Is(Value::String(name)) => name,
        Once::Is(_) => return refused(None, Slug::BadField, "msgType"),
    };
    let Some(row) = TABLE.iter().find(|row| row.1 == name) else {
        return refused(None, Slug::UnknownType, "");
    };
    let number = row.0.number();
    let fields = fields(number);
    if fields.is_empty() {
        return refused(Some(number), Slug::UnknownType, "");
    }
    match wrapper.once(&["msg"]) {
        Once::Twice => refused(Some(number), Slug::BadField, "msg"),
        Once::Missing => refused(Some(number), Slug::MissingField, "msg"),
        Once::Is(Value::Object(_)) => Read {
            dialect: Some(Dialect::Named),
            msg_type: Some(number),
            content: said(fields, &inner(line)),
        },
        Once::Is(_) => refused(Some(number), Slug::BadField, "msg"),
    }
}

fn bare(content: Result<Said, (Slug, &'static str)>) -> Read {
    Read {
        dialect: None,
        msg_type: None,
        content,
    }
}

fn is_mac(line: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+/=:_-".contains(c);
    line.len() <= 64 && line.chars().all(allowed)
}

/// The members of an object in their order, also those that come twice.
#[derive(Default)]
struct Members(Vec<(String, Value)>);

/// What stands under a key and its other names.
enum Once<'a> {
    Missing,
    Is(&'a Value),
    Twice,
}

impl Members {
    fn once(&self, keys: &[&str]) -> Once<'_> {
        let mut own = self.0.iter().filter(|own| keys.contains(&&*own.0));
        match (own.next(), own.next()) {
            (_, Some(_)) => Once::Twice,
            (None | Some((_, Value::Null)), None) => Once::Missing,
            (Some((_, value)), None) => Once::Is(value),
        }
    }
}

struct Gather;

impl<'de> Visitor<'de> for Gather {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some(member) = map.next_entry()? {
            members.0.push(member);
        }
        Ok(members)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Gather)
    }
}

fn object(json: &[u8], levels: usize) -> Option<Members> {
    let members = serde_json::from_slice(json).ok()?;
    (depth(json) <= levels).then_some(members)
}

/// The object under `msg`, of a wrapper that has one.
fn inner(line: &[u8]) -> Members {
    #[derive(serde::Deserialize)]
    struct Wrapper {
        msg: Members,
    }
    let wrapper: Wrapper = serde_json::from_slice(line).expect("it has been read before");
    wrapper.msg
}

/// The deepest nesting of valid JSON.
fn depth(json: &[u8]) -> usize {
    let (mut levels, mut deepest, mut quoted) = (0, 0, false);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match (byte, quoted) {
            (b'"', _) => quoted = !quoted,
            (b'\\', true) => {
                bytes.next();
            }
            (b'{' | b'[', false) => {
                levels += 1;
                deepest = deepest.max(levels);
            }
            (b'}' | b']', false) => levels -= 1,
            _ => {}
        }
    }
    deepest
}

/// A field: its key and the other names of it, what may stand there, and what
/// it says when it is missing.
type Field = (&'static [&'static str], Rule, Missing);

#[derive(Clone, Copy)]
enum Rule {
    /// A string or an integer of 64 bits, of so many bytes.
    Text(usize, usize),
    /// A string of so many bytes.
    String(usize),
    Letter,
    Count,
    Flag,
}

#[derive(Clone, Copy)]
enum Missing {
    Refused,
    LeftOut,
    Is(&'static str),
    /// As the first field.
    AsId,
}

const ID: Rule = Rule::Text(1, 64);
const TALK: Field = (&["talkId"], Rule::Text(0, 20), Missing::LeftOut);
const TO: Field = (&["toId"], ID, Missing::Refused);
const YOUR: Field = (&["yourId", "youId", "fromId"], ID, Missing::Refused);
const YOU: Field = (&["youId", "yourId", "fromId"], ID, Missing::Refused);
const WORD: Field = (&["endmessage", "msg"], Rule::Text(0, 1024), Missing::Is(""));

/// The fields of a message that a client may send; of others there are none.
fn fields(number: u16) -> &'static [Field] {
    match number {
        1 => &[
            (
                &["userId", "youId", "yourId", "fromId"],
                ID,
                Missing::Refused,
            ),
            (&["nickname"], Rule::Text(0, 64), Missing::AsId),
            (&["gender"], Rule::Letter, Missing::Refused),
            (&["findGender"], Rule::Letter, Missing::Refused),
            (&["picId"], Rule::Text(0, 128), Missing::Is("")),
            (&["location"], Rule::Text(0, 128), Missing::Is("")),
            (&["gps"], Rule::Text(0, 128), Missing::Is("")),
            (&["guys"], Rule::Count, Missing::Is("1")),
            (&["token"], Rule::String(128), Missing::LeftOut),
        ],
        3 | 13 => &[YOU],
        6 => &[
            YOUR,
            TO,
            (&["msg"], Rule::String(usize::MAX), Missing::Refused),
            TALK,
        ],
        7 => &[
            YOUR,
            TO,
            (&["msg", "endmessage"], WORD.1, WORD.2),
            (&["nickname"], Rule::Text(0, 64), Missing::LeftOut),
            (&["seeAgain"], Rule::Flag, Missing::Is("0")),
            TALK,
        ],
        8 => &[YOU, TO, WORD, TALK],
        10 => &[YOU, (TO.0, TO.1, Missing::LeftOut), WORD, TALK],
        _ => &[],
    }
}

/// What the members say, or the first field that is at fault.
fn said(fields: &[Field], members: &Members) -> Result<Said, (Slug, &'static str)> {
    let mut said = Said::new();
    for &(keys, rule, missing) in fields {
        let key = keys[0];
        let text = match (members.once(keys), missing) {
            (Once::Twice, _) => return Err((Slug::BadField, key)),
            (Once::Is(value), _) => rule.text(value).ok_or((Slug::BadField, key))?,
            (Once::Missing, Missing::Refused) => return Err((Slug::MissingField, key)),
            (Once::Missing, Missing::LeftOut) => continue,
            (Once::Missing, Missing::Is(text)) => text.to_owned(),
            (Once::Missing, Missing::AsId) => said[0].1.clone(),
        };
        said.push((key, text));
    }
    Ok(said)
}

impl Rule {
    /// What the value says, if it may stand here.
    fn text(self, value: &Value) -> Option<String> {
        let within = |text: &String, least, most| (least..=most).contains(&text.len());
        match self {
            Rule::Text(least, most) => match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => integer(&number.to_string()),
                _ => None,
            }
            .filter(|text| within(text, least, most)),
            Rule::String(most) => {
                let text = value.as_str().map(str::to_owned);
                text.filter(|text| within(text, 0, most))
            }
            Rule::Letter => {
                let text = value.as_str().filter(|text| matches!(*text, "M" | "F"));
                text.map(str::to_owned)
            }
            Rule::Count => whole(value).map(|n| n.clamp(1, u32::MAX.into()).to_string()),
            Rule::Flag => whole(value)
                .filter(|n| (0..=1).contains(n))
                .map(|n| n.to_string()),
        }
    }
}

/// The text of a number that is an integer of 64 bits.
fn integer(number: &str) -> Option<String> {
    let value: i128 = number.parse().ok()?;
    let fits = i64::try_from(value).is_ok() || u64::try_from(value).is_ok();
    fits.then(|| value.to_string())
}

/// More than any count; larger ones are cut to it.
const HUGE: i128 = 1 << 100;

/// A number or a decimal string, if it is whole.
fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            decimal.then(|| scaled(text, 0)).flatten()
        }
        Value::Number(number) => {
            let number = number.to_string().to_ascii_lowercase();
            let (mantissa, exponent) = number.split_once('e').unwrap_or((&number, "0"));
            let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let exponent: i128 = match exponent.parse() {
                Ok(exponent) => exponent,
                Err(_) if exponent.starts_with('-') => -HUGE,
                Err(_) => HUGE,
            };
            let places = exponent - behind.len() as i128;
            scaled(&format!("{before}{behind}"), places)
        }
        _ => None,
    }
}

/// Digits, perhaps with a minus before them, times ten to so many places, if
/// that is whole.
fn scaled(digits: &str, places: i128) -> Option<i128> {
    let negative = digits.starts_with('-');
    let digits = digits.trim_start_matches('-').trim_start_matches('0');
    let short = digits.trim_end_matches('0');
    let places = places.saturating_add((digits.len() - short.len()) as i128);
    let value = match (short, places) {
        ("", _) => 0,
        (_, ..0) => return None,
        _ if short.len() as i128 + places > 25 => HUGE,
        _ => format!("{short}{}", "0".repeat(usize::try_from(places).ok()?))
            .parse()
            .ok()?,
    };
    Some(if negative { -value } else { value })
}
