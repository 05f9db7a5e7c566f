//! Every message of the chat port: numbers, names, directions and fields.
//!
//! This is the one table. [`parse`](super::parse) reads client messages into
//! [`Incoming`], [`write`](super::write) turns [`Outgoing`] into bytes; neither
//! knows a number or a name that does not stand here.

use super::text::Text;

/// A message type, by its number on the wire.
///
/// 11 and 12 stay unused: an older server of this protocol gave them another
/// meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Something the client sent was refused.
    Error = 0,
    /// A user introduces itself and queues.
    Join = 1,
    /// A place in the queue.
    Wait = 2,
    /// A request to jump the queue.
    PassReq = 3,
    /// The answer to a jump.
    PassRes = 4,
    /// A partner was found.
    TalkBegin = 5,
    /// A line from one partner to the other.
    Talking = 6,
    /// One side ends a talk.
    TalkEnd = 7,
    /// A last word to somebody met.
    SendEndMsg = 8,
    /// A last word arrives, or a talk is over.
    ReceiveEndMsg = 9,
    /// End this talk and queue for the next.
    NextOne = 10,
    /// Leave all queues and talks, stay connected.
    Leave = 13,
    /// News from beside the chat (crushes, lucky draws).
    Notice = 14,
}

/// Who may send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Handset to server only.
    ToServer,
    /// Server to handset only.
    ToClient,
    /// Both: what the server sends is what a partner sent.
    Both,
}

/// Number, name and direction of every message.
pub const TABLE: [(Kind, &str, Direction); 13] = [
    (Kind::Error, "error", Direction::ToClient),
    (Kind::Join, "join", Direction::ToServer),
    (Kind::Wait, "wait", Direction::ToClient),
    (Kind::PassReq, "pass_req", Direction::ToServer),
    (Kind::PassRes, "pass_res", Direction::ToClient),
    (Kind::TalkBegin, "talk_begin", Direction::ToClient),
    (Kind::Talking, "talking", Direction::Both),
    (Kind::TalkEnd, "talk_end", Direction::ToServer),
    (Kind::SendEndMsg, "send_end_msg", Direction::ToServer),
    (Kind::ReceiveEndMsg, "receive_end_msg", Direction::ToClient),
    (Kind::NextOne, "next_one", Direction::ToServer),
    (Kind::Leave, "leave", Direction::ToServer),
    (Kind::Notice, "notice", Direction::ToClient),
];

/// The two ways to write the same message. A server answers in the one that
/// the client used first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dialect {
    /// `6#{…}`
    #[default]
    Numbered,
    /// `{"msgType":"talking","msg":{…}}`
    Named,
}

/// `gender` and `findGender`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gender {
    /// `"F"`
    Female,
    /// `"M"`
    Male,
}

/// What a client line says. Borrowed from the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Incoming<'a> {
    /// An empty line.
    Heartbeat,
    /// A handset's MAC; it wants a room id.
    RoomRequest {
        /// As it was sent, base64 or hex.
        mac: &'a str,
    },
    /// 1
    Join(Join<'a>),
    /// 3
    Pass {
        /// `youId`
        you: Text<'a>,
    },
    /// 6
    Talking {
        /// `yourId`
        you: Text<'a>,
        /// `toId`
        to: Text<'a>,
        /// `talkId`, when given.
        talk: Option<Text<'a>>,
        /// `msg`
        text: Text<'a>,
        /// The body's own bytes, as the sender wrote them.
        body: &'a [u8],
    },
    /// 7
    TalkEnd {
        /// `yourId`
        you: Text<'a>,
        /// `toId`
        to: Text<'a>,
        /// `talkId`, when given.
        talk: Option<Text<'a>>,
        /// `msg` or `endmessage`; empty when missing.
        text: Text<'a>,
        /// `nickname`, when given.
        nickname: Option<Text<'a>>,
        /// `seeAgain` 1: never match these two again.
        refuse: bool,
    },
    /// 8
    LastWord {
        /// `youId`
        you: Text<'a>,
        /// `toId`
        to: Text<'a>,
        /// `talkId`, when given.
        talk: Option<Text<'a>>,
        /// `endmessage`; empty when missing.
        text: Text<'a>,
    },
    /// 10
    NextOne {
        /// `youId`
        you: Text<'a>,
        /// `toId`, when given.
        to: Option<Text<'a>>,
        /// `talkId`, when given.
        talk: Option<Text<'a>>,
        /// `endmessage`; empty when missing.
        text: Text<'a>,
    },
    /// 13
    Leave {
        /// `youId`
        you: Text<'a>,
    },
}

/// The fields of message 1, defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Join<'a> {
    /// Who this is.
    pub user: Text<'a>,
    /// Missing: the user id.
    pub nickname: Text<'a>,
    /// The user's own.
    pub gender: Gender,
    /// The one looked for.
    pub find: Gender,
    /// Missing: empty.
    pub pic: Text<'a>,
    /// Missing: empty.
    pub location: Text<'a>,
    /// Missing: empty.
    pub gps: Text<'a>,
    /// Conversations wanted at once; at least 1, not yet cut to the server's
    /// limit.
    pub guys: u32,
    /// A registered user's session token, when given.
    pub token: Option<Text<'a>>,
}

