//! From bytes to lines to acts; errors, time-outs and the end of a link.

use super::Shard;
use crate::engine::ids::{LinkId, SessionId};
use crate::engine::link::{Bond, Due, Link, Pace, Reader};
use crate::engine::session::{State, legal};
use crate::engine::{Effect, Effects, Line, Room};
use crate::wire::again::{Again, parse_again};
use crate::wire::message::{Incoming, Kind, Outgoing, Slug};
use crate::wire::parse::{Fault, Parsed};

impl Shard {
    pub(super) fn opened(&mut self, id: LinkId, room: Room, fx: &mut Effects) {
        self.links.insert(id, Link::new(self.now));
        let (error, why) = match room {
            _ if self.draining => (Slug::Draining, GOING_DOWN),
            Room::Free => return,
            Room::Full => (Slug::ServerFull, "no room for another session"),
            Room::Crowded => (Slug::ServerFull, "too many connections from your address"),
        };
        self.close_with(id, error, why, fx);
    }

    pub(super) fn bytes(&mut self, id: LinkId, bytes: &[u8], fx: &mut Effects) {
        if let Some(link) = self.links.get_mut(id) {
            link.heard = self.now;
            self.read(id, bytes, fx);
        }
    }

    /// Acts on the lines that are there, each after the one before took effect,
    /// as far as the link's turn goes.
    pub(super) fn read(&mut self, id: LinkId, mut chunk: &[u8], fx: &mut Effects) {
        self.let_join_in(id, fx);
        self.let_guest_in(id, fx);
        let Some(link) = self.links.get_mut(id) else {
            return;
        };
        let mut behind = link.waits.for_turn();
        let most = self.turns.left(id, self.rules.turn_lines);
        let mut lines = 0;
        let mut kept = link.reader.take();
        let mut fresh = Reader::default();
        let Reader { framer, again } = kept.as_deref_mut().unwrap_or(&mut fresh);
        let mut after = After::Anything;
        loop {
            if after == After::Anything {
                while let Some(note) = self.local.pop_front() {
                    self.note(note, fx);
                }
                if self.links.get(id).is_none() {
                    break;
                }
                if self.is_busy(id) {
                    framer.keep(chunk);
                    break;
                }
            }
            let left_over = !(chunk.is_empty() && framer.is_empty());
            behind |= lines == most && left_over;
            if behind {
                framer.keep(chunk);
                break;
            }
            after = match framer.next(&mut chunk, self.rules.max_line) {
                None => break,
                Some(Ok(line)) => self.line(id, line, again, fx),
                Some(Err(_)) => {
                    fx.counts.line_in(Line::Invalid);
                    let detail = format!("a line has at most {} bytes", self.rules.max_line);
                    self.close_with(id, Slug::LineTooLong, &detail, fx);
                    After::Anything
                }
            };
            lines += 1;
        }
        self.turns.spend(id, lines);
        let busy = self.is_busy(id);
        let Some(link) = self.links.get_mut(id) else {
            return;
        };
        if behind && !link.waits.for_turn() {
            link.waits.set_for_turn(true);
            self.turns.behind.push(id);
        }
        let waits = busy || behind;
        let full = framer.kept() > self.rules.max_line * 2;
        link.reader = kept.or_else(|| fresh.has_something().then(|| Box::new(fresh)));
        if link.hushed != (full && waits) {
            link.hushed = !link.hushed;
            fx.list.push(if link.hushed {
                Effect::Hush { link: id }
            } else {
                Effect::Listen { link: id }
            });
        }
        if link.ended && !waits {
            self.drop_link(id, fx);
        }
    }

    pub(super) fn ended(&mut self, id: LinkId, fx: &mut Effects) {
        if let Some(link) = self.links.get_mut(id) {
            link.ended = true;
            if !link.waits.for_turn() && !self.is_busy(id) {
                self.drop_link(id, fx);
            }
        }
    }

    pub(super) fn sent(&mut self, id: LinkId, bytes: usize, fx: &mut Effects) {
        self.links.sent(self.now, id, bytes);
        self.words_taken(id, fx);
    }

    /// Answers a line with an error; too many close.
    pub(super) fn refuse(
        &mut self,
        id: LinkId,
        error: Slug,
        msg_type: Option<u16>,
        detail: &str,
        fx: &mut Effects,
    ) {
        self.tell_error(id, error, msg_type, detail, fx);
        let now = self.now;
        if error != Slug::RateLimited && self.links.get_mut(id).is_some_and(|link| link.erred(now))
        {
            let detail = "too many errors in a short time";
            self.close_with(id, Slug::TooManyErrors, detail, fx);
        }
    }

    /// Tells an error, and counts it.
    pub(super) fn tell_error(
        &mut self,
        id: LinkId,
        error: Slug,
        msg_type: Option<u16>,
        detail: &str,
        fx: &mut Effects,
    ) {
        fx.counts.error(error);
        let message = Outgoing::Error {
            error,
            msg_type,
            detail,
        };
        self.say(id, &message, fx);
    }

