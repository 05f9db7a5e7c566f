//! What users say, looked through for listed words.

use super::rig::{Rig, errors, join, two};
use crate::engine::tidings::{Flagged, Tidings};
use crate::filter::{Action, Filter};

fn rig(cores: u16) -> Rig {
    let words = [
        ("fool", Action::Mask),
        ("笨蛋", Action::Mask),
        ("cash", Action::Flag),
        ("bomb", Action::Refuse),
    ];
    let words = words.map(|(word, action)| (word.to_owned(), action));
    let filter = Filter::new(words.into()).expect("few words");
    let mut rig = Rig::new(cores);
    for shard in &mut rig.shards {
        shard.set_filter(filter.clone());
    }
    rig
}

/// A woman and a man who talk.
fn talk(rig: &mut Rig) -> (usize, usize) {
    let (a, b) = two(rig);
    rig.heard(a);
    rig.heard(b);
    (a, b)
}

fn flagged(rig: &mut Rig) -> Vec<Flagged> {
    let tidings = std::mem::take(&mut rig.tidings).into_iter();
    tidings
        .map(|tidings| match tidings {
            Tidings::Flagged(flagged) => flagged,
            Tidings::Sighting(sighting) => panic!("{sighting:?}"),
        })
        .collect()
}

#[test]
fn a_covered_word_reaches_nobody_and_all_else_stays_as_it_was() {
    for cores in 1..=2 {
        let mut rig = rig(cores);
        let (a, b) = talk(&mut rig);
        for (said, heard) in [
            (
                r#"6#{"x":[1,{"msg":"fool"}],"yourId":"a", "toId":"b","msg":"you Fool","y":1}"#,
                r#"6#{"x":[1,{"msg":"fool"}],"yourId":"a", "toId":"b","msg":"you ****","y":1}"#,
            ),
            (
                r#"6#{"yourId":"a","toId":"b","msg":"\u4f60是\u7b28蛋\n\"!"}"#,
                r#"6#{"yourId":"a","toId":"b","msg":"你是**\n\"!"}"#,
            ),
            (
                r#"6#{"yourId":"a","toId":"b","msg":"\u4f60\u597d"}"#,
                r#"6#{"yourId":"a","toId":"b","msg":"\u4f60\u597d"}"#,
            ),
            (
                r#"{"msgType":"talking","msg":{"msg":"fool","yourId":"a","toId":"b"}}"#,
                r#"6#{"msg":"****","yourId":"a","toId":"b"}"#,
            ),
            (
                r#"6#{"yourId":"a","toId":"b","msg":""}"#,
                r#"6#{"yourId":"a","toId":"b","msg":""}"#,
            ),
        ] {
            // Twice: the second is read as one like the last.
            for _ in 0..2 {
                rig.say(a, said);
                rig.run();
                assert_eq!(rig.heard(b), [heard], "{said}");
            }
        }
        assert!(rig.heard(a).is_empty() && flagged(&mut rig).is_empty());
    }
}

