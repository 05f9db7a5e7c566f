//! What a sender of rubbish sends.

use fastrand::Rng;

use crate::limits::{JSON_DEPTH_LEVELS, LINE_BYTES};

/// Each of them breaks another rule, or is sent out of place.
const FRAMES: [&str; 20] = [
    "hello there!",
    "#",
    "6#",
    "01#{}",
    "1234#{}",
    "0#{}",
    "4#{}",
    "12#{}",
    "999#{}",
    "6#{\"yourId\":",
    "6#[]",
    "6#{\"yourId\":\"x\",\"yourId\":\"y\",\"toId\":\"z\",\"msg\":\"\"}",
    "6#{\"yourId\":\"nobody\",\"toId\":\"nobody\",\"msg\":\"\\ud800\"}",
    "6#{\"yourId\":\"nobody\",\"toId\":\"nobody\",\"msg\":\"hi\"}",
    "3#{\"youId\":\"nobody\"}",
    "7#{\"yourId\":\"nobody\",\"toId\":\"nobody\",\"seeAgain\":\"2\"}",
    "1#{\"userId\":\"\",\"gender\":\"M\",\"findGender\":\"M\"}",
    "1#{\"userId\":\"nobody\",\"gender\":\"x\",\"findGender\":\"M\"}",
    "{\"msgType\":\"dance\",\"msg\":{}}",
    "{\"msg\":7}",
];

/// A join that looks for another of these handsets.
pub(super) fn join(me: &str, out: &mut Vec<u8>) {
    let line = format!("1#{{\"userId\":\"{me}\",\"gender\":\"M\",\"findGender\":\"M\"}}\n");
    out.extend_from_slice(line.as_bytes());
}

/// Some of it, for one step.
pub(super) fn some(me: &str, chance: &mut Rng, out: &mut Vec<u8>) {
    match chance.u32(0..100) {
        0..80 => {
            let frame = FRAMES[chance.usize(..FRAMES.len())];
            out.extend_from_slice(frame.as_bytes());
        }
        // The beginning of what comes next.
        80..85 => out.extend_from_slice(b"6#{\"yourId\":\"nob"),
        85..90 => {
            let bytes = chance.usize(1..300);
            out.extend(std::iter::repeat_with(|| chance.u8(..)).take(bytes));
        }
        90..95 => join_with_a_slip(me, chance, out),
        95..98 => {
            out.extend_from_slice(b"6#");
            out.extend(b"{\"a\":".repeat(JSON_DEPTH_LEVELS as usize + 1));
        }
        // Never ends.
        _ => out.extend(std::iter::repeat_n(b'x', LINE_BYTES + 1)),
    }
    if chance.u32(0..20) > 0 {
        out.push(b'\n');
    }
}

/// One byte is another, but none that would make it look for a woman.
fn join_with_a_slip(me: &str, chance: &mut Rng, out: &mut Vec<u8>) {
    let begin = out.len();
    join(me, out);
    out.pop();
    let at = chance.usize(begin..out.len());
    out[at] = match chance.u8(..) {
        b'F' => b'f',
        byte => byte,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_of_it_looks_for_a_woman() {
        let mut chance = Rng::with_seed(7);
        let mut all = Vec::new();
        for _ in 0..20_000 {
            some("me", &mut chance, &mut all);
        }
        assert!(memchr::memmem::find(&all, b"\"M\"").is_some());
        assert_eq!(memchr::memmem::find(&all, b"\"F\""), None);
    }
}
