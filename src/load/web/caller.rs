//! One user of HTTP: what it asks next, and whether the answer is right.

use std::io::Write as _;

use serde_json::json;

use super::answer::Answer;
use super::reply::{Entry, Reply};
use super::step::Step;
use crate::load::tally::Check;

/// The number of "asked again too soon".
const TOO_SOON: u16 = 4;
/// Pictures asked of the feed.
const LOOKED_AT: usize = 20;
/// Words of an answer that are shown when it is wrong.
const SHOWN: usize = 300;

/// See the module.
#[derive(Debug)]
pub(in crate::load) struct Caller {
    seed: u32,
    /// Another one in each round.
    number: u64,
    pub(in crate::load) step: Step,
    /// When what is under way was asked, or due.
    pub(in crate::load) asked: Option<u64>,
    /// The same of what the server has put off.
    pub(in crate::load) put_off: Option<u64>,
    /// The beginning of an answer.
    pub(in crate::load) kept: Vec<u8>,
    /// The code that was sent to it.
    pub(in crate::load) code: String,
    token: String,
    user_id: String,
    /// Its own.
    picture: Picture,
    /// What it likes, and how often that was liked.
    liked: (String, u64),
}

#[derive(Debug, Default)]
struct Picture {
    id: u64,
    content: String,
}

/// What is wrong with an answer.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::load) enum Wrong {
    /// The server refused, with this number or status.
    Refused(String),
    /// It has too many pictures to look at: again after so many seconds.
    Later(u64),
    Failed(Check, String),
}

impl Caller {
    pub(in crate::load) fn new(seed: u32, number: u64) -> Caller {
        Caller {
            seed,
            number,
            step: Step::Code,
            asked: None,
            put_off: None,
            kept: Vec::new(),
            code: String::new(),
            token: String::new(),
            user_id: String::new(),
            picture: Picture::default(),
            liked: Default::default(),
        }
    }

    /// Begins again as somebody new, with a number that nobody else has.
    pub(in crate::load) fn reborn(&mut self, callers: u32) {
        let kept = std::mem::take(&mut self.kept);
        *self = Caller::new(self.seed, self.number + u64::from(callers));
        self.kept = kept;
    }

    /// E.164, with its `+`: 15 digits that begin as no country's do.
    pub(in crate::load) fn tel(&self) -> String {
        let (run, own) = (self.seed % 1_000_000, self.number % 10_000_000);
        format!("+99{run:06}{own:07}")
    }

    fn nickname(&self) -> String {
        format!("{:08x}-{}", self.seed, self.number)
    }

    fn words(&self) -> String {
        format!("picture of {}: <\"看\">", self.nickname())
    }

