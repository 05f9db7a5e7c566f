//! The connections of a shard: the one way out to them.

use crate::engine::deadlines::Deadlines;
use crate::engine::ids::{LinkId, Time};
use crate::engine::link::Link;
use crate::engine::rules::Rules;
use crate::engine::{Effects, Line};
use crate::wire::message::{Kind, Outgoing};
use crate::wire::write::write;

/// See the module.
#[derive(Debug)]
pub(super) struct Links {
    table: Vec<Option<Link>>,
    count: usize,
    rules: Rules,
    pub(super) deadlines: Deadlines,
    /// Links whose outbox has gone over the limit, to be looked at again when
    /// it is known what the system took at once.
    pub(super) slow: Vec<LinkId>,
    /// Bytes in all outboxes.
    pub(super) outbox: u64,
}

impl Links {
    pub(super) fn new(rules: Rules) -> Self {
        Links {
            table: Vec::new(),
            count: 0,
            rules,
            deadlines: Deadlines::default(),
            slow: Vec::new(),
            outbox: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn insert(&mut self, id: LinkId, mut link: Link) {
        let slot = id.slot as usize;
        if slot >= self.table.len() {
            self.table.resize_with(slot + 1, || None);
        }
        self.outbox += link.outbox.waiting();
        link.generation = id.generation;
        let before = self.table[slot].replace(link);
        assert!(
            before.is_none(),
            "the network layer reuses a name only after it was given back"
        );
        self.count += 1;
        self.watch(id);
    }

    pub(super) fn get(&self, id: LinkId) -> Option<&Link> {
        let link = self.table.get(id.slot as usize)?.as_ref()?;
        (link.generation == id.generation).then_some(link)
    }

    pub(super) fn get_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        let link = self.table.get_mut(id.slot as usize)?.as_mut()?;
        (link.generation == id.generation).then_some(link)
    }

    pub(super) fn remove(&mut self, id: LinkId) -> Option<Link> {
        self.get_mut(id)?;
        let link = self.table[id.slot as usize].take()?;
        self.count -= 1;
        self.outbox -= link.outbox.waiting();
        Some(link)
    }

    /// Every link, in the order of its name.
    pub(super) fn all(&self) -> Vec<LinkId> {
        self.iter().map(|(id, _)| id).collect()
    }

    /// Every link, in the order of its name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LinkId, &Link)> {
        let links = self.table.iter().enumerate();
        links.filter_map(|(slot, link)| {
            let slot = u32::try_from(slot).expect("a LinkId's slot");
            let link = link.as_ref()?;
            let generation = link.generation;
            Some((LinkId { slot, generation }, link))
        })
    }

    /// Says something to a link, if it is still there.
    #[inline(always)]
    pub(super) fn say(&mut self, now: Time, id: LinkId, message: &Outgoing<'_>, fx: &mut Effects) {
        let limit = self.rules.max_outbox;
        let Some(link) = self.get_mut(id) else { return };
        let start = fx.bytes.len();
        write(&mut fx.bytes, link.dialect.unwrap_or_default(), message);
        fx.send(id, start);
        fx.counts.line_out(line(message));
        let bytes = (fx.bytes.len() - start) as u64;
        let outbox = &mut link.outbox;
        let was_empty = outbox.waiting() == 0;
        outbox.queued += bytes;
        if was_empty {
            outbox.moved = now;
        }
        let too_much = link.has_too_much(limit);
        self.outbox += bytes;
        if too_much && self.slow.last() != Some(&id) {
            self.slow.push(id);
        }
        if was_empty {
            self.watch(id);
        }
    }

    /// Does more wait for it than may?
    pub(super) fn has_too_much(&self, id: LinkId) -> bool {
        let limit = self.rules.max_outbox;
        self.get(id).is_some_and(|link| link.has_too_much(limit))
    }

    /// What is queued so far does not count against `max_outbox`, unless an
    /// earlier such lot still waits.
    pub(super) fn spare(&mut self, id: LinkId) {
        if let Some(link) = self.get_mut(id) {
            link.spare();
        }
    }

    /// The system took bytes.
    pub(super) fn sent(&mut self, now: Time, id: LinkId, bytes: usize) {
        let Some(link) = self.get_mut(id) else { return };
        link.outbox.sent += bytes as u64;
        link.outbox.moved = now;
        self.outbox -= bytes as u64;
    }

    /// Sees that the link's next time-out is in the deadlines. A later one
    /// that stands there already is left to be looked at in vain.
    pub(super) fn watch(&mut self, id: LinkId) {
        let Links {
            table,
            rules,
            deadlines,
            ..
        } = self;
        if let Some(Some(link)) = table.get_mut(id.slot as usize) {
            let due = link.due(rules).0;
            deadlines.set(due, id, &mut link.looks);
        }
    }

    pub(super) fn invariants(&self) {
        let links = || self.table.iter().flatten();
        assert_eq!(links().count(), self.count);
        assert_eq!(
            links().map(|link| link.outbox.waiting()).sum::<u64>(),
            self.outbox
        );
    }
}

fn line(message: &Outgoing<'_>) -> Line {
    match message {
        Outgoing::Heartbeat => Line::Heartbeat,
        Outgoing::Room { .. } => Line::Room,
        Outgoing::Error { .. } => Line::Message(Kind::Error),
        Outgoing::Wait { .. } => Line::Message(Kind::Wait),
        Outgoing::Passed { .. } => Line::Message(Kind::PassRes),
        Outgoing::TalkBegin { .. } => Line::Message(Kind::TalkBegin),
        Outgoing::Talking { .. } => Line::Message(Kind::Talking),
        Outgoing::EndMessage { .. } => Line::Message(Kind::ReceiveEndMsg),
        Outgoing::Notice { .. } => Line::Message(Kind::Notice),
    }
}
