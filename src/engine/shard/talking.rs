//! Lines, ends and last words.

use super::Shard;
use super::asking::{Overheard, put_away};
use super::words::forget;
use crate::engine::durable::{Word, Write};
use crate::engine::ids::{SessionId, TalkId, Time};
use crate::engine::note::{End, ToDirectory, ToHome, ToMatchmaker};
use crate::engine::profile::UserKey;
use crate::engine::session::{Session, Talk};
use crate::engine::{Effect, Effects};
use crate::wire::message::{Kind, Outgoing, Slug};
use crate::wire::text::Text;

/// What a session says.
impl Shard {
    /// 6: the partner gets the very same bytes.
    pub(super) fn talking(
        &mut self,
        id: SessionId,
        to: &Text<'_>,
        talk: Option<&Text<'_>>,
        body: &[u8],
        fx: &mut Effects,
    ) {
        let own = self
            .sessions
            .get(id.slot, id.generation)
            .expect("a session that speaks is there");
        let Some(with) = own.talk_with(to, talk) else {
            let (to, talk) = (to.decoded(), talk.map(Text::decoded).unwrap_or_default());
            let over = Outgoing::EndMessage {
                you: &to,
                to: own.profile.user(),
                nickname: "",
                text: "",
                over: true,
                talk: &talk,
            };
            return self.links.say(self.now, own.link, &over, fx);
        };
        let (partner, talk) = (with.partner, with.id);
        if self.rules.keep_evidence {
            let at = self.now;
            self.overhear(id, true, Overheard { talk, at, body });
        }
        if partner.core == self.core {
            self.line_for(partner, talk, self.now, body, fx);
        } else {
            let line = ToHome::Line {
                to: partner,
                talk,
                heard: self.now,
                body: body.into(),
            };
            self.tell_home(partner, line, fx);
        }
    }

