//! One core's whole state.

mod admitting;
mod asking;
mod checking;
mod filtering;
mod joining;
mod links;
mod matching;
mod outside;
mod posting;
mod reading;
#[cfg(any(test, feature = "sim"))]
pub mod seen;
mod talking;
mod turns;
mod words;

use std::collections::VecDeque;

use super::directory::Directory;
use super::durable::Loaded;
use super::ids::{CoreId, LinkId, SessionId, Ticket, Time};
use super::lives::Lives;
use super::matchmaker::{Matchmaker, Side};
use super::note::{Note, ToDirectory, ToHome, ToMatchmaker};
use super::profile::{Keyring, UserKey};
use super::questions::Questions;
use super::rules::Rules;
use super::session::Session;
use super::{Effect, Effects, Event};
use crate::filter::Filter;
use links::Links;
use turns::Turns;
use words::LastWords;

/// See the module.
///
/// Call [`handle`](Self::handle) for whatever happens and carry the effects
/// out, in order. At the end of each turn of the loop hand in
/// [`Event::Turn`]; after [`next_deadline`](Self::next_deadline) do so even if
/// nothing else happened.
#[derive(Debug)]
pub struct Shard {
    core: CoreId,
    cores: u16,
    rules: Rules,
    keyring: Keyring,
    rng: fastrand::Rng,
    now: Time,
    links: Links,
    sessions: Lives<Session>,
    directory: Directory,
    matchmakers: [Matchmaker; Side::PAIRS],
    /// Notes to this very core.
    local: VecDeque<Note>,
    /// Links that may read on.
    ready: Vec<LinkId>,
    /// Who has read how much.
    turns: Turns,
    questions: Questions,
    /// Words said to links that are being closed, until it is known whether
    /// they were sent.
    last_words: Vec<LastWords>,
    next_talk: u64,
    next_word: u64,
    joined: usize,
    /// Talks that a session here counts.
    talks: usize,
    /// What texts are looked through for, where they are.
    filter: Option<Filter>,
    draining: bool,
}

/// What a shard is born with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Which core it is.
    pub core: CoreId,
    /// Of how many.
    pub cores: u16,
    /// The rules; the same on every core.
    pub rules: Rules,
    /// The key of the user ids' hash; the same on every core.
    pub hash_seed: (u64, u64),
    /// For the draws; each core has its own.
    pub draw_seed: u64,
    /// The count that the first talk's id is made of: above all that an earlier
    /// run gave out.
    pub first_talk: u64,
    /// The first word's id: above all on disk; the same on every core.
    pub first_word: u64,
}

/// How much there is of everything, right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Connections.
    pub links: usize,
    /// Joined users.
    pub joined: usize,
    /// Slots in the queues that this core owns, by [`Side`].
    pub waiting: [usize; Side::ALL.len()],
    /// Talks that this core counts. A talk is counted by one core only: the home
    /// of the session that committed it, from that moment until it ends there.
    pub talks: usize,
    /// Bytes on their way to the peers.
    pub outbox: u64,
}

