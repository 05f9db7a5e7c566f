//! What the signatures of gateways are made of. Aliyun's and Tencent's begin
//! alike, with a request written in one fixed way.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::config::Secret;

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// An access key.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) secret: Secret,
}

/// A POST to `/` as it is signed.
pub(super) struct Canonical {
    /// The names of the headers that are signed.
    pub(super) names: String,
    /// The hash of it all.
    pub(super) hash: String,
}

impl Canonical {
    /// The query and the headers stand in the order of their names.
    pub(super) fn of(query: &str, headers: &[(&str, &str)], body_hash: &str) -> Self {
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines = headers.iter().fold(String::new(), |lines, (name, value)| {
            lines + name + ":" + value.trim() + "\n"
        });
        let hash = digest(&format!("POST\n/\n{query}\n{lines}\n{names}\n{body_hash}"));
        Self { names, hash }
    }
}

/// HMAC-SHA256.
pub(super) fn hmac(key: &[u8], message: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().into()
}

/// SHA-256, in hex.
pub(super) fn digest(message: &str) -> String {
    hex(&Sha256::digest(message))
}

/// Two digits a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// `name=value&…`, as a query and as a form.
pub(super) fn pairs(pairs: &[(&str, &str)]) -> String {
    let encoded = |text| utf8_percent_encode(text, RESERVED);
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primitives_are_the_standards() {
        // RFC 4231, test case 2.
        let mac = hmac(b"Jefe", "what do ya want for nothing?");
        assert_eq!(
            hex(&mac),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn what_is_reserved_is_encoded() {
        let table = [
            ("a b*c~d/e", "a%20b%2Ac~d%2Fe"),
            ("+86", "%2B86"),
            ("a-b_c.d", "a-b_c.d"),
            ("码", "%E7%A0%81"),
        ];
        for (plain, encoded) in table {
            assert_eq!(pairs(&[("k", plain)]), format!("k={encoded}"));
        }
        assert_eq!(pairs(&[("a", "1"), ("b&", "=")]), "a=1&b%26=%3D");
    }
}
