//! What one core knows and decides. Pure: events in, effects out.

pub mod durable;
pub mod ids;