#[test]
fn a_refused_word_is_told_to_who_said_it() {
    let mut rig = rig(2);
    let (a, b) = talk(&mut rig);
    for (said, number, key) in [
        (r#"6#{"yourId":"a","toId":"b","msg":"a BOMB"}"#, 6, "msg"),
        (r#"7#{"yourId":"a","toId":"b","msg":"bomb"}"#, 7, "msg"),
        (
            r#"7#{"yourId":"a","toId":"b","nickname":"bomb"}"#,
            7,
            "nickname",
        ),
        (
            r#"8#{"youId":"a","toId":"b","endmessage":"bomb"}"#,
            8,
            "endmessage",
        ),
        (
            r#"10#{"youId":"a","toId":"b","endmessage":"bomb"}"#,
            10,
            "endmessage",
        ),
        (
            r#"1#{"userId":"a","nickname":"bomb","gender":"F","findGender":"M"}"#,
            1,
            "nickname",
        ),
    ] {
        rig.say(a, said);
        rig.run();
        let heard = rig.heard(a);
        let start = format!(r#"0#{{"error":"bad_field","msgType":{number},"detail":"{key}: "#);
        assert!(
            heard.len() == 1 && heard[0].starts_with(&start),
            "{heard:?}"
        );
        assert!(rig.heard(b).is_empty(), "{said}");
    }
    rig.say(a, r#"6#{"yourId":"a","toId":"b","msg":"b o m b"}"#);
    rig.run();
    assert_eq!(rig.heard(b).len(), 1, "the talk goes on");
}

#[test]
fn last_words_and_nicknames_are_covered_as_well() {
    let mut rig = rig(2);
    let (a, b) = talk(&mut rig);
    rig.say(a, r#"8#{"youId":"a","toId":"b","endmessage":"fool one"}"#);
    rig.say(
        a,
        r#"7#{"yourId":"a","toId":"b","nickname":"foolA","msg":"fool two"}"#,
    );
    rig.run();
    let heard = rig.heard(b);
    assert!(heard[0].contains(r#""endmessage":"**** one""#), "{heard:?}");
    assert!(heard[1].contains(r#""nickname":"****A","endmessage":"**** two""#));
    rig.say(
        a,
        r#"10#{"youId":"a","toId":"b","endmessage":"fool three"}"#,
    );
    rig.run();
    assert!(rig.heard(b)[0].contains(r#""endmessage":"**** three""#));
    let (c, d) = (rig.connect(0), rig.connect(0));
    rig.say(
        c,
        r#"1#{"userId":"fool","nickname":"Fool C","gender":"M","findGender":"M"}"#,
    );
    rig.say(d, &join("d", "M", "M", 1));
    rig.run();
    let heard = rig.heard(d);
    assert!(
        heard[0].starts_with(r#"5#{"toId":"fool","nickname":"**** C","#),
        "an id is a name for programs: {heard:?}"
    );
}

#[test]
fn a_flagged_word_goes_on_and_is_told_of_once_a_talk_and_side() {
    let mut rig = rig(2);
    let (a, b) = talk(&mut rig);
    let talk = rig.session(a).expect("she is here").talks[0].id;
    for _ in 0..3 {
        rig.say(a, r#"6#{"yourId":"a","toId":"b","msg":"Cash, fool"}"#);
        rig.run();
        let heard = rig.heard(b);
        assert_eq!(heard, [r#"6#{"yourId":"a","toId":"b","msg":"Cash, ****"}"#]);
    }
    let told = flagged(&mut rig);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].talk, Some(talk));
    assert_eq!((&*told[0].user, &*told[0].to), ("a", "b"));
    assert_eq!((&*told[0].word, &*told[0].text), ("cash", "Cash, fool"));
    rig.say(b, r#"6#{"yourId":"b","toId":"a","msg":"cash"}"#);
    rig.run();
    assert_eq!(&*flagged(&mut rig)[0].user, "b");
    // Nor is it told of what reaches nobody.
    rig.say(a, r#"6#{"yourId":"a","toId":"nobody","msg":"cash"}"#);
    rig.run();
    assert!(flagged(&mut rig).is_empty());
    let c = rig.connect(0);
    rig.say(
        c,
        r#"1#{"userId":"c","nickname":"cash","gender":"F","findGender":"F"}"#,
    );
    rig.run();
    let told = flagged(&mut rig);
    assert_eq!((told[0].talk, &*told[0].user), (None, "c"));
}

#[test]
fn errors_of_refused_words_count_as_any_other() {
    let mut rig = rig(1);
    let (a, b) = talk(&mut rig);
    for _ in 0..40 {
        rig.write(a, b"6#{\"yourId\":\"a\",\"toId\":\"b\",\"msg\":\"bomb\"}\n");
    }
    rig.run();
    assert_eq!(errors(&rig.heard(a)).last(), Some(&"too_many_errors"));
    assert!(rig.phones[a].closed && !rig.heard(b).is_empty());
}

#[test]
fn without_a_list_nothing_is_looked_at() {
    let mut rig = rig(1);
    let (a, b) = talk(&mut rig);
    rig.shards[0].set_filter(None);
    rig.say(a, r#"6#{"yourId":"a","toId":"b","msg":"bomb"}"#);
    rig.run();
    assert_eq!(rig.heard(b).len(), 1);
}
