//! Texts, looked through for listed words: all at once (Aho and Corasick,
//! "Efficient string matching", 1975), as fast with ten thousand words as with
//! one. Large and small letters of ASCII are the same.
//!
//! Deliberately absent: where the words come from, and what is said to whom.

use std::sync::Arc;

use aho_corasick::AhoCorasick;

/// What is done about a text with a listed word in it; the later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The text goes on; an operator is told.
    Flag,
    /// The word is covered up.
    Mask,
    /// The text is not taken.
    Refuse,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 3] = [Action::Flag, Action::Mask, Action::Refuse];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Action::Flag => "flag",
            Action::Mask => "mask",
            Action::Refuse => "refuse",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Action> {
        let mut all = Action::ALL.into_iter();
        all.find(|action| action.as_str() == name)
    }
}

/// The listed words. Clones are the same ones.
#[derive(Clone, Debug)]
pub struct Filter(Arc<Listed>);

#[derive(Debug)]
struct Listed {
    automaton: AhoCorasick,
    /// In the order of the automaton's patterns.
    words: Vec<(String, Action)>,
}

/// What was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It may not be taken: this word is in it.
    Refused(String),
    /// It may.
    Passed {
        /// With stars in the place of words, if there were such.
        masked: Option<String>,
        /// The first word of which an operator is to be told.
        flagged: Option<String>,
    },
}

impl Filter {
    /// Of these words; none, if there is none.
    ///
    /// # Errors
    ///
    /// There are too many of them.
    pub fn new(words: Vec<(String, Action)>) -> Result<Option<Filter>, String> {
        if words.is_empty() {
            return Ok(None);
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(words.iter().map(|(word, _)| word))
            .map_err(|error| error.to_string())?;
        Ok(Some(Filter(Arc::new(Listed { automaton, words }))))
    }

    /// What is in a text; nothing, mostly.
    #[must_use]
    pub fn look(&self, text: &str) -> Option<Found> {
        let Listed { automaton, words } = &*self.0;
        let mut masked: Option<Vec<u8>> = None;
        let mut flagged = None;
        let mut found = false;
        // Overlapping, so that no word hides another.
        for place in automaton.find_overlapping_iter(text) {
            found = true;
            let (word, action) = &words[place.pattern().as_usize()];
            match action {
                Action::Refuse => return Some(Found::Refused(word.clone())),
                Action::Mask => {
                    let covered = masked.get_or_insert_with(|| text.as_bytes().to_vec());
                    covered[place.range()].fill(COVERED);
                }
                Action::Flag => _ = flagged.get_or_insert_with(|| word.clone()),
            }
        }
        let masked = masked.map(|covered| stars(text, &covered));
        found.then_some(Found::Passed { masked, flagged })
    }
}

/// No byte of UTF-8.
const COVERED: u8 = 0xff;

/// A star for each letter that is covered.
fn stars(text: &str, covered: &[u8]) -> String {
    let letters = text.char_indices();
    letters
        .map(|(at, letter)| if covered[at] == COVERED { '*' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(words: &[(&str, Action)]) -> Filter {
        let words = words.iter();
        let words = words.map(|&(word, action)| (word.to_owned(), action));
        Filter::new(words.collect()).unwrap().unwrap()
    }

    fn passed(masked: Option<&str>, flagged: Option<&str>) -> Option<Found> {
        let [masked, flagged] = [masked, flagged].map(|text| text.map(str::to_owned));
        Some(Found::Passed { masked, flagged })
    }

    #[test]
    fn words_are_found_wherever_they_stand() {
        let filter = filter(&[
            ("fool", Action::Mask),
            ("笨蛋", Action::Mask),
            ("cash", Action::Flag),
            ("foolproof", Action::Flag),
            ("bomb", Action::Refuse),
        ]);
        let table: &[(&str, Option<Found>)] = &[
            ("", None),
            ("hello", None),
            ("foo l", None),
            ("fool", passed(Some("****"), None)),
            ("you FooL!", passed(Some("you ****!"), None)),
            ("foolfool", passed(Some("********"), None)),
            ("你是笨蛋吗", passed(Some("你是**吗"), None)),
            ("笨", None),
            (
                "no Cash, no fool",
                passed(Some("no Cash, no ****"), Some("cash")),
            ),
            ("foolproof", passed(Some("****proof"), Some("foolproof"))),
            ("a fool with a Bomb", Some(Found::Refused("bomb".into()))),
        ];
        for (text, wanted) in table {
            assert_eq!(filter.look(text), *wanted, "{text}");
        }
    }

    #[test]
    fn overlapping_words_are_all_covered() {
        let filter = filter(&[("abc", Action::Mask), ("cde", Action::Mask)]);
        assert_eq!(filter.look("xabcdex"), passed(Some("x*****x"), None));
    }

    #[test]
    fn without_words_there_is_nothing_to_look_for() {
        assert!(Filter::new(Vec::new()).unwrap().is_none());
    }

    #[test]
    fn ten_thousand_words_are_as_good_as_one() {
        let words = (0..10_000).map(|n| (format!("word{n:05}"), Action::Mask));
        let filter = Filter::new(words.collect()).unwrap().unwrap();
        let masked = "say ********* or *********";
        let found = filter.look("say word00000 or WORD09999");
        assert_eq!(found, passed(Some(masked), None));
    }
}