/// What the server says. Texts are plain (unescaped); the writer escapes them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outgoing<'a> {
    /// The answer to an empty line.
    Heartbeat,
    /// The answer to a RequestRoom: `mac` followed by the Unix time.
    Room {
        /// As it was sent.
        mac: &'a str,
        /// Unix time, seconds.
        seconds: u64,
    },
    /// 0
    Error {
        /// What went wrong, for programs.
        error: Slug,
        /// The number of the message that this answers, if one was read.
        msg_type: Option<u16>,
        /// What went wrong, for people.
        detail: &'a str,
    },
    /// 2
    Wait {
        /// 1 is next.
        place: u64,
    },
    /// 4
    Passed {
        /// The place before the jump.
        from: u64,
        /// How many were overtaken.
        by: u64,
    },
    /// 5
    TalkBegin {
        /// The partner's id.
        to: &'a str,
        /// The partner's nickname.
        nickname: &'a str,
        /// The partner's gender.
        gender: Gender,
        /// The partner's picture.
        pic: &'a str,
        /// The partner's location.
        location: &'a str,
        /// The partner's position.
        gps: &'a str,
        /// This talk's id.
        talk: u64,
    },
    /// 6: a partner's line, body as it was typed.
    Talking {
        /// The bytes after `6#`.
        body: &'a [u8],
    },
    /// 9
    EndMessage {
        /// Who said it.
        you: &'a str,
        /// Who is told.
        to: &'a str,
        /// The speaker's nickname.
        nickname: &'a str,
        /// The last word; may be empty.
        text: &'a str,
        /// Is the talk over (1), or is this only a last word (0)?
        over: bool,
        /// The talk's id as it stands on the wire; empty when there is none.
        talk: &'a str,
    },
    /// 14
    Notice {
        /// One JSON object, without a line's end in it.
        body: &'a [u8],
    },
}

/// The errors of message 0, by the word that stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Slug {
    /// A line that is no frame at all.
    BadFrame,
    /// A number or name that no client sends.
    UnknownType,
    /// A body that is not one JSON object by the rules.
    BadJson,
    /// A required key is missing; the detail names it.
    MissingField,
    /// A key has a value that it may not have; the detail names it.
    BadField,
    /// A message that needs a join came before one.
    NotJoined,
    /// The message speaks in another user's name.
    NotYourId,
    /// A jump without a place in a queue.
    NotWaiting,
    /// The message names somebody never met.
    NotPartner,
    /// Too many frames, or a jump too soon.
    RateLimited,
    /// This id needs a token, and none came.
    TokenRequired,
    /// The token is not this user's, or no longer.
    TokenInvalid,
    /// Another connection joined with this id. Closes.
    Replaced,
    /// A line over the limit. Closes.
    LineTooLong,
    /// The client does not read what it is sent. Closes.
    SlowConsumer,
    /// Too many errors in a short time. Closes.
    TooManyErrors,
    /// No room for another session. Closes.
    ServerFull,
    /// The server is going down. Closes.
    Draining,
    /// An operator has banned this id. Closes.
    Banned,
    /// An operator has ended this session. Closes.
    Kicked,
}

impl Slug {
    /// Every slug, in the order of its number.
    pub const ALL: [Slug; 20] = [
        Slug::BadFrame,
        Slug::UnknownType,
        Slug::BadJson,
        Slug::MissingField,
        Slug::BadField,
        Slug::NotJoined,
        Slug::NotYourId,
        Slug::NotWaiting,
        Slug::NotPartner,
        Slug::RateLimited,
        Slug::TokenRequired,
        Slug::TokenInvalid,
        Slug::Replaced,
        Slug::LineTooLong,
        Slug::SlowConsumer,
        Slug::TooManyErrors,
        Slug::ServerFull,
        Slug::Draining,
        Slug::Banned,
        Slug::Kicked,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Slug::BadFrame => "bad_frame",
            Slug::UnknownType => "unknown_type",
            Slug::BadJson => "bad_json",
            Slug::MissingField => "missing_field",
            Slug::BadField => "bad_field",
            Slug::NotJoined => "not_joined",
            Slug::NotYourId => "not_your_id",
            Slug::NotWaiting => "not_waiting",
            Slug::NotPartner => "not_partner",
            Slug::RateLimited => "rate_limited",
            Slug::TokenRequired => "token_required",
            Slug::TokenInvalid => "token_invalid",
            Slug::Replaced => "replaced",
            Slug::LineTooLong => "line_too_long",
            Slug::SlowConsumer => "slow_consumer",
            Slug::TooManyErrors => "too_many_errors",
            Slug::ServerFull => "server_full",
            Slug::Draining => "draining",
            Slug::Banned => "banned",
            Slug::Kicked => "kicked",
        }
    }
}

impl Kind {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The message with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Kind> {
        const BY_NUMBER: [Option<Kind>; Kind::Notice as usize + 1] = {
            let mut kinds = [None; Kind::Notice as usize + 1];
            let mut row = 0;
            while row < TABLE.len() {
                kinds[TABLE[row].0 as usize] = Some(TABLE[row].0);
                row += 1;
            }
            kinds
        };
        *BY_NUMBER.get(usize::from(number))?
    }

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// May a handset send this?
    #[must_use]
    pub fn from_client(self) -> bool {
        self.row().2 != Direction::ToClient
    }

    fn row(self) -> &'static (Kind, &'static str, Direction) {
        TABLE
            .iter()
            .find(|row| row.0 == self)
            .expect("every kind stands in the table")
    }
}

impl Gender {
    /// The letter on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Gender::Female => "F",
            Gender::Male => "M",
        }
    }
}
