//! Tokens: what a caller shows, and what is kept of it.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite};

use super::fault::Fault;
use super::reply::Refusal;
use crate::limits::TOKEN_BYTES;
use crate::store::TokenHash;

/// The cookie that a login sets.
pub(super) const TOKEN_COOKIE: &str = "token";
/// The cookie that asking for a code sets.
pub(super) const REQUEST_COOKIE: &str = "sms_request";

/// 256 random bits in base64url. Never logged: it has no `Debug`.
pub(super) struct Token(String);

impl Token {
    /// A new one.
    pub(super) fn make() -> Result<Token, Refusal> {
        Ok(Token(spelt(&random::<32>()?)))
    }

    /// What is kept of it.
    pub(super) fn hash(&self) -> TokenHash {
        hash(&self.0)
    }

    /// For the one reply that gives it out.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

/// Bytes as they are given out.
pub(super) fn spelt(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the system gives no random numbers");
        Refusal::from(Fault::Internal)
    })?;
    Ok(bytes)
}

/// Whatever a caller shows has a hash; one that is too long is nobody's.
pub(super) fn hash(shown: &str) -> TokenHash {
    TokenHash::of(shown)
}

/// The token that a request shows: the body's, else the header's, else the
/// cookie's.
pub(super) fn shown<'a>(body: Option<&'a str>, headers: &'a HeaderMap) -> Option<&'a str> {
    let shown = body
        .or_else(|| bearer(headers))
        .or_else(|| cookie(headers, TOKEN_COOKIE));
    // Not worth a look into the store.
    shown.map(|token| if token.len() > TOKEN_BYTES { "" } else { token })
}

/// `Authorization: Bearer …`
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// What a cookie of this name holds.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key.trim() == name).then_some(value.trim()))
}

/// A cookie for this server alone, which no script can read.
pub(super) fn baked<'a>(name: &'a str, value: &'a str, seconds: i64) -> Cookie<'a> {
    Cookie::build((name, value))
        .path("/")
        .max_age(cookie::time::Duration::seconds(seconds))
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_token_comes_from_the_body_or_the_header_or_the_cookie() {
        let both = headers(&[("authorization", "Bearer h"), ("cookie", "a=b; token=c")]);
        assert_eq!(shown(Some("b"), &both), Some("b"));
        assert_eq!(shown(Some(""), &both), Some(""));
        assert_eq!(shown(None, &both), Some("h"));
        type Given = &'static [(&'static str, &'static str)];
        let table: [(Given, Option<&str>); 8] = [
            (&[], None),
            (&[("authorization", "bearer h")], Some("h")),
            (&[("authorization", "Basic h")], None),
            (&[("authorization", "Bearer")], None),
            (
                &[("authorization", "Basic h"), ("cookie", "token=c")],
                Some("c"),
            ),
            (&[("cookie", "tokens=x;token=c;token=d")], Some("c")),
            (&[("cookie", "x=1"), ("cookie", "token=c")], Some("c")),
            (&[("cookie", "token")], None),
        ];
        for (given, wanted) in table {
            let given = headers(given);
            assert_eq!(shown(None, &given), wanted, "{given:?}");
        }
        let long = "x".repeat(TOKEN_BYTES + 1);
        assert_eq!(shown(Some(&long), &HeaderMap::new()), Some(""));
    }

    #[test]
    fn a_token_is_256_bits_in_base64url() {
        let (one, other) = (Token::make().unwrap(), Token::make().unwrap());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 43);
        assert_eq!(URL_SAFE_NO_PAD.decode(one.expose()).unwrap().len(), 32);
        assert!(one.hash() == hash(one.expose()));
        assert!(one.hash() != other.hash());
    }

    #[test]
    fn a_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let text = baked("token", "x", 60).to_string();
        assert_eq!(text, "token=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=60");
    }
}
