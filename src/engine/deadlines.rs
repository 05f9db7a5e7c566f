//! The next time-out and the expired ones.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ids::{LinkId, Time};

/// Times at which to look at a link again. Who is told decides whether
/// anything is due yet and sets the next time.
#[derive(Debug, Default)]
pub struct Deadlines {
    heap: BinaryHeap<Reverse<(Time, LinkId)>>,
}

/// The next times that stand in the deadlines for one link. A link whose
/// nearer time-out comes and goes (something waits to be sent, and is sent)
/// finds the farther one still standing, and does not set it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    first: Time,
    second: Time,
}

impl Deadlines {
    /// Look at this link then, unless an earlier look stands already.
    pub fn set(&mut self, at: Time, link: LinkId, standing: &mut Standing) {
        if at < standing.first {
            standing.second = standing.first;
            standing.first = at;
            self.heap.push(Reverse((at, link)));
        }
    }

    /// The earliest.
    #[must_use]
    pub fn next(&self) -> Time {
        self.heap.peek().map_or(Time::NEVER, |first| first.0.0)
    }

    /// How many times stand here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Takes one out that is due, with the time that was set.
    pub fn expired(&mut self, now: Time) -> Option<(Time, LinkId)> {
        if self.next() > now {
            return None;
        }
        self.heap.pop().map(|first| first.0)
    }
}

impl Standing {
    /// Nothing stands there.
    pub const NONE: Standing = Standing {
        first: Time::NEVER,
        second: Time::NEVER,
    };

    /// A time has come. False if it stands there no more: it belonged to an
    /// earlier life or was one too many.
    #[must_use]
    pub fn came(&mut self, at: Time) -> bool {
        let stands = self.first == at;
        if stands {
            self.first = std::mem::replace(&mut self.second, Time::NEVER);
        }
        stands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: LinkId = LinkId {
        slot: 0,
        generation: 0,
    };

    /// Something is sent once a second and taken at once, for an hour; nothing
    /// is heard in the end. Gives how many entries there ever were, and when
    /// the link was found idle.
    fn hour(idle: u64, stuck: u64) -> (usize, u64) {
        let mut deadlines = Deadlines::default();
        let mut standing = Standing::NONE;
        let (mut most, mut heard) = (0, 0);
        for second in 0.. {
            let now = Time(second);
            while let Some((at, link)) = deadlines.expired(now) {
                if !standing.came(at) {
                    continue;
                }
                if now.0 >= heard + idle {
                    return (most, second);
                }
                deadlines.set(Time(heard + idle), link, &mut standing);
            }
            if second < 3600 {
                heard = second;
            }
            deadlines.set(Time(heard + idle), LINK, &mut standing);
            deadlines.set(Time(second + stuck), LINK, &mut standing);
            most = most.max(deadlines.heap.len());
        }
        unreachable!("it goes idle")
    }

    #[test]
    fn a_busy_link_has_two_entries_and_is_still_found_idle() {
        assert_eq!(hour(300, 30), (2, 3599 + 300));
        assert_eq!(hour(30, 300), (1, 3599 + 30));
    }
}
