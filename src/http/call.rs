//! One request on its way to an operation: who calls, with what, and the ways
//! to the store for those who must be somebody.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use axum::http::HeaderMap;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use super::body::Whole;
use super::context::Context;
use super::fault::Fault;
use super::language::Language;
use super::reply::{Refusal, Reply};
use super::token::{self, TOKEN_COOKIE};
use crate::store::{Changes, Reading, Session, TokenHash};

/// A request, understood as far as all of them are alike.
pub(super) struct Call {
    pub(super) context: Arc<Context>,
    pub(super) address: IpAddr,
    pub(super) language: Language,
    pub(super) headers: HeaderMap,
    token: Option<TokenHash>,
    /// Whether that token lives longer from this request on.
    prolonged: Arc<AtomicBool>,
    body: Whole,
}

/// What is looked at whatever the request is.
#[derive(Deserialize)]
pub(super) struct Head {
    #[serde(rename = "type")]
    pub(super) kind: Option<Word>,
    token: Option<Word>,
}

/// What should be text. What else there may be, however large, is passed over
/// and takes no memory.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word {
    Text(String),
    Other,
}

impl Word {
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Word::Text(text) => Some(text),
            Word::Other => None,
        }
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
        deserializer.deserialize_any(AnyWord)
    }
}

struct AnyWord;

impl<'de> Visitor<'de> for AnyWord {
    type Value = Word;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Word, E> {
        Ok(Word::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Word, E> {
        Ok(Word::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Word, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Word::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Word, E> {
        Ok(Word::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Word, E> {
        Ok(Word::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Word, E> {
        Ok(Word::Other)
    }

    /// Numbers may come this way as well, kept as they are written.
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Word, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Word::Other)
    }

    fn visit_unit<E>(self) -> Result<Word, E> {
        Ok(Word::Other)
    }
}

impl Head {
    /// Of a body that is a JSON object; else why it is none.
    pub(super) fn read(body: &[u8]) -> Result<Head, Refusal> {
        let text = std::str::from_utf8(body).map_err(|_| Fault::NoObject)?;
        if !text.trim_ascii_start().starts_with('{') {
            return Err(Fault::NoObject.into());
        }
        parse(text.as_bytes())
    }

    /// The `type` of a body whose head cannot be read for another reason.
    pub(super) fn kind_alone(body: &[u8]) -> Option<String> {
        #[derive(Deserialize)]
        struct Kind {
            #[serde(rename = "type")]
            kind: String,
        }
        parse::<Kind>(body).ok().map(|head| head.kind)
    }
}

impl Call {
    pub(super) fn new(
        context: Arc<Context>,
        address: IpAddr,
        headers: HeaderMap,
        head: &Head,
        body: Whole,
    ) -> Result<Call, Refusal> {
        let own = match &head.token {
            None => None,
            Some(Word::Text(token)) => Some(token.as_str()),
            Some(Word::Other) => return Err(Refusal::bad_key("token")),
        };
        Ok(Call {
            context,
            address,
            language: Language::of(&headers),
            token: token::shown(own, &headers).map(token::hash),
            prolonged: Arc::default(),
            headers,
            body,
        })
    }

    /// The body as the operation wants it; an error names the key. What it takes
    /// is given back: only what it says is needed any more.
    pub(super) async fn request<T: DeserializeOwned + Send + 'static>(
        &mut self,
    ) -> Result<T, Refusal> {
        let body = std::mem::take(&mut self.body);
        body.read(&self.context.pictures.readers, |body| parse(body))
            .await
    }

    /// The token that came with it, good or not.
    pub(super) fn token(&self) -> Result<TokenHash, Refusal> {
        Ok(self.token.ok_or(Fault::BadToken)?)
    }

    /// Looks something up for the user whose token came with it.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&dyn Reading, &Session) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (token, now) = (self.token()?, self.context.now());
        let (session, found) = self
            .context
            .door
            .read(move |reading| {
                let session = session(reading, &token, now)?;
                let found = look(reading, &session)?;
                Ok::<_, Refusal>((session, found))
            })
            .await?;
        self.prolong_behind(token, &session, now);
        Ok(found)
    }

    /// Changes something for the user whose token came with it.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut dyn Changes, &Session) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (token, now) = (self.token()?, self.context.now());
        let ttl = self.context.token_ttl();
        let prolonged = Arc::clone(&self.prolonged);
        self.context
            .door
            .write(move |changes| {
                let session = session(changes, &token, now)?;
                if session.is_due(ttl, now) {
                    changes.prolong_session(&token, now.saturating_add(ttl))?;
                    prolonged.store(true, Relaxed);
                }
                change(changes, &session)
            })
            .await
    }

    /// Nobody who only reads waits for a write, or fails with it.
    pub(super) fn prolong_behind(&self, token: TokenHash, session: &Session, now: i64) {
        let ttl = self.context.token_ttl();
        if session.is_due(ttl, now) {
            let (door, expires) = (&self.context.door, now.saturating_add(ttl));
            // What fails is told in the log; the next use tries again.
            door.write_behind(move |changes| changes.prolong_session(&token, expires));
            self.prolonged.store(true, Relaxed);
        }
    }

    /// A browser keeps the token for as long as it is good, if it was the one
    /// to bring it. A reply that has something else to say of it is left alone.
    pub(super) fn renew_cookie(&self, reply: Reply) -> Reply {
        let cookie = token::cookie(&self.headers, TOKEN_COOKIE);
        match cookie {
            Some(cookie)
                if self.prolonged.load(Relaxed)
                    && Some(token::hash(cookie)) == self.token
                    && !reply.sets_cookies() =>
            {
                let seconds = self.context.token_ttl();
                reply.with_cookie(&token::baked(TOKEN_COOKIE, cookie, seconds))
            }
            _ => reply,
        }
    }
}

/// Whose token it is; nobody's is refused.
pub(super) fn session<R: Reading + ?Sized>(
    reading: &R,
    token: &TokenHash,
    now: i64,
) -> Result<Session, Refusal> {
    Ok(reading.session(token, now)?.ok_or(Fault::BadToken)?)
}

/// A body as what it is to be; an error names the key.
pub(super) fn parse<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let syntax = error.inner().classify() != Category::Data;
        if syntax {
            Fault::NoObject.into()
        } else {
            Refusal::bad_key(&key(&error))
        }
    })?;
    reader.end().map_err(|_| Fault::NoObject)?;
    Ok(parsed)
}

