//! A slab whose places can be told apart by their generation.

use slab::Slab;

/// Values by place and generation: a key from an earlier life finds nothing.
#[derive(Debug)]
pub struct Lives<T> {
    slab: Slab<(u32, T)>,
    next: u32,
}

impl<T> Default for Lives<T> {
    fn default() -> Self {
        Lives {
            slab: Slab::new(),
            next: 1,
        }
    }
}

impl<T> Lives<T> {
    /// Place and generation of the new value.
    ///
    /// # Panics
    ///
    /// With more than 2^32 values.
    pub fn insert(&mut self, value: T) -> (u32, u32) {
        let generation = self.next;
        self.next = self.next.wrapping_add(1);
        let slot = self.slab.insert((generation, value));
        (
            u32::try_from(slot).expect("memory ends before 2^32 values"),
            generation,
        )
    }

    /// The value, in this life of its place.
    #[must_use]
    pub fn get(&self, slot: u32, generation: u32) -> Option<&T> {
        self.slab
            .get(slot as usize)
            .filter(|life| life.0 == generation)
            .map(|life| &life.1)
    }

    /// The value, in this life of its place.
    pub fn get_mut(&mut self, slot: u32, generation: u32) -> Option<&mut T> {
        self.slab
            .get_mut(slot as usize)
            .filter(|life| life.0 == generation)
            .map(|life| &mut life.1)
    }

    /// Takes the value out.
    pub fn remove(&mut self, slot: u32, generation: u32) -> Option<T> {
        self.get(slot, generation)?;
        Some(self.slab.remove(slot as usize).1)
    }

    /// Every value with its place and generation, by ascending place.
    pub fn iter(&self) -> impl Iterator<Item = ((u32, u32), &T)> {
        self.slab.iter().map(|(slot, life)| {
            let slot = u32::try_from(slot).expect("it was one when it was inserted");
            ((slot, life.0), &life.1)
        })
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
