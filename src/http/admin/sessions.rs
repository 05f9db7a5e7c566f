//! Who is logged in at the desk: by a cookie that no script can read, and a
//! second secret, which the page sends along with each change. They are in
//! memory alone: after a restart everybody logs in again.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use subtle::ConstantTimeEq as _;

use super::super::reply::Refusal;
use super::super::token::{self, Token};
use crate::limits::{DESK_SESSION_FOR, DESK_SESSIONS};
use crate::store::TokenHash;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<VecDeque<Session>>);

/// A log-in.
#[derive(Clone)]
pub(super) struct Session {
    hash: TokenHash,
    /// What must come along with each change.
    pub(super) csrf: String,
    /// What it is called in the audit.
    pub(super) name: String,
    until: Instant,
}

impl Sessions {
    /// A new log-in, and the token of its cookie. Of too many the oldest ends.
    pub(super) fn begin(&self, now: Instant) -> Result<(Token, Session), Refusal> {
        let token = Token::make()?;
        let session = Session {
            hash: token.hash(),
            csrf: token::spelt(&token::random::<32>()?),
            name: format!("desk-{:08x}", u32::from_be_bytes(token::random()?)),
            until: now + DESK_SESSION_FOR,
        };
        let mut all = self.lock();
        if all.len() == DESK_SESSIONS {
            all.pop_front();
        }
        all.push_back(session.clone());
        Ok((token, session))
    }

    /// Whose cookie this is, if it is one that counts at `now`.
    pub(super) fn find(&self, shown: &str, now: Instant) -> Option<Session> {
        let hash = token::hash(shown);
        let mut all = self.lock();
        all.retain(|session| session.until > now);
        // The hash of a secret may be compared as it is.
        all.iter().find(|session| session.hash == hash).cloned()
    }

    /// Does the log-in of this name count at `now`?
    pub(super) fn stands(&self, name: &str, now: Instant) -> bool {
        let all = self.lock();
        let mut own = all.iter().filter(|session| session.name == name);
        own.next().is_some_and(|session| session.until > now)
    }

    /// A log-in is over.
    pub(super) fn end(&self, name: &str) {
        self.lock().retain(|session| session.name != name);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Session>> {
        // Each entry is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Is this what must come along with a change?
    pub(super) fn is_meant(&self, csrf: &str) -> bool {
        csrf.as_bytes().ct_eq(self.csrf.as_bytes()).into()
    }

    /// For how long it counts.
    pub(super) fn left(&self, now: Instant) -> Duration {
        self.until.saturating_duration_since(now)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Session").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_in_counts_until_it_ends_or_half_a_day_has_passed() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let (token, begun) = sessions.begin(now).unwrap();
        let (other, _) = sessions.begin(now).unwrap();
        let find = |token: &Token, now| sessions.find(token.expose(), now);
        assert_eq!(find(&token, now).unwrap().name, begun.name);
        assert!(sessions.stands(&begun.name, now) && !sessions.stands("x", now));
        assert!(!sessions.stands(&begun.name, now + DESK_SESSION_FOR));
        assert!(begun.is_meant(&begun.csrf) && !begun.is_meant("") && !begun.is_meant("x"));
        assert_ne!(find(&other, now).unwrap().csrf, begun.csrf);
        assert!(sessions.find("", now).is_none() && sessions.find("x", now).is_none());
        sessions.end(&begun.name);
        assert!(find(&token, now).is_none() && !sessions.stands(&begun.name, now));
        let almost = now + DESK_SESSION_FOR - Duration::from_millis(1);
        assert!(find(&other, almost).is_some());
        assert!(find(&other, now + DESK_SESSION_FOR).is_none());
        assert!(sessions.lock().is_empty());
    }

    #[test]
    fn of_too_many_the_oldest_ends() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let begun: Vec<_> = (0..=DESK_SESSIONS)
            .map(|_| sessions.begin(now).unwrap().0)
            .collect();
        let stands = |at: usize| sessions.find(begun[at].expose(), now).is_some();
        assert!(!stands(0) && stands(1) && stands(DESK_SESSIONS));
    }
}
