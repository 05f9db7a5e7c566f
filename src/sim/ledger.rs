//! Every line and every last word that was said, until it is known what became
//! of it: nothing is lost, told twice, out of order or to somebody else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::phone::Phone;
use super::told::Told;
use crate::engine::durable::{Word, Write};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Numbers the lines and words.
    said: u64,
    /// Lines under way, by talk and sender.
    lines: BTreeMap<(u64, &'static str), VecDeque<Said>>,
    /// Lines, and words that ended a talk, on their way over a connection that
    /// the server has closed: they may still arrive, or not.
    doubtful: BTreeSet<u64>,
    /// Words under way, by number.
    words: BTreeMap<u64, SaidWord>,
    /// Words that were told, and could still be on their way a second time.
    told: BTreeMap<u64, Heard>,
    /// Notices that may still arrive, by number: for whom.
    notices: BTreeMap<u64, &'static str>,
    /// Pairs of users of whom one had blocked the other since all was quiet.
    barred: BTreeSet<(String, String)>,
    /// What is on disk.
    kept: Vec<Word>,
    pub(super) sums: Sums,
}

/// What became of everything that was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Lines and words said.
    pub said: u64,
    /// Delivered.
    pub delivered: u64,
    /// Answered with an error.
    pub refused: u64,
    /// Said in a talk that ended, or by somebody who has gone.
    pub ended: u64,
}

#[derive(Clone, Copy, Debug)]
struct Said {
    number: u64,
    phone: usize,
}

#[derive(Debug)]
struct SaidWord {
    phone: usize,
    from: &'static str,
    to: String,
}

/// How a word was told: on a connection that the server had closed by then, it
/// may be told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Surely,
    Perhaps,
}

impl Ledger {
    /// The number of a new line of a talk.
    pub(super) fn line(&mut self, talk: u64, user: &'static str, phone: usize) -> u64 {
        let number = self.number();
        let lines = self.lines.entry((talk, user)).or_default();
        lines.push_back(Said { number, phone });
        number
    }

    /// The text of a new word.
    pub(super) fn word(&mut self, to: &str, from: &'static str, phone: usize) -> String {
        let number = self.number();
        let to = to.to_owned();
        self.words.insert(number, SaidWord { phone, from, to });
        number.to_string()
    }

    /// The number of a line that must come to nothing.
    pub(super) fn vain(&mut self) -> u64 {
        let number = self.number();
        self.sums.ended += 1;
        number
    }

    /// The text of something that HTTP has to tell a user.
    pub(super) fn notice(&mut self, user: &'static str) -> u64 {
        let number = self.number();
        self.notices.insert(number, user);
        number
    }

    /// Words between these two may come to nothing from now on.
    pub(super) fn bar(&mut self, a: &str, b: &str) {
        self.barred.insert(pair(a, b));
    }

    fn number(&mut self) -> u64 {
        self.said += 1;
        self.sums.said += 1;
        self.said
    }

    /// A phone heard this.
    pub(super) fn hears(&mut self, told: &Told, phones: &[Phone], phone: usize) {
        match told {
            Told::Line {
                from, talk, number, ..
            } => self.line_told(*talk, from, *number, phones),
            Told::End { text, to, .. } if !text.is_empty() => {
                let number = text.parse().expect("every text is a number");
                self.word_told(number, to, phones[phone].flushed);
            }
            Told::Notice { number, .. } => {
                let user = self.notices.remove(number);
                assert!(user.is_some(), "notice {number} was told twice");
                self.sums.delivered += 1;
            }
            _ => {}
        }
    }

    /// This may arrive or not.
    pub(super) fn doubts(&mut self, told: &Told) {
        let number = match told {
            Told::Line { number, .. } => *number,
            Told::End {
                over: true, text, ..
            } => match text.parse() {
                Ok(number) => number,
                Err(_) => return,
            },
            _ => return,
        };
        self.words.remove(&number);
        for said in self.lines.values_mut() {
            said.retain(|said| said.number != number);
        }
        self.doubtful.insert(number);
    }

