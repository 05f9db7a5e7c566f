//! Last words on their way out: none is lost with a connection, none stays on
//! disk that was sent, and what was kept is said before anything newer.

use super::Shard;
use crate::engine::durable::{Word, Write};
use crate::engine::ids::{LinkId, SessionId};
use crate::engine::link::Link;
use crate::engine::note::ToDirectory;
use crate::engine::profile::UserKey;
use crate::engine::{Effect, Effects};
use crate::wire::message::Outgoing;

/// Words said to a link that is being closed: by receiver and id.
pub(super) type LastWords = (LinkId, Vec<(UserKey, u64)>);

impl Shard {
    /// Says a last word to a session. Where that has no connection any more,
    /// as the server goes down, it is kept.
    pub(super) fn say_word(&mut self, to: SessionId, mut word: Word, fx: &mut Effects) {
        let Some(own) = self.sessions.get(to.slot, to.generation) else {
            return;
        };
        if self.links.get(own.link).is_none() {
            self.name_word(&mut word);
            return fx.list.push(Effect::Store(Write::Keep(word)));
        }
        let talk = match word.talk {
            0 => String::new(),
            talk => talk.to_string(),
        };
        let message = Outgoing::EndMessage {
            you: &word.from,
            to: own.profile.user(),
            nickname: &word.nickname,
            text: &word.text,
            over: false,
            talk: &talk,
        };
        self.links.say(self.now, own.link, &message, fx);
        if let Some(link) = self.links.get_mut(own.link) {
            let mark = link.outbox.queued;
            link.rare().unsure.push(mark, word);
        }
    }

    /// The system took bytes of this link: which words were among them?
    pub(super) fn words_taken(&mut self, id: LinkId, fx: &mut Effects) {
        let Some(link) = self.links.get_mut(id) else {
            return;
        };
        let sent = link.outbox.sent;
        if let Some(rare) = &mut link.rare {
            forget(&rare.unsure.taken(sent), fx);
        }
    }

    /// A takeover: what the old link, which is closed, may not have heard is
    /// said on the new one. A word to whoever was joined there before is kept
    /// until it is told whether it was sent.
    pub(super) fn say_again(
        &mut self,
        old: LinkId,
        left: Option<Link>,
        to: SessionId,
        fx: &mut Effects,
    ) {
        let unsure = left.map(|mut link| link.take_unsure());
        let mut last_words = Vec::new();
        for word in unsure.unwrap_or_default() {
            let user = self.keyring.key(&word.to);
            if self.session(to).is_some_and(|own| own.user == user) {
                self.say_word(to, word, fx);
            } else {
                last_words.push(self.put_back(user, word, fx));
            }
        }
        if !last_words.is_empty() {
            self.last_words.push((old, last_words));
        }
    }

    /// A link has been closed and its session, if any, is gone: its words are
    /// kept until it is told whether they were sent.
    pub(super) fn keep_unsure(&mut self, id: LinkId, link: &mut Link, fx: &mut Effects) {
        let unsure = link.take_unsure();
        if unsure.is_empty() {
            return;
        }
        let mut last_words = Vec::new();
        for mut word in unsure {
            let user = self.keyring.key(&word.to);
            if self.draining {
                self.name_word(&mut word);
                last_words.push((user, word.id));
                fx.list.push(Effect::Store(Write::Keep(word)));
            } else {
                last_words.push(self.put_back(user, word, fx));
            }
        }
        self.last_words.push((id, last_words));
    }

    /// Gives a word back to the directory, and what it is found by there.
    fn put_back(&mut self, user: UserKey, mut word: Word, fx: &mut Effects) -> (UserKey, u64) {
        self.name_word(&mut word);
        let id = word.id;
        let (word, ack) = (Box::new(word), None);
        self.tell_directory(user, ToDirectory::Word { user, word, ack }, fx);
        (user, id)
    }

    /// What was queued for a closed link was sent, or not: then its words stay
    /// where they were put back.
    pub(super) fn flushed(&mut self, id: LinkId, whole: bool, fx: &mut Effects) {
        let Some(at) = self.last_words.iter().position(|words| words.0 == id) else {
            return;
        };
        let (_, words) = self.last_words.swap_remove(at);
        if !whole {
            return;
        }
        for (user, word) in words {
            if self.draining {
                fx.list.push(Effect::Store(Write::Forget(vec![word])));
            } else {
                self.tell_directory(user, ToDirectory::Heard { user, word }, fx);
            }
        }
    }

    /// A word that is to be kept needs an id.
    pub(super) fn name_word(&mut self, word: &mut Word) {
        if word.id == 0 {
            word.id = self.next_word;
            self.next_word += u64::from(self.cores);
        }
    }
}

/// Takes words off the disk; those that were never kept have no id.
pub(super) fn forget(words: &[Word], fx: &mut Effects) {
    let ids: Vec<u64> = words
        .iter()
        .map(|word| word.id)
        .filter(|&id| id != 0)
        .collect();
    if !ids.is_empty() {
        fx.list.push(Effect::Store(Write::Forget(ids)));
    }
}
