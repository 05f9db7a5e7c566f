//! Five numbers of 39, as the lottery has them.

use std::fmt;
use std::str::FromStr;

/// How many are drawn.
const COUNT: usize = 5;
/// The highest there is; the lowest is 1.
const HIGHEST: u8 = 39;

/// Five different numbers of 1 to 39, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers([u8; COUNT]);

/// Why they are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("five different numbers of 1 to 39, such as 3,9,17,24,38")]
pub struct NoNumbers;

impl Numbers {
    /// In whichever order they come.
    pub fn new(numbers: &[u64]) -> Result<Numbers, NoNumbers> {
        let mut sorted = [0; COUNT];
        if numbers.len() != COUNT {
            return Err(NoNumbers);
        }
        for (place, &number) in sorted.iter_mut().zip(numbers) {
            let number = u8::try_from(number).ok();
            let one_of_them = number.filter(|number| (1..=HIGHEST).contains(number));
            *place = one_of_them.ok_or(NoNumbers)?;
        }
        sorted.sort_unstable();
        if sorted.windows(2).any(|two| two[0] == two[1]) {
            return Err(NoNumbers);
        }
        Ok(Numbers(sorted))
    }

    /// Two digits each, ascending, one after the other.
    #[must_use]
    pub fn joined(self) -> String {
        self.0.iter().map(|number| format!("{number:02}")).collect()
    }

    /// The same as one decimal number.
    #[must_use]
    pub fn as_one(self) -> u64 {
        let digits = self.0.iter();
        digits.fold(0, |one, &number| one * 100 + u64::from(number))
    }

    /// As they are written to people and machines.
    #[must_use]
    pub fn to_array(self) -> [u8; COUNT] {
        self.0
    }

    /// Everything that can be drawn: 575,757 outcomes.
    pub fn all() -> impl Iterator<Item = Numbers> {
        let after = |last: u8| last + 1..=HIGHEST;
        (1..=HIGHEST).flat_map(move |a| {
            after(a).flat_map(move |b| {
                after(b).flat_map(move |c| {
                    after(c).flat_map(move |d| after(d).map(move |e| Numbers([a, b, c, d, e])))
                })
            })
        })
    }
}

/// `3,9,17,24,38`
impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, rest @ ..] = self.0;
        write!(f, "{first}")?;
        rest.iter().try_for_each(|number| write!(f, ",{number}"))
    }
}

/// The same, in any order.
impl FromStr for Numbers {
    type Err = NoNumbers;

    fn from_str(text: &str) -> Result<Numbers, NoNumbers> {
        let numbers = text.split(',').map(|number| number.trim().parse());
        let numbers: Result<Vec<u64>, _> = numbers.collect();
        Numbers::new(&numbers.map_err(|_| NoNumbers)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_five_different_ones_of_39() {
        let table: [(&[u64], bool); 11] = [
            (&[1, 12, 23, 34, 39], true),
            (&[39, 34, 23, 12, 1], true),
            (&[1, 2, 3, 4, 5], true),
            (&[1, 2, 3, 4], false),
            (&[1, 2, 3, 4, 5, 6], false),
            (&[], false),
            (&[0, 2, 3, 4, 5], false),
            (&[1, 2, 3, 4, 40], false),
            (&[1, 2, 3, 4, 257], false),
            (&[1, 2, 3, 4, u64::MAX], false),
            (&[1, 2, 3, 4, 4], false),
        ];
        for (numbers, good) in table {
            assert_eq!(Numbers::new(numbers).is_ok(), good, "{numbers:?}");
        }
    }

    #[test]
    fn they_are_joined_in_ascending_order() {
        let numbers: Numbers = "39, 1,23,12,34".parse().unwrap();
        assert_eq!(numbers.joined(), "0112233439");
        assert_eq!(numbers.as_one(), 112_233_439);
        assert_eq!(numbers.to_string(), "1,12,23,34,39");
        assert_eq!(numbers.to_string().parse(), Ok(numbers));
        for bad in [
            "",
            "1,2,3,4",
            "1,2,3,4,x",
            "1,2,3,4,5,",
            "1;2;3;4;5",
            "-1,2,3,4,5",
        ] {
            assert_eq!(bad.parse::<Numbers>(), Err(NoNumbers), "{bad}");
        }
    }

    #[test]
    fn there_are_so_many_and_each_is_one() {
        let mut count = 0;
        let mut last = 0;
        for numbers in Numbers::all() {
            let again = Numbers::new(&numbers.to_array().map(u64::from));
            assert_eq!(again, Ok(numbers));
            assert!(numbers.as_one() > last);
            assert_eq!(numbers.joined().parse(), Ok(numbers.as_one()));
            last = numbers.as_one();
            count += 1;
        }
        assert_eq!(count, 575_757);
    }
}
