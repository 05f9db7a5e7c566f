//! Lucky draws and their tickets.
//!
//! A ticket is its user's by the id that others know, and stays when the user is
//! gone: numbers run without a gap, and a list that was published stays as it
//! was.

use super::StoreError;
use crate::lucky::{Numbers, Rule, TicketsHash};

/// What a draw is, from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What it is called by programs.
    pub id: String,
    /// What it is called by people.
    pub name: String,
    /// Where its picture is, or nothing.
    pub image: String,
    /// More words.
    pub desc: String,
    /// From so many tickets on it may be closed.
    pub max_count: u32,
    /// How the winner is chosen.
    pub rule: Rule,
    /// It closes by itself with that many.
    pub auto_close: bool,
}

/// A draw as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// What it is.
    pub terms: Terms,
    /// Tickets so far.
    pub count: u32,
    /// Whether there will be no more.
    pub close: Option<Close>,
    /// Who has won.
    pub outcome: Option<Outcome>,
    /// The number of the ticket of whoever looks.
    pub own: Option<u32>,
}

/// The moment from which a draw's tickets stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// Unix seconds.
    pub at: i64,
    /// Of the list of tickets.
    pub sha256: TicketsHash,
}

/// What came out of a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Unix seconds.
    pub at: i64,
    /// What the lottery drew.
    pub numbers: Numbers,
    /// The ticket.
    pub winner_number: u32,
    /// Whose it is.
    pub winner: String,
}

/// What came of joining a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// There is no such draw.
    NoSuchThing,
    /// It is closed; the ticket that the user has nevertheless.
    Closed(Option<u32>),
    /// The user has this ticket already, of so many.
    Already(u32, u32),
    /// This ticket is new, the last of so many.
    Done(u32, u32),
}

/// What is read of draws.
pub trait ReadDraws {
    /// The newest draws, newest first; at most so many.
    fn draws(&self, viewer: Option<&str>, most: u32) -> Result<Vec<Draw>, StoreError>;

    /// A draw.
    fn draw(&self, id: &str) -> Result<Option<Draw>, StoreError>;

    /// The tickets of a draw after this number, in their order; at most so
    /// many.
    fn tickets(
        &self,
        id: &str,
        after: u32,
        most: u32,
        each: &mut dyn FnMut(u32, &str),
    ) -> Result<(), StoreError>;
}

/// What is changed about draws.
pub trait ChangeDraws {
    /// A new draw, unless its id is taken.
    fn add_draw(&mut self, terms: &Terms, now: i64) -> Result<bool, StoreError>;

    /// A user takes the next ticket.
    fn join_draw(&mut self, id: &str, user_id: &str, now: i64) -> Result<Joined, StoreError>;

    /// An open draw has all of its tickets.
    fn close_draw(&mut self, id: &str, now: i64) -> Result<Close, StoreError>;

    /// A closed draw has a winner.
    fn decide_draw(&mut self, id: &str, outcome: &Outcome) -> Result<(), StoreError>;
}
