//! A slab whose places are named in four bytes, and no place in no more.

use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};

use slab::Slab;

/// A taken place of a table. Who keeps it sees to it that it goes with the
/// value: there is no generation to tell lives apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spot(NonZeroU32);

/// Values by their spots.
#[derive(Debug)]
pub struct Table<T> {
    slab: Slab<T>,
}

impl Spot {
    /// The spot of the place `at`, counted from zero.
    fn new(at: usize) -> Self {
        let number = u32::try_from(at + 1).ok().and_then(NonZeroU32::new);
        Spot(number.expect("memory ends before 2^32 values"))
    }

    fn at(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { slab: Slab::new() }
    }
}

impl<T> Table<T> {
    /// The spot of the new value.
    ///
    /// # Panics
    ///
    /// With 2^32 values or more.
    pub fn insert(&mut self, value: T) -> Spot {
        Spot::new(self.slab.insert(value))
    }

    /// Takes a value out.
    ///
    /// # Panics
    ///
    /// If nothing is there.
    pub fn remove(&mut self, spot: Spot) -> T {
        self.slab.remove(spot.at())
    }

    /// Every value with its spot, by ascending place.
    pub fn iter(&self) -> impl Iterator<Item = (Spot, &T)> {
        self.slab.iter().map(|(at, value)| (Spot::new(at), value))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slab.is_empty()
    }
}

impl<T> Index<Spot> for Table<T> {
    type Output = T;

    fn index(&self, spot: Spot) -> &T {
        &self.slab[spot.at()]
    }
}

impl<T> IndexMut<Spot> for Table<T> {
    fn index_mut(&mut self, spot: Spot) -> &mut T {
        &mut self.slab[spot.at()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_names_its_value_until_that_goes() {
        let mut table = Table::default();
        let [a, b] = ["a", "b"].map(|value| table.insert(value));
        table[b] = "c";
        assert_eq!((table[a], table[b], table.len()), ("a", "c", 2));
        assert_eq!(table.remove(a), "a");
        assert_eq!((table[b], table.is_empty()), ("c", false));
    }

    #[test]
    fn no_spot_takes_no_room() {
        assert_eq!(size_of::<Option<Spot>>(), size_of::<u32>());
    }
}
