//! Why a request failed: the numbers, and one text for each in each language.

use axum::http::StatusCode;

use super::language::Language;

/// An `error_no` but 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Fault {
    WrongCode = 1,
    NoObject = 2,
    BadKey = 3,
    TooSoon = 4,
    GatewayFailed = 5,
    NoCode = 6,
    TooManyTries = 7,
    BadToken = 8,
    NoSuchThing = 9,
    NotAllowed = 10,
    TooLarge = 11,
    NoPicture = 12,
    Taken = 13,
    UnknownType = 14,
    LimitReached = 15,
    /// Not the client's fault; as its status says.
    Internal = 500,
}

impl Fault {
    /// In the order of the numbers.
    pub(super) const ALL: [Fault; 16] = [
        Fault::WrongCode,
        Fault::NoObject,
        Fault::BadKey,
        Fault::TooSoon,
        Fault::GatewayFailed,
        Fault::NoCode,
        Fault::TooManyTries,
        Fault::BadToken,
        Fault::NoSuchThing,
        Fault::NotAllowed,
        Fault::TooLarge,
        Fault::NoPicture,
        Fault::Taken,
        Fault::UnknownType,
        Fault::LimitReached,
        Fault::Internal,
    ];

    pub(super) const fn number(self) -> u16 {
        self as u16
    }

    /// What the dispatcher answers with.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Fault::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::OK,
        }
    }

    pub(super) const fn text(self, language: Language) -> &'static str {
        let (chinese, english) = self.texts();
        match language {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Fault::WrongCode => ("验证码不符", "the code does not match"),
            Fault::NoObject => ("请求不是JSON对象", "not a JSON object"),
            Fault::BadKey => (
                "缺少字段或字段无效",
                "a key is missing or its value not valid",
            ),
            Fault::TooSoon => ("请求过于频繁，请稍后再试", "asked again too soon"),
            Fault::GatewayFailed => ("短信发送失败", "the SMS gateway failed"),
            Fault::NoCode => (
                "未请求验证码或验证码已过期",
                "no code was asked for, or it has expired",
            ),
            Fault::TooManyTries => ("验证码错误次数过多", "too many wrong codes"),
            Fault::BadToken => (
                "登录已失效，请重新登录",
                "token unknown, revoked or expired",
            ),
            Fault::NoSuchThing => ("没有这样的内容", "no such thing"),
            Fault::NotAllowed => ("不允许的操作", "not allowed"),
            Fault::TooLarge => ("内容过大", "too large"),
            Fault::NoPicture => ("不支持的图片格式", "not a picture that we take"),
            Fault::Taken => ("号码已被占用或已经参加", "number or ticket already taken"),
            Fault::UnknownType => ("未知的请求类型", "unknown type"),
            Fault::LimitReached => ("今日次数已达上限", "limit reached for today"),
            Fault::Internal => (
                "服务器内部错误，请稍后再试",
                "the server failed; try again later",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_texts() {
        let numbers: Vec<u16> = Fault::ALL.iter().map(|fault| fault.number()).collect();
        let wanted: Vec<u16> = (1..=15).chain([500]).collect();
        assert_eq!(numbers, wanted);
        let mut texts: Vec<&str> = Fault::ALL
            .iter()
            .flat_map(|fault| [Language::Chinese, Language::English].map(|l| fault.text(l)))
            .collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), 32, "each text says one thing");
        assert_eq!(Fault::WrongCode.text(Language::Chinese), "验证码不符");
    }
}
