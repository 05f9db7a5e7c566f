//! The operator's token: never kept, only its hash.

use subtle::ConstantTimeEq as _;

use super::super::token::{hash, spelt};

/// What the operator's token is known by: its SHA-256.
#[derive(Clone)]
pub struct OperatorKey([u8; 32]);

impl OperatorKey {
    /// Of a token that the operator has chosen.
    #[must_use]
    pub fn of(token: &str) -> OperatorKey {
        OperatorKey(hash(token).0)
    }

    /// Of one that was made, by what was kept of it.
    #[must_use]
    pub fn kept(hash: [u8; 32]) -> OperatorKey {
        OperatorKey(hash)
    }

    /// A new token of 256 random bits, and what is to be kept of it.
    ///
    /// # Errors
    ///
    /// The system gives no random numbers.
    pub fn make() -> Result<(String, [u8; 32]), getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let token = spelt(&bytes);
        let kept = hash(&token).0;
        Ok((token, kept))
    }

    /// Is this the token? How long it takes tells nothing about it.
    pub(super) fn fits(&self, shown: &str) -> bool {
        hash(shown).0.ct_eq(&self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_own_key_alone() {
        let key = OperatorKey::of("t0ken");
        assert!(key.fits("t0ken"));
        for other in ["", "t0ke", "t0ken ", "T0ken", "t0kenn"] {
            assert!(!key.fits(other), "{other:?}");
        }
        let (token, kept) = OperatorKey::make().unwrap();
        assert_eq!(token.len(), 43);
        assert!(OperatorKey::kept(kept).fits(&token));
    }
}