/// The key that an error is about. What is missing or there twice has no path,
/// but serde names it between backticks.
fn key(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    if path != "." {
        return path;
    }
    let words = error.inner().to_string();
    words.split('`').nth(1).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Debug)]
    struct Sample {
        #[serde(rename = "tel")]
        _tel: String,
        #[serde(rename = "all", default)]
        _all: Option<bool>,
    }

    fn refused(body: &str) -> String {
        let refusal = parse::<Sample>(body.as_bytes()).unwrap_err();
        format!("{:?} {:?}", refusal.fault, refusal.reply)
    }

    #[test]
    fn an_error_names_the_key() {
        let bad = |key: &str| {
            let refusal = Refusal::bad_key(key);
            format!("{:?} {:?}", refusal.fault, refusal.reply)
        };
        assert_eq!(refused(r"{}"), bad("tel"));
        assert_eq!(refused(r#"{"tel":1}"#), bad("tel"));
        assert_eq!(refused(r#"{"tel":null}"#), bad("tel"));
        assert_eq!(refused(r#"{"tel":{"a":"b"}}"#), bad("tel"));
        assert_eq!(refused(r#"{"tel":"1","tel":"2"}"#), bad("tel"));
        assert_eq!(refused(r#"{"tel":"1","all":"yes"}"#), bad("all"));
        assert!(parse::<Sample>(br#"{"tel":"1","other":[1,{}]}"#).is_ok());
        assert!(parse::<Sample>(br#"{"tel":"1","all":null}"#).is_ok());
    }

    #[test]
    fn a_type_or_token_that_is_no_text_is_passed_over() {
        for other in [
            "1",
            "-1.5e9",
            "true",
            "[1,[2]]",
            r#"{"a":{"b":1}}"#,
            "{}",
            "[]",
        ] {
            let body = format!(r#"{{"type":{other},"token":{other}}}"#);
            let head = Head::read(body.as_bytes()).unwrap();
            assert_eq!(head.kind, Some(Word::Other), "{other}");
            assert_eq!(head.token, Some(Word::Other), "{other}");
        }
        let head = Head::read(br#"{"type":"a\u0062","token":null}"#).unwrap();
        assert_eq!(head.kind, Some(Word::Text("ab".to_owned())));
        assert_eq!(head.token, None);
    }

    #[test]
    fn what_is_no_object_is_known() {
        let table = [
            "",
            " ",
            "{",
            "[]",
            "[\"a\"]",
            "1",
            "\"a\"",
            "null",
            "true",
            "{}{}",
            "{} x",
            "{\"a\":}",
            "{'a':1}",
            "{\"a\":1,}",
            "\u{feff}{}",
            "{\"a\":01}",
        ];
        for body in table {
            let fault = Head::read(body.as_bytes()).map(drop).unwrap_err().fault;
            assert_eq!(fault, Fault::NoObject, "{body:?}");
        }
        assert!(Head::read(b"{\"a\":\"\xff\"}").is_err());
        for body in ["{}", " \r\n\t{\"type\":1}\n", "{\"a\":[[[]]]}"] {
            assert!(Head::read(body.as_bytes()).is_ok(), "{body:?}");
        }
        let deep = format!("{{\"a\":{}", "[".repeat(60_000));
        assert!(Head::read(deep.as_bytes()).is_err());
    }
}
