//! A peer, and its connection to a core.

use std::collections::VecDeque;

use crate::engine::ids::LinkId;

/// A peer, at whichever core its connection is.
#[derive(Debug, Default)]
pub(super) struct Phone {
    /// Every line that has arrived, whole.
    pub(super) lines: VecDeque<String>,
    /// Said, but not received yet.
    pub(super) saying: VecDeque<u8>,
    /// The phone has closed its end.
    pub(super) hung_up: bool,
    /// The server has closed.
    pub(super) closed: bool,
    /// What arrives now was on its way when the server closed.
    pub(super) flushed: bool,
    pub(super) at: Option<(usize, LinkId)>,
    pub(super) end_told: bool,
    /// Of a line that has not ended yet.
    pub(super) half: Vec<u8>,
}

/// What the network layer keeps of a connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) phone: usize,
    pub(super) detaching: bool,
    pub(super) hushed: bool,
    /// Sent, but not taken by the system.
    pub(super) untaken: Vec<u8>,
}

impl Phone {
    /// Is it connected, to a core or on its way to one?
    #[cfg(test)]
    pub(super) fn is_open(&self) -> bool {
        !self.closed
    }

    /// Will it say anything more?
    pub(super) fn talks(&self) -> bool {
        !self.closed && !self.hung_up
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.half.extend_from_slice(bytes);
        let Some(last) = self.half.iter().rposition(|&byte| byte == b'\n') else {
            return;
        };
        let whole: Vec<u8> = self.half.drain(..=last).collect();
        let whole = String::from_utf8(whole).expect("the server writes UTF-8");
        self.lines.extend(whole.lines().map(str::to_owned));
    }
}

impl Connection {
    pub(super) fn new(phone: usize) -> Self {
        Connection {
            phone,
            detaching: false,
            hushed: false,
            untaken: Vec::new(),
        }
    }
}
