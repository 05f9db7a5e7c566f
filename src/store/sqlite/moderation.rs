//! Bans, reports and evidence.

use super::statements::{bans, reports};
use super::tables::Tables;
use crate::picture::{Ext, PictureId};
use crate::store::{
    Ban, ChangeModeration, NewReport, ReadModeration, Report, Resolved, Sought, StoreError, Subject,
};

impl ReadModeration for Tables<'_> {
    fn banned_until(&self, subject: &Subject, now: i64) -> Result<Option<i64>, StoreError> {
        Ok(match subject {
            Subject::User(id) => bans::user_until(self.connection, id, now)?,
            Subject::Tel(tel) => bans::tel_until(self.connection, tel, now)?,
        })
    }

    fn bans(
        &self,
        standing: bool,
        before: Option<i64>,
        limit: u32,
        now: i64,
    ) -> Result<Vec<Ban>, StoreError> {
        let before = before.unwrap_or(i64::MAX);
        Ok(if standing {
            bans::standing(self.connection, before, limit, now)?
        } else {
            bans::all(self.connection, before, limit)?
        })
    }

    fn bans_of(&self, user_id: &str) -> Result<Vec<Ban>, StoreError> {
        Ok(bans::of_user(self.connection, user_id)?)
    }

    fn reports(&self, sought: &Sought) -> Result<Vec<Report>, StoreError> {
        let mut found = reports::reports(self.connection, sought)?;
        for report in &mut found {
            if let ("picture", id) = report.report.about.parts()
                && let Ok(id) = id.parse()
            {
                report.picture = reports::file(self.connection, id)?;
            }
        }
        Ok(found)
    }

    fn open_reports(&self) -> Result<u32, StoreError> {
        Ok(reports::count_open(self.connection)?)
    }

    fn evidence(&self, id: PictureId) -> Result<Option<Ext>, StoreError> {
        Ok(reports::evidence(self.connection, id)?)
    }
}

impl ChangeModeration for Tables<'_> {
    fn add_ban(
        &mut self,
        subject: &Subject,
        reason: &str,
        since: i64,
        until: i64,
    ) -> Result<Ban, StoreError> {
        bans::give_way(self.connection, subject, since)?;
        let id = bans::add(self.connection, subject, reason, since, until)?;
        Ok(Ban {
            id,
            subject: subject.clone(),
            reason: reason.to_owned(),
            since,
            until,
            lifted: None,
        })
    }

    fn lift_ban(&mut self, id: i64, now: i64) -> Result<Option<Ban>, StoreError> {
        let ban = bans::one(self.connection, id)?;
        let ban = ban.filter(|ban| ban.lifted.is_none() && ban.until > now);
        if ban.is_some() {
            bans::lift(self.connection, id, now)?;
        }
        Ok(ban)
    }

    fn report(&mut self, report: &NewReport) -> Result<(), StoreError> {
        Ok(reports::add(self.connection, report)?)
    }

    fn keep_evidence(&mut self, id: PictureId) -> Result<(), StoreError> {
        Ok(reports::keep_evidence(self.connection, id)?)
    }

    fn resolve(&mut self, id: i64, outcome: &str, now: i64) -> Result<Resolved, StoreError> {
        Ok(match reports::is_resolved(self.connection, id)? {
            None => Resolved::NoSuchThing,
            Some(true) => Resolved::Before,
            Some(false) => {
                reports::resolve(self.connection, id, outcome, now)?;
                Resolved::Done
            }
        })
    }
}
