//! Single words: paths, addresses, names.

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::super::value::Secret;
use super::{Kind, Shape};

/// A path; whether it can be used is seen when it is.
pub(in crate::config) struct Directory;

impl Kind for Directory {
    type Value = PathBuf;
    const SHAPE: Shape = Shape::Text;

    fn read(&self, text: &str) -> Option<PathBuf> {
        (!text.is_empty() && !text.contains('\0')).then(|| text.into())
    }

    fn show(&self, path: &PathBuf) -> String {
        path.display().to_string()
    }

    fn may_be(&self) -> String {
        "a directory".into()
    }
}

/// An address and a port.
pub(in crate::config) struct Address;

impl Kind for Address {
    type Value = SocketAddr;
    const SHAPE: Shape = Shape::Text;

    fn read(&self, text: &str) -> Option<SocketAddr> {
        text.parse().ok()
    }

    fn show(&self, address: &SocketAddr) -> String {
        address.to_string()
    }

    fn may_be(&self) -> String {
        "IP:PORT, such as 127.0.0.1:9400 or [::]:9400".into()
    }
}

/// The same as another kind, or empty, which means what the text says.
pub(in crate::config) struct OrEmpty<K>(
    pub(in crate::config) K,
    pub(in crate::config) &'static str,
);

impl<K: Kind> Kind for OrEmpty<K> {
    type Value = Option<K::Value>;
    const SHAPE: Shape = K::SHAPE;

    fn read(&self, text: &str) -> Option<Option<K::Value>> {
        if text.is_empty() {
            return Some(None);
        }
        self.0.read(text).map(Some)
    }

    fn show(&self, value: &Option<K::Value>) -> String {
        value.as_ref().map_or_else(String::new, |v| self.0.show(v))
    }

    fn may_be(&self) -> String {
        format!("{}, or empty for {}", self.0.may_be(), self.1)
    }
}

/// A text that passes a check; the second says which.
pub(in crate::config) struct Text(
    pub(in crate::config) fn(&str) -> bool,
    pub(in crate::config) &'static str,
);

impl Kind for Text {
    type Value = String;
    const SHAPE: Shape = Shape::Text;

    fn read(&self, text: &str) -> Option<String> {
        (self.0)(text).then(|| text.into())
    }

    fn show(&self, text: &String) -> String {
        text.clone()
    }

    fn may_be(&self) -> String {
        self.1.into()
    }
}

/// A text on one line, or nothing.
pub(in crate::config) const LINE: Text = Text(|text| !text.contains(char::is_control), "a text");

/// Where HTTP requests go, or nothing.
pub(in crate::config) const URL: Text = Text(
    |text| {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        text.is_empty()
            || rest.is_some_and(|rest| {
                !rest.is_empty()
                    && !rest.starts_with('/')
                    && rest.bytes().all(|b| b.is_ascii_graphic())
            })
    },
    "an http:// or https:// address",
);

/// The name of a congestion control.
pub(in crate::config) const CONGESTION: Text = Text(
    |text| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        (1..=15).contains(&text.len()) && text.bytes().all(known)
    },
    "a congestion control that the system has, such as cubic or bbr",
);

/// A country's calling code.
pub(in crate::config) const COUNTRY: Text = Text(
    |text| {
        text.strip_prefix('+').is_some_and(|code| {
            (1..=3).contains(&code.len())
                && !code.starts_with('0')
                && code.bytes().all(|byte| byte.is_ascii_digit())
        })
    },
    "+ and a country's calling code, such as +86",
);

/// What the log lets through. A bare word that is no level would be taken for
/// the name of a module, and a slip such as `inof` would silence everything.
pub(in crate::config) const FILTER: Text = Text(
    |text| {
        let said = |part: &str| part.contains(['=', '[']) || part.parse::<LevelFilter>().is_ok();
        !text.is_empty() && text.split(',').all(said) && EnvFilter::builder().parse(text).is_ok()
    },
    "off, error, warn, info, debug, trace, or such as info,pairline::net=debug",
);

/// A text that is not shown.
pub(in crate::config) struct Hidden;

impl Kind for Hidden {
    type Value = Secret;
    const SHAPE: Shape = Shape::Secret;

    fn read(&self, text: &str) -> Option<Secret> {
        LINE.read(text).map(Secret::new)
    }

    fn show(&self, secret: &Secret) -> String {
        format!("{secret:?}")
    }

    fn may_be(&self) -> String {
        "a text (secret)".into()
    }
}

/// A name of the time zone database.
pub(in crate::config) struct Zone;

impl Kind for Zone {
    type Value = TimeZone;
    const SHAPE: Shape = Shape::Text;

    fn read(&self, text: &str) -> Option<TimeZone> {
        TimeZone::get(text).ok()
    }

    fn show(&self, zone: &TimeZone) -> String {
        zone.iana_name().unwrap_or("UTC").into()
    }

    fn may_be(&self) -> String {
        "a name of the time zone database, such as Asia/Shanghai or UTC".into()
    }
}
