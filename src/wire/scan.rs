//! A strict single-pass JSON validator that finds the keys it is asked for.
