//! How many codes may go out in a day: in all, and to one block of numbers.
//!
//! Blocks are what those rent who are paid for codes that are sent to them. It
//! is counted in memory, so that a restart begins anew. What day it is comes
//! from outside.

use hashbrown::HashMap;
use jiff::civil::Date;

use crate::limits::{SMS_BLOCK_DIGITS, SMS_BLOCKS};

/// What is left of a day.
#[derive(Debug)]
pub(super) struct Allowance {
    most: Option<u32>,
    most_of_block: Option<u32>,
    day: Date,
    sent: u32,
    /// By the digits that its numbers share.
    of_block: HashMap<u64, u32>,
}

impl Allowance {
    pub(super) fn new(most: Option<u32>, most_of_block: Option<u32>) -> Self {
        Self {
            most,
            most_of_block,
            day: Date::ZERO,
            sent: 0,
            of_block: HashMap::new(),
        }
    }

    /// Counts a code to this number, if there may be one more.
    pub(super) fn take(&mut self, today: Date, number: &str) -> bool {
        if today != self.day {
            *self = Self::new(self.most, self.most_of_block);
            self.day = today;
        }
        if self.most.is_some_and(|most| self.sent >= most) {
            return false;
        }
        if let Some(most) = self.most_of_block {
            let block = block(number);
            if self.of_block.len() >= SMS_BLOCKS && !self.of_block.contains_key(&block) {
                return false;
            }
            let sent = self.of_block.entry(block).or_default();
            if *sent >= most {
                return false;
            }
            *sent += 1;
        }
        self.sent = self.sent.saturating_add(1);
        true
    }

    /// A code that was counted on that day was not sent.
    pub(super) fn give_back(&mut self, day: Date, number: &str) {
        if day != self.day {
            return;
        }
        self.sent = self.sent.saturating_sub(1);
        if let Some(sent) = self.of_block.get_mut(&block(number)) {
            *sent = sent.saturating_sub(1);
        }
    }
}

/// The digits of a number but the last ones. No two numbers of a different
/// length share a block: both begin with their country.
fn block(number: &str) -> u64 {
    let digits = number.bytes().filter(u8::is_ascii_digit);
    let whole = digits.fold(0u64, |whole, digit| {
        whole.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
    });
    whole / 10u64.pow(SMS_BLOCK_DIGITS)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 28);
    const TOMORROW: Date = date(2026, 11, 29);

    #[test]
    fn a_day_has_an_end() {
        let mut allowance = Allowance::new(Some(2), None);
        assert!(allowance.take(TODAY, "+8618612344931"));
        assert!(allowance.take(TODAY, "+8618612344931"));
        assert!(!allowance.take(TODAY, "+85261234567"));
        assert!(allowance.take(TOMORROW, "+85261234567"));
    }

    #[test]
    fn a_block_shares_all_but_four_digits() {
        let mut allowance = Allowance::new(None, Some(2));
        assert!(allowance.take(TODAY, "+8618612340000"));
        assert!(allowance.take(TODAY, "+8618612349999"));
        assert!(!allowance.take(TODAY, "+8618612345555"));
        for other in ["+8618612350000", "+861861234000", "+186123400"] {
            assert!(allowance.take(TODAY, other), "{other}");
        }
        assert!(allowance.take(TOMORROW, "+8618612345555"));
    }

    #[test]
    fn what_one_limit_refuses_does_not_count_for_the_other() {
        let mut allowance = Allowance::new(Some(3), Some(1));
        assert!(allowance.take(TODAY, "+8618612340000"));
        assert!(!allowance.take(TODAY, "+8618612340000"));
        assert!(allowance.take(TODAY, "+8618612350000"));
        assert!(allowance.take(TODAY, "+8618612360000"));
        assert!(!allowance.take(TODAY, "+8618612370000"));
        // Only the first refused.
        allowance.give_back(TODAY, "+8618612360000");
        assert!(allowance.take(TODAY, "+8618612370000"));
    }

    #[test]
    fn what_was_not_sent_is_given_back() {
        let mut allowance = Allowance::new(Some(1), Some(1));
        assert!(allowance.take(TODAY, "+8618612340000"));
        allowance.give_back(TODAY, "+8618612340000");
        assert!(allowance.take(TODAY, "+8618612340000"));
        // Yesterday's is not today's.
        assert!(allowance.take(TOMORROW, "+8618612340000"));
        allowance.give_back(TODAY, "+8618612340000");
        assert!(!allowance.take(TOMORROW, "+8618612340000"));
    }

    #[test]
    fn without_limits_nothing_is_kept() {
        let mut allowance = Allowance::new(None, None);
        assert!((0..1000).all(|n| allowance.take(TODAY, &format!("+861861234{n:04}"))));
        assert!(allowance.of_block.is_empty());
    }
}
