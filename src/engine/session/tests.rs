//! What may be said when, and how the number of slots changes.

use super::*;
use crate::engine::ids::CoreId;
use crate::engine::profile::Keyring;
use crate::wire::message::{Gender, Join, TABLE};

#[test]
fn what_may_be_said_when() {
    use State::{Fresh, Joined, Waiting};
    let answer = |state, kind| legal(state, kind).err();
    for state in [Fresh, Joined, Waiting] {
        for (kind, name, _) in TABLE {
            let expected = match (state, kind.number()) {
                (_, 1) => None,
                (Fresh, 3 | 6 | 7 | 8 | 10 | 13) => Some(Slug::NotJoined),
                (Joined, 3) => Some(Slug::NotWaiting),
                (_, 3 | 6 | 7 | 8 | 10 | 13) => None,
                _ => Some(Slug::UnknownType),
            };
            assert_eq!(answer(state, kind), expected, "{name} when {state:?}");
        }
    }
}

fn session(guys: u32) -> Session {
    let join = Join {
        user: Text::plain("a"),
        nickname: Text::plain("A"),
        gender: Gender::Female,
        find: Gender::Male,
        pic: Text::plain(""),
        location: Text::plain(""),
        gps: Text::plain(""),
        guys,
        token: None,
    };
    let arrival = Arrival {
        asked: None,
        user: key("a"),
        profile: Profile::new(&join),
        guys,
    };
    let link = LinkId {
        slot: 0,
        generation: 1,
    };
    let mut session = Session::new(id(0), link, arrival);
    session.resize(guys);
    session
}

fn id(slot: u32) -> SessionId {
    SessionId {
        core: CoreId(0),
        slot,
        generation: 1,
    }
}

fn key(name: &str) -> UserKey {
    Keyring::new((1, 2)).key(name)
}

fn talk(session: &Session, n: u32) -> Slot {
    Slot::Talking(Box::new(Talk {
        id: TalkId(n.into()),
        partner: id(n),
        user: key(&n.to_string()),
        profile: session.profile.clone(),
        began: Time(0),
        lines: None,
        counted: true,
        flagged: false,
    }))
}

/// `i`dle, `w`aiting, `h`eld, `t`alking.
fn shape(session: &Session) -> String {
    let letter = |slot: &Slot| match slot {
        Slot::Idle { .. } => 'i',
        Slot::Waiting { .. } => 'w',
        Slot::Held { .. } => 'h',
        Slot::Talking(_) => 't',
    };
    session.slots.iter().map(letter).collect()
}

/// Slots like this; the waiting ones queued from left to right.
fn like(letters: &str) -> Session {
    let mut session = session(u32::try_from(letters.len()).unwrap());
    for (at, letter) in letters.chars().enumerate() {
        match letter {
            't' => session.slots[at] = talk(&session, u32::try_from(at).unwrap() + 1),
            'w' => {
                session.queue_slot(at, Time(0));
            }
            _ => {}
        }
    }
    session
}

#[test]
fn fewer_slots_are_idle_ones_first_then_the_worst_placed() {
    // Slots before, wanted, slots after, serials of the tickets that go.
    let table: [(&str, u32, &str, &[u32]); 9] = [
        ("i", 3, "iii", &[]),
        ("iw", 1, "w", &[]),
        ("wi", 1, "w", &[]),
        ("www", 2, "ww", &[2]),
        ("www", 1, "w", &[2, 1]),
        ("twi", 1, "t", &[0]),
        ("tti", 1, "tt", &[]),
        ("ttw", 1, "tt", &[0]),
        ("tw", 3, "twi", &[]),
    ];
    for (before, wanted, after, gone) in table {
        let mut session = like(before);
        let tickets = session.resize(wanted);
        assert_eq!(shape(&session), after, "{before} to {wanted}");
        let serials: Vec<u32> = tickets.iter().map(|ticket| ticket.serial).collect();
        assert_eq!(serials, gone, "{before} to {wanted}");
    }
}

#[test]
fn a_talking_slot_beyond_the_wished_number_goes_when_its_talk_ends() {
    let mut session = like("ttt");
    session.resize(2);
    assert_eq!(shape(&session), "ttt");
    assert!(session.hang_up(TalkId(2)).is_some());
    assert_eq!(shape(&session), "tt");
    assert!(session.hang_up(TalkId(2)).is_none(), "it has ended");
    assert!(session.hang_up(TalkId(1)).is_some());
    assert_eq!(shape(&session), "it");
}

#[test]
fn the_idle_slot_last_used_with_somebody_is_taken_first() {
    let mut session = like("ttw");
    assert_eq!(session.idle_slot(None), None);
    session.hang_up(TalkId(1));
    session.hang_up(TalkId(2));
    assert_eq!(session.idle_slot(Some(key("2"))), Some(1));
    assert_eq!(session.idle_slot(Some(key("1"))), Some(0));
    assert_eq!(session.idle_slot(Some(key("7"))), Some(0), "any");
    assert_eq!(session.idle_slot(None), Some(0));
}

#[test]
fn who_stops_waiting_gives_every_ticket_back() {
    let mut session = like("wtw");
    let serials: Vec<u32> = session
        .stop_waiting()
        .iter()
        .map(|ticket| ticket.serial)
        .collect();
    assert_eq!((shape(&session).as_str(), serials), ("iti", vec![0, 1]));
    assert_eq!(session.state(), State::Joined);
    let at = session.idle_slot(None).unwrap();
    assert_eq!(session.queue_slot(at, Time(0)), 2, "serials are not reused");
    assert_eq!(session.state(), State::Waiting);
}
