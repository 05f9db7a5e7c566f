//! The server's own log, for those who try things out.

use super::{Invite, Masked, Sending, Sms, SmsGateway};

/// Prints the code and does nothing else.
pub(super) struct Console;

impl SmsGateway for Console {
    fn send<'a>(&'a self, sms: &'a Sms) -> Sending<'a> {
        Box::pin(async {
            tracing::info!(
                number = %Masked(&sms.number),
                code = %sms.code,
                purpose = sms.purpose.as_str(),
                "code"
            );
            Ok(())
        })
    }

    fn invite<'a>(&'a self, invite: &'a Invite) -> Sending<'a> {
        Box::pin(async {
            tracing::info!(number = %Masked(&invite.number), "invitation");
            Ok(())
        })
    }
}
