//! How the process ends when it does not end well: an exit code and a message.

use std::fmt;
use std::process::ExitCode;

/// The exit codes that operators and scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// Whatever has no code of its own.
    Other = 1,
    /// The command line does not make sense.
    Usage = 2,
    /// The system refused something: a port, a file, a ring.
    System = 71,
    /// An unknown key or a bad value.
    Config = 78,
}

/// Why the process cannot go on. The message is for people and may have
/// several lines, one for each thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What the process exits with.
    pub code: Code,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl Failure {
    /// The command line does not make sense.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(Code::Usage, message)
    }

    /// The system refused something.
    pub fn system(message: impl fmt::Display) -> Self {
        Self::new(Code::System, message)
    }

    /// An unknown key or a bad value.
    pub fn config(message: impl fmt::Display) -> Self {
        Self::new(Code::Config, message)
    }

    /// Anything else.
    pub fn other(message: impl fmt::Display) -> Self {
        Self::new(Code::Other, message)
    }

    fn new(code: Code, message: impl fmt::Display) -> Self {
        Self {
            code,
            message: message.to_string(),
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        ExitCode::from(code as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_constructor_has_its_code() {
        let codes = [
            (Failure::other("x"), 1),
            (Failure::usage("x"), 2),
            (Failure::system("x"), 71),
            (Failure::config("x"), 78),
        ];
        for (failure, code) in codes {
            assert_eq!(failure.code as u8, code);
            assert_eq!(failure.to_string(), "x");
        }
        assert_eq!(Code::Usage as u8, 2);
    }
}
