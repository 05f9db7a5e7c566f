//! What the cores tell those beside the chat: whoever has asked gets the answer,
//! and what the word list has found goes into the queue of reports.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::sync::oneshot;

use crate::engine::ids::Time;
use crate::engine::record::Spoken;
use crate::engine::tidings::{Flagged, Live, Past, Sighting, Tidings, With};
use crate::http::{self, SpokenLine, TalkOn, TalkSeen};
use crate::store::{About, Door, NewReport};

/// So many may wait before those are looked for who wait no longer.
const WAITING: usize = 64;

/// See the module. Clones are the same one.
#[derive(Clone)]
pub(super) struct Lookout {
    asked: Arc<Mutex<Asked>>,
    door: Door,
}

/// Who waits for an answer, by its number.
#[derive(Default)]
struct Asked {
    last: u64,
    waiting: HashMap<u64, oneshot::Sender<http::Sighting>>,
}

impl Lookout {
    pub(super) fn new(door: Door) -> Lookout {
        Lookout {
            asked: Arc::default(),
            door,
        }
    }

    /// A number for a question, and where its answer will be.
    pub(super) fn wait(&self) -> (u64, oneshot::Receiver<http::Sighting>) {
        let (sender, receiver) = oneshot::channel();
        let mut asked = self.lock();
        if asked.waiting.len() >= WAITING {
            asked.waiting.retain(|_, sender| !sender.is_closed());
        }
        asked.last += 1;
        let number = asked.last;
        asked.waiting.insert(number, sender);
        (number, receiver)
    }

    /// A core has told something. Waits for nothing.
    pub(super) fn hear(&self, tidings: Tidings) {
        match tidings {
            Tidings::Sighting(sighting) => {
                let waits = self.lock().waiting.remove(&sighting.number);
                if let Some(sender) = waits {
                    // Whoever asked may have gone.
                    let _ = sender.send(seen(sighting));
                }
            }
            Tidings::Flagged(flagged) => {
                let report = report(flagged);
                self.door
                    .write_behind(move |changes| changes.report(&report));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        // Each entry is whole at any time.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn report(flagged: Flagged) -> NewReport {
    let user = flagged.user.into_string();
    let evidence = json!({"word": flagged.word, "text": flagged.text, "to": flagged.to});
    NewReport {
        by_id: String::new(),
        about: match flagged.talk {
            Some(talk) => About::Talk(talk.to_string()),
            None => About::User(user.clone()),
        },
        whom_id: user,
        reason: format!("word list: {}", flagged.word),
        evidence: evidence.to_string(),
        at: seconds(flagged.said),
    }
}

fn seen(sighting: Sighting) -> http::Sighting {
    http::Sighting {
        live: sighting.live.map(live),
        talk: sighting.talk.map(past),
    }
}

fn live(live: Live) -> http::Live {
    http::Live {
        nickname: live.nickname.into_string(),
        gender: live.gender.as_str(),
        find_gender: live.find.as_str(),
        guys: live.guys,
        waiting_since: live.waiting.into_iter().map(seconds).collect(),
        talks: live.talks.into_iter().map(on).collect(),
    }
}

fn on(with: With) -> TalkOn {
    TalkOn {
        talk_id: with.talk.to_string(),
        user_id: with.user.into_string(),
        nickname: with.nickname.into_string(),
        began: seconds(with.began),
    }
}

fn past(past: Past) -> TalkSeen {
    TalkSeen {
        partner: past.partner.into_string(),
        began: seconds(past.began),
        ended: past.ended.map(seconds),
        lines: past.lines.into_iter().map(spoken).collect(),
    }
}

fn spoken(line: Spoken) -> SpokenLine {
    SpokenLine {
        own: line.own,
        at: seconds(line.at),
        body: line.body.into_vec(),
    }
}

fn seconds(time: Time) -> i64 {
    i64::try_from(time.seconds()).unwrap_or(i64::MAX)
}
