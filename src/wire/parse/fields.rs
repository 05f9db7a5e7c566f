//! The keys of each client message: their other names, whether they must be
//! there, and what may stand under them.

use super::keys::Key;
use super::rules::{Rule, Taken};
use super::{Detail, Fault, Parsed, bad_json};
use crate::limits::{
    END_MESSAGE_BYTES, GPS_BYTES, JSON_DEPTH_LEVELS, LOCATION_BYTES, NICKNAME_BYTES, PIC_ID_BYTES,
    TALK_ID_BYTES, TOKEN_BYTES,
};
use crate::wire::message::{Dialect, Incoming, Join, Kind, Slug};
use crate::wire::scan::{self, Form, Value};
use Key::{
    EndMessage, FindGender, FromId, Gps, Guys, Location, Msg, Nickname, PicId, SeeAgain, TalkId,
    ToId, Token, UserId, YouId, YourId,
};
use Rule::{AnyText, Count, Flag, Id, Letter, Secret, Short};

static JOIN: Table<9> = Table::new(
    Kind::Join,
    [
        required(&[UserId, YouId, YourId, FromId], Id),
        optional(&[Nickname], Short(NICKNAME_BYTES)),
        required(&[Key::Gender], Letter),
        required(&[FindGender], Letter),
        optional(&[PicId], Short(PIC_ID_BYTES)),
        optional(&[Location], Short(LOCATION_BYTES)),
        optional(&[Gps], Short(GPS_BYTES)),
        optional(&[Guys], Count),
        optional(&[Token], Secret(TOKEN_BYTES)),
    ],
);
static PASS_REQ: Table<1> = Table::new(Kind::PassReq, [required(&[YouId, YourId, FromId], Id)]);
static TALKING: Table<4> = Table::new(
    Kind::Talking,
    [
        required(&[YourId, YouId, FromId], Id),
        required(&[ToId], Id),
        required(&[Msg], AnyText),
        optional(&[TalkId], Short(TALK_ID_BYTES)),
    ],
);
static TALK_END: Table<6> = Table::new(
    Kind::TalkEnd,
    [
        required(&[YourId, YouId, FromId], Id),
        required(&[ToId], Id),
        optional(&[Msg, EndMessage], Short(END_MESSAGE_BYTES)),
        optional(&[Nickname], Short(NICKNAME_BYTES)),
        optional(&[SeeAgain], Flag),
        optional(&[TalkId], Short(TALK_ID_BYTES)),
    ],
);
static SEND_END_MSG: Table<4> = Table::new(
    Kind::SendEndMsg,
    [
        required(&[YouId, YourId, FromId], Id),
        required(&[ToId], Id),
        optional(&[EndMessage, Msg], Short(END_MESSAGE_BYTES)),
        optional(&[TalkId], Short(TALK_ID_BYTES)),
    ],
);
static NEXT_ONE: Table<4> = Table::new(
    Kind::NextOne,
    [
        required(&[YouId, YourId, FromId], Id),
        optional(&[ToId], Id),
        optional(&[EndMessage, Msg], Short(END_MESSAGE_BYTES)),
        optional(&[TalkId], Short(TALK_ID_BYTES)),
    ],
);
static LEAVE: Table<1> = Table::new(Kind::Leave, [required(&[YouId, YourId, FromId], Id)]);

/// Reads the body of one kind of message in a frame of this dialect.
pub(super) type Reader = for<'a> fn(&'a [u8], Dialect) -> Parsed<'a>;

/// The reader of a message, if a client may send it.
pub(super) const fn reader(kind: Kind) -> Option<Reader> {
    match kind {
        Kind::Join => Some(join),
        Kind::PassReq => Some(pass_req),
        Kind::Talking => Some(talking),
        Kind::TalkEnd => Some(talk_end),
        Kind::SendEndMsg => Some(send_end_msg),
        Kind::NextOne => Some(next_one),
        Kind::Leave => Some(leave),
        Kind::Error
        | Kind::Wait
        | Kind::PassRes
        | Kind::TalkBegin
        | Kind::ReceiveEndMsg
        | Kind::Notice => None,
    }
}

fn join(body: &[u8], dialect: Dialect) -> Parsed<'_> {
    JOIN.read(body, dialect, |taken| {
        let [
            user,
            nickname,
            gender,
            find,
            pic,
            location,
            gps,
            guys,
            token,
        ] = taken;
        Incoming::Join(Join {
            user: user.text(),
            nickname: nickname.given().unwrap_or(user.text()),
            gender: gender.letter(),
            find: find.letter(),
            pic: pic.text(),
            location: location.text(),
            gps: gps.text(),
            guys: guys.count(),
            token: token.given(),
        })
    })
}

fn pass_req(body: &[u8], dialect: Dialect) -> Parsed<'_> {
    PASS_REQ.read(body, dialect, |[you]| Incoming::Pass { you: you.text() })
}

fn talking(body: &[u8], dialect: Dialect) -> Parsed<'_> {
    TALKING.read(body, dialect, |[you, to, text, talk]| Incoming::Talking {
        you: you.text(),
        to: to.text(),
        talk: talk.given(),
        text: text.text(),
        body,
    })
}

