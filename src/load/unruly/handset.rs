//! One handset that misbehaves, a connection after the other.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::{Provoked, rubbish};
use crate::ring::socket;

/// What is read in a step at most.
const GULP_BYTES: usize = 64 * 1024;
/// What a slow reader says to its partner in a step.
const SPEECH_BYTES: usize = 16 * 1024;
/// A life is over by then, if the server does not end it.
const LIFE: Duration = Duration::from_secs(8);

/// How it misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Floods its partner, and reads little of what the partner says, or
    /// nothing.
    Slow,
    /// Sends what makes no sense, and reads all that is said of it.
    Rubbish,
}

/// See the module.
pub(super) struct Handset {
    habit: Habit,
    name: String,
    target: SocketAddr,
    chance: Rng,
    life: Option<Life>,
}

/// From connecting to hanging up.
struct Life {
    stream: TcpStream,
    ends: Instant,
    /// What a slow reader takes in a step once it has a partner.
    appetite: usize,
    partner: Option<String>,
    queued: Vec<u8>,
    /// The beginning of a line.
    heard: Vec<u8>,
}

impl Handset {
    pub(super) fn new(habit: Habit, seed: u32, number: u32, target: SocketAddr) -> Handset {
        Handset {
            habit,
            name: format!("unruly-{seed:08x}-{number}"),
            target,
            chance: Rng::with_seed(u64::from(seed) << 32 | u64::from(number)),
            life: None,
        }
    }

    /// Says something, hears something; fails only where it cannot connect.
    pub(super) fn step(&mut self, now: Instant, told: &mut Provoked) -> io::Result<()> {
        let Some(life) = &mut self.life else {
            self.life = Some(self.begin(now)?);
            told.connections += 1;
            return Ok(());
        };
        if life.queued.is_empty() {
            match (self.habit, &life.partner) {
                (Habit::Slow, Some(partner)) => speech(&self.name, partner, &mut life.queued),
                (Habit::Slow, None) => {}
                (Habit::Rubbish, _) => {
                    rubbish::some(&self.name, &mut self.chance, &mut life.queued);
                }
            }
        }
        if !life.is_on(self.habit, told) {
            told.hung_up += 1;
            self.life = None;
        } else if now >= life.ends {
            if self.chance.bool() {
                socket::set_abort_on_close(life.stream.as_fd())?;
            }
            self.life = None;
        }
        Ok(())
    }

    fn begin(&mut self, now: Instant) -> io::Result<Life> {
        let stream = TcpStream::connect(self.target)?;
        stream.set_nonblocking(true)?;
        let mut queued = Vec::new();
        if self.habit == Habit::Slow {
            rubbish::join(&self.name, &mut queued);
        }
        // Half of them read nothing.
        let hungry = usize::from(self.chance.bool());
        Ok(Life {
            stream,
            ends: now + LIFE.mul_f64(self.chance.f64()),
            appetite: hungry * self.chance.usize(1..SPEECH_BYTES / 2),
            partner: None,
            queued,
            heard: Vec::new(),
        })
    }
}

/// Lines for the partner.
fn speech(me: &str, partner: &str, out: &mut Vec<u8>) {
    let words = "blah ".repeat(200);
    let line = format!("6#{{\"yourId\":\"{me}\",\"toId\":\"{partner}\",\"msg\":\"{words}\"}}\n");
    while out.len() < SPEECH_BYTES {
        out.extend_from_slice(line.as_bytes());
    }
}

impl Life {
    /// Moves what can be moved; false if the server has hung up.
    fn is_on(&mut self, habit: Habit, told: &mut Provoked) -> bool {
        match self.stream.write(&self.queued) {
            Ok(bytes) => {
                self.queued.drain(..bytes);
                told.sent_bytes += bytes as u64;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
        let most = match (habit, &self.partner) {
            (Habit::Slow, Some(_)) => self.appetite,
            _ => GULP_BYTES,
        };
        if most == 0 {
            return true;
        }
        let mut bytes = vec![0; most];
        match self.stream.read(&mut bytes) {
            Ok(0) => false,
            Ok(read) => {
                self.hear(&bytes[..read], told);
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }

    fn hear(&mut self, bytes: &[u8], told: &mut Provoked) {
        self.heard.extend_from_slice(bytes);
        while let Some(end) = memchr::memchr(b'\n', &self.heard) {
            let line: Vec<u8> = self.heard.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            if let Some(slug) = error(&line) {
                *told.errors.entry(slug.to_owned()).or_default() += 1;
            } else if let Some(partner) = line.strip_prefix("5#") {
                self.partner = value(partner, "toId").map(str::to_owned);
            }
        }
    }
}

/// The slug, if the line is an error in either dialect.
fn error(line: &str) -> Option<&str> {
    let is_one = line.starts_with("0#") || line.starts_with(r#"{"msgType":"error""#);
    is_one.then(|| value(line, "error"))?
}

/// The text of a key that is there once, and that needs no escapes.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!("\"{key}\":\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read_in_both_dialects() {
        let table = [
            (r#"0#{"error":"bad_json","msgType":6}"#, Some("bad_json")),
            (
                r#"{"msgType":"error","msg":{"error":"bad_field","msgType":1}}"#,
                Some("bad_field"),
            ),
            (r#"6#{"msg":"0#","error":"mine"}"#, None),
            ("0#", None),
        ];
        for (line, slug) in table {
            assert_eq!(error(line), slug, "{line}");
        }
    }
}
