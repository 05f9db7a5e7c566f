//! Last words on their way out: none is lost with a connection, and none stays
//! on disk that was sent.

use super::Shard;
use crate::engine::durable::{Word, Write};
use crate::engine::ids::{LinkId, SessionId};
use crate::engine::link::Link;
use crate::engine::note::ToDirectory;
use crate::engine::{Effect, Effects};
use crate::wire::message::Outgoing;

impl Shard {
    /// Says a last word to a session.
    pub(super) fn say_word(&mut self, to: SessionId, word: Word, fx: &mut Effects) {
        let Some(own) = self.sessions.get(to.slot, to.generation) else {
            return;
        };
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
            let unsure = link.unsure.get_or_insert_default();
            unsure.push(link.outbox.queued, word);
        }
    }

    /// The system took bytes of this link: which words were among them?
    pub(super) fn words_taken(&mut self, id: LinkId, fx: &mut Effects) {
        let Some(link) = self.links.get_mut(id) else {
            return;
        };
        let sent = link.outbox.sent;
        if let Some(unsure) = &mut link.unsure {
            forget(&unsure.taken(sent), fx);
            link.unsure.take_if(|unsure| unsure.is_empty());
        }
    }

    /// A link is being closed: whether its words were sent is told later.
    pub(super) fn await_words(&mut self, id: LinkId, link: &mut Link) {
        if let Some(unsure) = link.unsure.take() {
            self.last_words.push((id, unsure.into_words()));
        }
    }

    /// What was queued for a closed link was sent, or not: then its words go
    /// back to where they came from.
    pub(super) fn flushed(&mut self, id: LinkId, whole: bool, fx: &mut Effects) {
        let Some(at) = self.last_words.iter().position(|words| words.0 == id) else {
            return;
        };
        let (_, words) = self.last_words.swap_remove(at);
        if whole {
            return forget(&words, fx);
        }
        for word in words {
            let (user, word) = (self.keyring.key(&word.to), Box::new(word));
            let ack = None;
            self.tell_directory(user, ToDirectory::Word { user, word, ack }, fx);
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
