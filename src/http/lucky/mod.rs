//! Lucky draws, as everybody sees them. What operators do with them stands in
//! [`admin`](super::admin).

mod join;
mod list;
mod news;
mod tickets;

pub(super) use join::{JoinRequest, Ticket, join};
pub(super) use list::{ListRequest, Page, Shown, list};
pub(super) use news::tell;
pub(super) use tickets::tickets;
