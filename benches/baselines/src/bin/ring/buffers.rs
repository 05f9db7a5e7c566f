//! The ring of buffers that the kernel receives into.

use std::io;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::Submitter;
use io_uring::types::BufRingEntry;

/// The only buffer group.
pub(super) const GROUP: u16 = 0;

const BUFFERS: u16 = 512;
const BUFFER_BYTES: u32 = 8192;

/// The buffers that the kernel receives into. There as long as the process.
pub(super) struct Buffers {
    entries: *mut BufRingEntry,
    bytes: *mut u8,
    tail: u16,
}

impl Buffers {
    pub(super) fn register(submitter: &Submitter<'_>) -> io::Result<Buffers> {
        #[derive(Clone)]
        #[repr(align(4096))]
        struct Page {
            _bytes: [u8; 4096],
        }
        let pages = (usize::from(BUFFERS) * size_of::<BufRingEntry>()).div_ceil(4096);
        let entries = vec![Page { _bytes: [0; 4096] }; pages].leak().as_mut_ptr();
        let bytes = vec![0; usize::from(BUFFERS) * BUFFER_BYTES as usize].leak();
        let mut buffers = Buffers {
            entries: entries.cast(),
            bytes: bytes.as_mut_ptr(),
            tail: 0,
        };
        let address = entries.expose_provenance() as u64;
        // SAFETY: zeroed, aligned to a page, with room for all entries, and
        // never given back.
        unsafe { submitter.register_buf_ring_with_flags(address, BUFFERS, GROUP, 0)? };
        (0..BUFFERS).for_each(|id| buffers.offer(id));
        buffers.publish();
        Ok(buffers)
    }

    /// What was received into one of them.
    pub(super) fn filled(&self, id: u16, bytes: i32) -> &[u8] {
        let bytes = usize::try_from(bytes).unwrap_or(0);
        // SAFETY: the kernel has filled so many bytes of that buffer and leaves
        // it alone until it is offered again.
        unsafe { std::slice::from_raw_parts(self.buffer(id), bytes) }
    }

    /// Puts a buffer at the tail, for the kernel to see at `publish`.
    pub(super) fn offer(&mut self, id: u16) {
        let at = self.tail & (BUFFERS - 1);
        // SAFETY: within the entries, and the kernel does not look there yet.
        let entry = unsafe { &mut *self.entries.add(usize::from(at)) };
        entry.set_addr(self.buffer(id).expose_provenance() as u64);
        entry.set_len(BUFFER_BYTES);
        entry.set_bid(id);
        self.tail = self.tail.wrapping_add(1);
    }

    /// Lets the kernel see what was offered.
    pub(super) fn publish(&self) {
        // SAFETY: the tail is where the kernel says, in the first entry, and
        // nothing touches it but as an atomic.
        let tail = unsafe { AtomicU16::from_ptr(BufRingEntry::tail(self.entries).cast_mut()) };
        tail.store(self.tail, Ordering::Release);
    }

    fn buffer(&self, id: u16) -> *mut u8 {
        assert!(id < BUFFERS, "the kernel fills what it was offered");
        // SAFETY: within the bytes.
        unsafe { self.bytes.add(usize::from(id) * BUFFER_BYTES as usize) }
    }
}
