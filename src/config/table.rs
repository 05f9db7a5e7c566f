//! What a row of the table is, and the macro that makes a section's struct and
//! its rows out of the same lines.

use super::keys::Config;
use super::kind::{Kind, Shape};

/// A row of the table.
pub(super) struct Row {
    /// The dotted name.
    pub(super) key: &'static str,
    /// As it would be typed.
    pub(super) default: &'static str,
    /// One line for people.
    pub(super) meaning: &'static str,
    /// How the file writes it.
    pub(super) shape: Shape,
    /// Completes "it may be …".
    pub(super) may_be: fn() -> String,
    /// Reads a text into its place, or says what it may be.
    pub(super) set: fn(&mut Config, &str) -> Result<(), String>,
    /// The text of what stands in its place.
    pub(super) show: fn(&Config) -> String,
}

/// A kind whose values are of the field's type; this is what tells a plain `1`
/// in the table whether it is a `u16` or a `u32`.
pub(super) const fn of<V, K: Kind<Value = V>>(kind: &K) -> &K {
    kind
}

/// How a kind is written in the file.
pub(super) const fn shape<K: Kind>(_: &K) -> Shape {
    K::SHAPE
}

/// Where a section's fields stand: `place!(config (sms.webhook))`.
macro_rules! place {
    ($config:ident ()) => { $config };
    ($config:ident ($($at:ident).+)) => { $config$(.$at)+ };
}

/// The dotted name of a field of a section.
macro_rules! dotted {
    (() $key:ident) => { stringify!($key) };
    (($($at:ident).+) $key:ident) => { concat!($(stringify!($at), ".",)+ stringify!($key)) };
}

/// A kind, held to the type of its field.
macro_rules! kind {
    ($type:ty, $kind:expr) => {
        super::table::of::<$type, _>(&$kind)
    };
}

/// A section of the file: `/// meaning` and `key: type = default, kind;` for
/// each key, then the sections inside it.
macro_rules! section {
    (
        $(#[$about:meta])+
        $section:ident $at:tt {
            $( $(#[doc = $meaning:literal])+ $key:ident: $type:ty = $default:literal, $kind:expr; )*
        }
        $( $(#[$inner_about:meta])+ $inner:ident: $inner_type:ty; )*
    ) => {
        $(#[$about])+
        #[derive(Clone, Debug)]
        pub struct $section {
            $( $(#[doc = $meaning])+ pub $key: $type, )*
            $( $(#[$inner_about])+ pub $inner: $inner_type, )*
        }

        impl Default for $section {
            fn default() -> Self {
                Self {
                    $( $key: kind!($type, $kind).read($default).expect("a default is one of its kind"), )*
                    $( $inner: <$inner_type>::default(), )*
                }
            }
        }

        impl $section {
            const ROWS: &[Row] = &[$( Row {
                key: dotted!($at $key),
                default: $default,
                meaning: concat!($($meaning),+).trim_ascii(),
                shape: super::table::shape(kind!($type, $kind)),
                may_be: || kind!($type, $kind).may_be(),
                set: |config, text| {
                    let value = kind!($type, $kind).read(text).ok_or_else(|| kind!($type, $kind).may_be())?;
                    place!(config $at).$key = value;
                    Ok(())
                },
                show: |config| kind!($type, $kind).show(&place!(config $at).$key),
            } ),*];
        }
    };
}
