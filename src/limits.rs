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
/// Two who wait, of whom one has blocked the other, are looked at again after
/// this long, should the news that the block was lifted have come too early.
pub const BLOCKS_SEEN_EVERY: Duration = Duration::from_secs(10);
/// The store has this long to say whose a token is; then the join is refused.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// A join that was found good before its user's sessions were ended is known
/// for outdated for this long: far longer than one is ever on its way.
pub const ENDS_KEPT_FOR: Duration = Duration::from_secs(600);
/// Lines of a talk that are kept for the case that it is reported.
pub const EVIDENCE_LINES: usize = 20;
/// Bytes of them.
pub const EVIDENCE_BYTES: usize = 8 * 1024;
/// Talks of a user that are over and whose lines are kept.
pub const EVIDENCE_TALKS: usize = 4;
/// Absent users, of each core, whose talks' lines are kept.
pub const EVIDENCE_USERS: usize = 1024;
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

/// Threads that read the store for HTTP.
pub const READERS: usize = 2;
/// Readings that may wait for them.
pub const READINGS_WAITING: usize = 4096;
/// Changes that may wait for the thread that writes.
pub const CHANGES_WAITING: usize = 16_384;

/// Copies of the store that a backup makes at most. Each round has only to keep
/// up with the pictures that came while the one before it ran.
pub const BACKUP_ROUNDS: usize = 20;

/// A request's body.
pub const BODY_BYTES: usize = 64 * 1024;
/// The body of a request that brings a picture.
pub const PICTURE_BODY_BYTES: usize = 12 * 1024 * 1024;
/// Bodies over [`BODY_BYTES`] that are read at once; others wait.
pub const BIG_BODIES: usize = 8;
/// For a request's body to arrive.
pub const BODY_FOR: Duration = Duration::from_secs(120);
/// For a request to be answered, once it has arrived.
pub const ANSWER_FOR: Duration = Duration::from_secs(30);
/// For something to be read from or written to a connection of HTTP.
pub const HTTP_IDLE_FOR: Duration = Duration::from_secs(40);
/// A user's `words`, and what they say of a picture or a report's `reason`.
pub const WORDS_BYTES: usize = 1024;
/// Wrong tries that make a code void.
pub const WRONG_CODES: u32 = 5;
/// Digits of a number, at least.
pub const TEL_DIGITS_LEAST: usize = 5;
/// Digits of a number, at most.
pub const TEL_DIGITS: usize = 15;

/// Wrong operator's tokens from one address (IPv6: one /64) before it has to
/// wait.
pub const OPERATOR_TRIES: u32 = 5;
/// The longest that an address has to wait before it may try again.
pub const OPERATOR_WAIT_MOST: Duration = Duration::from_secs(60);
/// Wrong tries of an address are remembered for this long.
pub const OPERATOR_TRIES_KEPT_FOR: Duration = Duration::from_secs(15 * 60);
/// Addresses whose wrong tries are remembered.
pub const OPERATOR_ADDRESSES: usize = 10_000;
/// A log-in at the desk counts for this long.
pub const DESK_SESSION_FOR: Duration = Duration::from_secs(12 * 3600);
/// Log-ins at the desk that count at once; the oldest ends.
pub const DESK_SESSIONS: usize = 64;
/// How often operators who listen hear the figures.
pub const EVENTS_EVERY: Duration = Duration::from_secs(1);
/// Figures are read anew when they are this old: a little less than what two
/// events are apart.
pub const STATS_EVERY: Duration = Duration::from_millis(900);
/// Times are told of what was observed in this time.
pub const STATS_KEPT_FOR: Duration = Duration::from_secs(60);
/// Operators who listen at once.
pub const EVENT_LISTENERS: usize = 32;

const _: () = assert!(STATS_EVERY.as_millis() < EVENTS_EVERY.as_millis());

/// Users in an answer to an operator, at most.
pub const USERS_FOUND: u32 = 50;
/// For the cores to say what a user does.
pub const SIGHTING_WITHIN: Duration = Duration::from_secs(2);
/// Words on the word list.
pub const LISTED_WORDS: usize = 10_000;
/// A word on the word list.
pub const LISTED_WORD_BYTES: usize = 128;
/// A report is kept for this long after it was dealt with, and its evidence
/// with it.
pub const REPORTS_KEPT_FOR: Duration = Duration::from_secs(90 * 24 * 3600);
/// Entries in an answer to an operator, at most.
pub const ADMIN_PAGE: u32 = 100;

