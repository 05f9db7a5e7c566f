//! The steps of a round, in order.

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Step {
    /// Asks for a code.
    Code,
    /// Hands it in.
    Check,
    Register,
    Upload,
    /// Looks at the picture itself.
    Picture,
    /// Looks at the feed, from that picture on.
    Feed,
    Like,
}

impl Step {
    /// All of a round.
    pub(in crate::load) const ALL: [Step; 7] = [
        Step::Code,
        Step::Check,
        Step::Register,
        Step::Upload,
        Step::Picture,
        Step::Feed,
        Step::Like,
    ];

    /// The step after it, if it is not the last.
    pub(in crate::load) fn next(self) -> Option<Step> {
        Step::ALL.get(self as usize + 1).copied()
    }

    /// What is asked, as the wire contract has it, and the answer to it.
    pub(in crate::load) const fn types(self) -> (&'static str, &'static str) {
        match self {
            Step::Code => ("sms_validation_request", "sms_validation_send"),
            Step::Check => ("sms_validation_code", "sms_validation_result"),
            Step::Register => ("user_register_info", "user_register_result"),
            Step::Upload => ("picture_upload_request", "picture_upload_response"),
            Step::Picture => ("picture", ""),
            Step::Feed => ("picture_info_request", "picture_info_response"),
            Step::Like => ("picture_like_request", "picture_like_response"),
        }
    }

    /// Its name in the report.
    pub(in crate::load) const fn name(self) -> &'static str {
        self.types().0
    }
}
