//! The home's side and the owner's side of queueing and matching.

use super::Shard;
use crate::account_id::is_account_id;
use crate::engine::ids::{SessionId, TalkId, Ticket, Time};
use crate::engine::matchmaker::{Decline, Jump, Offer, Side};
use crate::engine::note::{Begin, End, Note, Proposal, ToHome, ToMatchmaker};
use crate::engine::profile::UserKey;
use crate::engine::session::{Hold, Session, Slot, Talk};
use crate::engine::{Effect, Effects};
use crate::limits::{END_ARRIVES_IN, PASS_PLACES};
use crate::wire::message::{Kind, Outgoing, Slug};

/// At home: into the queue.
impl Shard {
    /// Queues every idle slot; whoever waits then is told so.
    pub(super) fn queue_idle_slots(&mut self, id: SessionId, fx: &mut Effects) {
        let Some(session) = self.session(id) else {
            return;
        };
        let idle = |slot: &Slot| matches!(slot, Slot::Idle { .. });
        let slots: Vec<usize> = (0..session.slots.len())
            .filter(|&at| idle(&session.slots[at]))
            .collect();
        self.queue_slots(id, &slots, fx);
    }

    /// Queues these idle slots. The answer is a 5 for each match and a 2 if
    /// the session waits then; with nothing that waits there is none.
    pub(super) fn queue_slots(&mut self, id: SessionId, slots: &[usize], fx: &mut Effects) {
        let now = self.now;
        let Some(session) = self.session(id) else {
            return;
        };
        let serials: Vec<u32> = slots
            .iter()
            .map(|&at| session.queue_slot(at, now))
            .collect();
        if !session.waits() {
            return;
        }
        session.unanswered += 1;
        let (user, side) = (session.user, session.side());
        let first = Ticket {
            session: id,
            serial: serials.first().copied().unwrap_or(0),
        };
        let count = u32::try_from(serials.len()).expect("a session has few slots");
        self.tell_matchmaker(
            side,
            ToMatchmaker::Enqueue {
                user,
                first,
                count,
                side,
            },
            fx,
        );
    }

    pub(super) fn queued(&mut self, id: SessionId, place: Option<u64>, fx: &mut Effects) {
        let Some(session) = self.session(id) else {
            return;
        };
        if let Some(place) = place.filter(|_| session.waits()) {
            let link = session.link;
            self.say(link, &Outgoing::Wait { place }, fx);
        }
        self.step_done(id);
    }

    pub(super) fn placed(&mut self, ticket: Ticket, place: u64, fx: &mut Effects) {
        let Some(session) = self.session(ticket.session) else {
            return;
        };
        if session.has_ticket(ticket) {
            let link = session.link;
            self.say(link, &Outgoing::Wait { place }, fx);
        }
    }

    pub(super) fn pass(&mut self, id: SessionId, fx: &mut Effects) {
        let (now, draw) = (self.now, self.rng.u64(1..=PASS_PLACES));
        let Some(session) = self.session(id) else {
            return;
        };
        if session
            .record
            .as_ref()
            .is_some_and(|record| !record.may_pass(now))
        {
            let link = session.link;
            let number = Some(Kind::PassReq.number());
            return self.refuse(link, Slug::RateLimited, number, "a jump again too soon", fx);
        }
        session.unanswered += 1;
        let side = session.side();
        self.tell_matchmaker(
            side,
            ToMatchmaker::Pass {
                session: id,
                side,
                draw,
            },
            fx,
        );
    }

    pub(super) fn passed(&mut self, id: SessionId, jump: Option<Jump>, fx: &mut Effects) {
        let next = self.now + self.rules.pass_cooldown;
        let Some(session) = self.session(id) else {
            return;
        };
        let link = session.link;
        match jump {
            Some(Jump { from, by }) => {
                if by > 0 {
                    session.record().passed(next);
                }
                self.say(link, &Outgoing::Passed { from, by }, fx);
            }
            None => {
                let number = Some(Kind::PassReq.number());
                self.refuse(
                    link,
                    Slug::NotWaiting,
                    number,
                    "no slot of yours waits in a queue",
                    fx,
                );
            }
        }
        self.step_done(id);
    }
}

