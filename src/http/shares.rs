//! What each address may hold of something that there is only so much of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::address::Origin;

/// So many places for each address. Only those that hold or await one are
/// remembered.
pub(super) struct Shares {
    each: usize,
    origins: Mutex<HashMap<Origin, Arc<Semaphore>>>,
}

/// One of an address's places, given back when dropped; or the wish for one.
pub(super) struct Share {
    shares: Arc<Shares>,
    origin: Origin,
    place: Option<OwnedSemaphorePermit>,
}

impl Shares {
    pub(super) fn new(each: usize) -> Arc<Shares> {
        Arc::new(Shares {
            each,
            origins: Mutex::default(),
        })
    }

    /// A place, if the address has one left.
    pub(super) fn take(self: &Arc<Self>, origin: Origin) -> Option<Share> {
        let (mut share, places) = self.wish(origin);
        share.place = Some(places.try_acquire_owned().ok()?);
        Some(share)
    }

    /// A place, as soon as the address has one left.
    pub(super) async fn wait(self: &Arc<Self>, origin: Origin) -> Share {
        let (mut share, places) = self.wish(origin);
        let place = places.acquire_owned().await;
        share.place = Some(place.expect("the semaphore is never closed"));
        share
    }

    fn wish(self: &Arc<Self>, origin: Origin) -> (Share, Arc<Semaphore>) {
        let mut origins = self.origins();
        let places = origins
            .entry(origin)
            .or_insert_with(|| Arc::new(Semaphore::new(self.each)));
        let share = Share {
            shares: Arc::clone(self),
            origin,
            place: None,
        };
        (share, Arc::clone(places))
    }

    fn origins(&self) -> MutexGuard<'_, HashMap<Origin, Arc<Semaphore>>> {
        let origins = self.origins.lock();
        origins.expect("whoever counts does not panic")
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut origins = self.shares.origins();
        self.place = None;
        // Each who holds or awaits a place has a hand on all of them.
        if origins
            .get(&self.origin)
            .is_some_and(|places| Arc::strong_count(places) == 1)
        {
            origins.remove(&self.origin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::of(text.parse().unwrap())
    }

    #[test]
    fn each_address_has_its_share_and_gets_it_back() {
        let shares = Shares::new(2);
        let (ann, bob) = (origin("192.0.2.1"), origin("2001:db8::1"));
        let mut held: Vec<_> = (0..5).filter_map(|_| shares.take(ann)).collect();
        assert_eq!(held.len(), 2);
        assert!(shares.take(bob).is_some());
        assert_eq!(shares.origins().len(), 1, "whoever is gone is forgotten");
        held.pop();
        held.extend(shares.take(ann));
        assert_eq!(held.len(), 2);
        assert!(shares.take(ann).is_none());
        drop(held);
        assert!(shares.origins().is_empty());
    }

    #[tokio::test]
    async fn whoever_waits_gets_the_next_and_may_give_up() {
        let shares = Shares::new(1);
        let ann = origin("192.0.2.1");
        let held = shares.wait(ann).await;
        let (one, other) = (Arc::clone(&shares), Arc::clone(&shares));
        let gives_up = tokio::spawn(async move { one.wait(ann).await });
        let stays = tokio::spawn(async move { other.wait(ann).await });
        tokio::task::yield_now().await;
        assert!(!gives_up.is_finished() && !stays.is_finished());
        gives_up.abort();
        assert!(gives_up.await.is_err());
        drop(held);
        let next = stays.await.unwrap();
        assert!(shares.take(ann).is_none());
        drop(next);
        assert!(shares.origins().is_empty());
    }
}