    pub(super) fn say(&mut self, id: LinkId, message: &Outgoing<'_>, fx: &mut Effects) {
        self.links.say(self.now, id, message, fx);
    }

    /// Tells a last error and closes.
    pub(super) fn close_with(&mut self, id: LinkId, error: Slug, detail: &str, fx: &mut Effects) {
        self.tell_error(id, error, None, detail, fx);
        self.drop_link(id, fx);
    }

    /// Closes those for whom too much waits. Looked at when the next thing
    /// happens, but for the news of what the system took at once: how much an
    /// event queues says nothing about the reader.
    pub(super) fn close_slow(&mut self, fx: &mut Effects) {
        while let Some(id) = self.links.slow.pop() {
            if self.links.has_too_much(id) {
                self.too_slow(id, fx);
                self.settle(fx);
            }
        }
    }

    pub(super) fn too_slow(&mut self, id: LinkId, fx: &mut Effects) {
        if self.links.get_mut(id).is_some() {
            self.close_with(
                id,
                Slug::SlowConsumer,
                "what the server sends is not read",
                fx,
            );
        }
    }

    pub(super) fn time_out_links(&mut self, fx: &mut Effects) {
        while let Some((at, id)) = self.links.deadlines.expired(self.now) {
            let Some(link) = self.links.get_mut(id) else {
                continue;
            };
            if !link.looks.came(at) {
                continue;
            }
            match link.due(&self.rules) {
                (due, _) if due > self.now => self.links.watch(id),
                (_, Due::Stuck) => self.too_slow(id, fx),
                (_, Due::Idle | Due::Join) => self.drop_link(id, fx),
            }
        }
    }

    pub(super) fn drain(&mut self, fx: &mut Effects) {
        self.draining = true;
        for id in self.links.all() {
            self.tell_error(id, Slug::Draining, None, GOING_DOWN, fx);
            if let Some(mut link) = self.forget_link(id, fx) {
                self.keep_unsure(id, &mut link, fx);
            }
        }
    }

    /// Lets go of a link, whatever becomes of its session.
    pub(super) fn forget_link(&mut self, id: LinkId, fx: &mut Effects) -> Option<Link> {
        let link = self.links.remove(id)?;
        if link.waits.for_answer() {
            self.questions.close(id);
        }
        fx.list.push(Effect::Close { link: id });
        Some(link)
    }

    /// The link's user leaves everything; the network layer closes it.
    pub(super) fn drop_link(&mut self, id: LinkId, fx: &mut Effects) {
        let Some(mut link) = self.forget_link(id, fx) else {
            return;
        };
        let bond = std::mem::replace(&mut link.bond, Bond::Free { opened: self.now });
        match bond {
            Bond::Session(session) => self.end_session(session, fx),
            Bond::Guest(holder) => {
                let holder = self.session(holder);
                if let Some(arrivals) = holder.and_then(|own| own.arrivals.as_mut()) {
                    arrivals.retain(|arrival| arrival.0 != id);
                }
            }
            Bond::Free { .. } | Bond::Moving(_) => {}
        }
        self.keep_unsure(id, &mut link, fx);
    }

    /// The session of a link. Until the directory has granted it, no line of
    /// the link is read.
    pub(super) fn bound(&self, id: LinkId) -> Option<SessionId> {
        self.links.get(id)?.session()
    }

    /// No line of this link may be acted on now.
    fn is_busy(&mut self, id: LinkId) -> bool {
        let Some(link) = self.links.get_mut(id) else {
            return true;
        };
        match link.bond {
            _ if link.waits.for_answer() => true,
            Bond::Free { .. } => false,
            Bond::Session(session) => self
                .session(session)
                .is_none_or(|session| session.is_busy()),
            Bond::Guest(_) | Bond::Moving(_) => true,
        }
    }

    fn line(
        &mut self,
        id: LinkId,
        line: &[u8],
        again: &mut Option<Again>,
        fx: &mut Effects,
    ) -> After {
        let Some(link) = self.links.get_mut(id) else {
            return After::Anything;
        };
        let pace = link.pace(self.now, self.rules.max_rate);
        if pace != Pace::Kept {
            fx.counts.line_in(Line::Invalid);
            if pace == Pace::Told {
                self.refuse(id, Slug::RateLimited, None, "too many frames a second", fx);
            }
            return After::Anything;
        }
        let parsed = parse_again(again, line);
        link.dialect = link.dialect.or(parsed.dialect);
        let bound = link.session();
        fx.counts.line_in(counted(&parsed));
        match &parsed.content {
            Ok(message) => return self.act(id, bound, message, fx),
            Err(fault) => {
                let error = self.joined_first(id, *fault, parsed.msg_type);
                let detail = match error {
                    Slug::NotJoined => NOT_JOINED.to_owned(),
                    _ => fault.detail.to_string(),
                };
                self.refuse(id, error, parsed.msg_type, &detail, fx);
            }
        }
        After::Anything
    }

