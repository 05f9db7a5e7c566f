//! This server's own dialect. What is not a line of a talk is read strictly:
//! every key, and no other.

use serde::Deserialize;

use super::{Heard, Name};

/// F looks for M and the other way round: even numbers are F, and all are if
/// nobody is to meet anybody.
pub(super) fn join(me: Name, alone: bool, out: &mut Vec<u8>) {
    let (own, other) = if alone || me.number.is_multiple_of(2) {
        ('F', 'M')
    } else {
        ('M', 'F')
    };
    let line = format!(
        "1#{{\"userId\":\"{me}\",\"nickname\":\"{me}\",\"gender\":\"{own}\",\
         \"findGender\":\"{other}\",\"picId\":\"\",\"location\":\"\",\"gps\":\"\",\"guys\":\"1\"}}\n"
    );
    out.extend_from_slice(line.as_bytes());
}

/// `me` ends the talk with `partner`, saying `text`.
pub(in crate::load) fn end_talk(me: Name, partner: Name, text: &str, out: &mut Vec<u8>) {
    let line = format!(
        "7#{{\"yourId\":\"{me}\",\"toId\":\"{partner}\",\"msg\":\"{text}\",\
         \"nickname\":\"{me}\",\"seeAgain\":\"0\"}}\n"
    );
    out.extend_from_slice(line.as_bytes());
}

/// `me` wants the next partner.
pub(in crate::load) fn begin_next(me: Name, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("10#{{\"youId\":\"{me}\",\"endmessage\":\"\"}}\n").as_bytes());
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wait<'a> {
    you_num: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Begin<'a> {
    to_id: &'a str,
    nickname: &'a str,
    gender: &'a str,
    pic_id: &'a str,
    location: &'a str,
    gps: &'a str,
    talk_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Talking<'a> {
    your_id: &'a str,
    to_id: &'a str,
    #[serde(rename = "msg")]
    _msg: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct End<'a> {
    you_id: &'a str,
    to_id: &'a str,
    nickname: &'a str,
    endmessage: &'a str,
    over: u8,
    talk_id: &'a str,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

pub(super) fn read(frame: &[u8]) -> Heard {
    if frame == b"\n" {
        return Heard::Pulse;
    }
    if frame.starts_with(b"6#") {
        return read_line(frame);
    }
    let Some((number, body)) = split(frame) else {
        return Heard::Strange;
    };
    let heard = match number {
        "0" => body_of::<Refusal>(body).map(|refusal| Heard::Error(refusal.error)),
        "2" => body_of::<Wait<'_>>(body)
            .filter(|wait| wait.you_num.parse::<u64>().is_ok_and(|place| place > 0))
            .map(|_| Heard::Waiting),
        "5" => body_of::<Begin<'_>>(body)
            .filter(Begin::is_one_of_ours)
            .map(|begin| Heard::Begin {
                partner: begin.to_id.into(),
                talk: begin.talk_id.into(),
            }),
        "9" => body_of::<End<'_>>(body)
            .filter(End::is_sound)
            .map(|end| Heard::End {
                from: end.you_id.into(),
                to: end.to_id.into(),
                text: end.endmessage.into(),
            }),
        _ => None,
    };
    heard.unwrap_or(Heard::Strange)
}

/// The names in a 6, as far as it is one.
pub(super) fn read_line(frame: &[u8]) -> Heard {
    let frame = frame.split(|byte| *byte == b'\n').next().unwrap_or(frame);
    let frame = frame.strip_suffix(b"\r").unwrap_or(frame);
    let talking = split(frame).and_then(|(_, body)| body_of::<Talking<'_>>(body));
    let (from, to) = talking.map_or((None, None), |line| {
        (Name::read(line.your_id), Name::read(line.to_id))
    });
    Heard::Line { from, to }
}

impl Begin<'_> {
    /// Nothing in it but what a user of ours joined with.
    fn is_one_of_ours(&self) -> bool {
        let empty = [self.pic_id, self.location, self.gps];
        self.nickname == self.to_id
            && matches!(self.gender, "F" | "M")
            && empty.iter().all(|text| text.is_empty())
            && self.talk_id.parse::<u64>().is_ok()
    }
}

impl End<'_> {
    fn is_sound(&self) -> bool {
        let stranger = self.nickname != self.you_id && !self.nickname.is_empty();
        let talk = self.talk_id.is_empty() || self.talk_id.parse::<u64>().is_ok();
        self.over <= 1 && talk && !stranger
    }
}

/// The number and what stands behind its `#`.
fn split(frame: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(frame).ok()?.split_once('#')
}

fn body_of<'a, T: Deserialize<'a>>(body: &'a str) -> Option<T> {
    serde_json::from_str(body).ok()
}
