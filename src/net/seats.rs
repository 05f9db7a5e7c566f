//! Who may come in: `max_sessions` connections over all cores, of them
//! `max_per_address` from one address.
//!
//! Shared by all cores, and touched when a connection comes and when it goes,
//! never between. The addresses are spread over many small tables, each behind
//! a lock that is held for one look-up: exact, where counters alone would be an
//! estimate, and known at once, where a note to another core would have to be
//! waited for.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};

/// Tables of addresses; cores rarely meet in one.
const TABLES: usize = 64;
/// Of those who find no room, so many at a time are told why. They have
/// descriptors until they have been, and a flood must not take all of them.
const TOLD_AT_ONCE: usize = 64;

/// See the module.
#[derive(Debug)]
pub(super) struct Seats {
    max_sessions: usize,
    max_per_address: Option<u32>,
    taken: AtomicUsize,
    being_told: AtomicUsize,
    tables: [Mutex<HashMap<Origin, u32>>; TABLES],
    /// Keyed by chance: nobody can aim at one table.
    hasher: RandomState,
}

/// What counts as one address: an IPv4 address, or an IPv6 network of 64 bits,
/// which is the least that one customer has for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Origin {
    V4([u8; 4]),
    V6([u16; 4]),
}

/// One connection's place among the `max_sessions`, given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    origin: Option<Origin>,
}

/// The place of somebody who is being told that there is no room.
#[derive(Debug)]
pub(super) struct Standing {
    seats: Arc<Seats>,
}

impl Seats {
    pub(super) fn new(max_sessions: usize, max_per_address: Option<u32>) -> Arc<Self> {
        Arc::new(Seats {
            max_sessions,
            max_per_address,
            taken: AtomicUsize::new(0),
            being_told: AtomicUsize::new(0),
            tables: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        })
    }

    /// A seat, if there is one left.
    pub(super) fn take(self: &Arc<Self>) -> Option<Seat> {
        count_in(&self.taken, self.max_sessions).then(|| Seat {
            seats: Arc::clone(self),
            origin: None,
        })
    }

    /// A place to be told in that there is no room, if there is one left.
    pub(super) fn stand(self: &Arc<Self>) -> Option<Standing> {
        count_in(&self.being_told, TOLD_AT_ONCE).then(|| Standing {
            seats: Arc::clone(self),
        })
    }

    /// Does it matter where somebody comes from?
    pub(super) fn count_addresses(&self) -> bool {
        self.max_per_address.is_some()
    }

    fn table(&self, origin: Origin) -> MutexGuard<'_, HashMap<Origin, u32>> {
        let index = self.hasher.hash_one(origin) % TABLES as u64;
        let index = usize::try_from(index).expect("less than the tables");
        self.tables[index]
            .lock()
            .expect("whoever counts does not panic")
    }
}

impl Seat {
    /// Counts the connection among those from `address`, once; false if that
    /// is one too many.
    #[must_use]
    pub(super) fn comes_from(&mut self, address: IpAddr) -> bool {
        let Some(most) = self.seats.max_per_address else {
            return true;
        };
        debug_assert!(self.origin.is_none(), "a connection comes from one place");
        let origin = Origin::of(address);
        let mut table = self.seats.table(origin);
        let count = table.entry(origin).or_default();
        if *count >= most {
            return false;
        }
        *count += 1;
        self.origin = Some(origin);
        true
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken.fetch_sub(1, Relaxed);
        let Some(origin) = self.origin else { return };
        let mut table = self.seats.table(origin);
        let count = table.get_mut(&origin).expect("it was counted");
        *count -= 1;
        if *count == 0 {
            table.remove(&origin);
        }
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.seats.being_told.fetch_sub(1, Relaxed);
    }
}

impl Origin {
    /// An IPv4 address may come as an IPv6 one, on a socket that takes both.
    fn of(address: IpAddr) -> Origin {
        match address.to_canonical() {
            IpAddr::V4(address) => Origin::V4(address.octets()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Origin::V6([a, b, c, d])
            }
        }
    }
}

/// One more, unless there are `most`.
fn count_in(count: &AtomicUsize, most: usize) -> bool {
    let one_more = |count| (count < most).then_some(count + 1);
    count.fetch_update(Relaxed, Relaxed, one_more).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Seats for all who come from these addresses and find room.
    fn seated(seats: &Arc<Seats>, from: &[&str]) -> Vec<Seat> {
        from.iter()
            .filter_map(|address| {
                let mut seat = seats.take()?;
                seat.comes_from(ip(address)).then_some(seat)
            })
            .collect()
    }

    fn addresses(seats: &Seats) -> usize {
        let tables = seats.tables.iter();
        tables.map(|table| table.lock().unwrap().len()).sum()
    }

    #[test]
    fn what_counts_as_one_address() {
        let table = [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("::1", "0.0.0.1", false),
        ];
        for (a, b, same) in table {
            assert_eq!(Origin::of(ip(a)) == Origin::of(ip(b)), same, "{a} {b}");
        }
    }

    #[test]
    fn each_address_has_its_share_and_gets_it_back() {
        let seats = Seats::new(100, Some(2));
        let mut held = seated(&seats, &["192.0.2.1"; 5]);
        assert_eq!(held.len(), 2);
        assert_eq!(seated(&seats, &["192.0.2.2"; 5]).len(), 2);
        assert_eq!(
            seated(&seats, &["2001:db8::1", "2001:db8::2", "2001:db8::3"]).len(),
            2
        );
        assert_eq!(seated(&seats, &["192.0.2.1"]).len(), 0);
        held.pop();
        assert_eq!(seated(&seats, &["192.0.2.1"; 2]).len(), 1);
        drop(held);
        assert_eq!(addresses(&seats), 0, "nobody is remembered");
        assert_eq!(seats.taken.load(Relaxed), 0);
    }

    #[test]
    fn without_a_limit_nothing_is_remembered() {
        let seats = Seats::new(100, None);
        let held = seated(&seats, &["192.0.2.1"; 50]);
        assert_eq!((held.len(), addresses(&seats)), (50, 0));
    }

    #[test]
    fn there_are_so_many_seats_and_no_more() {
        let seats = Seats::new(3, None);
        let held: Vec<_> = std::iter::from_fn(|| seats.take()).collect();
        assert_eq!(held.len(), 3);
        drop(held);
        assert!(seats.take().is_some());
        let told: Vec<_> = std::iter::from_fn(|| seats.stand()).collect();
        assert_eq!(told.len(), TOLD_AT_ONCE);
        drop(told);
        assert!(seats.stand().is_some());
    }
}
