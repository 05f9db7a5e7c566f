//! One request of an operator on its way to what it asks for, and the ways to
//! the store: whatever changes something writes down who did it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::Uri;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::super::call;
use super::super::context::Context;
use super::super::fault::Fault;
use super::super::reply::Refusal;
use super::gate::Operator;
use crate::store::{Action, Changes, Reading, StoreError};

/// A request, understood as far as all of them are alike.
pub(super) struct Order {
    pub(super) context: Arc<Context>,
    pub(super) operator: Operator,
    /// What the path names, or nothing.
    pub(super) id: String,
    query: Vec<(String, String)>,
    body: Bytes,
}

/// What an operator does, as the audit is to have it.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    /// A short name.
    action: &'static str,
    /// To what: an id, or nothing.
    about: String,
    /// How, in words.
    detail: String,
}

impl Deed {
    /// Something done to this.
    pub(super) fn new(action: &'static str, about: impl Into<String>) -> Deed {
        Deed {
            action,
            about: about.into(),
            detail: String::new(),
        }
    }

    /// With more words.
    pub(super) fn saying(self, detail: impl Into<String>) -> Deed {
        Deed {
            detail: detail.into(),
            ..self
        }
    }
}

impl Order {
    pub(super) fn new(
        context: Arc<Context>,
        operator: Operator,
        id: String,
        uri: &Uri,
        body: Bytes,
    ) -> Order {
        Order {
            context,
            operator,
            id,
            query: pairs(uri.query().unwrap_or_default()),
            body,
        }
    }

    /// The body as the operation wants it; an error names the key. None at all
    /// is an object without keys.
    pub(super) fn request<'de, T: Deserialize<'de>>(&'de self) -> Result<T, Refusal> {
        match self.body.trim_ascii() {
            [] => call::parse(b"{}"),
            [b'{', ..] => call::parse(&self.body),
            _ => Err(Fault::NoObject.into()),
        }
    }

    /// A key of the query.
    pub(super) fn query(&self, key: &str) -> Option<&str> {
        let mut pairs = self.query.iter();
        let found = pairs.find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }

    /// A number of the query, if it is there.
    pub(super) fn number(&self, key: &str) -> Result<Option<i64>, Refusal> {
        let text = self.query(key).map(str::parse);
        text.transpose().map_err(|_| Refusal::bad_key(key))
    }

    /// How many are wanted: `limit`, 1 to `most`, which is also what is given
    /// without it.
    pub(super) fn limit(&self, most: u32) -> Result<u32, Refusal> {
        match self.number("limit")? {
            None => Ok(most),
            Some(limit) => u32::try_from(limit)
                .ok()
                .filter(|limit| (1..=most).contains(limit))
                .ok_or_else(|| Refusal::bad_key("limit")),
        }
    }

    /// The number that the path names; what is none names nothing.
    pub(super) fn id_number(&self) -> Result<i64, Refusal> {
        self.id.parse().map_err(|_| Fault::NoSuchThing.into())
    }

    /// Looks something up.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&dyn Reading) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.context.door.read(look).await
    }

    /// Changes something and writes down that it was done, both or neither.
    /// What was tried in vain is written down as well.
    pub(super) async fn act<T: Send + 'static>(
        &self,
        deed: Deed,
        change: impl FnOnce(&mut dyn Changes) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let action = self.action(deed, "done".to_owned());
        let tried = action.clone();
        let acted = self.context.door.write(move |changes| {
            let changed = change(changes)?;
            changes.add_action(&action)?;
            Ok(changed)
        });
        let acted: Result<T, Refusal> = acted.await;
        if let Err(refusal) = &acted {
            let result = format!("error {}", refusal.fault.number());
            self.write_down(Action { result, ..tried }).await?;
        }
        acted
    }

    async fn write_down(&self, action: Action) -> Result<(), Refusal> {
        let written = self.context.door.write(move |changes| {
            changes.add_action(&action)?;
            Ok::<_, StoreError>(())
        });
        Ok(written.await?)
    }

    fn action(&self, deed: Deed, result: String) -> Action {
        Action {
            at: self.context.now(),
            who: self.operator.name().to_owned(),
            address: self.operator.address.to_string(),
            action: deed.action.to_owned(),
            about: deed.about,
            detail: deed.detail,
            result,
        }
    }
}

/// `a=b&c=d%20e+f`, as browsers write it.
fn pairs(query: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (plain(key), plain(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_browsers_write_it() {
        let table: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            ("q=ann", &[("q", "ann")]),
            ("q=a+b%20c%2b&&x", &[("q", "a b c+"), ("x", "")]),
            ("q=%E5%BC%A0&q=2=3", &[("q", "张"), ("q", "2=3")]),
            ("=x&q=%ff%", &[("", "x"), ("q", "\u{fffd}%")]),
        ];
        for (query, wanted) in table {
            let wanted: Vec<_> = wanted
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect();
            assert_eq!(pairs(query), wanted, "{query}");
        }
    }
}
