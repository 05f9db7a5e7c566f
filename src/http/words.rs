//! What users write over HTTP, looked through for listed words: covered up,
//! refused, or put into the operators' queue.

use std::sync::{PoisonError, RwLock};

use serde_json::json;

use super::reply::Refusal;
use crate::filter::{Filter, Found};
use crate::store::{About, Changes, NewReport, StoreError};

/// The word list as it counts now.
#[derive(Debug)]
pub(super) struct Words(RwLock<Option<Filter>>);

impl Words {
    pub(super) fn new(filter: Option<Filter>) -> Words {
        Words(RwLock::new(filter))
    }

    /// From now on it is this.
    pub(super) fn set(&self, filter: Option<Filter>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = filter;
    }

    /// For the texts of one request.
    pub(super) fn begin(&self) -> Looking {
        let filter = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Looking {
            filter: filter.clone(),
            flags: Flags(Vec::new()),
        }
    }
}

/// The texts of one request are being looked through.
pub(super) struct Looking {
    filter: Option<Filter>,
    flags: Flags,
}

/// What is to be told of, once it stands.
pub(super) struct Flags(Vec<Flag>);

struct Flag {
    key: &'static str,
    word: String,
    text: String,
}

impl Looking {
    /// A text as it may stand under its key.
    pub(super) fn pass(&mut self, key: &'static str, text: String) -> Result<String, Refusal> {
        let found = self.filter.as_ref().and_then(|filter| filter.look(&text));
        let (masked, flagged) = match found {
            None => return Ok(text),
            Some(Found::Refused(_)) => return Err(Refusal::bad_key(key)),
            Some(Found::Passed { masked, flagged }) => (masked, flagged),
        };
        if let Some(word) = flagged {
            let text = text.clone();
            self.flags.0.push(Flag { key, word, text });
        }
        Ok(masked.unwrap_or(text))
    }

    /// The same for one that may be missing.
    pub(super) fn pass_some(
        &mut self,
        key: &'static str,
        text: Option<String>,
    ) -> Result<Option<String>, Refusal> {
        text.map(|text| self.pass(key, text)).transpose()
    }

    pub(super) fn flags(self) -> Flags {
        self.flags
    }
}

impl Flags {
    /// Tells of them: they are about this, which is that user's.
    pub(super) fn report(
        self,
        changes: &mut dyn Changes,
        about: &About,
        whom_id: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        for Flag { key, word, text } in self.0 {
            let evidence = json!({"key": key, "word": word, "text": text});
            changes.report(&NewReport {
                by_id: String::new(),
                about: about.clone(),
                whom_id: whom_id.to_owned(),
                reason: format!("word list: {word}"),
                evidence: evidence.to_string(),
                at: now,
            })?;
        }
        Ok(())
    }
}
