//! Invitations by SMS, to numbers that nobody has.
//!
//! One is decided on for every number that is named, and forgotten later where
//! it has a user: neither the answer, nor what is counted, nor what anybody can
//! see of the server tells the one from the other.

use std::sync::Arc;
use std::time::Duration;

use super::super::context::Context;
use super::super::tel::Tel;
use crate::limits::INVITE_WITHIN;
use crate::sms::{Invite, Locale, Masked};

/// Countries whose people are written to in Chinese.
const CHINESE: [&str; 4] = ["+86", "+852", "+853", "+886"];

/// Sends one, unless somebody has the number, at a moment that has nothing to do
/// with the answer.
pub(super) fn later(context: Arc<Context>, tel: Tel, has_user: bool) {
    let wanted = !has_user && context.test_code(tel.as_str()).is_none();
    let most = u64::try_from(INVITE_WITHIN.as_millis()).expect("it is short");
    let pause = Duration::from_millis(fastrand::u64(0..most));
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        let invite = Invite {
            number: tel.as_str().to_owned(),
            locale: locale(tel.as_str()),
        };
        if let Err(why) = context.gateways.invite(&invite, wanted).await {
            let number = Masked(tel.as_str()).to_string();
            tracing::debug!(number, %why, "an invitation did not get away");
        }
    });
}

/// By the number alone: the sender's language would tell of the sender.
fn locale(tel: &str) -> Locale {
    if CHINESE.iter().any(|country| tel.starts_with(country)) {
        Locale::Zh
    } else {
        Locale::En
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_says_the_language() {
        assert_eq!(locale("+8618612344931"), Locale::Zh);
        assert_eq!(locale("+85261234567"), Locale::Zh);
        assert_eq!(locale("+818612344931"), Locale::En);
        assert_eq!(locale("+15005550006"), Locale::En);
    }
}
