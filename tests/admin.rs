//! The operator's desk: who may come to it, and what is done there.

pub mod rig;

#[path = "admin/bans.rs"]
mod bans;
#[path = "admin/commands.rs"]
mod commands;
#[path = "admin/entering.rs"]
mod entering;
#[path = "admin/removal.rs"]
mod removal;
#[path = "admin/reports.rs"]
mod reports;
#[path = "admin/stats.rs"]
mod stats;
#[path = "admin/talks.rs"]
mod talks;
#[path = "admin/token.rs"]
mod token;
#[path = "admin/users.rs"]
mod users;
#[path = "admin/words.rs"]
mod words;

use rig::Setup;
use rig::users::{Town, User};

/// A town with an operator.
fn town(cores: usize) -> Town {
    Town::start(Setup::new(cores).operated())
}

fn ann(town: &Town) -> User {
    town.register("+8618612344931", "ann", "F")
}

fn bob(town: &Town) -> User {
    town.register("+8618612344932", "bob", "M")
}
