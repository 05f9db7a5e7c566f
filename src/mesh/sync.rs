//! What the mesh is built on, in one place: a model of it has others.

pub(super) use crossbeam::queue::SegQueue;
pub(super) use rtrb::{Consumer, Producer, RingBuffer};
pub(super) use std::sync::atomic::{AtomicBool, Ordering, fence};
