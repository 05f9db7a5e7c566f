//! What stays the same from one line of a handset to the next.
//!
//! While two talk, a handset's lines differ in their text and in nothing else.
//! A line that begins and ends exactly as an earlier one that was read whole,
//! with only plain characters of a string in between, says the same as that
//! one with another text. So only the text is looked at.

use std::mem::take;
use std::ops::Range;

use super::message::{Dialect, Incoming};
use super::parse::{Parsed, parse};
use super::sweep;
use super::text::Text;

/// The last `talking` line that was read whole.
#[derive(Debug)]
pub struct Again {
    /// The line without its text.
    frame: Vec<u8>,
    /// Where the text stood.
    text: usize,
    /// How many bytes stood behind it.
    tail: usize,
    you: Range<usize>,
    to: Range<usize>,
    talk: Option<Range<usize>>,
    dialect: Dialect,
    msg_type: Option<u16>,
    /// Where the body begins.
    body: usize,
    /// How many bytes stand behind the body.
    behind: usize,
}

/// Reads one line as [`parse`] does, faster if it is like the `last` one.
/// Allocates only for the first one, or one that is longer around its text.
#[inline]
#[must_use]
pub fn parse_again<'a>(last: &mut Option<Again>, line: &'a [u8]) -> Parsed<'a> {
    if let Some(again) = last
        && let Some(text) = again.text_of(line)
    {
        return again.with(text, line);
    }
    let parsed = parse(line);
    if let Ok(Incoming::Talking { .. }) = parsed.content {
        learn(last, line, &parsed);
    }
    parsed
}

/// Uses again what memory there is: with several partners by turns there is
/// something to learn of every line.
fn learn(last: &mut Option<Again>, line: &[u8], parsed: &Parsed<'_>) {
    let Some(mut again) = Again::of(line, parsed) else {
        return;
    };
    let end = line.len() - again.tail;
    again.frame = last
        .as_mut()
        .map(|last| take(&mut last.frame))
        .unwrap_or_default();
    again.frame.clear();
    again.frame.extend_from_slice(&line[..again.text]);
    again.frame.extend_from_slice(&line[end..]);
    *last = Some(again);
}

impl Again {
    /// What there is to know of a line, its frame still to be filled in, if all
    /// that the server looks at is written plainly and stands before the text.
    fn of(line: &[u8], parsed: &Parsed<'_>) -> Option<Again> {
        let &Parsed {
            dialect: Some(dialect),
            msg_type,
            content:
                Ok(Incoming::Talking {
                    you,
                    to,
                    talk,
                    text,
                    body,
                }),
        } = parsed
        else {
            return None;
        };
        let place = |part: &[u8]| {
            let start = part.as_ptr().addr() - line.as_ptr().addr();
            start..start + part.len()
        };
        let plain = |part: Text<'_>| Some(place(part.as_plain()?.as_bytes()));
        let (text, body) = (plain(text)?, place(body));
        let talk = match talk {
            Some(talk) => Some(plain(talk)?),
            None => None,
        };
        let (you, to) = (plain(you)?, plain(to)?);
        let first = [Some(&you), Some(&to), talk.as_ref()];
        let stands_last = first
            .into_iter()
            .flatten()
            .all(|part| part.end < text.start);
        stands_last.then(|| Again {
            frame: Vec::new(),
            text: text.start,
            tail: line.len() - text.end,
            you,
            to,
            talk,
            dialect,
            msg_type,
            body: body.start,
            behind: line.len() - body.end,
        })
    }

