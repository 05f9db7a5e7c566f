//! Numbers of a fixed width, in lower-case hexadecimal.

/// The eight digits of `number`, without a branch.
pub(super) fn eight(number: u32) -> [u8; 8] {
    let mut x = u64::from(number);
    // A half, a quarter, then an eighth of the digits to each lane.
    x = (x & 0xffff_0000) << 16 | x & 0xffff;
    x = (x & 0x0000_ff00_0000_ff00) << 8 | x & 0x0000_00ff_0000_00ff;
    x = (x & 0x00f0_00f0_00f0_00f0) << 4 | x & 0x000f_000f_000f_000f;
    let letters = (x + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    let ascii = x + 0x3030_3030_3030_3030 + letters * u64::from(b'a' - b'0' - 10);
    ascii.to_be_bytes()
}

/// The sixteen digits of `number`.
pub(super) fn sixteen(number: u64) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    let mut digits = [0; 16];
    digits[..8].copy_from_slice(&eight(u32::from_be_bytes([a, b, c, d])));
    digits[8..].copy_from_slice(&eight(u32::from_be_bytes([e, f, g, h])));
    digits
}

/// The number that `digits` stand for; `None` if they are no such digits.
pub(super) fn read(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u64::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_as_the_library_writes_them(number: u64) {
            let digits = sixteen(number);
            prop_assert_eq!(String::from_utf8(digits.to_vec()).unwrap(), format!("{number:016x}"));
            prop_assert_eq!(read(&digits), Some(number));
        }
    }

    #[test]
    fn other_bytes_are_no_digits() {
        for bad in [&b"0000000g"[..], b"0000000A", b"-0000000", b"0000 000"] {
            assert_eq!(read(bad), None);
        }
    }
}
