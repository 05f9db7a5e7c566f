//! Crushes. Before two have named each other, each step is taken for every
//! number, for those that nobody has with nobody in their place.

use super::statements::crushes as statements;
use super::tables::Tables;
use crate::limits::{INVITE_EVERY, INVITES_EVERY};
use crate::store::{
    ChangeCrushes, Mutual, Named, Naming, PseudonymKey, ReadCrushes, Revealed, Standing,
    StoreError, UserKey,
};

impl ReadCrushes for Tables<'_> {
    fn crushes_sent(
        &self,
        by: UserKey,
        most: u32,
        each: &mut dyn FnMut(&str, &str),
    ) -> Result<(), StoreError> {
        Ok(statements::sent(self.connection, by, most, each)?)
    }

    fn crushes_received(
        &self,
        to: UserKey,
        most: u32,
        each: &mut dyn FnMut(&str, &str),
    ) -> Result<(), StoreError> {
        let mut last = String::new();
        let mut once = |pseudonym: &str, words: &str| {
            if pseudonym != last {
                pseudonym.clone_into(&mut last);
                each(pseudonym, words);
            }
        };
        Ok(statements::received(self.connection, to, most, &mut once)?)
    }

    fn crushes_mutual(&self, user: UserKey) -> Result<Vec<Mutual>, StoreError> {
        let mut mutual = statements::mutual(self.connection, user)?;
        mutual.dedup_by_key(|mutual| mutual.other.key);
        Ok(mutual)
    }

    fn receives_crushes(&self, user: UserKey) -> Result<bool, StoreError> {
        Ok(statements::receives(self.connection, user)?)
    }
}

impl ChangeCrushes for Tables<'_> {
    fn name_number(&mut self, naming: &Naming, key: &PseudonymKey) -> Result<Named, StoreError> {
        let (db, by) = (self.connection, naming.by);
        let about = statements::about(db, by, &naming.tel)?;
        let is_new = about.is_none();
        if is_new && statements::named_on(db, by, &naming.day)? >= naming.most {
            return Ok(Named::TooMany);
        }
        let owner = statements::whose_number(db, &naming.tel)?;
        let to = about.flatten().or(owner);
        let rounds = statements::rounds(db, by, to)?;
        let pseudonym = key.pseudonym(to.unwrap_or(NOBODY), by, rounds);
        let are_apart = statements::are_apart(db, by, to)?;
        statements::keep(db, naming, to, &pseudonym)?;
        statements::show(db, naming, !are_apart)?;
        statements::show_elsewhere(db, naming, to, !are_apart)?;
        if is_new {
            statements::count_named(db, by, &naming.day)?;
        }
        let named_back = statements::has_named(db, to, by)?;
        let mutual = to.filter(|_| named_back && !are_apart);
        let revealed = match mutual {
            Some(to) => self.reveal_crushes(by, to)?,
            None => Vec::new(),
        };
        Ok(Named::Done(Standing {
            is_new,
            is_mutual: statements::is_mutual(db, by, &naming.tel)? && !are_apart,
            has_user: owner.is_some(),
            revealed,
        }))
    }

    fn cancel_crush(&mut self, by: UserKey, tel: &str) -> Result<bool, StoreError> {
        Ok(statements::cancel(self.connection, by, tel)?)
    }

    fn receive_crushes(&mut self, user: UserKey, receive: bool) -> Result<(), StoreError> {
        Ok(statements::set_receives(self.connection, user, receive)?)
    }

    fn take_number(
        &mut self,
        user: UserKey,
        tel: &str,
        key: &PseudonymKey,
    ) -> Result<Vec<Revealed>, StoreError> {
        let db = self.connection;
        statements::cancel(db, user, tel)?;
        let mut revealed = Vec::new();
        for by in statements::waiting(db, tel)? {
            let rounds = statements::rounds(db, by, Some(user))?;
            let pseudonym = key.pseudonym(user, by, rounds);
            let are_apart = statements::are_apart(db, by, Some(user))?;
            statements::deliver(db, by, tel, user, &pseudonym, !are_apart)?;
            revealed.append(&mut self.reveal_crushes(by, user)?);
        }
        Ok(revealed)
    }

    fn reveal_crushes(
        &mut self,
        one: UserKey,
        other: UserKey,
    ) -> Result<Vec<Revealed>, StoreError> {
        let db = self.connection;
        // All three are looked up whatever comes of the first.
        let named = statements::has_named(db, Some(one), other)?;
        let named_back = statements::has_named(db, Some(other), one)?;
        let are_apart = statements::are_apart(db, one, Some(other))?;
        let mut revealed = Vec::new();
        if !named || !named_back || are_apart {
            return Ok(revealed);
        }
        for (by, to) in [(one, other), (other, one)] {
            if statements::set_mutual(db, by, to)? {
                revealed.push(Revealed {
                    to: statements::author(db, by)?.user_id,
                    of: statements::author(db, to)?,
                });
            }
        }
        if !revealed.is_empty() {
            statements::count_round(db, one, other)?;
        }
        Ok(revealed)
    }

    fn take_invite(&mut self, by: UserKey, tel: &str, now: i64) -> Result<bool, StoreError> {
        let before = |span: std::time::Duration| now - span.as_secs().cast_signed();
        let db = self.connection;
        Ok(statements::take_turn(db, by, now, before(INVITES_EVERY))?
            && statements::take_invite(db, tel, now, before(INVITE_EVERY))?)
    }
}

/// Stands where a user would; no user has it.
const NOBODY: UserKey = UserKey(0);

#[cfg(test)]
mod tests;
