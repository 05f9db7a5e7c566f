//! Memory that the kernel may read while an operation is in flight, kept by the
//! slot of the operation: one piece a slot.

use super::address::Address;

/// What a slot's operation in flight reads from.
enum Held {
    Bytes(Vec<u8>),
    Address(Box<Address>),
}

/// The pieces, by slot.
#[derive(Default)]
pub(super) struct HeldTable {
    slots: Vec<Option<Held>>,
}

impl HeldTable {
    /// Keeps `bytes` for the send of `slot`.
    ///
    /// # Panics
    /// If the slot has a send or connect in flight: its bytes would be freed
    /// under the kernel.
    pub(super) fn hold_bytes(&mut self, slot: u32, bytes: Vec<u8>) -> &[u8] {
        match self.free(slot).insert(Held::Bytes(bytes)) {
            Held::Bytes(bytes) => bytes,
            Held::Address(_) => unreachable!("bytes were put there"),
        }
    }

    /// Keeps `address` for the connect of `slot`.
    ///
    /// # Panics
    /// As [`hold_bytes`](Self::hold_bytes) does.
    pub(super) fn hold_address(&mut self, slot: u32, address: Address) -> &Address {
        match self.free(slot).insert(Held::Address(Box::new(address))) {
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

    fn free(&mut self, slot: u32) -> &mut Option<Held> {
        let at = slot as usize;
        if at >= self.slots.len() {
            self.slots.resize_with(at + 1, || None);
        }
        let held = &mut self.slots[at];
        assert!(held.is_none(), "one send or connect in flight a slot");
        held
    }

    fn release(&mut self, slot: u32) -> Option<Held> {
        self.slots.get_mut(slot as usize)?.take()
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
