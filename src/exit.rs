//! How a subcommand fails: the exit code and the sentence for people.

/// Why the process ends with another code than 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// One sentence for people.
    pub message: String,
}

impl Failure {
    /// The configuration is wrong: 78.
    pub fn config(message: impl Into<String>) -> Failure {
        Failure::new(78, message)
    }

    /// The system refused something: 71.
    pub fn system(message: impl Into<String>) -> Failure {
        Failure::new(71, message)
    }

    /// Anything else: 1.
    pub fn other(message: impl Into<String>) -> Failure {
        Failure::new(1, message)
    }

    fn new(code: u8, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
        }
    }
}
