//! What arrives: expected lines at once, everything else as the peer's dialect
//! reads it.

use super::user::State;
use super::{Phase, Worker};
use crate::load::name::Name;
use crate::load::order::Place;
use crate::load::peer::{Cut, Heard};
use crate::load::tally::Check;

impl Worker {
    pub(super) fn hear(&mut self, slot: u32, mut bytes: &[u8]) -> Result<(), String> {
        if !self.users[slot as usize].kept.is_empty() {
            let mut kept = std::mem::take(&mut self.users[slot as usize].kept);
            // Only as much as the expected line lacks, so that the rest can be
            // read where it lies.
            let lacks = self.users[slot as usize].hear.len();
            let lacks = lacks.saturating_sub(kept.len()).clamp(1, bytes.len());
            kept.extend_from_slice(&bytes[..lacks]);
            bytes = &bytes[lacks..];
            let mut eaten = self.eat(slot, &kept)?;
            if eaten < kept.len() {
                kept.extend_from_slice(bytes);
                bytes = &[];
                eaten += self.eat(slot, &kept[eaten..])?;
            }
            kept.drain(..eaten);
            self.users[slot as usize].kept = kept;
        }
        let eaten = self.eat(slot, bytes)?;
        self.users[slot as usize]
            .kept
            .extend_from_slice(&bytes[eaten..]);
        Ok(())
    }

    /// Takes in whole frames; how many bytes they were.
    fn eat(&mut self, slot: u32, bytes: &[u8]) -> Result<usize, String> {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let user = &mut self.users[slot as usize];
            if user.hear.matches(rest, user.heard.next, &mut self.memo) {
                at += user.hear.len();
                user.heard.next += 1;
                self.heard_line(slot, self.memo.time());
                continue;
            }
            match self.plan.peer.cut(rest) {
                Cut::Whole(length) => {
                    at += length;
                    self.frame(slot, &rest[..length])?;
                    if self.users[slot as usize].state == State::Leaving {
                        // What else was said to it is nobody's any more.
                        at = bytes.len();
                    }
                }
                Cut::Part => break,
                Cut::Broken => {
                    self.fail(slot, Check::Unexpected, "what is no frame");
                    at = bytes.len();
                }
            }
        }
        Ok(at)
    }

    fn heard_line(&mut self, slot: u32, time: u64) {
        self.finish.heard += 1;
        // What was due while measuring and comes late must not be left out.
        self.beat.latency.record(self.now.saturating_sub(time));
        self.beat.lines += u64::from(self.phase == Phase::Running);
        if self.answering {
            let stamp = self.stamp;
            self.say(slot, &stamp);
        }
    }

    fn frame(&mut self, slot: u32, frame: &[u8]) -> Result<(), String> {
        match self.plan.peer.read(frame) {
            Heard::Line { from, to } => self.odd_line(slot, frame, from, to),
            Heard::Ready if self.users[slot as usize].state == State::Asking => {
                self.stand_ready(slot);
            }
            Heard::Waiting => return self.waits(slot, frame),
            Heard::Begin { partner, talk } => return self.begins(slot, &partner, &talk),
            Heard::End { from, to, text } => return self.ends(slot, &from, &to, &text),
            Heard::Error(slug) => {
                self.beat.errors += 1;
                *self.finish.errors.entry(slug).or_default() += 1;
            }
            Heard::Pulse if self.users[slot as usize].pulses > 0 => {
                self.users[slot as usize].pulses -= 1;
            }
            Heard::Ping(answer) => self.links.out(slot).extend_from_slice(answer),
            Heard::Nothing => {}
            Heard::Ready | Heard::Pulse | Heard::Strange => {
                self.unexpected(slot, frame);
            }
        }
        Ok(())
    }

    /// A line that is not the next one, or not as it was sent.
    fn odd_line(&mut self, slot: u32, frame: &[u8], from: Option<Name>, to: Option<Name>) {
        let user = &mut self.users[slot as usize];
        let intact = user.hear.stamp_of(frame).filter(|stamp| {
            let mut memo = self.memo;
            frame.len() == user.hear.len() && user.hear.matches(frame, stamp.seq, &mut memo)
        });
        let Some(stamp) = intact else {
            let expected = (user.partner, Some(user.name));
            let known = |name: Option<Name>| name.is_some_and(|name| name.seed == self.plan.seed);
            let misrouted = known(from) && known(to) && (from, to) != expected;
            let check = if misrouted {
                Check::Misrouted
            } else {
                Check::Corrupted
            };
            let came = String::from_utf8_lossy(frame).into_owned();
            return self.fail(slot, check, came.trim_end());
        };
        let next = user.heard.next;
        let place = user.heard.take(stamp.seq);
        let came = format!("line {}", stamp.seq);
        match place {
            Place::Next | Place::Early => {}
            Place::Late => self.fail_line(slot, Check::Reordered, &came, next),
            Place::Again => self.fail_line(slot, Check::Repeated, &came, next),
            Place::Nonsense => self.fail_line(slot, Check::Corrupted, &came, next),
        }
        if matches!(place, Place::Next | Place::Early | Place::Late) {
            self.heard_line(slot, stamp.time);
        }
    }

    fn fail_line(&mut self, slot: u32, check: Check, came: &str, next: u64) {
        self.fail(slot, check, &format!("{came}, when line {next} was next"));
    }

    pub(super) fn unexpected(&mut self, slot: u32, frame: &[u8]) {
        let came = String::from_utf8_lossy(frame).into_owned();
        self.fail(slot, Check::Unexpected, came.trim_end());
    }

    /// Notes a failed check: who it is about, what was expected, what came.
    pub(super) fn fail(&mut self, slot: u32, check: Check, came: &str) {
        const SHOWN: usize = 300;
        self.beat.errors += 1;
        let user = &self.users[slot as usize];
        let next = user.heard.next;
        let came: String = came.chars().take(SHOWN).collect();
        self.finish.fail(check, || {
            let partner = user
                .partner
                .map_or("nobody".to_owned(), |name| name.to_string());
            format!(
                "pair {} and {partner}: {} is {:?} and expected line {next} from {partner}; what came is {came}",
                user.name, user.name, user.state
            )
        });
    }
}
