//! What a typed line asks for, and which handset it is meant for. Pure.

use serde_json::{Map, Value};

use crate::limits;
use crate::wire::message::Kind;

/// What a typed line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Order<'a> {
    /// An empty line.
    Nothing,
    /// `/quit`
    Quit,
    /// `/help`
    Help,
    /// These bytes go to the server.
    Send(&'a [u8]),
    /// Prose, or a command that does not exist: nothing that a server would
    /// understand, so probably not meant for it.
    NotMeant,
}

/// Whom a line for the server speaks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// The id that the line names as its sender's.
    pub(crate) id: Option<String>,
    /// Is it a join of that id?
    pub(crate) join: bool,
}

/// Reads a typed line. `/send` sends whatever follows, even nothing (a
/// heartbeat) or a bad frame; without it only what looks like a line of the
/// protocol is sent.
pub(crate) fn order(typed: &[u8]) -> Order<'_> {
    let line = typed.trim_ascii();
    match line {
        b"" => return Order::Nothing,
        b"/quit" => return Order::Quit,
        b"/help" => return Order::Help,
        b"/send" => return Order::Send(b""),
        _ => {}
    }
    match line.strip_prefix(b"/send") {
        Some(rest) if rest[0].is_ascii_whitespace() => Order::Send(rest.trim_ascii()),
        None if looks_like_protocol(line) => Order::Send(line),
        _ => Order::NotMeant,
    }
}

/// Whom a line for the server speaks for: nobody, when it cannot be read.
pub(crate) fn address(line: &[u8]) -> Address {
    let digits = leading_digits(line);
    let numbered = line[digits..].strip_prefix(b"#").filter(|_| digits > 0);
    let (join, body) = match numbered {
        Some(body) => {
            let body = object(body.strip_prefix(b"#").unwrap_or(body));
            (&line[..digits] == b"1", body)
        }
        None => named(line),
    };
    let keys: &[&str] = if join { &JOIN_KEYS } else { &JOIN_KEYS[1..] };
    let id = keys.iter().find_map(|key| id(body.get(*key)?));
    let join = join && id.is_some();
    Address { id, join }
}

/// The names of the sender's id; the first one in a join only.
const JOIN_KEYS: [&str; 4] = ["userId", "yourId", "youId", "fromId"];

/// A frame starts with a number and `#`, or with `{` (one alone is the first
/// line of a message that the documents spread over several); a RequestRoom is
/// told from a word of prose by a digit in it.
fn looks_like_protocol(line: &[u8]) -> bool {
    let digits = leading_digits(line);
    let numbered = digits > 0 && line.get(digits) == Some(&b'#');
    let named = line.len() > 1 && line[0] == b'{';
    let mac = line.len() <= limits::MAC_BYTES
        && line[0] != b'/'
        && line.iter().any(u8::is_ascii_digit)
        && line
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=:_-".contains(byte));
    numbered || named || mac
}

fn leading_digits(line: &[u8]) -> usize {
    line.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Is a named frame a join, and its `msg`.
fn named(line: &[u8]) -> (bool, Map<String, Value>) {
    let mut frame = object(line);
    let join = frame.get("msgType").and_then(Value::as_str) == Some(Kind::Join.name());
    let body = match frame.remove("msg") {
        Some(Value::Object(body)) => body,
        _ => Map::new(),
    };
    (join, body)
}

/// The object that stands here, or an empty one.
fn object(json: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(json).unwrap_or_default()
}

/// An id as the server reads it: a string, or a number's decimal text.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if number.as_i64() == Some(0) => Some("0".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_lines_are_told_apart() {
        let table: [(&str, Order<'_>); 23] = [
            ("", Order::Nothing),
            (" \t\r", Order::Nothing),
            ("/quit", Order::Quit),
            (" /quit ", Order::Quit),
            ("/help", Order::Help),
            ("/send 1#{}", Order::Send(b"1#{}")),
            ("  /send \t 1#{}  \r", Order::Send(b"1#{}")),
            ("/send", Order::Send(b"")),
            ("/send hello there", Order::Send(b"hello there")),
            ("/send /quit", Order::Send(b"/quit")),
            ("1#{\"a\": 1}", Order::Send(b"1#{\"a\": 1}")),
            ("6##{}", Order::Send(b"6##{}")),
            ("0123#", Order::Send(b"0123#")),
            ("{\"msgType\":", Order::Send(b"{\"msgType\":")),
            ("E8308298402399320", Order::Send(b"E8308298402399320")),
            ("EIMIKYQC:+/=_-", Order::NotMeant),
            ("{", Order::NotMeant),
            ("msgType##msg", Order::NotMeant),
            ("hello", Order::NotMeant),
            ("1. RequestRoom", Order::NotMeant),
            ("/sendE8308298402399320", Order::NotMeant),
            ("/who", Order::NotMeant),
            ("/w0", Order::NotMeant),
        ];
        for (typed, expected) in table {
            assert_eq!(order(typed.as_bytes()), expected, "{typed:?}");
        }
        let longest = "1".repeat(limits::MAC_BYTES);
        assert_eq!(order(longest.as_bytes()), Order::Send(longest.as_bytes()));
        assert_eq!(order(format!("{longest}1").as_bytes()), Order::NotMeant);
    }

    #[test]
    fn lines_name_their_sender() {
        let table = [
            (r#"1#{"userId":"a"}"#, Some("a"), true),
            (r#"1##{"userId":"a"}"#, Some("a"), true),
            (r#"1#{"youId":"a"}"#, Some("a"), true),
            (r#"1#{"yourId":"a"}"#, Some("a"), true),
            (
                r#"1#{"fromId":12323124214214}"#,
                Some("12323124214214"),
                true,
            ),
            (r#"1#{"userId":-0}"#, Some("0"), true),
            (r#"01#{"userId":"a"}"#, None, false),
            (r#"6#{"yourId":"a","toId":"b"}"#, Some("a"), false),
            (r#"6#{"yourId":"\u0061"}"#, Some("a"), false),
            (r#"3#{"youId":"a"}"#, Some("a"), false),
            (r#"8#{"fromId":"a"}"#, Some("a"), false),
            (r#"3#{"userId":"a"}"#, None, false),
            (r#"3#{"youId":""}"#, None, false),
            (r#"3#{"youId":null,"fromId":"a"}"#, Some("a"), false),
            (r#"3#{"youId":"a""#, None, false),
            (r#"#{"youId":"a"}"#, None, false),
            ("3#[]", None, false),
            ("1#", None, false),
            (
                r#"{"msgType":"join","msg":{"userId":"a"}}"#,
                Some("a"),
                true,
            ),
            (
                r#"{"msgType":"pass_req","msg":{"youId":"a"}}"#,
                Some("a"),
                false,
            ),
            (r#"{"msgType":"join","msg":7}"#, None, false),
            (r#"{"msgType":1,"msg":{"userId":"a"}}"#, None, false),
            ("E8308298402399320", None, false),
            ("", None, false),
            ("hello", None, false),
        ];
        for (line, id, join) in table {
            let id = id.map(str::to_owned);
            assert_eq!(address(line.as_bytes()), Address { id, join }, "{line}");
        }
    }
}
