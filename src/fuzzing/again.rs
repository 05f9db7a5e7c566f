//! A line means the same whatever was said before it.

use super::lines;
use crate::wire::again::parse_again;
use crate::wire::parse::parse;

/// Each line of the input comes from the same handset.
pub fn again(data: &[u8]) {
    let mut last = None;
    for line in lines(data) {
        let (again, alone) = (parse_again(&mut last, line), parse(line));
        assert_eq!(again, alone, "{:?}", String::from_utf8_lossy(line));
    }
}