    /// A fault in the fields is only told to somebody who may send them.
    fn joined_first(&mut self, id: LinkId, fault: Fault, msg_type: Option<u16>) -> Slug {
        let kind = msg_type.and_then(Kind::from_number);
        let fields = matches!(fault.error, Slug::MissingField | Slug::BadField);
        let state = self.state(id);
        match kind.map(|kind| legal(state, kind)) {
            Some(Err(Slug::NotJoined)) if fields => Slug::NotJoined,
            _ => fault.error,
        }
    }

    fn state(&mut self, id: LinkId) -> State {
        match self.bound(id) {
            Some(session) => self
                .session(session)
                .map_or(State::Fresh, |session| session.state()),
            None => State::Fresh,
        }
    }

    fn act(
        &mut self,
        id: LinkId,
        bound: Option<SessionId>,
        message: &Incoming<'_>,
        fx: &mut Effects,
    ) -> After {
        let (kind, you) = match message {
            Incoming::Heartbeat => {
                self.say(id, &Outgoing::Heartbeat, fx);
                return After::Anything;
            }
            Incoming::RoomRequest { mac } => {
                let seconds = self.now.seconds();
                self.say(id, &Outgoing::Room { mac, seconds }, fx);
                return After::Anything;
            }
            Incoming::Join(join) => {
                self.join(id, join, fx);
                return After::Anything;
            }
            Incoming::Pass { you } => (Kind::PassReq, you),
            Incoming::Talking { you, .. } => (Kind::Talking, you),
            Incoming::TalkEnd { you, .. } => (Kind::TalkEnd, you),
            Incoming::LastWord { you, .. } => (Kind::SendEndMsg, you),
            Incoming::NextOne { you, .. } => (Kind::NextOne, you),
            Incoming::Leave { you } => (Kind::Leave, you),
        };
        let number = Some(kind.number());
        let Some(session) = bound else {
            self.refuse(id, Slug::NotJoined, number, NOT_JOINED, fx);
            return After::Anything;
        };
        let own = self
            .session(session)
            .expect("a bound link's session is alive");
        if !you.is(own.profile.user()) {
            let detail = match kind {
                Kind::Talking | Kind::TalkEnd => "yourId: not the id that joined here",
                _ => "youId: not the id that joined here",
            };
            self.refuse(id, Slug::NotYourId, number, detail, fx);
            return After::Anything;
        }
        if let Err(error) = legal(own.state(), kind) {
            self.refuse(id, error, number, "no slot of yours waits in a queue", fx);
            return After::Anything;
        }
        if self.filter.is_some() {
            if let Some(reworded) = self.look_through(id, session, message, fx) {
                self.act_on(session, &reworded.put_into(message), fx);
            }
            return After::Anything;
        }
        self.act_on(session, message, fx)
    }

    fn act_on(&mut self, session: SessionId, message: &Incoming<'_>, fx: &mut Effects) -> After {
        match *message {
            Incoming::Talking { to, talk, body, .. } => {
                self.talking(session, &to, talk.as_ref(), body, fx);
                return After::Reading;
            }
            Incoming::Pass { .. } => self.pass(session, fx),
            Incoming::TalkEnd {
                to,
                talk,
                text,
                nickname,
                refuse,
                ..
            } => {
                self.end_talk(
                    session,
                    &to,
                    talk.as_ref(),
                    &text,
                    nickname.as_ref(),
                    refuse,
                    fx,
                );
            }
            Incoming::LastWord { to, talk, text, .. } => {
                self.last_word(session, &to, talk.as_ref(), &text, fx);
            }
            Incoming::NextOne { to, talk, text, .. } => {
                self.next_one(session, to.as_ref(), talk.as_ref(), &text, fx);
            }
            Incoming::Leave { .. } => self.leave(session, fx),
            Incoming::Heartbeat | Incoming::RoomRequest { .. } | Incoming::Join(_) => {
                unreachable!("handled above")
            }
        }
        After::Anything
    }
}

/// What one line may have changed for the link that it came on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// Nothing: the next line is as welcome as this one was.
    Reading,
    /// It may be gone, or wait for something.
    Anything,
}

/// What a `draining` says to people.
pub(super) const GOING_DOWN: &str = "the server is going down";
const NOT_JOINED: &str = "join first";

fn counted(parsed: &Parsed<'_>) -> Line {
    match parsed.content {
        Ok(Incoming::Heartbeat) => Line::Heartbeat,
        Ok(Incoming::RoomRequest { .. }) => Line::Room,
        _ => parsed
            .msg_type
            .and_then(Kind::from_number)
            .map_or(Line::Invalid, Line::Message),
    }
}
