//! What is remembered about a user id: refusals, last partners, pauses, the
//! jump's cooldown. It lies in the directory while the user is away and
//! travels to its session when it joins, so that there is only ever one.

mod evidence;

pub use evidence::{Lines, Spoken};

use std::time::Duration;

use super::ids::{TalkId, Time};
use super::profile::UserKey;
use super::tidings::Past;
use crate::limits::{BLOCKS_SEEN_EVERY, EVIDENCE_TALKS, LAST_PARTNERS, LAST_WORD_FOR, PAUSES_KEPT};

/// See the module.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Record {
    refused: Vec<UserKey>,
    /// As the directory has it, which keeps it when the record comes back.
    blocked: Vec<UserKey>,
    /// The one whose talk ended last comes last of those whose talk is over.
    partners: Vec<Met>,
    pauses: Vec<(UserKey, Time)>,
    pass_after: Time,
}

#[derive(Debug, PartialEq, Eq)]
struct Met {
    key: UserKey,
    talk: TalkId,
    ended: Time,
    /// Of those who may report a talk.
    known: Option<Box<Known>>,
}

/// What a report of the talk would need.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    partner: Box<str>,
    began: Time,
    /// The last lines, once it is over.
    lines: Option<Lines>,
}

impl Record {
    /// Nothing worth keeping, but for blocks?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.refused.is_empty() && !self.has_memory()
    }

    /// Is there anything that is not on disk?
    #[must_use]
    pub fn has_memory(&self) -> bool {
        !self.partners.is_empty() || !self.pauses.is_empty() || self.pass_after > Time(0)
    }

    /// Drops what is not on disk.
    pub fn forget_memory(&mut self) {
        *self = Record {
            refused: std::mem::take(&mut self.refused),
            ..Record::default()
        };
    }

    /// Never again. False if that was said before.
    pub fn refuse(&mut self, whom: UserKey) -> bool {
        match self.refused.binary_search(&whom) {
            Ok(_) => false,
            Err(at) => {
                self.refused.insert(at, whom);
                true
            }
        }
    }

    /// Whom the user has blocked, by ascending key.
    pub fn set_blocked(&mut self, blocked: Vec<UserKey>) {
        self.blocked = blocked;
    }

    /// From now on the user has, or has not, blocked `whom`.
    pub fn block(&mut self, whom: UserKey, on: bool) {
        match (self.blocked.binary_search(&whom), on) {
            (Err(at), true) => self.blocked.insert(at, whom),
            (Ok(at), false) => drop(self.blocked.remove(at)),
            (Ok(_), true) | (Err(_), false) => {}
        }
    }

    /// Has the user blocked `whom`?
    #[must_use]
    pub fn has_blocked(&self, whom: UserKey) -> bool {
        self.blocked.binary_search(&whom).is_ok()
    }

    /// Whom the user has blocked.
    #[cfg(any(test, feature = "sim"))]
    pub(crate) fn seen(&self) -> Vec<UserKey> {
        self.blocked.clone()
    }

    /// Has the user blocked anybody?
    #[must_use]
    pub fn blocks(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// May this user meet `whom`? If not: from when on, `NEVER` for good. What
    /// a block says is looked at again after a while, since it may be lifted.
    ///
    /// # Errors
    ///
    /// The moment before which they may not meet.
    pub fn may_meet(&self, whom: UserKey, now: Time) -> Result<(), Time> {
        if self.refused.binary_search(&whom).is_ok() {
            return Err(Time::NEVER);
        }
        if self.has_blocked(whom) {
            return Err(now + BLOCKS_SEEN_EVERY);
        }
        let paused = self.pauses.iter().rev().find(|pause| pause.0 == whom);
        match paused {
            Some(pause) if pause.1 > now => Err(pause.1),
            _ => Ok(()),
        }
    }

    /// A talk has begun.
    pub fn met(&mut self, whom: UserKey, talk: TalkId) {
        self.partners.retain(|met| met.key != whom);
        self.partners.push(Met {
            key: whom,
            talk,
            ended: Time::NEVER,
            known: None,
        });
        self.forget_partners();
    }

    /// With whom the talk is that has just begun, should it be reported.
    pub fn know(&mut self, talk: TalkId, partner: &str, began: Time) {
        if let Some(met) = self.partners.iter_mut().rfind(|met| met.talk == talk) {
            met.known = Some(Box::new(Known {
                partner: partner.into(),
                began,
                lines: None,
            }));
        }
    }

    /// The last lines of a talk that is over. Those of earlier ones go, but for
    /// a few.
    pub fn keep_lines(&mut self, talk: TalkId, lines: Lines) {
        let known = self.partners.iter_mut().rev();
        let known = known.filter_map(|met| Some((met.talk, met.known.as_deref_mut()?)));
        let mut lines = Some(lines);
        let mut kept = 0;
        for (id, known) in known {
            if id == talk {
                known.lines = lines.take();
            }
            kept += usize::from(known.lines.is_some());
            if kept > EVIDENCE_TALKS {
                known.lines = None;
            }
        }
    }

    /// Are lines of any talk kept?
    #[must_use]
    pub fn has_lines(&self) -> bool {
        let known = |met: &Met| met.known.as_ref().is_some_and(|own| own.lines.is_some());
        self.partners.iter().any(known)
    }

    /// Drops the lines of all talks.
    pub fn forget_lines(&mut self) {
        for known in self
            .partners
            .iter_mut()
            .filter_map(|met| met.known.as_mut())
        {
            known.lines = None;
        }
    }

    /// What is known of a talk.
    #[must_use]
    pub fn talk(&self, talk: TalkId) -> Option<Past> {
        let met = self.partners.iter().find(|met| met.talk == talk)?;
        let known = met.known.as_deref()?;
        Some(Past {
            partner: known.partner.clone(),
            began: known.began,
            ended: (met.ended != Time::NEVER).then_some(met.ended),
            lines: known.lines.as_ref().map_or_else(Vec::new, Lines::to_vec),
        })
    }

    /// A talk has ended; no rematch before `pause` has passed.
    pub fn parted(&mut self, whom: UserKey, talk: TalkId, now: Time, pause: Duration) {
        let met = |met: &Met| met.key == whom && met.talk == talk;
        // Mostly the newest: the others' memory need not be fetched.
        if let Some(at) = self.partners.iter().rposition(met) {
            let met = self.partners.remove(at);
            self.partners.push(Met { ended: now, ..met });
        }
        self.pauses.retain(|old| old.1 > now && old.0 != whom);
        if !pause.is_zero() {
            if self.pauses.len() == PAUSES_KEPT {
                self.pauses.remove(0);
            }
            self.pauses.push((whom, now + pause));
        }
    }

    /// The last talk with `whom`, if a last word may still be said.
    #[must_use]
    pub fn last_talk(&self, whom: UserKey, now: Time) -> Option<TalkId> {
        let met = self.partners.iter().find(|met| met.key == whom)?;
        (now.since(met.ended) <= LAST_WORD_FOR).then_some(met.talk)
    }

    /// May the user jump the queue?
    #[must_use]
    pub fn may_pass(&self, now: Time) -> bool {
        now >= self.pass_after
    }

    /// The user has jumped.
    pub fn passed(&mut self, next: Time) {
        self.pass_after = next;
    }

    /// Drops the partners beyond the number that is kept. Whose talk is on
    /// stays, however many others came and went meanwhile.
    fn forget_partners(&mut self) {
        let mut over = self.partners.len().saturating_sub(LAST_PARTNERS);
        self.partners.retain(|met| {
            let stays = over == 0 || met.ended == Time::NEVER;
            over -= usize::from(!stays);
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::profile::Keyring;

    fn key(name: &str) -> UserKey {
        Keyring::new((1, 2)).key(name)
    }

    fn at(seconds: u64) -> Time {
        Time(seconds * 1_000_000_000)
    }

    #[test]
    fn a_refusal_is_for_good_and_said_once() {
        let mut record = Record::default();
        assert!(record.refuse(key("b")));
        assert!(!record.refuse(key("b")));
        assert_eq!(record.may_meet(key("b"), at(1)), Err(Time::NEVER));
        assert_eq!(record.may_meet(key("c"), at(1)), Ok(()));
        assert!(!record.is_empty() && !record.has_memory());
    }

    #[test]
    fn a_block_stands_until_it_is_lifted() {
        let mut record = Record::default();
        record.set_blocked(vec![key("z")]);
        for name in ["b", "a", "c", "b"] {
            record.block(key(name), true);
        }
        assert_eq!(
            record.may_meet(key("b"), at(1)),
            Err(at(1) + BLOCKS_SEEN_EVERY)
        );
        record.block(key("b"), false);
        record.block(key("d"), false);
        assert_eq!(record.may_meet(key("b"), at(1)), Ok(()));
        assert!(
            ["a", "c", "z"]
                .iter()
                .all(|name| record.has_blocked(key(name)))
        );
        assert!(record.is_empty(), "the directory keeps them");
    }

    #[test]
    fn a_pause_ends_with_its_time() {
        let mut record = Record::default();
        record.met(key("b"), TalkId(7));
        record.parted(key("b"), TalkId(7), at(100), Duration::from_secs(10));
        assert_eq!(record.may_meet(key("b"), at(109)), Err(at(110)));
        assert_eq!(record.may_meet(key("b"), at(110)), Ok(()));
    }

    #[test]
    fn sixteen_partners_are_remembered_for_a_day() {
        let mut record = Record::default();
        for n in 0..=LAST_PARTNERS as u64 {
            record.met(key(&n.to_string()), TalkId(n));
            record.parted(key(&n.to_string()), TalkId(n), at(n), Duration::ZERO);
        }
        let day = 24 * 3600;
        assert_eq!(
            record.last_talk(key("0"), at(20)),
            None,
            "the seventeenth drops the first"
        );
        assert_eq!(record.last_talk(key("1"), at(1 + day)), Some(TalkId(1)));
        assert_eq!(record.last_talk(key("1"), at(2 + day)), None);
        record.met(key("1"), TalkId(99));
        assert_eq!(
            record.last_talk(key("1"), at(9 * day)),
            Some(TalkId(99)),
            "a talk that is on has not ended"
        );
    }

    #[test]
    fn a_partner_of_now_is_not_forgotten_for_others() {
        let mut record = Record::default();
        record.met(key("long"), TalkId(100));
        let meet = |record: &mut Record, from: u64| {
            for n in from..from + LAST_PARTNERS as u64 {
                record.met(key(&n.to_string()), TalkId(n));
                record.parted(key(&n.to_string()), TalkId(n), at(n), Duration::ZERO);
            }
        };
        meet(&mut record, 0);
        assert_eq!(record.last_talk(key("0"), at(20)), None);
        assert_eq!(record.last_talk(key("1"), at(20)), Some(TalkId(1)));
        assert_eq!(record.last_talk(key("long"), at(20)), Some(TalkId(100)));
        record.parted(key("long"), TalkId(100), at(20), Duration::ZERO);
        record.met(key("new"), TalkId(101));
        assert_eq!(
            record.last_talk(key("long"), at(21)),
            Some(TalkId(100)),
            "it ended last"
        );
        meet(&mut record, 200);
        assert_eq!(record.last_talk(key("long"), at(21)), None);
    }

    #[test]
    fn what_a_report_needs_is_known_of_the_last_talks() {
        let mut record = Record::default();
        let mut lines = Lines::default();
        lines.push(true, at(1), b"{}");
        let talks = EVIDENCE_TALKS as u64 + 2;
        for n in 1..=talks {
            let (whom, talk) = (key(&n.to_string()), TalkId(n));
            record.met(whom, talk);
            record.know(talk, &n.to_string(), at(n));
            assert_eq!(record.talk(talk).unwrap().ended, None);
            record.parted(whom, talk, at(100 + n), Duration::ZERO);
            record.keep_lines(talk, lines.clone());
        }
        assert!(record.has_lines());
        for n in 1..=talks {
            let past = record.talk(TalkId(n)).unwrap();
            assert_eq!((&*past.partner, past.began), (&*n.to_string(), at(n)));
            assert_eq!(past.ended, Some(at(100 + n)));
            assert_eq!(past.lines.len(), usize::from(n > 2), "{n}");
        }
        assert_eq!(record.talk(TalkId(99)), None);
        record.forget_lines();
        assert!(!record.has_lines() && record.talk(TalkId(talks)).is_some());
        // Nobody who cannot report it needs to know.
        record.met(key("free"), TalkId(50));
        record.keep_lines(TalkId(50), lines);
        assert_eq!(record.talk(TalkId(50)), None);
        assert!(!record.has_lines());
    }

    #[test]
    fn forgetting_keeps_what_is_on_disk() {
        let mut record = Record::default();
        record.refuse(key("b"));
        record.met(key("c"), TalkId(1));
        record.passed(at(5));
        record.forget_memory();
        assert!(!record.has_memory());
        assert_eq!(record.may_meet(key("b"), at(0)), Err(Time::NEVER));
    }
}
