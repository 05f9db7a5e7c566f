//! Handsets in the hands of people, who say whatever they like: bytes, cut
//! anywhere, at any time.

use std::time::Duration;

use super::moves::Move;
use super::rig::Rig;
use crate::engine::Room;
use crate::engine::rules::Rules;
use crate::wire::parse::parse;

const CORES: u16 = 3;
/// Few, so that lanes are often full.
const LANE_ROOM: usize = 2;
const LINE_BYTES: usize = 200;
/// Past every time-out.
const LONGEST_WAIT: u64 = 400_000;
/// See [`typed`].
const REGISTERED: &str = "u0000000000000000";
/// More would only cost time.
const PHONES: usize = 64;

/// What people do, a line each:
///
/// - `a TEXT`: the handset `a` (to `h`) says that line, and it arrives; who has
///   no connection gets one;
/// - `a+TEXT`: the same, but the line goes on;
/// - `a*`: it gets another connection, and leaves the old one as it is;
/// - `a!`: it hangs up;
/// - `.`: everything arrives; `.xyz`: three things of those that can happen do;
/// - `~N`: so many milliseconds go by;
/// - `+X Y`: the user X has blocked Y; `-X Y`: not any more; `=X`: X is to be told
///   something; `/X`: X has logged out everywhere. One user is registered:
///   `u0000000000000000`, whose token is that and `.0`, after a log-out `.1`.
///
/// # Panics
///
/// When an invariant is broken, a line to a handset is none, or something of
/// them is left after all have hung up.
pub fn typed(script: &[u8]) {
    let rules = Rules {
        max_line: LINE_BYTES,
        max_outbox: Some(2 * LINE_BYTES),
        turn_lines: 2,
        ..Rules::default()
    };
    let mut hands = Hands {
        rig: Rig::of(CORES, &rules, LANE_ROOM),
        phones: [None; 8],
    };
    hands.rig.accounts.register(REGISTERED);
    for line in script.split(|&byte| byte == b'\n') {
        hands.obey(line);
        hands.listen();
    }
    hands.leave();
}

/// See [`typed`].
struct Hands {
    rig: Rig,
    /// The connection that each handset speaks on.
    phones: [Option<usize>; 8],
}

impl Hands {
    fn obey(&mut self, line: &[u8]) {
        match *line {
            [b'.'] => self.rig.run(),
            [b'.', ref choices @ ..] => choices.iter().for_each(|&choice| self.move_on(choice)),
            [b'~', ref digits @ ..] => self.wait(digits),
            [name @ b'a'..=b'h', b'*'] => self.call(usize::from(name - b'a')),
            [name @ b'a'..=b'h', b'!'] => self.hang_up(usize::from(name - b'a')),
            [name @ b'a'..=b'h', b' ', ref text @ ..] => {
                self.say(usize::from(name - b'a'), &[text, b"\n"].concat());
            }
            [name @ b'a'..=b'h', b'+', ref text @ ..] => {
                self.say(usize::from(name - b'a'), text);
            }
            [sign @ (b'+' | b'-' | b'=' | b'/'), ref text @ ..] => {
                self.news(sign, str::from_utf8(text).unwrap_or_default());
            }
            _ => {}
        }
    }

    fn news(&mut self, sign: u8, text: &str) {
        match (sign, text.split_once(' ')) {
            (b'+' | b'-', Some((by, whom))) => self.rig.block(by, whom, sign == b'+'),
            (b'=', _) => self.rig.notify(text, r#"{"kind":"crush","text":""}"#),
            (b'/', _) => self.rig.log_out(text),
            _ => {}
        }
    }

    fn move_on(&mut self, choice: u8) {
        let moves = self.rig.moves();
        if let Some(at) = usize::from(choice).checked_rem(moves.len()) {
            self.rig.go(moves[at]);
        }
    }

    fn wait(&mut self, digits: &[u8]) {
        let text = str::from_utf8(digits).unwrap_or_default();
        let milliseconds = text.parse().unwrap_or(1_000).min(LONGEST_WAIT);
        self.rig.now = self.rig.now + Duration::from_millis(milliseconds);
        self.rig.turn();
    }

    fn call(&mut self, name: usize) {
        if self.rig.phones.len() < PHONES {
            let core = (name + self.rig.phones.len()) % usize::from(CORES);
            self.phones[name] = Some(self.rig.connect_to(core, Room::Free));
        }
    }

    /// On an open connection.
    fn phone(&mut self, name: usize) -> Option<usize> {
        let open = |rig: &Rig, phone: &usize| rig.phones[*phone].talks();
        if !self.phones[name].is_some_and(|phone| open(&self.rig, &phone)) {
            self.call(name);
        }
        self.phones[name].filter(|phone| open(&self.rig, phone))
    }

    fn say(&mut self, name: usize, bytes: &[u8]) {
        let Some(phone) = self.phone(name) else {
            return;
        };
        self.rig.write(phone, bytes);
        if self.rig.moves().contains(&Move::Hear(phone)) {
            self.rig.go(Move::Hear(phone));
        }
    }

    fn hang_up(&mut self, name: usize) {
        if let Some(phone) = self.phones[name].take() {
            self.rig.phones[phone].hung_up = true;
        }
    }

    /// Whatever a handset is told is a line of the protocol.
    fn listen(&mut self) {
        for phone in std::mem::take(&mut self.rig.rung) {
            for line in self.rig.heard(phone) {
                let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=:_-".contains(&byte);
                let framed = parse(line.as_bytes()).dialect.is_some();
                assert!(framed || line.bytes().all(is_bare), "{line:?}");
            }
        }
    }

    /// Everybody hangs up, and nothing is left of them.
    fn leave(&mut self) {
        self.rig.run();
        for &phone in &self.rig.open.clone() {
            self.rig.phones[phone].hung_up = true;
        }
        self.rig.run();
        self.listen();
        self.rig.assert_nobody();
    }
}
