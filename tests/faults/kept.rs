//! Words for the absent, while sends and receives fail.

use super::{crowd, faulty, injected};
use crate::rig::{self, Handset, Server};

const WORDS: usize = 25;

/// A send that fails has sent nothing, so each word is delivered once.
#[test]
fn a_stored_word_is_delivered_once_however_often_that_fails() {
    rig::both(|cores| {
        let rates = [("fail_sends", 4), ("fail_receives", 9)];
        let server = faulty(cores, &rates);
        let mut delivered = 0;
        for n in 0..WORDS {
            let (ann, bob) = (format!("ann{n}"), format!("bob{n}"));
            let certain = leave_word(&server, &ann, &bob);
            let mut told = 0;
            // Twice more after it has come.
            let mut tries_left = 2;
            while tries_left > 0 {
                let mut handset = crowd::join(&server, &ann, "F", "M");
                let came = words(&mut handset, &bob);
                told += came.unwrap_or(0);
                if came.is_some() && (told > 0 || !certain) {
                    tries_left -= 1;
                }
            }
            assert!(told <= 1 && (told == 1 || !certain), "{told} of {n}");
            delivered += told;
        }
        assert!(delivered > WORDS / 4, "{delivered}");
        assert!(injected(&server, &["send", "receive"]) > WORDS);
    });
}

/// `bob` leaves `ann` a word when she is away. Whether it is known that he has.
fn leave_word(server: &Server, ann: &str, bob: &str) -> bool {
    let mut tries = 0;
    let mut man = loop {
        // Others of an earlier try may still be there for a moment.
        server.wait_metric("pairline_joined", 0.0);
        tries += 1;
        assert!(tries < 200, "nothing ever works");
        let mut woman = crowd::join(server, ann, "F", "M");
        if !reads_until(&mut woman, "2#") {
            continue;
        }
        let mut man = crowd::join(server, bob, "M", "F");
        if !reads_until(&mut man, "5#") || !reads_until(&mut woman, "5#") {
            continue;
        }
        drop(woman);
        if reads_until(&mut man, "9#") {
            break man;
        }
    };
    let word = serde_json::json!({"youId": bob, "toId": ann, "endmessage": ann});
    let sent = man.try_send(format!("8#{word}\n\n").as_bytes());
    let answered = sent.is_ok() && man.line_or_end().is_some_and(|line| line.is_empty());
    drop(man);
    server.wait_metric("pairline_joined", 0.0);
    answered
}

/// Whether such a line comes before the end.
fn reads_until(handset: &mut Handset, start: &str) -> bool {
    while let Some(line) = handset.line_or_end() {
        if line.starts_with(start) {
            return true;
        }
    }
    false
}

/// How many words of `bob` come before she is told her place; none when she is
/// closed before any of that.
#[track_caller]
fn words(handset: &mut Handset, bob: &str) -> Option<usize> {
    let mut came = 0;
    loop {
        match handset.line_or_end() {
            None if came == 0 => return None,
            None => return Some(came),
            Some(line) if line.starts_with("2#") => return Some(came),
            Some(line) => {
                let body = line.strip_prefix("9#").expect("a word");
                let word: serde_json::Value = serde_json::from_str(body).expect("JSON");
                assert_eq!((&word["youId"], &word["over"]), (&bob.into(), &0.into()));
                assert_eq!(word["endmessage"], handset.user);
                came += 1;
            }
        }
    }
}
