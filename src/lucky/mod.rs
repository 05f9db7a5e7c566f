//! The arithmetic of lucky draws: which ticket a public lottery's five numbers
//! make the winner, what a ticket list is and what its hash.
//!
//! Pure, and the same for the server that draws and for anybody who checks it.
//! Deliberately absent: who may draw, and where tickets are kept.

mod numbers;
mod rule;
mod tickets;
mod verify;

pub use numbers::{NoNumbers, Numbers};
pub use rule::Rule;
pub use tickets::{ListHash, TicketsHash, write_ticket};
pub use verify::{Claim, verify};
