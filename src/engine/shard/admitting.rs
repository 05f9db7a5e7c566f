//! Whose id may be joined with: a registered user's needs its token, which the
//! store knows. While it is asked, the link reads no line.

use super::Shard;
use crate::account_id::is_account_id;
use crate::engine::ids::{LinkId, SessionId};
use crate::engine::link::Bond;
use crate::engine::note::Arrival;
use crate::engine::profile::Profile;
use crate::engine::question::{Question, Token, Verdict};
use crate::engine::{Effect, Effects};
use crate::wire::message::{Join, Kind, Slug};

/// What is told to people.
const REQUIRED: &str = "token: the id of a registered user needs one";
const ADMITS_ONLY: &str = "token: this server admits registered users only";
const INVALID: &str = "token: not a token of this user, or no longer";
const UNREACHABLE: &str = "token: it cannot be checked now; try again later";
pub(super) const BANNED: &str = "this id is banned";
const OUTDATED: &str = "token: it was revoked while the join was on its way";

impl Shard {
    pub(super) fn join(&mut self, link: LinkId, join: &Join<'_>, fx: &mut Effects) {
        if self.filter.is_some() {
            self.join_looked_through(link, join, fx);
        } else {
            self.join_as(link, join, fx);
        }
    }

    pub(super) fn join_as(&mut self, link: LinkId, join: &Join<'_>, fx: &mut Effects) {
        let profile = Profile::new(join);
        let is_account = is_account_id(profile.user());
        if self.rules.require_token && join.token.is_none() {
            return self.turn_away(link, Slug::TokenRequired, ADMITS_ONLY, fx);
        }
        if self.rules.require_token && !is_account {
            return self.turn_away(link, Slug::TokenInvalid, INVALID, fx);
        }
        let arrival = Arrival {
            user: self.keyring.key(profile.user()),
            profile,
            guys: join.guys.clamp(1, self.rules.max_guys),
            asked: is_account.then_some(self.now),
        };
        if is_account {
            let token = join.token.map(|token| Token::new(&token.decoded()));
            self.ask(link, arrival, token, fx);
        } else {
            self.admit(link, arrival, fx);
        }
    }

    fn ask(&mut self, id: LinkId, arrival: Arrival, token: Option<Token>, fx: &mut Effects) {
        let Some(link) = self.links.get_mut(id) else {
            return;
        };
        link.waits.set_for_answer(true);
        let user = arrival.profile.user().into();
        let number = self.questions.ask(id, arrival, token.is_some(), self.now);
        fx.list.push(Effect::Ask(Question {
            link: id,
            number,
            user,
            token,
        }));
    }

    /// The store has said whose the id and the token are. An answer that comes
    /// too late, or for a link that has gone, is nobody's.
    pub(super) fn answered(
        &mut self,
        link: LinkId,
        number: u64,
        verdict: Verdict,
        fx: &mut Effects,
    ) {
        let Some(token) = self.questions.is_open(link, number) else {
            return;
        };
        let refusal = match verdict {
            Verdict::Banned => return self.shut_out(link, fx),
            Verdict::Right => None,
            Verdict::Unregistered if self.rules.require_token => {
                Some((Slug::TokenInvalid, INVALID))
            }
            Verdict::Unregistered => None,
            Verdict::Wrong if token => Some((Slug::TokenInvalid, INVALID)),
            Verdict::Wrong => Some((Slug::TokenRequired, REQUIRED)),
            Verdict::Failed => Some((Slug::TokenInvalid, UNREACHABLE)),
        };
        match refusal {
            None => self.questions.admit(link),
            Some((error, detail)) => {
                self.stop_asking(link);
                self.turn_away(link, error, detail, fx);
            }
        }
        self.ready.push(link);
    }

    /// Joins whose answer has not come in time.
    pub(super) fn give_up_questions(&mut self, fx: &mut Effects) {
        while let Some((link, number)) = self.questions.overdue(self.now) {
            self.answered(link, number, Verdict::Failed, fx);
        }
    }

    /// If a join of this link has been found good, and its session is idle, it
    /// happens now.
    pub(super) fn let_join_in(&mut self, id: LinkId, fx: &mut Effects) {
        if !self
            .links
            .get(id)
            .is_some_and(|link| link.waits.for_answer())
            || !self.questions.is_admitted(id)
        {
            return;
        }
        let session = self.bound(id);
        if session.is_some_and(|own| self.session(own).is_some_and(|own| own.is_busy())) {
            return;
        }
        if let Some(arrival) = self.stop_asking(id) {
            self.admit(id, arrival, fx);
        }
    }

    /// The directory knows that the answer, by which this session was to have
    /// its id, counts no more.
    pub(super) fn outdated(&mut self, id: SessionId, fx: &mut Effects) {
        let Some(session) = self.sessions.remove(id.slot, id.generation) else {
            return;
        };
        let link = session.link;
        self.bind(link, Bond::Free { opened: self.now });
        self.links.watch(link);
        self.turn_away(link, Slug::TokenInvalid, OUTDATED, fx);
        self.ready.push(link);
    }

    /// The directory knows that the id, which this session was to have, is
    /// banned.
    pub(super) fn barred(&mut self, id: SessionId, fx: &mut Effects) {
        if let Some(link) = self.session(id).map(|own| own.link) {
            self.shut_out(link, fx);
        }
    }

    fn shut_out(&mut self, link: LinkId, fx: &mut Effects) {
        let number = Some(Kind::Join.number());
        self.tell_error(link, Slug::Banned, number, BANNED, fx);
        self.drop_link(link, fx);
    }

    fn stop_asking(&mut self, id: LinkId) -> Option<Arrival> {
        if let Some(link) = self.links.get_mut(id) {
            link.waits.set_for_answer(false);
        }
        self.questions.close(id)
    }

    fn turn_away(&mut self, link: LinkId, error: Slug, detail: &str, fx: &mut Effects) {
        self.refuse(link, error, Some(Kind::Join.number()), detail, fx);
    }
}