impl Shard {
    /// An empty shard.
    ///
    /// # Panics
    ///
    /// If there is no such core.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        assert!(setup.core.0 < setup.cores, "a core is one of its number");
        let share = setup
            .rules
            .max_remembered
            .div_ceil(usize::from(setup.cores));
        Shard {
            core: setup.core,
            cores: setup.cores,
            links: Links::new(setup.rules.clone()),
            rules: setup.rules,
            keyring: Keyring::new(setup.hash_seed),
            rng: fastrand::Rng::with_seed(setup.draw_seed),
            now: Time(0),
            sessions: Lives::default(),
            directory: Directory::new(share),
            matchmakers: Default::default(),
            local: VecDeque::new(),
            ready: Vec::new(),
            turns: Turns::default(),
            questions: Questions::default(),
            last_words: Vec::new(),
            next_talk: setup.first_talk,
            next_word: setup.first_word + u64::from(setup.core.0),
            joined: 0,
            talks: 0,
            filter: None,
            draining: false,
        }
    }

    /// Takes up what this core looks after of what was on disk.
    pub fn load(&mut self, loaded: &Loaded) {
        for (by, whom) in &loaded.refusals {
            let by = self.keyring.key(by);
            if self.looks_after(by) {
                self.directory.load_refusal(by, self.keyring.key(whom));
            }
        }
        for (by, whom) in &loaded.blocks {
            let by = self.keyring.key(by);
            if self.looks_after(by) {
                self.directory.block(by, self.keyring.key(whom), true);
            }
        }
        for (user, until) in &loaded.bans {
            let user = self.keyring.key(user);
            if self.looks_after(user) {
                self.directory.ban(user, Some(*until));
            }
        }
        for word in &loaded.words {
            let user = self.keyring.key(&word.to);
            if self.looks_after(user) {
                self.directory.keep(user, word.clone(), Time(0));
            }
        }
    }

    /// Texts are looked through for these words from the start.
    pub fn set_filter(&mut self, filter: Option<Filter>) {
        self.filter = filter;
    }

    /// One thing that happened at `now`; what it led to is added to `fx`.
    pub fn handle(&mut self, now: Time, event: Event<'_>, fx: &mut Effects) {
        self.now = now;
        if !matches!(event, Event::Sent { .. }) {
            self.close_slow(fx);
        }
        match event {
            Event::Opened { link, room } => self.opened(link, room, fx),
            Event::Bytes { link, bytes } => self.bytes(link, bytes, fx),
            Event::Ended { link } => self.ended(link, fx),
            Event::Sent { link, bytes } => self.sent(link, bytes, fx),
            Event::Flushed { link, whole } => self.flushed(link, whole, fx),
            Event::Detached { link, socket } => self.detached(link, socket, fx),
            Event::Adopted { link, guest } => self.adopted(link, *guest, fx),
            Event::Answered {
                link,
                number,
                verdict,
            } => self.answered(link, number, verdict, fx),
            Event::Note { note } => self.note(note, fx),
            Event::Filter { filter } => self.set_filter(filter),
            Event::Turn => self.turn(fx),
            Event::Drain => self.drain(fx),
        }
        self.settle(fx);
    }

    /// When [`Event::Turn`] has something to do at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Time {
        if !self.turns.behind.is_empty() {
            return self.now;
        }
        let matching = self.matchmakers.iter().map(Matchmaker::deadline).min();
        self.links
            .deadlines
            .next()
            .min(self.questions.deadline())
            .min(matching.expect("there are matchmakers"))
    }

    /// For the metrics.
    #[must_use]
    pub fn gauges(&self) -> Gauges {
        Gauges {
            links: self.links.len(),
            joined: self.joined,
            waiting: Side::ALL.map(|side| match self.owner(side) == self.core {
                true => self.matchmakers[side.pair()].waiting(side),
                false => 0,
            }),
            talks: self.talks,
            outbox: self.links.outbox,
        }
    }

    /// Since when the longest-waiting has waited in each queue that this core
    /// owns; it costs more than [`gauges`](Self::gauges).
    #[must_use]
    pub fn oldest(&self) -> [Option<Time>; Side::ALL.len()] {
        Side::ALL.map(|side| match self.owner(side) == self.core {
            true => {
                let since = self.matchmakers[side.pair()].oldest(side)?;
                Some(Time(u64::from(since) * 1_000_000_000))
            }
            false => None,
        })
    }

    /// Everything that follows from what was done, until this core is quiet.
    fn settle(&mut self, fx: &mut Effects) {
        loop {
            if let Some(note) = self.local.pop_front() {
                self.note(note, fx);
            } else if let Some(link) = self.ready.pop() {
                self.read(link, &[], fx);
            } else {
                return;
            }
        }
    }

    fn note(&mut self, note: Note, fx: &mut Effects) {
        match note {
            Note::Directory(note) => self.directory_note(note, fx),
            Note::Matchmaker(note) => self.matchmaker_note(note, fx),
            Note::Home(note) => self.home_note(note, fx),
        }
    }

    fn home_note(&mut self, note: ToHome, fx: &mut Effects) {
        match note {
            ToHome::Granted(granted) => self.granted(*granted, fx),
            ToHome::Taken {
                session,
                holder,
                asked,
            } => self.taken(session, holder, asked, fx),
            ToHome::Outdated { session } => self.outdated(session, fx),
            ToHome::Barred { session } => self.barred(session, fx),
            ToHome::Block { to, whom, on } => self.block(to, whom, on, fx),
            ToHome::Notice { to, body } => self.notice(to, &body, fx),
            ToHome::Expel { session, farewell } => self.expel(session, farewell, fx),
            ToHome::Inquire { session, inquiry } => self.asked_at_home(session, inquiry, fx),
            ToHome::Takeover { socket, guest } => fx.list.push(Effect::Adopt { socket, guest }),
            ToHome::Offer { offer, side } => self.offered(offer, side, fx),
            ToHome::Propose(proposal) => self.proposed(*proposal, fx),
            ToHome::Begin(begin) => self.begun(*begin, fx),
            ToHome::Declined { a, b, side, why } => self.declined(a, b, side, why, fx),
            ToHome::Queued { session, place } => self.queued(session, place, fx),
            ToHome::Placed { ticket, place } => self.placed(ticket, place, fx),
            ToHome::Passed { session, jump } => self.passed(session, jump, fx),
            ToHome::Line {
                to,
                talk,
                heard,
                body,
            } => self.line_for(to, talk, heard, &body, fx),
            ToHome::End(end) => self.talk_ended(*end, fx),
            ToHome::Word { to, word, ack } => self.word_for(to, word, ack, fx),
            ToHome::Done { session } => self.step_done(session),
        }
    }

    fn turn(&mut self, fx: &mut Effects) {
        self.read_on(fx);
        self.time_out_links(fx);
        self.give_up_questions(fx);
        for pair in 0..Side::PAIRS {
            if self.matchmakers[pair].deadline() <= self.now {
                self.matchmakers[pair].expire(self.now);
                self.match_up(pair, fx);
                self.tell_places(pair, fx);
            }
        }
    }

    fn tell_directory(&mut self, user: UserKey, note: ToDirectory, fx: &mut Effects) {
        self.post(CoreId(user.pick(self.cores)), Note::Directory(note), fx);
    }

    fn tell_matchmaker(&mut self, side: Side, note: ToMatchmaker, fx: &mut Effects) {
        self.post(self.owner(side), Note::Matchmaker(note), fx);
    }

    fn tell_home(&mut self, session: SessionId, note: ToHome, fx: &mut Effects) {
        self.post(session.core, Note::Home(note), fx);
    }

    fn post(&mut self, to: CoreId, note: Note, fx: &mut Effects) {
        if to == self.core {
            self.local.push_back(note);
        } else {
            fx.list.push(Effect::Note { to, note });
        }
    }

    fn owner(&self, side: Side) -> CoreId {
        let pair = u16::try_from(side.pair()).expect("three pairs");
        CoreId(pair % self.cores)
    }

    fn looks_after(&self, user: UserKey) -> bool {
        CoreId(user.pick(self.cores)) == self.core
    }

    fn session(&mut self, id: SessionId) -> Option<&mut Session> {
        self.sessions.get_mut(id.slot, id.generation)
    }

    fn withdraw(&mut self, tickets: Vec<Ticket>, side: Side, fx: &mut Effects) {
        for ticket in tickets {
            self.tell_matchmaker(side, ToMatchmaker::Withdraw { ticket, side }, fx);
        }
    }

    /// A step that a session waited for is done: perhaps it may go on.
    fn step_done(&mut self, id: SessionId) {
        if let Some(session) = self.session(id) {
            session.unanswered -= 1;
            self.go_on(id);
        }
    }

    /// If the session is idle, a waiting takeover or its next line is due.
    fn go_on(&mut self, id: SessionId) {
        let Some(session) = self.session(id) else {
            return;
        };
        if !session.is_busy() {
            let link = session.link;
            self.ready.push(link);
        }
    }
}