/// A code that is sent to a telephone.
pub const CODE_DIGITS: usize = 6;
/// A code is handed to a gateway, or not, within this; a second gateway is
/// included.
pub const SMS_FOR: Duration = Duration::from_secs(5);
/// For a connection to a gateway, name and TLS included; what is left of
/// [`SMS_FOR`] is for the second.
pub const SMS_CONNECTING_FOR: Duration = Duration::from_secs(2);
/// Codes being handed over at once; the next wait.
pub const SMS_AT_ONCE: usize = 64;
/// What a gateway answers, at most.
pub const SMS_ANSWER_BYTES: usize = 64 * 1024;
/// This many failures in a row, and a gateway is left alone.
pub const SMS_FAILURES: u32 = 5;
/// A gateway is left alone for this long, then one code tries it.
pub const SMS_LEFT_ALONE_FOR: Duration = Duration::from_secs(30);
/// Numbers are counted together that differ in no more than their last digits.
pub const SMS_BLOCK_DIGITS: u32 = 4;
/// Blocks of numbers counted in a day; codes to more are refused.
pub const SMS_BLOCKS: usize = 1_000_000;

const _: () = assert!(SMS_CONNECTING_FOR.as_millis() * 2 < SMS_FOR.as_millis());

/// A picture as it is uploaded, out of its base64.
pub const PICTURE_BYTES: usize = 8 * 1024 * 1024;
/// A picture's width times its height.
pub const PICTURE_PIXELS: u64 = 20_000_000;
/// A picture's longer side: a JPEG can have no longer one.
pub const PICTURE_SIDE_PIXELS: u32 = 65_535;
/// What a decoder may allocate: the most pixels at their widest (four channels
/// of 16 bits), and its own tables.
pub const PICTURE_DECODER_BYTES: u64 = PICTURE_PIXELS * 8 + 16 * 1024 * 1024;
/// Passes over all of a JPEG's pixels. Cameras make one, progressive encoders
/// about ten.
pub const PICTURE_SCANS: usize = 64;
/// Threads for pictures, at most; else there is one for every two cores. Each
/// takes up to 300 MB for the largest picture that is taken.
pub const PICTURE_WORKERS: usize = 4;
/// Uploads that may wait for them.
pub const UPLOADS_WAITING: usize = 16;
/// How often files without a row are looked for.
pub const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// A thumbnail's longer side.
pub const THUMBNAIL_SIDE_PIXELS: u32 = 320;

/// Numbers that a user may name in a day, beside those named before.
pub const CRUSHES_A_DAY: u32 = 5;
/// Crushes in each part of an answer, at most.
pub const CRUSHES_LISTED: u32 = 10_000;
/// A number gets an invitation at most this often.
pub const INVITE_EVERY: Duration = Duration::from_secs(24 * 3600);
/// A user has others invited at most this often.
pub const INVITES_EVERY: Duration = Duration::from_secs(60);
/// An invitation goes out within this after its number was named, at no
/// particular moment.
pub const INVITE_WITHIN: Duration = Duration::from_secs(10);

/// Draws in an answer, at most.
pub const DRAWS_LISTED: u32 = 100;
/// A draw's id; at least 1.
pub const DRAW_ID_BYTES: usize = 64;
/// A draw's name; at least 1.
pub const DRAW_NAME_BYTES: usize = 256;
/// Where a draw's picture is.
pub const DRAW_IMAGE_BYTES: usize = 1024;
/// What more is said of a draw.
pub const DRAW_DESC_BYTES: usize = 4096;
/// The most that a draw may wait for.
pub const DRAW_COUNT: u32 = 1_000_000;
/// Tickets that are read at once for a published list.
pub const TICKETS_AT_ONCE: u32 = 4096;
/// A published list that is checked, at most.
pub const TICKETS_FILE_BYTES: u64 = 1 << 30;

/// A comment; at least 1.
pub const COMMENT_BYTES: usize = 1024;
/// Comments that a picture may have, answers included: all of them stand in
/// every feed that it is in.
pub const COMMENTS_A_PICTURE: u32 = 1000;
/// Pictures in an answer, unless another number is asked for.
pub const FEED_PICTURES: u32 = 20;
/// Pictures in an answer, at most.
pub const FEED_PICTURES_CEILING: u32 = 50;
/// Written entries of the feed that are kept in memory.
pub const FEED_CACHE_BYTES: u64 = 32 * 1024 * 1024;

const _: () = assert!(
    END_MESSAGE_BYTES * 6 < LINE_BYTES,
    "an escaped end message fits a line"
);
const _: () = assert!(USER_ID_BYTES * 2 < LINE_BYTES);
const _: () = assert!(BODY_BYTES < PICTURE_BODY_BYTES);
const _: () = assert!(
    ANSWER_FOR.as_secs() < HTTP_IDLE_FOR.as_secs(),
    "a late answer finds its connection open"
);
const _: () = assert!(GUYS <= GUYS_CEILING);
const _: () = assert!(THUMBNAIL_SIDE_PIXELS <= PICTURE_SIDE_PIXELS);
