//! What travels through the kernel and back with each operation.

/// What kind of operation a completion belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Op {
    /// Multishot accept on a listener.
    Accept = 1,
    /// Multishot receive into the ring's buffers.
    Receive,
    /// One send of one buffer.
    Send,
    /// Cancelling another operation.
    Cancel,
    /// Closing a descriptor.
    Close,
    /// Waiting for a [`Waker`](super::Waker).
    Wake,
    /// A doorbell rung by another ring has arrived here.
    Doorbell,
    /// Ringing another ring's doorbell; completes only if that fails.
    Ringing,
    /// Connecting a socket.
    Connect,
    /// The ring's own alarm.
    Alarm,
    /// Setting that to another time; completes only if that fails.
    Moving,
}

impl Op {
    const ALL: [Op; 11] = [
        Op::Accept,
        Op::Receive,
        Op::Send,
        Op::Cancel,
        Op::Close,
        Op::Wake,
        Op::Doorbell,
        Op::Ringing,
        Op::Connect,
        Op::Alarm,
        Op::Moving,
    ];

    /// Does what was started complete, by the ring that started it, whatever
    /// happens?
    pub(super) const fn is_counted(self) -> bool {
        !matches!(self, Op::Doorbell | Op::Ringing | Op::Moving)
    }
}

/// Whose operation it is: a place in the caller's table and which life of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Place in the caller's table; at most [`Key::MAX_SLOT`].
    pub slot: u32,
    /// Which life of that place.
    pub generation: u32,
}

impl Key {
    /// The highest slot: 24 bits.
    pub const MAX_SLOT: u32 = (1 << 24) - 1;

    /// The `generation`th life of `slot`.
    #[must_use]
    pub const fn new(slot: u32, generation: u32) -> Self {
        Key { slot, generation }
    }
}

/// Kind and owner of an operation, packed into the 64 bits that the kernel
/// hands back: 8 for the kind, 24 for the slot, 32 for the generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// What is done.
    pub op: Op,
    /// For whom.
    pub key: Key,
}

impl Token {
    /// As the kernel carries it.
    ///
    /// # Panics
    /// If the slot needs more than 24 bits.
    #[must_use]
    pub fn pack(self) -> u64 {
        assert!(self.key.slot <= Key::MAX_SLOT, "a slot has 24 bits");
        u64::from(self.op as u8) << 56
            | u64::from(self.key.slot) << 32
            | u64::from(self.key.generation)
    }

    /// What [`pack`](Self::pack) packed; `None` for what it never makes.
    #[must_use]
    pub fn unpack(bits: u64) -> Option<Token> {
        let [kind, a, b, c, g0, g1, g2, g3] = bits.to_be_bytes();
        let op = *Op::ALL.get(usize::from(kind).checked_sub(1)?)?;
        Some(Token {
            op,
            key: Key {
                slot: u32::from_be_bytes([0, a, b, c]),
                generation: u32::from_be_bytes([g0, g1, g2, g3]),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_survives_the_round_trip() {
        for op in Op::ALL {
            for slot in [0, 1, 0xabcd, Key::MAX_SLOT] {
                for generation in [0, 1, 0x8000_0000, u32::MAX] {
                    let token = Token {
                        op,
                        key: Key::new(slot, generation),
                    };
                    assert_eq!(Token::unpack(token.pack()), Some(token));
                }
            }
        }
    }

    #[test]
    fn kinds_sit_at_their_own_number() {
        for (at, op) in Op::ALL.into_iter().enumerate() {
            assert_eq!(op as usize, at + 1);
        }
    }

    #[test]
    fn foreign_bits_are_no_token() {
        assert_eq!(Token::unpack(0), None);
        assert_eq!(Token::unpack(0xff << 56), None);
        assert_eq!(Token::unpack(12 << 56), None);
    }

    #[test]
    #[should_panic(expected = "24 bits")]
    fn a_slot_too_high_is_refused() {
        let _ = Token {
            op: Op::Send,
            key: Key::new(Key::MAX_SLOT + 1, 0),
        }
        .pack();
    }
}
