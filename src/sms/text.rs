//! What a telephone shows, for gateways that have no templates of their own.

use super::{Locale, Purpose, Sms};

/// The whole text.
pub(super) fn text(sms: &Sms) -> String {
    let minutes = sms.ttl.as_secs().div_ceil(60);
    let (code, purpose) = (&sms.code, purpose(sms.purpose, sms.locale));
    match (sms.locale, minutes) {
        (Locale::Zh, _) => {
            format!("验证码 {code},用于{purpose},{minutes} 分钟内有效。请勿告诉他人。")
        }
        (Locale::En, 1) => {
            format!("{code} is your code to {purpose}, good for a minute. Tell it to nobody.")
        }
        (Locale::En, _) => {
            format!(
                "{code} is your code to {purpose}, good for {minutes} minutes. Tell it to nobody."
            )
        }
    }
}

/// Says neither who nor in which words.
pub(super) const fn invitation(locale: Locale) -> &'static str {
    match locale {
        Locale::Zh => {
            "有人悄悄暗恋你。用这个号码注册,也说出你喜欢的人:如果你们互相暗恋,两个人都会知道。"
        }
        Locale::En => {
            "Somebody has a crush on you. Register with this number and name yours: \
             if it is mutual, you will both know."
        }
    }
}

const fn purpose(purpose: Purpose, locale: Locale) -> &'static str {
    match (purpose, locale) {
        (Purpose::Login, Locale::Zh) => "登录",
        (Purpose::Login, Locale::En) => "log in",
        (Purpose::TelChange, Locale::Zh) => "更换手机号",
        (Purpose::TelChange, Locale::En) => "change your number",
        (Purpose::AccountDelete, Locale::Zh) => "注销账号",
        (Purpose::AccountDelete, Locale::En) => "delete your account",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_says_what_the_code_is_for_and_how_long_it_lasts() {
        let table = [
            (
                (Locale::En, Purpose::Login, 300),
                "004711 is your code to log in, good for 5 minutes. Tell it to nobody.",
            ),
            (
                (Locale::En, Purpose::AccountDelete, 60),
                "004711 is your code to delete your account, good for a minute. Tell it to nobody.",
            ),
            (
                (Locale::Zh, Purpose::TelChange, 61),
                "验证码 004711,用于更换手机号,2 分钟内有效。请勿告诉他人。",
            ),
        ];
        for ((locale, purpose, seconds), shown) in table {
            let sms = Sms {
                number: "+8618612344931".into(),
                code: "004711".into(),
                ttl: Duration::from_secs(seconds),
                locale,
                purpose,
            };
            assert_eq!(text(&sms), shown);
        }
    }
}
