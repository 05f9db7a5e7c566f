//! Codes that prove a number: how they are made, what is kept of them, and how
//! one is tried.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::fault::Fault;
use super::reply::Refusal;
use super::tel::Tel;
use super::token;
use crate::limits::{CODE_DIGITS, WRONG_CODES};
use crate::sms::Purpose;
use crate::store::{Changes, Code, UserKey};

/// Numbers that a code can be.
const CODES: u64 = 1_000_000;
const _: () = assert!(CODE_DIGITS == 6, "a code is a number below a million");

/// The server's key, under which codes are kept.
pub struct CodeKey(pub [u8; 32]);

impl CodeKey {
    /// What is kept of a code. It counts for one number and one purpose.
    pub(super) fn hmac(&self, purpose: Purpose, tel: &str, code: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length will do");
        for part in [purpose.as_str(), tel, code] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes().into()
    }
}

/// A code as somebody typed it.
pub(super) fn read(text: &str) -> Result<&str, Refusal> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && text.len() == CODE_DIGITS {
        Ok(text)
    } else {
        Err(Refusal::bad_key("code"))
    }
}

/// Six digits, each code as likely as any other.
pub(super) fn draw() -> Result<String, Refusal> {
    const FAIR: u64 = u64::MAX - u64::MAX % CODES;
    loop {
        let number = u64::from_le_bytes(token::random()?);
        if number < FAIR {
            return Ok(format!("{:0CODE_DIGITS$}", number % CODES));
        }
    }
}

/// A name for a request that nobody can guess.
pub(super) fn request_id() -> Result<String, Refusal> {
    Ok(token::spelt(&token::random::<16>()?))
}

/// A try: of which code, by whom.
pub(super) struct Try<'a> {
    pub(super) key: &'a CodeKey,
    pub(super) purpose: Purpose,
    /// Who asked for the code, where only a user may.
    pub(super) user: Option<UserKey>,
    pub(super) code: &'a str,
    pub(super) now_ms: i64,
}

impl Try<'_> {
    /// A right code is spent; a wrong one is counted, which must stay even
    /// though the request fails: the fault is no error of the change.
    pub(super) fn spend(
        &self,
        changes: &mut dyn Changes,
        found: Option<Code>,
    ) -> Result<Result<Code, Fault>, Refusal> {
        let asked = |code: &Code| {
            code.purpose == self.purpose.as_str()
                && code.user == self.user
                && code.expires_ms > self.now_ms
        };
        let Some(found) = found.filter(asked) else {
            return Ok(Err(Fault::NoCode));
        };
        if found.wrong >= WRONG_CODES {
            return Ok(Err(Fault::TooManyTries));
        }
        let tried = self.key.hmac(self.purpose, &found.tel, self.code);
        if !bool::from(tried.ct_eq(&found.hmac)) {
            changes.count_wrong_code(&found.request)?;
            return Ok(Err(Fault::WrongCode));
        }
        changes.drop_code(&found.request)?;
        Ok(Ok(found))
    }

    /// The same with the last code sent to a number.
    pub(super) fn spend_for(
        &self,
        changes: &mut dyn Changes,
        tel: &Tel,
    ) -> Result<Result<Code, Fault>, Refusal> {
        let found = changes.code(tel.as_str(), self.purpose.as_str())?;
        self.spend(changes, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits() {
        for _ in 0..1000 {
            let code = draw().unwrap();
            assert_eq!(read(&code).unwrap(), code);
        }
        for bad in ["", "12345", "1234567", "12345a", "١٢٣", "-12345", "123 45"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_code_counts_for_one_number_and_purpose_and_key() {
        let key = CodeKey([1; 32]);
        let right = key.hmac(Purpose::Login, "+8612345", "012345");
        assert_eq!(right, key.hmac(Purpose::Login, "+8612345", "012345"));
        for other in [
            key.hmac(Purpose::TelChange, "+8612345", "012345"),
            key.hmac(Purpose::Login, "+8612346", "012345"),
            key.hmac(Purpose::Login, "+86123450", "12345"),
            key.hmac(Purpose::Login, "+8612345", "012346"),
            CodeKey([2; 32]).hmac(Purpose::Login, "+8612345", "012345"),
        ] {
            assert_ne!(other, right);
        }
    }
}