    /// Appends the next request. `picture` is the data URL of what is uploaded.
    pub(in crate::load) fn ask(&self, host: &str, picture: &str, out: &mut Vec<u8>) {
        let kind = self.step.name();
        let body = match self.step {
            Step::Picture => {
                let path = &self.picture.content;
                return put(out, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            }
            Step::Code => json!({ "type": kind, "tel": self.tel() }),
            Step::Check => json!({ "type": kind, "tel": self.tel(), "code": self.code }),
            Step::Register => json!({
                "type": kind, "token": self.token, "nickname": self.nickname(),
                "gender": if self.number.is_multiple_of(2) { "F" } else { "M" },
            }),
            Step::Upload => json!({
                "type": kind, "token": self.token, "words": self.words(), "picture": picture,
            }),
            Step::Feed => json!({
                "type": kind, "token": self.token, "limit": LOOKED_AT,
                "before": (self.picture.id + 1).to_string(),
            }),
            Step::Like => json!({ "type": kind, "token": self.token, "picture_id": self.liked.0 }),
        };
        let body = body.to_string();
        let length = body.len();
        put(
            out,
            &format!(
                "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
                 Content-Length: {length}\r\n\r\n{body}"
            ),
        );
    }

    /// Whether this answers what was asked; what is needed of it is kept.
    pub(in crate::load) fn hear(&mut self, answer: &Answer<'_>) -> Result<(), Wrong> {
        if answer.status != 200 {
            return Err(Wrong::Refused(format!("status_{}", answer.status)));
        }
        if self.step == Step::Picture {
            return see(answer);
        }
        let shown = || {
            let text = String::from_utf8_lossy(answer.body);
            text.chars().take(SHOWN).collect::<String>()
        };
        let reply: Reply = serde_json::from_slice(answer.body)
            .map_err(|error| Wrong::Failed(Check::Corrupted, format!("{error}: {}", shown())))?;
        if self.step == Step::Upload && reply.error_no == TOO_SOON && reply.retry_after > 0 {
            return Err(Wrong::Later(reply.retry_after));
        }
        if !reply.success || reply.error_no != 0 {
            return Err(Wrong::Refused(format!("error_no_{}", reply.error_no)));
        }
        let (_, kind) = self.step.types();
        if reply.kind != kind {
            return Err(Wrong::Failed(Check::Unexpected, shown()));
        }
        self.take(reply)
            .map_err(|(check, what)| Wrong::Failed(check, format!("{what}: {}", shown())))
    }

    fn take(&mut self, reply: Reply) -> Result<(), (Check, &'static str)> {
        let must = |holds: bool, what| holds.then_some(()).ok_or((Check::Corrupted, what));
        match self.step {
            Step::Code => must(!reply.request_id.is_empty(), "no request_id")?,
            Step::Check => {
                must(!reply.registered, "a new number has a user")?;
                must(!reply.token.is_empty(), "no token")?;
                self.token = reply.token;
            }
            Step::Register => {
                must(!reply.user_id.is_empty(), "no user_id")?;
                must(
                    reply.token.len() == 43 && reply.token != self.token,
                    "no token of its own",
                )?;
                (self.token, self.user_id) = (reply.token, reply.user_id);
            }
            Step::Upload => {
                let id = reply.picture_id.parse();
                let id = id.map_err(|_| (Check::Corrupted, "picture_id is no number"))?;
                let content = reply.picture_content;
                must(content.starts_with("/uploads/"), "no path of a picture")?;
                self.picture = Picture { id, content };
            }
            Step::Picture => {}
            Step::Feed => return self.look(&reply.information),
            Step::Like => {
                let likes = number(&reply.picture_like_num)?;
                must(likes > self.liked.1, "the like was not counted")?;
            }
        }
        Ok(())
    }

    /// The feed from one's own picture on: it is there, with all that was said
    /// of it, and what follows is older. What comes next is liked.
    fn look(&mut self, feed: &[Entry]) -> Result<(), (Check, &'static str)> {
        let own = feed.first().ok_or((Check::Lost, "an empty feed"))?;
        if number(&own.picture_id)? != self.picture.id {
            return Err((Check::Lost, "the own picture is not there"));
        }
        let same = own.picture_content == self.picture.content
            && own.picture_words == self.words()
            && own.picture_owner == self.nickname()
            && own.picture_owner_id == self.user_id
            && !own.liked;
        if !same {
            return Err((Check::Misrouted, "the own picture is another's"));
        }
        let mut before = self.picture.id + 1;
        for entry in feed {
            let id = number(&entry.picture_id)?;
            if id >= before {
                return Err((Check::Reordered, "not the newest first"));
            }
            before = id;
        }
        if feed.len() > LOOKED_AT {
            return Err((Check::Unexpected, "more than was asked for"));
        }
        let liked = feed.get(1).unwrap_or(own);
        self.liked = (liked.picture_id.clone(), number(&liked.picture_like_num)?);
        Ok(())
    }
}

/// A picture is one, by its label and by its first bytes.
fn see(answer: &Answer<'_>) -> Result<(), Wrong> {
    let begins: &[u8] = match answer.content_type {
        "image/jpeg" => b"\xff\xd8\xff",
        "image/png" => b"\x89PNG",
        _ => &[],
    };
    if !begins.is_empty() && answer.body.starts_with(begins) {
        return Ok(());
    }
    let (bytes, label) = (answer.body.len(), answer.content_type);
    let came = format!("no picture: {bytes} bytes of {label:?}");
    Err(Wrong::Failed(Check::Corrupted, came))
}

fn number(text: &str) -> Result<u64, (Check, &'static str)> {
    text.parse()
        .map_err(|_| (Check::Corrupted, "a number that is none"))
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.write_all(text.as_bytes())
        .expect("a vector takes all bytes");
}

#[cfg(test)]
mod tests;
