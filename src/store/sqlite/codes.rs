//! Codes and registration tokens.

use super::statements::codes as statements;
use super::tables::Tables;
use crate::store::{ChangeCodes, Code, CodeRequest, ReadCodes, StoreError, TokenHash, Whose};

impl ReadCodes for Tables<'_> {
    fn nth_code_request(
        &self,
        whose: Whose<'_>,
        since_ms: i64,
        nth: u32,
    ) -> Result<Option<i64>, StoreError> {
        let passed_over = nth.saturating_sub(1);
        Ok(match whose {
            Whose::Tel(tel) => {
                statements::request_for_tel(self.connection, tel, since_ms, passed_over)?
            }
            Whose::Address(address) => {
                statements::request_from_address(self.connection, address, since_ms, passed_over)?
            }
        })
    }

    fn code(&self, tel: &str, purpose: &str) -> Result<Option<Code>, StoreError> {
        Ok(statements::code(self.connection, tel, purpose)?)
    }

    fn code_by_request(&self, request: &str) -> Result<Option<Code>, StoreError> {
        Ok(statements::code_by_request(self.connection, request)?)
    }

    fn registration(&self, token: &TokenHash, now: i64) -> Result<Option<String>, StoreError> {
        Ok(statements::registration(self.connection, token, now)?)
    }
}

impl ChangeCodes for Tables<'_> {
    fn add_code_request(&mut self, request: &CodeRequest) -> Result<(), StoreError> {
        Ok(statements::add_request(self.connection, request)?)
    }

    fn drop_code_request(&mut self, id: &str) -> Result<(), StoreError> {
        Ok(statements::drop_request(self.connection, id)?)
    }

    fn keep_code(&mut self, code: &Code) -> Result<(), StoreError> {
        Ok(statements::keep_code(self.connection, code)?)
    }

    fn count_wrong_code(&mut self, request: &str) -> Result<(), StoreError> {
        Ok(statements::count_wrong_code(self.connection, request)?)
    }

    fn drop_code(&mut self, request: &str) -> Result<(), StoreError> {
        Ok(statements::drop_code(self.connection, request)?)
    }

    fn add_registration(
        &mut self,
        token: &TokenHash,
        tel: &str,
        expires: i64,
    ) -> Result<(), StoreError> {
        Ok(statements::add_registration(
            self.connection,
            token,
            tel,
            expires,
        )?)
    }

    fn drop_registration(&mut self, token: &TokenHash) -> Result<(), StoreError> {
        Ok(statements::drop_registration(self.connection, token)?)
    }
}