    /// A line arrives once, and behind those that were said before; only what
    /// a closed connection had said may be missing.
    fn line_told(&mut self, talk: Option<u64>, sender: &str, number: u64, phones: &[Phone]) {
        if self.doubtful.remove(&number) {
            self.sums.delivered += 1;
            return;
        }
        let mut own = self.lines.iter_mut().filter(|(key, said)| {
            key.1 == sender
                && talk.is_none_or(|talk| key.0 == talk)
                && said.iter().any(|said| said.number == number)
        });
        let found = own.next();
        let (_, said) = found.unwrap_or_else(|| panic!("line {number} came twice, or too late"));
        while let Some(first) = said.pop_front() {
            if first.number == number {
                self.sums.delivered += 1;
                return;
            }
            let gone = !phones[first.phone].talks();
            assert!(gone, "line {} was lost", first.number);
            self.sums.ended += 1;
        }
    }

    fn word_told(&mut self, number: u64, to: &str, flushed: bool) {
        if self.doubtful.remove(&number) {
            self.sums.delivered += 1;
            return;
        }
        let heard = if flushed {
            Heard::Perhaps
        } else {
            Heard::Surely
        };
        let before = self.told.insert(number, heard);
        if let Some(word) = self.words.remove(&number) {
            assert_eq!(word.to, to, "a word goes to whom it was said");
            self.sums.delivered += 1;
        } else {
            let twice = before == Some(Heard::Perhaps) || flushed;
            assert!(twice, "word {number} was told twice");
        }
    }

    /// This was to be written down.
    pub(super) fn writes(&mut self, writes: impl Iterator<Item = Write>) {
        for write in writes {
            match write {
                Write::Keep(word) => {
                    self.kept.retain(|kept| kept.id != word.id);
                    self.kept.push(word);
                }
                Write::Forget(ids) => self.kept.retain(|kept| !ids.contains(&kept.id)),
                Write::Refuse { .. } => {}
            }
        }
    }

    /// For whom something is kept.
    pub(super) fn kept_for(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().map(|word| &*word.to)
    }

    /// Nothing is under way. Only these talks are on, and these two have blocked
    /// each other; `refusals` gives for a phone how many errors it heard that
    /// may have answered a word.
    pub(super) fn settle(
        &mut self,
        on: impl Fn(u64) -> bool,
        blocks: impl Iterator<Item = (&'static str, &'static str)>,
        phones: &[Phone],
        mut refusals: impl FnMut(usize) -> usize,
    ) {
        for (key, lines) in std::mem::take(&mut self.lines) {
            for said in lines {
                let gone = !on(key.0) || !phones[said.phone].talks();
                assert!(gone, "line {} of {key:?} was lost", said.number);
                self.sums.ended += 1;
            }
        }
        self.sums.ended += self.doubtful.len() as u64;
        self.doubtful.clear();
        let kept: Vec<u64> = self
            .kept
            .iter()
            .filter_map(|word| word.text.parse().ok())
            .collect();
        let mut refused: BTreeMap<usize, usize> = BTreeMap::new();
        for (&number, word) in &self.words {
            if !kept.contains(&number) {
                if self.barred.contains(&pair(word.from, &word.to)) {
                    self.sums.ended += 1;
                } else if phones[word.phone].talks() {
                    *refused.entry(word.phone).or_default() += 1;
                    self.sums.refused += 1;
                } else {
                    self.sums.ended += 1;
                }
            }
        }
        self.words.retain(|number, _| kept.contains(number));
        for (phone, words) in refused {
            let most = refusals(phone);
            assert!(
                words <= most,
                "{words} words of phone {phone} were lost, and {most} refused"
            );
        }
        self.barred = blocks.map(|(by, whom)| pair(by, whom)).collect();
        self.sums.ended += self.notices.len() as u64;
        self.notices.clear();
        // What is kept is told again, also to whom it was perhaps told.
        let again = |number, heard| heard == Heard::Surely || kept.contains(&number);
        self.told.retain(|&number, heard| again(number, *heard));
        let under_way = self.words.len() as u64;
        let Sums {
            said,
            delivered,
            refused,
            ended,
        } = self.sums;
        assert_eq!(said, delivered + refused + ended + under_way, "the sums");
    }
}

/// Two users, whoever of them is named first.
fn pair(a: &str, b: &str) -> (String, String) {
    (a.min(b).to_owned(), a.max(b).to_owned())
}
