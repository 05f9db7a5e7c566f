//! The directory's side: ids claimed and released, words for the absent.

use super::Shard;
use super::admitting::BANNED;
use super::words::forget;
use crate::engine::directory::Claimed;
use crate::engine::durable::{Word, Write};
use crate::engine::ids::{SessionId, Time};
use crate::engine::note::{Farewell, Granted, ToDirectory, ToHome};
use crate::engine::profile::UserKey;
use crate::engine::{Effect, Effects};
use crate::wire::message::Slug;

impl Shard {
    pub(super) fn directory_note(&mut self, note: ToDirectory, fx: &mut Effects) {
        match note {
            ToDirectory::Claim {
                user,
                session,
                asked,
            } => self.claimed(user, session, asked, fx),
            ToDirectory::Release(release) => {
                let dropped = self.directory.release(
                    release.user,
                    release.session,
                    release.record,
                    release.words,
                );
                forget(&dropped, fx);
            }
            ToDirectory::Word { user, word, ack }
                if self
                    .directory
                    .has_blocked(user, self.keyring.key(&word.from)) =>
            {
                self.drop_word(&word, ack, fx);
            }
            ToDirectory::Word {
                user,
                mut word,
                ack,
            } => {
                if let Some(to) = self.directory.holder(user) {
                    return self.tell_home(to, ToHome::Word { to, word, ack }, fx);
                }
                self.name_word(&mut word);
                fx.list.push(Effect::Store(Write::Keep((*word).clone())));
                forget(&self.directory.keep(user, *word, self.now), fx);
                if let Some(session) = ack {
                    self.tell_home(session, ToHome::Done { session }, fx);
                }
            }
            ToDirectory::Heard { user, word } => {
                self.directory.drop_word(user, word);
                fx.list.push(Effect::Store(Write::Forget(vec![word])));
            }
            ToDirectory::Block { by, whom, on } => {
                self.directory.block(by, whom, on);
                if let Some(to) = self.directory.holder(by) {
                    self.tell_home(to, ToHome::Block { to, whom, on }, fx);
                }
            }
            ToDirectory::Notice { user, body } => {
                if let Some(to) = self.directory.holder(user) {
                    self.tell_home(to, ToHome::Notice { to, body }, fx);
                }
            }
            ToDirectory::Expel { user, at, farewell } => self.end(user, at, farewell, fx),
            ToDirectory::Ban { user, until, at } => {
                self.directory.ban(user, Some(until));
                let farewell = Farewell {
                    error: Slug::Banned,
                    detail: BANNED,
                };
                self.end(user, at, farewell, fx);
            }
            ToDirectory::Unban { user } => self.directory.ban(user, None),
            ToDirectory::Inquire(inquiry) => self.asked_about(inquiry, fx),
        }
    }

    /// Whoever has the id ends.
    fn end(&mut self, user: UserKey, at: Time, farewell: Farewell, fx: &mut Effects) {
        self.directory.end(user, at, self.now);
        if let Some(session) = self.directory.holder(user) {
            self.tell_home(session, ToHome::Expel { session, farewell }, fx);
        }
    }

    fn claimed(
        &mut self,
        user: UserKey,
        session: SessionId,
        asked: Option<Time>,
        fx: &mut Effects,
    ) {
        if self.directory.is_banned(user, self.now) {
            return self.tell_home(session, ToHome::Barred { session }, fx);
        }
        if asked.is_some_and(|asked| self.directory.is_outdated(user, asked)) {
            return self.tell_home(session, ToHome::Outdated { session }, fx);
        }
        let (record, mut words, expired) = match self.directory.claim(user, session, self.now) {
            Claimed::Taken(holder) => {
                let taken = ToHome::Taken {
                    session,
                    holder,
                    asked,
                };
                return self.tell_home(session, taken, fx);
            }
            Claimed::Granted {
                record,
                words,
                expired,
            } => (record, words, expired),
        };
        forget(&expired, fx);
        if let Some(record) = record.as_deref().filter(|record| record.blocks()) {
            let barred = |word: &mut Word| record.has_blocked(self.keyring.key(&word.from));
            forget(&words.extract_if(.., barred).collect::<Vec<_>>(), fx);
        }
        let granted = Granted {
            user,
            session,
            record,
            words,
        };
        self.tell_home(session, ToHome::Granted(Box::new(granted)), fx);
    }
}
