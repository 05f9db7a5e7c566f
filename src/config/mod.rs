//! File, environment and flags to one checked [`Config`].
//!
//! This part owns the names of all keys, what each may be and how they hang
//! together; every error names its source and its key. Deliberately absent is
//! what the values do: a port is not opened here and a limit not raised.

#[macro_use]
mod table;

mod amount;
mod keys;
mod kind;
mod listing;
mod read;
mod related;
mod value;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub use keys::{Aliyun, Config, Sms, Tencent, Test, Twilio, Webhook};
pub use listing::{for_people, markdown};
pub use value::{Gateway, Network, Secret};

use crate::exit::Failure;
use amount::Amount as _;
use read::Reader;

/// Where settings come from; of two that name the same key the later counts.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A TOML file.
    pub file: Option<PathBuf>,
    /// All variables; those that do not start with `PAIRLINE_` are passed over.
    pub environment: Vec<(OsString, OsString)>,
    /// `--set KEY=VALUE`, in order.
    pub set: Vec<(String, String)>,
    /// Flags that stand for a key of the same name.
    pub flags: Vec<(&'static str, String)>,
}

impl Config {
    /// Reads all sources over the defaults. A failure names everything that is
    /// wrong, a line each.
    pub fn load(sources: &Sources) -> Result<Config, Failure> {
        Reader::read(sources).into_config()
    }
}

/// The value of every key and where it comes from, in the form of a file.
pub fn effective(sources: &Sources) -> Result<String, Failure> {
    in_force(Reader::read(sources))
}

/// The same with the text of a file, which need not be there.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn effective_of(text: &str, sources: &Sources) -> Result<String, Failure> {
    in_force(Reader::read_text(text, sources))
}

fn in_force(reader: Reader) -> Result<String, Failure> {
    let origins = reader.origins.clone();
    let config = reader.into_config()?;
    Ok(listing::effective(&config, &origins))
}

/// Whether a key takes this value; if not, what it may be.
pub fn check(key: &str, text: &str) -> Result<(), String> {
    let row = keys::rows()
        .find(|row| row.key == key)
        .ok_or_else(|| read::unknown(key))?;
    (row.set)(&mut Config::default(), text).map_err(|may_be| format!("{key} may be {may_be}"))
}

/// Reads a duration as it is written in the configuration.
pub fn duration(text: &str) -> Result<Duration, String> {
    Duration::read(text).ok_or_else(|| format!("it may be {}", Duration::NAME))
}

#[cfg(test)]
mod tests;
