//! What a handset believes, from what it said and heard.

use std::collections::{BTreeMap, BTreeSet};

use super::told::Told;

/// See the module.
#[derive(Debug)]
pub(super) struct Handset {
    pub(super) user: &'static str,
    pub(super) named: bool,
    /// It has joined, as far as it knows.
    pub(super) joined: bool,
    /// By id: with whom.
    pub(super) talks: BTreeMap<u64, String>,
    /// Talks that have been here and are over.
    pub(super) over: BTreeSet<u64>,
    /// It knows who it is and which talks it has; not so after it said that it
    /// leaves all of them, or was not let in, until all is quiet.
    pub(super) sure: bool,
    /// Last words of its own that may have been refused.
    pub(super) refusals: usize,
}

impl Handset {
    pub(super) fn new(user: &'static str, named: bool) -> Self {
        Handset {
            user,
            named,
            joined: false,
            talks: BTreeMap::new(),
            over: BTreeSet::new(),
            sure: true,
            refusals: 0,
        }
    }

    pub(super) fn ends(&mut self, talk: u64) {
        self.talks.remove(&talk);
        self.over.insert(talk);
    }

    pub(super) fn leaves(&mut self) {
        while let Some((talk, _)) = self.talks.pop_first() {
            self.over.insert(talk);
        }
        self.sure = false;
    }

    /// Takes in what it was told.
    pub(super) fn hears(&mut self, told: &Told) {
        match told {
            Told::Error(error) => {
                let never = ["bad_field", "draining"];
                assert!(!never.contains(&error.as_str()), "{error}");
                if error.starts_with("token_") || error == "banned" {
                    self.sure = false;
                }
                let who = ["not_your_id", "not_joined"].contains(&error.as_str());
                assert!(!self.sure || !self.joined || !who, "{error}");
                let refusals = ["not_partner", "not_joined", "not_your_id", "rate_limited"];
                self.refusals += usize::from(refusals.contains(&error.as_str()));
            }
            Told::Begin { to, talk, .. } => self.begins(*talk, to),
            Told::Line { to, talk, .. } => {
                assert!(!self.sure || self.user == to, "{told:?}");
                let known = |talk| self.talks.contains_key(talk) || self.over.contains(talk);
                let known = talk.as_ref().is_none_or(known);
                assert!(known, "a line of a talk that never began here: {told:?}");
            }
            Told::End {
                over: true, talk, ..
            } => match talk {
                Some(talk) if self.talks.contains_key(talk) => self.ends(*talk),
                Some(talk) if self.over.contains(talk) => {}
                // The answer to a line of a talk that is not on.
                Some(_) | None if self.sure => {
                    assert!(is_answer(told), "the end of an unknown talk: {told:?}");
                }
                _ => {}
            },
            Told::End { to, .. } => assert!(!self.sure || self.user == to, "{told:?}"),
            Told::Notice { user, .. } => assert!(!self.sure || self.user == user, "{told:?}"),
            Told::Wait(_) | Told::Passed { .. } | Told::Beat => {}
        }
    }

    fn begins(&mut self, talk: u64, partner: &str) {
        if self.sure {
            assert_ne!(partner, self.user, "nobody meets themself");
            assert!(!self.over.contains(&talk), "a talk begins once");
            let mut partners = self.talks.values();
            assert!(
                partners.all(|own| own != partner),
                "one talk with one partner"
            );
        }
        let before = self.talks.insert(talk, partner.to_owned());
        assert!(before.is_none() || !self.sure, "a talk begins once");
    }
}

fn is_answer(told: &Told) -> bool {
    matches!(told, Told::End { nickname, text, .. } if nickname.is_empty() && text.is_empty())
}
