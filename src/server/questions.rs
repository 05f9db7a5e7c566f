//! The cores' questions, asked of the store: is this id a registered user's,
//! and this token that user's? A core waits for nothing; the answer comes into
//! its inbox.

use crate::engine::question::{Question, Token, Verdict};
use crate::mesh::Inbox;
use crate::net::{Clock, Message};
use crate::store::{Door, Reading, Session, StoreError, Subject, TokenHash};

/// What every core asks by.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) door: Door,
    pub(super) clock: Clock,
    /// How long a token that is used lives on, in seconds.
    pub(super) token_ttl: i64,
}

impl Desk {
    /// Sees that the question is answered.
    pub(super) fn ask(&self, question: Question, inbox: &Inbox<Message>) {
        let Question {
            link,
            number,
            user,
            token,
        } = question;
        let answer = move |verdict| Message::Answer {
            link,
            number,
            verdict,
        };
        let (desk, to) = (self.clone(), inbox.clone());
        let asked = self.door.post(move |reading| {
            let verdict = reading.and_then(|reading| desk.look_up(reading, &user, token.as_ref()));
            let verdict = verdict.unwrap_or_else(|error| {
                tracing::error!(%error, "a join is refused, since its token cannot be checked");
                Verdict::Failed
            });
            to.send(answer(verdict));
        });
        if let Err(error) = asked {
            tracing::warn!(%error, "a join is refused, since its token cannot be checked");
            inbox.send(answer(Verdict::Failed));
        }
    }

    fn look_up(
        &self,
        reading: &dyn Reading,
        user: &str,
        token: Option<&Token>,
    ) -> Result<Verdict, StoreError> {
        let now = i64::try_from(self.clock.now().seconds()).unwrap_or(i64::MAX);
        let banned = reading.banned_until(&Subject::User(user.to_owned()), now)?;
        if banned.is_some() {
            return Ok(Verdict::Banned);
        }
        if let Some(token) = token {
            let token = TokenHash::of(token.as_str());
            let session = reading.session(&token, now)?;
            if let Some(session) = session.filter(|session| session.user_id == user) {
                self.prolong(token, &session, now);
                return Ok(Verdict::Right);
            }
        }
        if reading.account_by_id(user)?.is_some() || reading.is_former_id(user)? {
            return Ok(Verdict::Wrong);
        }
        Ok(Verdict::Unregistered)
    }

    /// A join is a use of the token as any other.
    fn prolong(&self, token: TokenHash, session: &Session, now: i64) {
        if session.is_due(self.token_ttl, now) {
            let expires = now.saturating_add(self.token_ttl);
            self.door
                .write_behind(move |changes| changes.prolong_session(&token, expires));
        }
    }
}