fn talk_end(body: &[u8], dialect: Dialect) -> Parsed<'_> {
    TALK_END.read(
        body,
        dialect,
        |[you, to, text, nickname, see_again, talk]| Incoming::TalkEnd {
            you: you.text(),
            to: to.text(),
            talk: talk.given(),
            text: text.text(),
            nickname: nickname.given(),
            refuse: see_again.flag(),
        },
    )
}

fn send_end_msg(body: &[u8], dialect: Dialect) -> Parsed<'_> {
    SEND_END_MSG.read(body, dialect, |[you, to, text, talk]| Incoming::LastWord {
        you: you.text(),
        to: to.text(),
        talk: talk.given(),
        text: text.text(),
    })
}

fn next_one(body: &[u8], dialect: Dialect) -> Parsed<'_> {
    NEXT_ONE.read(body, dialect, |[you, to, text, talk]| Incoming::NextOne {
        you: you.text(),
        to: to.given(),
        talk: talk.given(),
        text: text.text(),
    })
}

fn leave(body: &[u8], dialect: Dialect) -> Parsed<'_> {
    LEAVE.read(body, dialect, |[you]| Incoming::Leave { you: you.text() })
}

/// One field of a message.
struct Field {
    /// The key that faults name, then the others that mean the same.
    keys: &'static [Key],
    required: bool,
    rule: Rule,
}

const fn required(keys: &'static [Key], rule: Rule) -> Field {
    Field {
        keys,
        required: true,
        rule,
    }
}

const fn optional(keys: &'static [Key], rule: Rule) -> Field {
    Field {
        keys,
        required: false,
        rule,
    }
}

/// The fields of a message, and at which place of them each key belongs.
struct Table<const N: usize> {
    kind: Kind,
    fields: [Field; N],
    places: [u8; Key::ALL.len()],
}

/// A key that the message does not know.
const NOWHERE: u8 = u8::MAX;

impl<const N: usize> Table<N> {
    const fn new(kind: Kind, fields: [Field; N]) -> Self {
        let mut places = [NOWHERE; Key::ALL.len()];
        let mut place = 0u8;
        while (place as usize) < N {
            let keys = fields[place as usize].keys;
            let mut key = 0;
            while key < keys.len() {
                assert!(places[keys[key] as usize] == NOWHERE);
                places[keys[key] as usize] = place;
                key += 1;
            }
            place += 1;
        }
        Table {
            kind,
            fields,
            places,
        }
    }

    /// Checks a body against the table and makes a message of its fields. A
    /// fault is that of the first field, in the order of the table, that has
    /// one.
    #[inline]
    fn read<'a>(
        &self,
        body: &'a [u8],
        dialect: Dialect,
        message: impl FnOnce([Taken<'a>; N]) -> Incoming<'a>,
    ) -> Parsed<'a> {
        let mut values = [Value::NULL; N];
        let mut seen = 0u32;
        let mut twice = 0u32;
        let scanned = scan::object(body, JSON_DEPTH_LEVELS, |key, value| {
            let place = Key::of(key, body).map_or(NOWHERE, |key| self.places[key as usize]);
            if let Some(field) = values.get_mut(usize::from(place)) {
                *field = value;
                twice |= seen & (1 << place);
                seen |= 1 << place;
            }
        });
        if let Err(invalid) = scanned {
            return Parsed {
                dialect: None,
                ..self.frame(dialect, Err(bad_json(invalid)))
            };
        }
        let taken = values.map(|value| Taken { value, body });
        for (place, field) in self.fields.iter().enumerate() {
            let twice = twice >> place & 1 == 1;
            if (twice || !field.is_plainly_right(values[place]))
                && let Some(fault) = field.fault(taken[place], twice)
            {
                return self.frame(dialect, Err(fault));
            }
        }
        self.frame(dialect, Ok(message(taken)))
    }

    /// What a body that is JSON comes to.
    #[inline]
    fn frame<'a>(&self, dialect: Dialect, content: Result<Incoming<'a>, Fault>) -> Parsed<'a> {
        Parsed {
            dialect: Some(dialect),
            msg_type: Some(self.kind.number()),
            content,
        }
    }
}

impl Field {
    /// What nearly every field is: a string without escapes and not too long,
    /// or missing where it may be.
    #[inline]
    fn is_plainly_right(&self, value: Value) -> bool {
        let (least, most) = self.rule.plain_bytes();
        match value.form() {
            Form::Plain => (least..=most).contains(&value.raw_len()),
            Form::Null => !self.required,
            _ => false,
        }
    }

    fn fault(&self, taken: Taken<'_>, twice: bool) -> Option<Fault> {
        let (error, what) = if twice {
            (Slug::BadField, "given twice")
        } else if !taken.is_missing() {
            (Slug::BadField, self.rule.objection(taken)?)
        } else if self.required {
            (Slug::MissingField, "missing")
        } else {
            return None;
        };
        let detail = Detail::Key(self.keys[0].as_str(), what);
        Some(Fault { error, detail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::message::TABLE;

    #[test]
    fn there_is_a_reader_for_what_clients_send_and_for_nothing_else() {
        for (kind, name, _) in TABLE {
            assert_eq!(reader(kind).is_some(), kind.from_client(), "{name}");
        }
    }
}
