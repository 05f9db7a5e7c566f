//! What operators look after: who is banned, and what was reported.

use super::StoreError;
use crate::picture::{Ext, PictureId};

/// A ban until then is one for good.
pub const FOR_GOOD: i64 = i64::MAX;

/// Who is banned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Whoever has this id, be it registered or free.
    User(String),
    /// Whoever has this number (E.164, with its `+`).
    Tel(String),
}

/// A ban that stands, or stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// Its number.
    pub id: i64,
    /// Who.
    pub subject: Subject,
    /// Why.
    pub reason: String,
    /// Unix seconds.
    pub since: i64,
    /// Unix seconds, or [`FOR_GOOD`].
    pub until: i64,
    /// When it was lifted, or gave way to another, if it was.
    pub lifted: Option<i64>,
}

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A user, by the id that others know.
    User(String),
    /// A picture.
    Picture(String),
    /// A comment.
    Comment(String),
    /// A talk.
    Talk(String),
}

impl About {
    /// The name of the kind, and which one.
    #[must_use]
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            About::User(id) => ("user", id),
            About::Picture(id) => ("picture", id),
            About::Comment(id) => ("comment", id),
            About::Talk(id) => ("talk", id),
        }
    }
}

/// A report that is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReport {
    /// Who reports it; nobody where the word list found it.
    pub by_id: String,
    /// What.
    pub about: About,
    /// Whom that is about, if it is known.
    pub whom_id: String,
    /// Why, in the reporter's words.
    pub reason: String,
    /// A JSON object, or nothing.
    pub evidence: String,
    /// Unix seconds.
    pub at: i64,
}

/// A report in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its number.
    pub id: i64,
    /// What was reported.
    pub report: NewReport,
    /// Once an operator has dealt with it: when (Unix seconds), and what came
    /// of it.
    pub resolved: Option<(i64, String)>,
    /// The picture, if it is about one that there still is: its file, and
    /// whether it is published.
    pub picture: Option<(PictureId, Ext, bool)>,
}

/// Which reports are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// Dealt with, or not; both, if nothing is said.
    pub resolved: Option<bool>,
    /// Only those about this user.
    pub whom_id: Option<String>,
    /// Only older ones than this.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// What came of dealing with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// It is dealt with.
    Done,
    /// It had been before.
    Before,
    /// There is no such report.
    NoSuchThing,
}

/// What is read by and for operators.
pub trait ReadModeration {
    /// Until when whoever has this id or number is banned at `now`, by either
    /// of the two, if at all.
    fn banned_until(&self, subject: &Subject, now: i64) -> Result<Option<i64>, StoreError>;

    /// Bans, newest first: those that stand at `now`, or all there ever were;
    /// only older ones than `before`.
    fn bans(
        &self,
        standing: bool,
        before: Option<i64>,
        limit: u32,
        now: i64,
    ) -> Result<Vec<Ban>, StoreError>;

    /// Every ban that there ever was of this id, or of the number that it has.
    fn bans_of(&self, user_id: &str) -> Result<Vec<Ban>, StoreError>;

    /// Reports, newest first.
    fn reports(&self, sought: &Sought) -> Result<Vec<Report>, StoreError>;

    /// How many reports are open.
    fn open_reports(&self) -> Result<u32, StoreError>;

    /// What file a picture has that is kept as evidence, if it is.
    fn evidence(&self, id: PictureId) -> Result<Option<Ext>, StoreError>;
}

/// What operators change.
pub trait ChangeModeration {
    /// Bans somebody. An earlier ban of the same gives way to it.
    fn add_ban(
        &mut self,
        subject: &Subject,
        reason: &str,
        since: i64,
        until: i64,
    ) -> Result<Ban, StoreError>;

    /// Lifts a ban that stands at `now`; which one that was.
    fn lift_ban(&mut self, id: i64, now: i64) -> Result<Option<Ban>, StoreError>;

    /// Something is reported. The same words about the same stand once while
    /// they are open.
    fn report(&mut self, report: &NewReport) -> Result<(), StoreError>;

    /// A picture is kept as evidence, if there is one.
    fn keep_evidence(&mut self, id: PictureId) -> Result<(), StoreError>;

    /// A report has been dealt with.
    fn resolve(&mut self, id: i64, outcome: &str, now: i64) -> Result<Resolved, StoreError>;
}