    /// 7
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the fields of the message"
    )]
    pub(super) fn end_talk(
        &mut self,
        id: SessionId,
        to: &Text<'_>,
        talk: Option<&Text<'_>>,
        text: &Text<'_>,
        nickname: Option<&Text<'_>>,
        refuse: bool,
        fx: &mut Effects,
    ) {
        let user = self.keyring.key(&to.decoded());
        let Some(own) = self.session(id) else { return };
        let on = own.talk_with(to, talk).map(|with| with.id);
        if on.is_none() && !self.has_met(id, user) {
            return self.not_partner(id, Kind::TalkEnd, NEVER_MET, fx);
        }
        if refuse {
            self.never_again(id, user, &to.decoded(), fx);
        }
        match on {
            Some(on) => self.hang_up(id, on, &text.decoded(), nickname, fx),
            None if !text.is_empty() => self.send_word(id, to, talk, text, nickname, fx),
            None => {}
        }
    }

    /// 8
    pub(super) fn last_word(
        &mut self,
        id: SessionId,
        to: &Text<'_>,
        talk: Option<&Text<'_>>,
        text: &Text<'_>,
        fx: &mut Effects,
    ) {
        if self.has_met(id, self.keyring.key(&to.decoded())) {
            self.send_word(id, to, talk, text, None, fx);
        } else {
            self.not_partner(id, Kind::SendEndMsg, NEVER_MET, fx);
        }
    }

    /// 10
    pub(super) fn next_one(
        &mut self,
        id: SessionId,
        to: Option<&Text<'_>>,
        talk: Option<&Text<'_>>,
        text: &Text<'_>,
        fx: &mut Effects,
    ) {
        let user = to.map(|to| self.keyring.key(&to.decoded()));
        let Some(own) = self.session(id) else { return };
        let on = to
            .and_then(|to| own.talk_with(to, talk))
            .map(|with| with.id);
        if let Some(on) = on {
            self.hang_up(id, on, &text.decoded(), None, fx);
        } else if let (Some(to), Some(user)) = (to, user) {
            if !self.has_met(id, user) {
                return self.not_partner(id, Kind::NextOne, NEVER_MET, fx);
            }
            if !text.is_empty() {
                self.send_word(id, to, talk, text, None, fx);
            }
        }
        let Some(own) = self.session(id) else { return };
        match own.idle_slot(user) {
            Some(slot) => self.queue_slots(id, &[slot], fx),
            None if own.waits() => self.queue_slots(id, &[], fx),
            None => {
                let detail = "no such talk is on, and no slot of yours is idle or waits";
                self.not_partner(id, Kind::NextOne, detail, fx);
            }
        }
    }

    /// 13
    pub(super) fn leave(&mut self, id: SessionId, fx: &mut Effects) {
        let Some(own) = self.session(id) else { return };
        let side = own.side();
        let talks: Vec<TalkId> = own.talks().map(|talk| talk.id).collect();
        let tickets = own.stop_waiting();
        self.withdraw(tickets, side, fx);
        for talk in talks {
            self.hang_up(id, talk, "", None, fx);
        }
    }

    /// Ends a talk that is on; no further line is read before the partner has
    /// been told.
    fn hang_up(
        &mut self,
        id: SessionId,
        talk: TalkId,
        text: &str,
        nickname: Option<&Text<'_>>,
        fx: &mut Effects,
    ) {
        let now = self.now;
        let Some(own) = self.session(id) else { return };
        let Some(talk) = own.hang_up(talk) else {
            return;
        };
        own.unanswered += 1;
        let word = own.word(talk.profile.user(), text, nickname, talk.id, now);
        self.part(id, &talk, fx);
        let end = End {
            to: talk.partner,
            user: talk.user,
            talk: talk.id,
            word: Some(word),
            ack: Some(id),
        };
        self.tell_home(talk.partner, ToHome::End(Box::new(end)), fx);
    }

    /// This side of a talk is over: remembered, counted, and told to the owner
    /// of the queue, which knows that the two were together if both stood there
    /// meanwhile; with several slots that may be so although none waits now.
    fn part(&mut self, id: SessionId, talk: &Talk, fx: &mut Effects) {
        let (now, pause) = (self.now, self.rules.rematch_pause);
        self.talks -= usize::from(talk.counted);
        let Some(own) = self.session(id) else { return };
        own.record().parted(talk.user, talk.id, now, pause);
        put_away(talk, own.record());
        if own.waits() || own.several {
            let until = own.record().may_meet(talk.user, now).err().unwrap_or(now);
            let side = own.side();
            let note = ToMatchmaker::Parted {
                a: id,
                b: talk.partner,
                side,
                until,
            };
            self.tell_matchmaker(side, note, fx);
        }
    }

    /// The session has gone: this talk is over with it.
    pub(super) fn widow(&mut self, own: &mut Session, talk: &Talk, fx: &mut Effects) {
        self.talks -= usize::from(talk.counted);
        own.record()
            .parted(talk.user, talk.id, self.now, self.rules.rematch_pause);
        put_away(talk, own.record());
        let word = own.word(talk.profile.user(), "", None, talk.id, self.now);
        let end = End {
            to: talk.partner,
            user: talk.user,
            talk: talk.id,
            word: Some(word),
            ack: None,
        };
        self.tell_home(talk.partner, ToHome::End(Box::new(end)), fx);
    }

    /// A last word: to a partner of now on the lane of the talk, so that it
    /// stays behind what was said before; else by way of the directory.
    fn send_word(
        &mut self,
        id: SessionId,
        to: &Text<'_>,
        talk: Option<&Text<'_>>,
        text: &Text<'_>,
        nickname: Option<&Text<'_>>,
        fx: &mut Effects,
    ) {
        let user = self.keyring.key(&to.decoded());
        let now = self.now;
        let Some(own) = self.session(id) else { return };
        if own.record().has_blocked(user) {
            return;
        }
        own.unanswered += 1;
        let last = own.record().last_talk(user, now);
        let last = last.expect("a word is said to who was met");
        // An earlier talk than the last is known to the two only.
        let talk = match talk.filter(|id| !id.is_empty()) {
            Some(named) => TalkId(named.decoded().parse().unwrap_or(0)),
            None => last,
        };
        let word = Box::new(own.word(&to.decoded(), &text.decoded(), nickname, talk, now));
        let partner = own
            .talks()
            .find(|talk| talk.user == user)
            .map(|talk| talk.partner);
        match partner {
            Some(to) => self.tell_home(
                to,
                ToHome::Word {
                    to,
                    word,
                    ack: Some(id),
                },
                fx,
            ),
            None => self.tell_directory(
                user,
                ToDirectory::Word {
                    user,
                    word,
                    ack: Some(id),
                },
                fx,
            ),
        }
    }

    fn never_again(&mut self, id: SessionId, user: UserKey, whom: &str, fx: &mut Effects) {
        let Some(own) = self.session(id) else { return };
        if own.record().refuse(user) {
            let (by, whom) = (own.profile.user().into(), whom.into());
            fx.list.push(Effect::Store(Write::Refuse { by, whom }));
        }
    }

    fn has_met(&mut self, id: SessionId, user: UserKey) -> bool {
        let now = self.now;
        let record = self.session(id).and_then(|own| own.record.as_deref());
        record.is_some_and(|record| record.last_talk(user, now).is_some())
    }

    fn not_partner(&mut self, id: SessionId, kind: Kind, detail: &str, fx: &mut Effects) {
        if let Some(link) = self.session(id).map(|own| own.link) {
            self.refuse(link, Slug::NotPartner, Some(kind.number()), detail, fx);
        }
    }
}

