//! The HTTP port's shape, from the outside: paths, methods, bodies, limits, and
//! the errors that belong to no operation.

pub mod rig;

#[path = "http/bodies.rs"]
mod bodies;
#[path = "http/shape.rs"]
mod shape;