/// At home: offer, hold, commit.
impl Shard {
    /// At the home of `a`: hold it and ask the home of `b`.
    pub(super) fn offered(&mut self, offer: Offer, side: Side, fx: &mut Effects) {
        let now = self.now;
        let Offer { a, b, b_user, .. } = offer;
        let why = match self.session(a.session) {
            None => Some(Decline::StaleA),
            Some(own) => refusal(own, a, b.session, b_user, now, Decline::StaleA),
        };
        if let Some(why) = why {
            return self.tell_matchmaker(side, ToMatchmaker::Declined { a, b, side, why }, fx);
        }
        let own = self.session(a.session).expect("it was just found");
        let slot = own.waiting_slot(a).expect("it was just found");
        if let Slot::Waiting { serial, since } = *slot {
            let hold = Box::new(Hold {
                since,
                user: b_user,
            });
            *slot = Slot::Held { serial, hold };
        }
        own.held += 1;
        let proposal = Proposal {
            offer,
            side,
            profile: own.profile.clone(),
        };
        self.tell_home(b.session, ToHome::Propose(Box::new(proposal)), fx);
    }

    /// At the home of `b`: the talk begins, or not.
    pub(super) fn proposed(&mut self, proposal: Proposal, fx: &mut Effects) {
        let now = self.now;
        let Proposal {
            offer:
                Offer {
                    a,
                    b,
                    a_user,
                    b_user,
                },
            side,
            profile,
        } = proposal;
        let why = match self.session(b.session) {
            None => Some(Decline::StaleB),
            Some(own) => refusal(own, b, a.session, a_user, now, Decline::StaleB),
        };
        if let Some(why) = why {
            return self.tell_home(a.session, ToHome::Declined { a, b, side, why }, fx);
        }
        let id = TalkId::new(self.core, self.next_talk);
        self.next_talk += 1;
        self.talks += 1;
        let talk = Talk {
            id,
            partner: a.session,
            user: a_user,
            profile,
            began: now,
            lines: None,
            counted: true,
            flagged: false,
        };
        fx.counts.matches.push(side);
        self.talk_begins(b, talk, fx);
        let profile = self
            .session(b.session)
            .expect("it was just found")
            .profile
            .clone();
        let begin = Begin {
            a,
            b,
            user: b_user,
            side,
            talk: id,
            profile,
        };
        self.tell_home(a.session, ToHome::Begin(Box::new(begin)), fx);
    }

    /// At the home of `a`: the talk is on. If `a` has just gone, it is over at
    /// once: an honest 5 followed by a 9.
    pub(super) fn begun(&mut self, begin: Begin, fx: &mut Effects) {
        let Begin {
            a,
            b,
            user,
            side,
            talk: id,
            profile,
        } = begin;
        self.tell_matchmaker(side, ToMatchmaker::Settled { a, b, side }, fx);
        let Some(own) = self.session(a.session) else {
            let end = End {
                to: b.session,
                user,
                talk: id,
                word: None,
                ack: None,
            };
            return self.tell_home(b.session, ToHome::End(Box::new(end)), fx);
        };
        own.held -= 1;
        let talk = Talk {
            id,
            partner: b.session,
            user,
            profile,
            began: self.now,
            lines: None,
            counted: false,
            flagged: false,
        };
        self.talk_begins(a, talk, fx);
        self.part_if_blocked(a.session, user, fx);
        self.go_on(a.session);
    }

    /// At the home of `a`: `b` is not willing.
    pub(super) fn declined(
        &mut self,
        a: Ticket,
        b: Ticket,
        side: Side,
        why: Decline,
        fx: &mut Effects,
    ) {
        self.tell_matchmaker(side, ToMatchmaker::Declined { a, b, side, why }, fx);
        let Some(own) = self.session(a.session) else {
            return;
        };
        own.held -= 1;
        let slot = own
            .held_slot(a)
            .expect("a held slot stays until its offer is decided");
        if let Slot::Held { serial, ref hold } = *slot {
            let since = hold.since;
            *slot = Slot::Waiting { serial, since };
        }
        self.go_on(a.session);
    }

    fn talk_begins(&mut self, ticket: Ticket, mut talk: Talk, fx: &mut Effects) {
        let (now, keeps) = (self.now, self.rules.keep_evidence);
        let id = ticket.session;
        let own = self
            .sessions
            .get_mut(id.slot, id.generation)
            .expect("who is matched is there");
        own.record().met(talk.user, talk.id);
        // Only registered users can report it.
        if is_account_id(own.profile.user()) {
            own.record().know(talk.id, talk.profile.user(), now);
            talk.lines = keeps.then(Box::default);
        }
        let side = own.side();
        let serial = Some(ticket.serial);
        let slot = own.slots.iter_mut().find(|slot| slot.serial() == serial);
        let slot = slot.expect("a matched ticket is a slot's");
        if let Some(since) = slot.since() {
            fx.counts.waits.push((side, now.since(since)));
        }
        self.links.say(now, own.link, &talk.begin(), fx);
        *slot = Slot::Talking(Box::new(talk));
    }
}

