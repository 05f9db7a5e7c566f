//! What stands beside the shards: the store, which knows whose ids and tokens
//! are, and what it and HTTP leave in the cores' inboxes.

use std::collections::{BTreeMap, VecDeque};

use super::rig::{HASH_SEED, Rig};
use crate::account_id::is_account_id;
use crate::engine::Event;
use crate::engine::ids::{TalkId, Time};
use crate::engine::note::{Farewell, Note, ToDirectory};
use crate::engine::profile::{Keyring, UserKey};
use crate::engine::question::{Question, Token, Verdict};
use crate::engine::tidings::Inquiry;
use crate::wire::message::Slug;

/// See the module.
#[derive(Debug)]
pub(super) struct Accounts {
    /// How often the tokens of each registered user have been revoked: the one
    /// that counts is made of that.
    users: BTreeMap<String, u64>,
    /// How often everything that was said of an id before has become void.
    lives: BTreeMap<String, u64>,
    /// Who is banned, and until when.
    bans: BTreeMap<String, Time>,
    /// Asked, and not answered yet.
    pub(super) asked: Vec<AskedStore>,
    /// By core.
    pub(super) inboxes: Vec<VecDeque<ToDirectory>>,
    /// By phone and user: the life of the id of which the store last said that
    /// it may be joined with.
    pub(super) admitted: BTreeMap<(usize, String), u64>,
}

/// A question on its way.
#[derive(Debug)]
pub(super) struct AskedStore {
    pub(super) core: usize,
    /// Who asked for it.
    phone: usize,
    question: Question,
    /// As the store has read it, if it has.
    pub(super) verdict: Option<Verdict>,
}

impl Accounts {
    pub(super) fn new(cores: usize) -> Self {
        Accounts {
            users: BTreeMap::new(),
            lives: BTreeMap::new(),
            bans: BTreeMap::new(),
            asked: Vec::new(),
            inboxes: (0..cores).map(|_| VecDeque::new()).collect(),
            admitted: BTreeMap::new(),
        }
    }

    /// Somebody has this id from now on.
    pub(super) fn register(&mut self, user: &str) {
        assert!(is_account_id(user), "{user}");
        self.users.insert(user.to_owned(), 0);
    }

    /// The token of a registered user that counts.
    pub(super) fn token(&self, user: &str) -> Option<String> {
        let revoked = self.users.get(user)?;
        Some(format!("{user}.{revoked}"))
    }

    /// How often an id has changed hands, or its tokens were revoked.
    pub(super) fn life(&self, user: &str) -> u64 {
        self.lives.get(user).copied().unwrap_or(0)
    }

    /// Is this id banned at `now`?
    pub(super) fn is_banned(&self, user: &str, now: Time) -> bool {
        self.bans.get(user).is_some_and(|&until| until > now)
    }

    /// Everything that was said of an id before is void, its token as well.
    fn revoke(&mut self, user: &str) {
        if let Some(revoked) = self.users.get_mut(user) {
            *revoked += 1;
        }
        *self.lives.entry(user.to_owned()).or_default() += 1;
    }

    fn verdict(&self, user: &str, token: Option<&str>, now: Time) -> Verdict {
        match self.token(user) {
            _ if self.is_banned(user, now) => Verdict::Banned,
            None => Verdict::Unregistered,
            Some(right) if token == Some(&*right) => Verdict::Right,
            Some(_) => Verdict::Wrong,
        }
    }
}

impl Rig {
    /// A shard has asked.
    pub(super) fn ask(&mut self, core: usize, question: Question) {
        let phone = self.connection(core, question.link).phone;
        self.accounts.asked.push(AskedStore {
            core,
            phone,
            question,
            verdict: None,
        });
    }

    /// The store reads what it was asked.
    pub(super) fn read_question(&mut self, at: usize) {
        let AskedStore {
            phone, question, ..
        } = &self.accounts.asked[at];
        let token = question.token.as_ref().map(Token::as_str);
        let verdict = self.accounts.verdict(&question.user, token, self.now);
        if !matches!(verdict, Verdict::Wrong | Verdict::Banned) {
            let life = self.accounts.life(&question.user);
            let key = (*phone, question.user.to_string());
            self.accounts.admitted.insert(key, life);
        }
        self.accounts.asked[at].verdict = Some(verdict);
    }

    /// The store cannot read it.
    pub(super) fn fail_question(&mut self, at: usize) {
        self.accounts.asked[at].verdict = Some(Verdict::Failed);
    }

    /// What the store has read arrives.
    pub(super) fn answer_question(&mut self, at: usize) {
        let AskedStore {
            core,
            question,
            verdict,
            ..
        } = self.accounts.asked.remove(at);
        let Question { link, number, .. } = question;
        let verdict = verdict.expect("it was read");
        let answered = Event::Answered {
            link,
            number,
            verdict,
        };
        self.tell(core, answered);
    }

    /// What lies first in a core's inbox arrives.
    pub(super) fn take_from_inbox(&mut self, core: usize) {
        let note = self.accounts.inboxes[core].pop_front();
        let note = Note::Directory(note.expect("something lies there"));
        self.tell(core, Event::Note { note });
    }

    /// One user has, or has not, blocked another from now on.
    pub(super) fn block(&mut self, by: &str, whom: &str, on: bool) {
        let [by, whom] = [by, whom].map(key);
        self.leave_word(by, ToDirectory::Block { by, whom, on });
    }

    /// HTTP has something to tell a user.
    pub(super) fn notify(&mut self, user: &str, body: &str) {
        let (user, body) = (key(user), body.as_bytes().into());
        self.leave_word(user, ToDirectory::Notice { user, body });
    }

    /// The tokens of a user are revoked, and its sessions end.
    pub(super) fn log_out(&mut self, user: &str) {
        self.accounts.revoke(user);
        self.expel(user);
    }

    /// An id is banned until then; its tokens are revoked.
    pub(super) fn ban(&mut self, user: &str, until: Time) {
        self.accounts.revoke(user);
        self.accounts.bans.insert(user.to_owned(), until);
        let (user, at) = (key(user), self.now);
        self.leave_word(user, ToDirectory::Ban { user, until, at });
    }

    /// An id is not banned any more.
    pub(super) fn unban(&mut self, user: &str) {
        self.accounts.bans.remove(user);
        let user = key(user);
        self.leave_word(user, ToDirectory::Unban { user });
    }

    /// An account is no more.
    pub(super) fn delete(&mut self, user: &str) {
        self.accounts.revoke(user);
        self.accounts.users.remove(user);
        self.expel(user);
    }

    fn expel(&mut self, user: &str) {
        let farewell = Farewell {
            error: Slug::TokenInvalid,
            detail: "gone",
        };
        let (user, at) = (key(user), self.now);
        self.leave_word(user, ToDirectory::Expel { user, at, farewell });
    }

    /// Somebody asks about a user.
    pub(super) fn inquire(&mut self, user: &str, talk: Option<TalkId>, number: u64) {
        let user = key(user);
        let inquiry = Inquiry { number, user, talk };
        self.leave_word(user, ToDirectory::Inquire(inquiry));
    }

    fn leave_word(&mut self, user: UserKey, note: ToDirectory) {
        let cores = u16::try_from(self.shards.len()).expect("a few cores");
        self.accounts.inboxes[usize::from(user.pick(cores))].push_back(note);
    }
}

pub(super) fn key(user: &str) -> UserKey {
    Keyring::new(HASH_SEED).key(user)
}
