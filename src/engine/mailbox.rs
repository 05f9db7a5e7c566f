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
    /// Keeps a word behind all that were not said later; one that comes back
    /// from a broken connection may be older than some. Gives the one that had
    /// to go for it.
    pub fn keep(&mut self, word: Word) -> Option<Word> {
        let at = self.words.partition_point(|kept| kept.said <= word.said);
        self.words.insert(at, word);
        self.over()
    }

    /// Takes words back that could not be delivered: they come before what was
    /// said at the same time. Gives those that had to go.
    pub fn put_back(&mut self, words: Vec<Word>) -> Vec<Word> {
        for word in words.into_iter().rev() {
            let at = self.words.partition_point(|kept| kept.said < word.said);
            self.words.insert(at, word);
        }
        std::iter::from_fn(|| self.over()).collect()
    }

    /// Takes all words out: those to deliver, and those too old for it.
    pub fn empty(self, now: Time) -> (Vec<Word>, Vec<Word>) {
        self.words
            .into_iter()
            .partition(|word| now.since(word.said) <= WORDS_KEPT_FOR)
    }

    /// Takes out one that need not be kept after all.
    pub fn remove(&mut self, word: u64) {
        self.words.retain(|kept| kept.id != word);
    }

    /// Takes out those that are too old.
    pub fn take_old(&mut self, now: Time) -> Vec<Word> {
        let old = |word: &Word| now.since(word.said) > WORDS_KEPT_FOR;
        let count = self.words.iter().take_while(|word| old(word)).count();
        self.words.drain(..count).collect()
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
    fn words_that_come_back_late_stand_where_they_were_said() {
        let mut mailbox = Mailbox::default();
        for id in [4, 2, 3] {
            assert_eq!(mailbox.keep(word(id)), None);
        }
        let twin = |id| Word { id, ..word(2) };
        mailbox.keep(twin(20));
        assert!(mailbox.put_back(vec![twin(21), twin(22)]).is_empty());
        assert_eq!(ids(&mailbox.empty(Time(0)).0), [21, 22, 2, 20, 3, 4]);
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
