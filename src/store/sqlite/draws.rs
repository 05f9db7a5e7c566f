//! Lucky draws and their tickets.

use super::statements::draws as statements;
use super::tables::Tables;
use crate::lucky::ListHash;
use crate::store::{ChangeDraws, Close, Draw, Joined, Outcome, ReadDraws, StoreError, Terms};

impl ReadDraws for Tables<'_> {
    fn draws(&self, viewer: Option<&str>, most: u32) -> Result<Vec<Draw>, StoreError> {
        Ok(statements::draws(self.connection, viewer, most)?)
    }

    fn draw(&self, id: &str) -> Result<Option<Draw>, StoreError> {
        Ok(statements::draw(self.connection, id)?)
    }

    fn tickets(
        &self,
        id: &str,
        after: u32,
        most: u32,
        each: &mut dyn FnMut(u32, &str),
    ) -> Result<(), StoreError> {
        let Some(draw) = statements::open(self.connection, id)? else {
            return Ok(());
        };
        Ok(statements::tickets(
            self.connection,
            draw.key,
            after,
            most,
            each,
        )?)
    }
}

impl ChangeDraws for Tables<'_> {
    fn add_draw(&mut self, terms: &Terms, now: i64) -> Result<bool, StoreError> {
        Ok(statements::add_draw(self.connection, terms, now)?)
    }

    fn join_draw(&mut self, id: &str, user_id: &str, now: i64) -> Result<Joined, StoreError> {
        let db = self.connection;
        let Some(draw) = statements::open(db, id)? else {
            return Ok(Joined::NoSuchThing);
        };
        let own = statements::ticket_of(db, draw.key, user_id)?;
        if draw.is_closed {
            return Ok(Joined::Closed(own));
        }
        let count = statements::last_ticket(db, draw.key)?;
        if let Some(own) = own {
            return Ok(Joined::Already(own, count));
        }
        let number = count + 1;
        statements::add_ticket(db, draw.key, number, user_id)?;
        if draw.auto_close && number >= draw.max_count {
            self.close_draw(id, now)?;
        }
        Ok(Joined::Done(number, number))
    }

    fn close_draw(&mut self, id: &str, now: i64) -> Result<Close, StoreError> {
        let mut hash = ListHash::default();
        self.tickets(id, 0, u32::MAX, &mut |number, user| hash.push(number, user))?;
        let close = Close {
            at: now,
            sha256: hash.finish(),
        };
        if let Some(draw) = statements::open(self.connection, id)? {
            statements::close(self.connection, draw.key, close)?;
        }
        Ok(close)
    }

    fn decide_draw(&mut self, id: &str, outcome: &Outcome) -> Result<(), StoreError> {
        Ok(statements::decide(self.connection, id, outcome)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::open;
    use super::*;
    use crate::lucky::{Rule, TicketsHash, write_ticket};
    use crate::store::Terms;

    #[test]
    fn a_ticket_stays_and_a_closed_draw_takes_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path()).unwrap();
        let mut tables = Tables::new(store.raw());
        let terms = Terms {
            id: "d".into(),
            name: "n".into(),
            image: String::new(),
            desc: String::new(),
            max_count: 3,
            rule: Rule::Sha256,
            auto_close: true,
        };
        assert!(tables.add_draw(&terms, 1).unwrap());
        assert!(!tables.add_draw(&terms, 2).unwrap());
        let mut list = String::new();
        for number in 1..=3 {
            let user = format!("u{number}");
            let joined = tables.join_draw("d", &user, 7).unwrap();
            assert_eq!(joined, Joined::Done(number, number));
            write_ticket(&mut list, number, &user);
        }
        let draw = tables.draw("d").unwrap().unwrap();
        let sha256 = TicketsHash::of(list.as_bytes());
        assert_eq!(draw.close, Some(Close { at: 7, sha256 }));
        assert_eq!((draw.terms, draw.count, draw.outcome), (terms, 3, None));
        for (user, own) in [("u4", None), ("u2", Some(2))] {
            let joined = tables.join_draw("d", user, 8).unwrap();
            assert_eq!(joined, Joined::Closed(own));
        }
        // Nor past the one way in.
        for change in [
            "INSERT INTO tickets VALUES (1, 4, 'u4')",
            "DELETE FROM tickets WHERE number = 3",
            "UPDATE tickets SET number = 4 WHERE number = 3",
            "UPDATE tickets SET user_id = 'u9' WHERE number = 3",
        ] {
            assert!(store.raw().execute(change, []).is_err(), "{change}");
        }
        let mut read = String::new();
        let mut keep = |number, user: &str| write_ticket(&mut read, number, user);
        tables.tickets("d", 1, 1, &mut keep).unwrap();
        tables.tickets("d", 2, 9, &mut keep).unwrap();
        assert_eq!(format!("1 u1\n{read}"), list);
    }
}
