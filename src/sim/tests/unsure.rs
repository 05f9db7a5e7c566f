//! Last words on their way to somebody whose connection may break.

use super::rig::{Rig, join};
use crate::engine::durable::{Word, Write};
use crate::engine::ids::LinkId;
use crate::engine::{Effect, Effects, Event};

fn word(text: &str) -> String {
    format!(r#"8#{{"youId":"b","toId":"a","endmessage":"{text}"}}"#)
}

/// What happens to a connection behind the rig's back, and what is kept of it.
fn tell(rig: &mut Rig, event: Event<'_>) -> Vec<Word> {
    let mut fx = Effects::default();
    rig.shards[0].handle(rig.now, event, &mut fx);
    let kept = |effect| match effect {
        Effect::Store(Write::Keep(word)) => Some(word),
        _ => None,
    };
    fx.list.into_iter().filter_map(kept).collect()
}

/// A talk of a and b on one core, and a's link; what is sent is not taken.
fn talking(rig: &mut Rig) -> (usize, usize, LinkId) {
    let (a, b) = (rig.connect(0), rig.connect(0));
    rig.say(a, &join("a", "F", "M", 1));
    rig.say(b, &join("b", "M", "F", 1));
    rig.heard(a);
    rig.takes_at_once = false;
    let link = rig.session(a).expect("a has joined").link;
    (a, b, link)
}

/// Something waits for a all the time, and still each word is sure as soon as
/// it was taken: not kept in memory, not said again.
#[test]
fn a_word_is_sure_once_it_was_taken_whatever_follows() {
    let mut rig = Rig::new(1);
    let (a, b, link) = talking(&mut rig);
    let mut waits = 0;
    for text in ["one", "two", "three"] {
        rig.say(b, &word(text));
        let bytes = waits;
        tell(&mut rig, Event::Sent { link, bytes });
        waits = rig.heard(a).concat().len() + 1;
    }
    tell(&mut rig, Event::Ended { link });
    let whole = false;
    tell(&mut rig, Event::Flushed { link, whole });
    let again = rig.connect(0);
    rig.say(again, &join("a", "F", "M", 1));
    let heard = rig.heard(again);
    assert!(heard[0].contains("three"), "{heard:?}");
    assert_eq!(heard[1..], [r#"2#{"youNum":"1"}"#]);
}

#[test]
fn a_word_that_is_not_taken_when_the_server_goes_down_is_kept() {
    let mut rig = Rig::new(1);
    let (_, b, link) = talking(&mut rig);
    rig.say(b, &word("too late"));
    let mut kept = tell(&mut rig, Event::Drain);
    let whole = false;
    kept.extend(tell(&mut rig, Event::Flushed { link, whole }));
    assert_eq!(kept.len(), 1);
    assert_eq!(&*kept[0].text, "too late");
    assert_ne!(kept[0].id, 0, "it can be taken off the disk");
}