const NEVER_MET: &str = "toId: nobody that you lately talked with";

/// What a session is told.
impl Shard {
    /// A partner's line. One of a talk that has just ended goes nowhere: the
    /// sender is being told so.
    pub(super) fn line_for(
        &mut self,
        to: SessionId,
        talk: TalkId,
        heard: Time,
        body: &[u8],
        fx: &mut Effects,
    ) {
        let Some(own) = self.sessions.get(to.slot, to.generation) else {
            return;
        };
        if own.talks().any(|own| own.id == talk) {
            fx.counts.relayed = Some(heard);
            self.links
                .say(self.now, own.link, &Outgoing::Talking { body }, fx);
            if self.rules.keep_evidence {
                let at = heard;
                self.overhear(to, false, Overheard { talk, at, body });
            }
        }
    }

    /// The partner has ended the talk. If this side had ended it too, or has
    /// gone, what is left of it is a last word.
    pub(super) fn talk_ended(&mut self, end: End, fx: &mut Effects) {
        let End {
            to,
            user,
            talk: id,
            word,
            ack,
        } = end;
        let talk = self.session(to).and_then(|own| own.hang_up(id));
        match (talk, word) {
            (Some(talk), word) => {
                self.partner_left(to, &talk, word.as_ref(), fx);
                self.acknowledge(ack, fx);
            }
            (None, Some(word)) if !word.text.is_empty() => {
                match self.session(to).is_some_and(|own| own.granted) {
                    true => self.word_for(to, Box::new(word), ack, fx),
                    false => self.tell_directory(
                        user,
                        ToDirectory::Word {
                            user,
                            word: Box::new(word),
                            ack,
                        },
                        fx,
                    ),
                }
            }
            (None, _) => self.acknowledge(ack, fx),
        }
    }

    pub(super) fn partner_left(
        &mut self,
        to: SessionId,
        talk: &Talk,
        word: Option<&Word>,
        fx: &mut Effects,
    ) {
        let Some(own) = self.sessions.get(to.slot, to.generation) else {
            return;
        };
        let message = Outgoing::EndMessage {
            you: talk.profile.user(),
            to: own.profile.user(),
            nickname: word.map_or(talk.profile.nickname(), |word| &word.nickname),
            text: word.map_or("", |word| &word.text),
            over: true,
            talk: &talk.id.to_string(),
        };
        self.links.say(self.now, own.link, &message, fx);
        self.part(to, talk, fx);
    }

    /// A last word for somebody who was here a moment ago.
    pub(super) fn word_for(
        &mut self,
        to: SessionId,
        word: Box<Word>,
        ack: Option<SessionId>,
        fx: &mut Effects,
    ) {
        let Some(own) = self.sessions.get(to.slot, to.generation) else {
            let user = self.keyring.key(&word.to);
            return self.tell_directory(user, ToDirectory::Word { user, word, ack }, fx);
        };
        let record = own.record.as_deref().filter(|record| record.blocks());
        if record.is_some_and(|record| record.has_blocked(self.keyring.key(&word.from))) {
            return self.drop_word(&word, ack, fx);
        }
        self.say_word(to, *word, fx);
        self.acknowledge(ack, fx);
    }

    /// A word of whom its receiver has blocked goes nowhere; its sender is not
    /// told so.
    pub(super) fn drop_word(&mut self, word: &Word, ack: Option<SessionId>, fx: &mut Effects) {
        forget(std::slice::from_ref(word), fx);
        self.acknowledge(ack, fx);
    }

    fn acknowledge(&mut self, ack: Option<SessionId>, fx: &mut Effects) {
        if let Some(session) = ack {
            self.tell_home(session, ToHome::Done { session }, fx);
        }
    }
}

impl Session {
    /// Something that this user leaves behind for another.
    pub(super) fn word(
        &self,
        to: &str,
        text: &str,
        nickname: Option<&Text<'_>>,
        talk: TalkId,
        now: Time,
    ) -> Word {
        Word {
            id: 0,
            to: to.into(),
            from: self.profile.user().into(),
            nickname: nickname.map_or(self.profile.nickname().into(), |text| text.decoded().into()),
            text: text.into(),
            talk: talk.0,
            said: now,
        }
    }
}
