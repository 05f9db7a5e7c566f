//! Memory that the kernel may read while an operation is in flight, kept by the
//! slot of the operation: one piece a slot. Most slots have nothing in flight,
//! and take four bytes.

use slab::Slab;

use super::address::Address;

/// What a slot's operation in flight reads from.
enum Held {
    Bytes(Vec<u8>),
    Address(Box<Address>),
}

/// The pieces, by slot.
#[derive(Default)]
pub(super) struct HeldTable {
    pieces: Slab<Held>,
    /// Where the piece of each slot is; [`NOWHERE`] if it has none.
    slots: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl HeldTable {
    /// Keeps `bytes` for the send of `slot`.
    ///
    /// # Panics
    /// If the slot has a send or connect in flight: its bytes would be freed
    /// under the kernel.
    pub(super) fn hold_bytes(&mut self, slot: u32, bytes: Vec<u8>) -> &[u8] {
        match self.hold(slot, Held::Bytes(bytes)) {
            Held::Bytes(bytes) => bytes,
            Held::Address(_) => unreachable!("bytes were put there"),
        }
    }

    /// Keeps `address` for the connect of `slot`.
    ///
    /// # Panics
    /// As [`hold_bytes`](Self::hold_bytes) does.
    pub(super) fn hold_address(&mut self, slot: u32, address: Address) -> &Address {
        match self.hold(slot, Held::Address(Box::new(address))) {
            Held::Address(address) => address,
            Held::Bytes(_) => unreachable!("an address was put there"),
        }
    }

    /// The bytes back, once the kernel is done with them.
    pub(super) fn release_bytes(&mut self, slot: u32) -> Vec<u8> {
        match self.release(slot) {
            Some(Held::Bytes(bytes)) => bytes,
            _ => unreachable!("a send completes once and holds its bytes till then"),
        }
    }

    /// Forgets the address, once the kernel is done with it.
    pub(super) fn release_address(&mut self, slot: u32) {
        let held = self.release(slot);
        assert!(
            matches!(held, Some(Held::Address(_))),
            "a connect completes once and holds its address till then"
        );
    }

    fn hold(&mut self, slot: u32, piece: Held) -> &Held {
        let slot = slot as usize;
        if slot >= self.slots.len() {
            self.slots.resize(slot + 1, NOWHERE);
        }
        let place = &mut self.slots[slot];
        assert!(*place == NOWHERE, "one send or connect in flight a slot");
        let at = self.pieces.insert(piece);
        *place = u32::try_from(at).expect("no more pieces than slots");
        &self.pieces[at]
    }

    fn release(&mut self, slot: u32) -> Option<Held> {
        let at = std::mem::replace(self.slots.get_mut(slot as usize)?, NOWHERE);
        self.pieces.try_remove(at as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_held_comes_back_once() {
        let mut table = HeldTable::default();
        assert_eq!(table.hold_bytes(7, b"abc".to_vec()), b"abc");
        assert_eq!(table.release_bytes(7), b"abc");
        assert!(table.release(7).is_none());
        assert!(table.release(8).is_none());
    }

    #[test]
    #[should_panic(expected = "one send or connect in flight")]
    fn two_in_flight_are_refused() {
        let mut table = HeldTable::default();
        table.hold_bytes(1, Vec::new());
        table.hold_bytes(1, Vec::new());
    }
}
