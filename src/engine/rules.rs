//! The rules that an operator may change, as plain values.

use std::time::Duration;

use crate::limits;

/// What the configuration says, as far as the engine needs it. A limit that
/// is `None` is off.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Bytes of a line without its end.
    pub max_line: usize,
    /// Conversations at once.
    pub max_guys: u32,
    /// Between two jumps of a user.
    pub pass_cooldown: Duration,
    /// No jump leads to a better place than this.
    pub pass_floor: u64,
    /// Between the end of a talk and the next of the same two.
    pub rematch_pause: Duration,
    /// Without a byte from the client.
    pub idle_timeout: Option<Duration>,
    /// Without a join.
    pub join_timeout: Option<Duration>,
    /// Bytes waiting for one client.
    pub max_outbox: Option<usize>,
    /// Nothing taken of what waits.
    pub outbox_timeout: Option<Duration>,
    /// Frames a second and connection.
    pub max_rate: Option<u32>,
    /// Lines of a connection that are acted on before others have their turn.
    pub turn_lines: u32,
    /// Users remembered after they have gone, over all cores.
    pub max_remembered: usize,
    /// Every join needs a token.
    pub require_token: bool,
    /// The last lines of talks are kept for those who may report them.
    pub keep_evidence: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            max_line: limits::LINE_BYTES,
            max_guys: limits::GUYS,
            pass_cooldown: Duration::from_secs(10),
            pass_floor: 1,
            rematch_pause: Duration::from_secs(10),
            idle_timeout: Some(Duration::from_secs(300)),
            join_timeout: Some(Duration::from_secs(30)),
            max_outbox: Some(256 * 1024),
            outbox_timeout: Some(Duration::from_secs(30)),
            max_rate: Some(50),
            turn_lines: limits::TURN_LINES,
            max_remembered: 1_000_000,
            require_token: false,
            keep_evidence: false,
        }
    }
}
