//! From five numbers to a winner.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{Numbers, TicketsHash};

/// How the numbers choose among the tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The joined numbers, as one decimal number, divided by how many tickets
    /// there are: the rest, plus 1. Uneven: see [`winnable`](Rule::winnable).
    Concat,
    /// The same with the SHA-256 of the joined numbers, a colon and the list's
    /// hash: as good as even.
    Sha256,
}

impl Rule {
    /// As the wire has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Rule::Concat => "concat",
            Rule::Sha256 => "sha256",
        }
    }

    /// The number of the ticket that wins, of `count`.
    #[must_use]
    pub fn winner(self, numbers: Numbers, count: NonZeroU32, list: TicketsHash) -> u32 {
        let rest = match self {
            Rule::Concat => numbers.as_one() % u64::from(count.get()),
            Rule::Sha256 => {
                let digest = Sha256::digest(format!("{}:{list}", numbers.joined()));
                rest(&digest, count)
            }
        };
        u32::try_from(rest).expect("a rest is less than what was divided by") + 1
    }

    /// How many of `count` tickets can win by [`Rule::Concat`]: those that any
    /// of all outcomes chooses.
    #[must_use]
    pub fn winnable(count: NonZeroU32) -> u32 {
        let count = u64::from(count.get());
        let mut chosen = vec![false; usize::try_from(count).expect("32 bits fit")];
        let mut winnable = 0;
        for numbers in Numbers::all() {
            let rest = usize::try_from(numbers.as_one() % count).expect("it is less");
            winnable += u32::from(!std::mem::replace(&mut chosen[rest], true));
        }
        winnable
    }
}

/// A big-endian number's rest.
fn rest(bytes: &[u8], divisor: NonZeroU32) -> u64 {
    bytes.iter().fold(0, |rest, &byte| {
        (rest << 8 | u64::from(byte)) % u64::from(divisor.get())
    })
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Rule {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Rule, &'static str> {
        let all = [Rule::Concat, Rule::Sha256];
        let named = all.into_iter().find(|rule| rule.as_str() == text);
        named.ok_or("concat or sha256")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EMPTY: TicketsHash = TicketsHash([0; 32]);

    fn tickets(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn the_documents_example_comes_out() {
        let numbers = "1,12,23,34,39".parse().unwrap();
        assert_eq!(Rule::Concat.winner(numbers, tickets(3000), EMPTY), 440);
        assert_eq!(Rule::Concat.winner(numbers, tickets(1), EMPTY), 1);
    }

    /// Worked out by another program.
    #[test]
    fn the_even_rule_is_the_digest_as_a_number() {
        let numbers = "1,12,23,34,39".parse().unwrap();
        let list = TicketsHash([0xab; 32]);
        for (count, winner) in [(3000, 1508), (u32::MAX, 2_844_698_798), (7, 2), (1, 1)] {
            assert_eq!(Rule::Sha256.winner(numbers, tickets(count), list), winner);
        }
    }

    #[test]
    fn of_three_thousand_three_in_ten_can_win() {
        let winnable = Rule::winnable(tickets(3000));
        let share = f64::from(winnable) / 3000.0;
        assert_eq!(format!("{share:.4}"), "0.2983");
        assert_eq!(Rule::winnable(tickets(1)), 1);
        assert_eq!(Rule::winnable(tickets(39)), 39);
    }

    #[test]
    fn rules_have_names() {
        for rule in [Rule::Concat, Rule::Sha256] {
            assert_eq!(rule.to_string().parse(), Ok(rule));
        }
        assert!("Concat".parse::<Rule>().is_err());
        assert!("".parse::<Rule>().is_err());
    }

    fn any_numbers() -> impl Strategy<Value = Numbers> {
        let all: Vec<u64> = (1..=39).collect();
        prop::sample::subsequence(all, 5).prop_map(|five| Numbers::new(&five).unwrap())
    }

    proptest! {
        #[test]
        fn the_winner_is_one_of_the_tickets(
            numbers in any_numbers(),
            count in 1..=u32::MAX,
            list in any::<[u8; 32]>(),
        ) {
            let list = TicketsHash(list);
            for rule in [Rule::Concat, Rule::Sha256] {
                let winner = rule.winner(numbers, tickets(count), list);
                prop_assert!((1..=count).contains(&winner));
            }
            // As one divides by hand.
            let concat: u64 = numbers.joined().parse().unwrap();
            let winner = Rule::Concat.winner(numbers, tickets(count), list);
            prop_assert_eq!(u64::from(winner), concat % u64::from(count) + 1);
        }

        #[test]
        fn a_rest_is_that_of_the_whole_number(bytes in any::<[u8; 16]>(), count in 1..=u32::MAX) {
            let whole = u128::from_be_bytes(bytes) % u128::from(count);
            prop_assert_eq!(u128::from(rest(&bytes, tickets(count))), whole);
        }

    }

    proptest! {
        // Each goes through half a million outcomes.
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn what_is_winnable_is_what_wins(count in 1..5000u32) {
            let mut winners: Vec<_> = Numbers::all()
                .map(|numbers| Rule::Concat.winner(numbers, tickets(count), EMPTY))
                .collect();
            winners.sort_unstable();
            winners.dedup();
            prop_assert_eq!(winners.len(), Rule::winnable(tickets(count)) as usize);
        }
    }
}
