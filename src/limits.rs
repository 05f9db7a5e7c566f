//! Every bound in one place, its unit last in the name.
//!
//! What an operator may change stands in [`config`](crate::config); these are
//! its defaults and the bounds that the protocol fixes.

use std::time::Duration;

/// A line without its end, at most (default of `max_line`).
pub const LINE_BYTES: usize = 8 * 1024;
/// The body is level 1.
pub const JSON_DEPTH_LEVELS: u32 = 32;
/// The header's number, at most.
pub const TYPE_DIGITS: usize = 3;
/// A framer's buffer over this is given back when nothing is left in it.
pub const KEPT_SPARE_BYTES: usize = 512;
/// A RequestRoom's MAC.
pub const MAC_BYTES: usize = 64;

/// `userId` and whatever names a user; at least 1.
pub const USER_ID_BYTES: usize = 64;
/// `nickname`.
pub const NICKNAME_BYTES: usize = 64;
/// `picId`.
pub const PIC_ID_BYTES: usize = 128;
/// `location`.
pub const LOCATION_BYTES: usize = 128;
/// `gps`.
pub const GPS_BYTES: usize = 128;
/// An end message.
pub const END_MESSAGE_BYTES: usize = 1024;
/// `talkId`: the digits of a 64-bit number.
pub const TALK_ID_BYTES: usize = 20;
/// `token`: twice what a session token takes.
pub const TOKEN_BYTES: usize = 128;

/// Conversations at once (default of `max_guys`).
pub const GUYS: u32 = 3;
/// The most that `max_guys` may be set to.
pub const GUYS_CEILING: u32 = 64;
/// A jump overtakes 1 to this many.
pub const PASS_PLACES: u64 = 10;
/// Last partners remembered a user.
pub const LAST_PARTNERS: usize = 16;
/// Rematch pauses remembered a user; the oldest is dropped.
pub const PAUSES_KEPT: usize = 256;
/// A last word may follow a talk for this long.
pub const LAST_WORD_FOR: Duration = Duration::from_secs(24 * 3600);
/// The end of a talk is known on every core by then, unless cores stand still.
pub const END_ARRIVES_IN: Duration = Duration::from_secs(1);
/// Words kept for an absent user; the oldest is dropped.
pub const WORDS_KEPT: usize = 100;
/// A stored word is kept for this long.
pub const WORDS_KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// This many errors within [`ERROR_WINDOW`] close a connection.
pub const ERRORS: usize = 32;
/// See [`ERRORS`].
pub const ERROR_WINDOW: Duration = Duration::from_secs(10);
/// `rate_limited` is told at most this often.
pub const RATE_TOLD_EVERY: Duration = Duration::from_secs(1);
/// The burst is this many seconds' worth of `max_rate`.
pub const RATE_BURST_SECONDS: u32 = 2;
/// Lines of a connection that are acted on before others have their turn.
pub const TURN_LINES: u32 = 256;
/// To flush, half-close and drain after the last word to a client.
pub const CLOSING_FOR: Duration = Duration::from_secs(1);

/// A PROXY protocol header, at most. By its own rules it fits one segment.
pub const PROXY_HEADER_BYTES: usize = 4096;
/// For a PROXY protocol header to come, at most.
pub const PROXY_HEADER_FOR: Duration = Duration::from_secs(10);

/// Places that are told on each change.
pub const NEAR_PLACES: u64 = 20;
/// A near place is told at most this often.
pub const NEAR_TOLD_EVERY: Duration = Duration::from_secs(1);
/// Every place farther back is looked at once in this time.
pub const FAR_ROUND: Duration = Duration::from_secs(5);
/// Farther places looked at in one turn.
pub const FAR_SLICE: u64 = 256;

const _: () = assert!(
    END_MESSAGE_BYTES * 6 < LINE_BYTES,
    "an escaped end message fits a line"
);
const _: () = assert!(USER_ID_BYTES * 2 < LINE_BYTES);
const _: () = assert!(GUYS <= GUYS_CEILING);
