//! The buffers that the kernel receives into, and the leases on the filled
//! ones.
//!
//! The buffers and the ring of entries that offers them are one mapping each.
//! A lease gives its buffer back when dropped, so none is lost or given back
//! twice; the kernel hears of it at the next [`publish`](Pool::publish).
#![allow(unsafe_code)] // Memory shared with the kernel.

use std::cell::Cell;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::{fmt, io, slice};

use io_uring::types::BufRingEntry;

/// The only buffer group of a ring.
pub(super) const GROUP: u16 = 0;

/// The mappings before they have a thread: what a pool is made of.
pub(super) struct Memory {
    entries: Mapping,
    bytes: Mapping,
    count: u16,
    each: u32,
}

impl Memory {
    /// Room for `count` buffers of `each` bytes; `count` is a power of two.
    pub(super) fn new(count: u16, each: u32) -> io::Result<Memory> {
        let slots = usize::from(count);
        Ok(Memory {
            entries: Mapping::new(slots * size_of::<BufRingEntry>())?,
            bytes: Mapping::new(slots * each as usize)?,
            count,
            each,
        })
    }

    /// Where the kernel finds the entries.
    pub(super) fn entries_address(&self) -> u64 {
        self.entries.start.as_ptr().expose_provenance() as u64
    }

    /// How many buffers.
    pub(super) fn count(&self) -> u16 {
        self.count
    }
}

/// All buffers of one ring.
pub(super) struct Pool {
    memory: Memory,
    /// Where the next buffer given back goes; wraps as the kernel's own does.
    tail: Cell<u16>,
    leased: Cell<u16>,
}

impl Pool {
    /// Fills `memory` with buffers and offers all of them.
    pub(super) fn new(memory: Memory) -> Rc<Pool> {
        let count = memory.count;
        let pool = Pool {
            memory,
            tail: Cell::new(0),
            leased: Cell::new(0),
        };
        for id in 0..count {
            pool.offer(id);
        }
        pool.publish();
        Rc::new(pool)
    }

    /// The lease on buffer `id`, which the kernel filled with `len` bytes.
    pub(super) fn lease(self: &Rc<Self>, id: u16, len: u32) -> Lease {
        assert!(
            id < self.memory.count && len <= self.memory.each,
            "the kernel fills buffers that it was offered"
        );
        self.leased.set(self.leased.get() + 1);
        Lease {
            pool: Rc::clone(self),
            id,
            len,
        }
    }

    /// Lets the kernel see what was given back since the last time.
    pub(super) fn publish(&self) {
        let base = self.base();
        // SAFETY: `base` is the first entry of the ring, in whose reserved
        // field the tail lies by the kernel's definition.
        let tail = unsafe { BufRingEntry::tail(base) }.cast_mut();
        // SAFETY: aligned, inside the mapping that lives as long as `self`, and
        // only ever accessed atomically (the kernel just reads it).
        let tail = unsafe { AtomicU16::from_ptr(tail) };
        // The kernel reads the tail with acquire before it reads the entries.
        tail.store(self.tail.get(), Ordering::Release);
    }

    /// Buffers out on lease.
    pub(super) fn leased(&self) -> u16 {
        self.leased.get()
    }

    /// Buffers in all.
    pub(super) fn count(&self) -> u16 {
        self.memory.count
    }

    /// Puts buffer `id` at the tail, not yet for the kernel to see.
    fn offer(&self, id: u16) {
        let at = self.tail.get() & (self.memory.count - 1);
        // SAFETY: `at` is below `count`, so inside the mapping.
        let entry = unsafe { self.base().add(usize::from(at)) };
        // SAFETY: aligned and inside the mapping; the kernel does not look at
        // entries from the tail on, and no other reference to it exists.
        let entry = unsafe { &mut *entry };
        entry.set_addr(self.buffer(id).as_ptr().expose_provenance() as u64);
        entry.set_len(self.memory.each);
        entry.set_bid(id);
        self.tail.set(self.tail.get().wrapping_add(1));
    }

    fn base(&self) -> *mut BufRingEntry {
        self.memory.entries.start.as_ptr().cast()
    }

    fn buffer(&self, id: u16) -> NonNull<u8> {
        let offset = usize::from(id) * self.memory.each as usize;
        // SAFETY: `id` is below `count`, so the buffer is inside the mapping.
        unsafe { self.memory.bytes.start.add(offset) }
    }
}

/// Bytes that were received, where the kernel put them. Dropping it gives the
/// buffer back.
#[must_use = "dropping a lease gives its bytes back unread"]
pub struct Lease {
    pool: Rc<Pool>,
    id: u16,
    len: u32,
}

impl Deref for Lease {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the kernel filled this many bytes of the buffer and leaves it
        // alone until it is offered again, which only `drop` does; the pool
        // keeps the mapping.
        unsafe { slice::from_raw_parts(self.pool.buffer(self.id).as_ptr(), self.len as usize) }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.offer(self.id);
        self.pool.leased.set(self.pool.leased.get() - 1);
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lease({} bytes)", self.len)
    }
}

/// Zeroed pages of our own, which a forked child does not get.
struct Mapping {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: plain memory, owned by this value alone.
unsafe impl Send for Mapping {}

impl Mapping {
    fn new(len: usize) -> io::Result<Mapping> {
        // SAFETY: a fresh anonymous mapping aliases nothing.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).expect("a mapping is not at address 0");
        let mapping = Mapping { start, len };
        // A child that wrote to a page shared with the kernel would split it
        // from the kernel's view.
        // SAFETY: exactly the mapping just made.
        if unsafe { libc::madvise(start.as_ptr().cast(), len, libc::MADV_DONTFORK) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(mapping)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and nothing refers to it any more.
        let unmapped = unsafe { libc::munmap(self.start.as_ptr().cast(), self.len) };
        debug_assert_eq!(unmapped, 0, "our own mapping can be unmapped");
    }
}
