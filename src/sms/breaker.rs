//! Leaves a gateway alone that has failed too often, so that people do not wait
//! for it one after the other.
//!
//! Closed, it lets everything through and counts failures in a row. Open, it
//! lets nothing through until its time is up; then one code may try, and what
//! becomes of that one decides. Time comes from outside.

use std::time::Instant;

use super::SendError;
use crate::limits::{SMS_FAILURES, SMS_LEFT_ALONE_FOR};

/// One gateway's.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: State,
    /// In a row.
    failures: u32,
    /// Of the last failure: was there no connection?
    unreachable: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    OpenUntil(Instant),
    /// One code is trying.
    Trying,
}

/// What an outcome did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It stays as it was.
    None,
    /// The gateway is left alone from now on.
    Opened,
    /// The gateway works again.
    Closed,
}

impl Breaker {
    /// May a code go to the gateway? If so, what became of it must be
    /// [told](Self::settle), or that it was [given up](Self::given_up).
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), SendError> {
        match self.state {
            State::Closed => Ok(()),
            State::OpenUntil(end) if end <= now => {
                self.state = State::Trying;
                Ok(())
            }
            State::OpenUntil(_) | State::Trying => Err(self.shut()),
        }
    }

    /// What became of a code. One that was refused was dealt with: otherwise
    /// bad numbers would shut a good gateway.
    pub(super) fn settle(&mut self, now: Instant, outcome: &Result<(), SendError>) -> Turn {
        match outcome {
            Ok(()) | Err(SendError::Refused(_)) => self.worked(),
            Err(error) => {
                self.unreachable = matches!(error, SendError::Unreachable(_));
                self.failed(now)
            }
        }
    }

    /// Nobody waited for what would become of a code.
    pub(super) fn given_up(&mut self, now: Instant) {
        if self.state == State::Trying {
            self.state = State::OpenUntil(now);
        }
    }

    fn worked(&mut self) -> Turn {
        let was = std::mem::take(self);
        if was.state == State::Closed {
            Turn::None
        } else {
            Turn::Closed
        }
    }

    fn failed(&mut self, now: Instant) -> Turn {
        self.failures = self.failures.saturating_add(1);
        match self.state {
            State::Closed if self.failures < SMS_FAILURES => Turn::None,
            // It was asked before it was shut.
            State::OpenUntil(_) => Turn::None,
            State::Closed | State::Trying => {
                self.state = State::OpenUntil(now + SMS_LEFT_ALONE_FOR);
                Turn::Opened
            }
        }
    }

    fn shut(&self) -> SendError {
        let why = "it is left alone for a while".to_owned();
        if self.unreachable {
            SendError::Unreachable(why)
        } else {
            SendError::Failed(why)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn failed() -> Result<(), SendError> {
        Err(SendError::Failed("status 500".into()))
    }

    fn unreachable() -> Result<(), SendError> {
        Err(SendError::Unreachable("refused".into()))
    }

    /// Fails as often as it takes.
    fn opened(now: Instant, outcome: &Result<(), SendError>) -> Breaker {
        let mut breaker = Breaker::default();
        for n in 1..=SMS_FAILURES {
            assert_eq!(breaker.admit(now), Ok(()));
            let turn = breaker.settle(now, outcome);
            assert_eq!(turn == Turn::Opened, n == SMS_FAILURES);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            for _ in 1..SMS_FAILURES {
                assert_eq!(breaker.settle(now, &failed()), Turn::None);
            }
            assert_eq!(breaker.settle(now, &Ok(())), Turn::None);
        }
        let refused = Err(SendError::Refused("21211".into()));
        for _ in 0..2 * SMS_FAILURES {
            assert_eq!(breaker.settle(now, &refused), Turn::None);
        }
        assert_eq!(breaker.admit(now), Ok(()));
    }

    #[test]
    fn one_code_tries_when_the_time_is_up() {
        let now = Instant::now();
        let mut breaker = opened(now, &failed());
        let almost = now + SMS_LEFT_ALONE_FOR - Duration::from_millis(1);
        assert!(matches!(breaker.admit(almost), Err(SendError::Failed(_))));
        let later = now + SMS_LEFT_ALONE_FOR;
        assert_eq!(breaker.admit(later), Ok(()));
        assert!(breaker.admit(later).is_err());
        assert_eq!(breaker.settle(later, &failed()), Turn::Opened);
        assert!(breaker.admit(later).is_err());
        let much_later = later + SMS_LEFT_ALONE_FOR;
        assert_eq!(breaker.admit(much_later), Ok(()));
        assert_eq!(breaker.settle(much_later, &Ok(())), Turn::Closed);
        assert_eq!(breaker.admit(much_later), Ok(()));
        assert_eq!(breaker.admit(much_later), Ok(()));
        // Counting begins anew.
        assert_eq!(breaker.settle(much_later, &failed()), Turn::None);
    }

    #[test]
    fn a_code_given_up_lets_the_next_one_try() {
        let now = Instant::now();
        let mut breaker = opened(now, &failed());
        breaker.given_up(now);
        assert!(breaker.admit(now).is_err());
        let later = now + SMS_LEFT_ALONE_FOR;
        assert_eq!(breaker.admit(later), Ok(()));
        breaker.given_up(later);
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.settle(later, &Ok(())), Turn::Closed);
        breaker.given_up(later);
        assert_eq!(breaker.admit(later), Ok(()));
    }

    #[test]
    fn only_one_that_cannot_be_reached_leaves_the_code_to_another() {
        let now = Instant::now();
        let mut breaker = opened(now, &unreachable());
        assert!(matches!(breaker.admit(now), Err(SendError::Unreachable(_))));
        // Those who were under way when it opened have the last word.
        assert_eq!(breaker.settle(now, &failed()), Turn::None);
        assert!(matches!(breaker.admit(now), Err(SendError::Failed(_))));
        assert_eq!(breaker.settle(now, &Ok(())), Turn::Closed);
    }
}
