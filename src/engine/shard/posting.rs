//! The directory's side: ids claimed and released, words for the absent.

use super::Shard;
use super::words::forget;
use crate::engine::directory::Claimed;
use crate::engine::durable::Write;
use crate::engine::note::{Granted, ToDirectory, ToHome};
use crate::engine::{Effect, Effects};

impl Shard {
    pub(super) fn directory_note(&mut self, note: ToDirectory, fx: &mut Effects) {
        match note {
            ToDirectory::Claim { user, session } => {
                match self.directory.claim(user, session, self.now) {
                    Claimed::Taken(holder) => {
                        self.tell_home(session, ToHome::Taken { session, holder }, fx);
                    }
                    Claimed::Granted {
                        record,
                        words,
                        expired,
                    } => {
                        forget(&expired, fx);
                        let granted = Granted {
                            user,
                            session,
                            record,
                            words,
                        };
                        self.tell_home(session, ToHome::Granted(Box::new(granted)), fx);
                    }
                }
            }
            ToDirectory::Release(release) => {
                let dropped = self.directory.release(
                    release.user,
                    release.session,
                    release.record,
                    release.words,
                );
                forget(&dropped, fx);
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
        }
    }
}