/// At the owner of a gender pair.
impl Shard {
    pub(super) fn matchmaker_note(&mut self, note: ToMatchmaker, fx: &mut Effects) {
        let (floor, now) = (self.rules.pass_floor, self.now);
        let side = note.side();
        let matchmaker = &mut self.matchmakers[side.pair()];
        match note {
            ToMatchmaker::Enqueue {
                user,
                first,
                count,
                side,
            } => matchmaker.enqueue(user, first, count, side, now),
            ToMatchmaker::Withdraw { ticket, .. } => matchmaker.withdraw(ticket),
            ToMatchmaker::Settled { a, b, .. } => matchmaker.settled(a, b),
            ToMatchmaker::Declined { a, b, why, .. } => matchmaker.declined(a, b, why),
            ToMatchmaker::Parted { a, b, until, .. } => matchmaker.parted(a, b, until),
            ToMatchmaker::Lifted {
                session, user, at, ..
            } => matchmaker.lifted(session, user, at),
            ToMatchmaker::Pass { session, draw, .. } => {
                let jump = matchmaker.pass(session, draw, floor);
                self.tell_home(session, ToHome::Passed { session, jump }, fx);
            }
        }
        self.match_up(side.pair(), fx);
    }

    /// Makes every offer and gives every answer that can be given now.
    pub(super) fn match_up(&mut self, pair: usize, fx: &mut Effects) {
        while let Some((offer, side)) = self.matchmakers[pair].next_offer() {
            self.tell_home(offer.a.session, ToHome::Offer { offer, side }, fx);
        }
        while let Some((session, place)) = self.matchmakers[pair].next_answer(self.now) {
            self.tell_home(session, ToHome::Queued { session, place }, fx);
        }
    }

    pub(super) fn tell_places(&mut self, pair: usize, fx: &mut Effects) {
        let Shard {
            matchmakers,
            local,
            core,
            now,
            ..
        } = self;
        matchmakers[pair].tell(*now, |ticket, place| {
            let note = Note::Home(ToHome::Placed { ticket, place });
            if ticket.session.core == *core {
                local.push_back(note);
            } else {
                fx.list.push(Effect::Note {
                    to: ticket.session.core,
                    note,
                });
            }
        });
    }
}

impl ToMatchmaker {
    fn side(&self) -> Side {
        match *self {
            ToMatchmaker::Enqueue { side, .. }
            | ToMatchmaker::Withdraw { side, .. }
            | ToMatchmaker::Pass { side, .. }
            | ToMatchmaker::Settled { side, .. }
            | ToMatchmaker::Declined { side, .. }
            | ToMatchmaker::Parted { side, .. }
            | ToMatchmaker::Lifted { side, .. } => side,
        }
    }
}

impl Talk {
    /// The 5 that tells it.
    pub(super) fn begin(&self) -> Outgoing<'_> {
        let partner = &self.profile;
        Outgoing::TalkBegin {
            to: partner.user(),
            nickname: partner.nickname(),
            gender: partner.gender,
            pic: partner.pic(),
            location: partner.location(),
            gps: partner.gps(),
            talk: self.id.0,
        }
    }
}

/// Why a session does not take an offer, if it does not.
fn refusal(
    own: &mut Session,
    ticket: Ticket,
    other: SessionId,
    user: UserKey,
    now: Time,
    stale: Decline,
) -> Option<Decline> {
    if own.waiting_slot(ticket).is_none() {
        return Some(stale);
    }
    if own.user == user || own.talks().any(|talk| talk.partner == other) {
        return Some(Decline::NotBefore(Time::NEVER));
    }
    // That is another life of the same user: its end is on the way, and will
    // name that other life.
    if own.is_taken_up_with(user) {
        return Some(Decline::NotBefore(now + END_ARRIVES_IN));
    }
    let until = own
        .record
        .as_ref()
        .map_or(Ok(()), |record| record.may_meet(user, now));
    until.err().map(Decline::NotBefore)
}