    /// The text of a line that is otherwise the same.
    #[inline]
    fn text_of<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        let (head, tail) = self.frame.split_at_checked(self.text)?;
        let text = line.strip_prefix(head)?.strip_suffix(tail)?;
        sweep::is_plain(text).then_some(text)
    }

    #[inline]
    fn with<'a>(&self, text: &'a [u8], line: &'a [u8]) -> Parsed<'a> {
        let at = |part: &Range<usize>| Text::new(&line[part.clone()], false);
        Parsed {
            dialect: Some(self.dialect),
            msg_type: self.msg_type,
            content: Ok(Incoming::Talking {
                you: at(&self.you),
                to: at(&self.to),
                talk: self.talk.as_ref().map(at),
                text: Text::new(text, false),
                body: &line[self.body..line.len() - self.behind],
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    fn check(lines: &[Vec<u8>]) -> Result<(), TestCaseError> {
        let mut last = None;
        for line in lines {
            let (again, alone) = (parse_again(&mut last, line), parse(line));
            prop_assert_eq!(again, alone, "{:?}", String::from_utf8_lossy(line));
        }
        Ok(())
    }

    fn learnt(line: &str) -> bool {
        let mut last = None;
        let _ = parse_again(&mut last, line.as_bytes());
        last.is_some()
    }

    #[test]
    fn what_stands_before_the_text_is_learnt() {
        for line in [
            r#"6#{"yourId":"a","toId":"b","msg":""}"#,
            r#"6##{ "toId" : "b" , "talkId":"1", "yourId":"a","msg":"hello", "x":[1] } "#,
            r#"6#{"yourId":1,"toId":2,"msg":"hello"}"#,
            r#"{"msgType":"talking","msg":{"yourId":"a","toId":"b","msg":"hello"}}"#,
        ] {
            assert!(learnt(line), "{line}");
        }
        for line in [
            r#"6#{"yourId":"a","msg":"hello","toId":"b"}"#,
            r#"6#{"yourId":"a","toId":"b","msg":"hello","talkId":"1"}"#,
            r#"6#{"yourId":"\u0061","toId":"b","msg":"hello"}"#,
            r#"6#{"yourId":"a","toId":"b","msg":"hell\u006f"}"#,
            r#"6#{"yourId":"a","toId":"b"}"#,
            r#"8#{"youId":"a","toId":"b","endmessage":"hello"}"#,
        ] {
            assert!(!learnt(line), "{line}");
        }
    }

    #[test]
    fn another_text_is_found_again() {
        let line =
            |text: &str| format!(r#"6#{{"yourId":"a","toId":"b","msg":"{text}"}}"#).into_bytes();
        let mut last = None;
        let _ = parse_again(&mut last, &line("hello"));
        let again = last.unwrap();
        for text in ["", "x", "你好", &"long ".repeat(100)] {
            assert_eq!(again.text_of(&line(text)), Some(text.as_bytes()));
        }
        for text in ["\\n", "\t", "\"", "\",\"toId\":\"c"] {
            assert_eq!(again.text_of(&line(text)), None, "{text}");
        }
        let mut broken = line("hello");
        broken[35] = 0xff;
        assert_eq!(again.text_of(&broken), None);
        let whole = line("hello");
        for cut in 0..whole.len() {
            assert_eq!(again.text_of(&whole[..cut]), None);
        }
    }

    fn line() -> impl Strategy<Value = Vec<u8>> {
        let head = select(vec![
            r#"6#{"yourId":"a","toId":"b","msg":""#,
            r#"6#{"yourId":"a","toId":"b","talkId":"12","msg":""#,
            r#"6#{"yourId":"a","toId":"bc","talkId":"","x":"\n","msg":""#,
            r#"6##{"toId":"b","yourId":7,"more":[{"msg":"x"}],"msg":""#,
            r#"6#{"yourId":"a","msg":"b","toId":""#,
            r#"7#{"yourId":"a","toId":"b","msg":""#,
            r#"{"msgType":"talking","msg":{"yourId":"a","toId":"b","msg":""#,
        ]);
        let text = prop_oneof![
            4 => "[a-z ]{0,12}",
            1 => "[ -~]{60,140}",
            1 => "\\PC{0,6}",
            2 => select(vec!["\",\"toId\":\"c", "\\u0041", "\",\"msg\":\"", "\"}", "{\"", "\"}}"]).prop_map(String::from),
        ];
        let tail = select(vec![
            "\"}",
            "\"} ",
            "\",\"x\":1}",
            "\"}}",
            "\",\"toId\":\"d\"}",
            "\",\"talkId\":\"9\"}",
        ]);
        let spoilt = prop::option::weighted(0.2, (any::<Index>(), any::<u8>()));
        (head, text, tail, spoilt).prop_map(|(head, text, tail, spoilt)| {
            let mut line = [head, &text, tail].concat().into_bytes();
            if let Some((at, byte)) = spoilt {
                let at = at.index(line.len());
                line[at] = byte;
            }
            line
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn as_if_each_were_the_first(lines in prop::collection::vec(line(), 1..8)) {
            check(&lines)?;
        }
    }
}
