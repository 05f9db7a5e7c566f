//! Last words that wait for an absent user.

use std::collections::VecDeque;

use super::durable::Word;
use super::ids::Time;
use crate::limits::{WORDS_KEPT, WORDS_KEPT_FOR};

/// The words for one user, oldest first.
#[derive(Debug, Default)]
pub struct Mailbox {
    words: VecDeque<Word>,
}

impl Mailbox {
    /// Keeps a word behind the others. Gives the one that had to go for it.
    pub fn keep(&mut self, word: Word) -> Option<Word> {
        self.words.push_back(word);
        self.over()
    }

    /// Takes words back that could not be delivered: they are older than
    /// whatever came since. Gives those that had to go.
    pub fn put_back(&mut self, words: Vec<Word>) -> Vec<Word> {
        for word in words.into_iter().rev() {
            self.words.push_front(word);
        }
        std::iter::from_fn(|| self.over()).collect()
    }

    /// Takes all words out: those to deliver, and those too old for it.
    pub fn empty(self, now: Time) -> (Vec<Word>, Vec<Word>) {
        self.words
            .into_iter()
            .partition(|word| now.since(word.said) <= WORDS_KEPT_FOR)
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn over(&mut self) -> Option<Word> {
        (self.words.len() > WORDS_KEPT).then(|| self.words.pop_front())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(id: u64) -> Word {
        let text: Box<str> = format!("word {id}").into();
        Word {
            id,
            to: "b".into(),
            from: "a".into(),
            nickname: "A".into(),
            text,
            talk: 1,
            said: Time(id * 1_000_000_000),
        }
    }

    fn ids(words: &[Word]) -> Vec<u64> {
        words.iter().map(|word| word.id).collect()
    }

    #[test]
    fn the_oldest_of_more_than_a_hundred_goes() {
        let mut mailbox = Mailbox::default();
        for id in 0..100 {
            assert_eq!(mailbox.keep(word(id)), None);
        }
        assert_eq!(mailbox.keep(word(100)).map(|gone| gone.id), Some(0));
        let (words, old) = mailbox.empty(Time(0));
        assert_eq!(ids(&words), (1..=100).collect::<Vec<_>>());
        assert!(old.is_empty());
    }

    #[test]
    fn words_put_back_come_first_again() {
        let mut mailbox = Mailbox::default();
        mailbox.keep(word(3));
        assert!(mailbox.put_back(vec![word(1), word(2)]).is_empty());
        assert_eq!(ids(&mailbox.empty(Time(0)).0), [1, 2, 3]);
    }

    #[test]
    fn a_week_is_the_end_of_a_word() {
        let week = WORDS_KEPT_FOR.as_secs();
        let mut mailbox = Mailbox::default();
        mailbox.keep(word(1));
        mailbox.keep(word(2));
        let (words, old) = mailbox.empty(Time((week + 2) * 1_000_000_000));
        assert_eq!((ids(&words), ids(&old)), (vec![2], vec![1]));
    }
}
