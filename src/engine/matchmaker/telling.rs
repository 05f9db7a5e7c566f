//! When a place is told again: the near ones on each change, the far ones by
//! walking the queue a slice at a time, once round in five seconds. The walk
//! goes from the back to the front, so that who moves up is not missed.

use super::crowd::{Key, Waiter};
use crate::engine::ids::Time;
use crate::engine::places::Places;
use crate::limits::{FAR_ROUND, FAR_SLICE, NEAR_PLACES, NEAR_TOLD_EVERY};

/// See the module.
#[derive(Debug)]
pub(super) struct Telling {
    changed: bool,
    /// A near place changed that was told less than a second ago.
    near_again: Time,
    far_next: Time,
    /// The last place not yet walked, for each queue.
    far_last: [u64; 2],
}

impl Default for Telling {
    fn default() -> Self {
        Telling {
            changed: false,
            near_again: Time::NEVER,
            far_next: Time(0),
            far_last: [0; 2],
        }
    }
}

impl Telling {
    /// Somebody came, left or jumped.
    pub(super) fn changed(&mut self) {
        self.changed = true;
    }

    /// When there is something to look at, `waiting` being the length of the
    /// longer queue.
    pub(super) fn deadline(&self, waiting: usize) -> Time {
        if self.changed {
            return Time(0);
        }
        let far = if waiting as u64 > NEAR_PLACES {
            self.far_next
        } else {
            Time::NEVER
        };
        self.near_again.min(far)
    }

    /// Looks at what is due. `look` gets place, ticket and whether it is a
    /// near one, and says when that place wants to be looked at again.
    pub(super) fn turn(
        &mut self,
        now: Time,
        queues: &[Places<Key>; 2],
        mut look: impl FnMut(u64, Key, bool) -> Option<Time>,
    ) {
        if self.changed || now >= self.near_again {
            self.changed = false;
            self.near_again = Time::NEVER;
            for queue in queues {
                queue.walk(1, NEAR_PLACES, |place, key| {
                    let again = look(place, key, true).filter(|&again| again > now);
                    self.near_again =
                        again.map_or(self.near_again, |again| self.near_again.min(again));
                });
            }
        }
        let longest = queues.iter().map(Places::len).max().unwrap_or(0) as u64;
        if now >= self.far_next && longest > NEAR_PLACES {
            for (queue, last) in queues.iter().zip(&mut self.far_last) {
                let length = queue.len() as u64;
                let round_over = *last <= NEAR_PLACES;
                let end = if round_over {
                    length
                } else {
                    (*last).min(length)
                };
                let first = end.saturating_sub(FAR_SLICE - 1).max(NEAR_PLACES + 1);
                queue.walk(first, (end + 1).saturating_sub(first), |place, key| {
                    look(place, key, false);
                });
                *last = first - 1;
            }
            let slices = u32::try_from(longest.div_ceil(FAR_SLICE));
            self.far_next = now + FAR_ROUND / slices.expect("fewer than 2^32 tickets");
        }
    }
}

impl Waiter {
    /// Decides about one place: `Some(now)` tells it, a later time is when it
    /// may be told, `None` is nothing to tell.
    pub(super) fn look(&mut self, place: u64, now: Time, near: bool) -> Option<Time> {
        let told = u64::from(self.told);
        let worse = place > told;
        let news = if near {
            place != told
        } else if worse {
            self.lost_better
        } else {
            place != told && (told - place) * 10 >= told
        };
        if !news {
            return None;
        }
        let again = self.told_at + NEAR_TOLD_EVERY;
        if near && again > now {
            return Some(again);
        }
        self.tell(place, now);
        Some(now)
    }

    /// Its place is told now.
    pub(super) fn tell(&mut self, place: u64, now: Time) {
        self.told_at = now;
        self.know(place);
    }

    /// It knows its place.
    pub(super) fn know(&mut self, place: u64) {
        self.told = u32::try_from(place).expect("fewer than 2^32 tickets");
        self.lost_better = false;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::ids::{CoreId, SessionId, Ticket};
    use crate::engine::matchmaker::{Jump, Matchmaker, Side};
    use crate::engine::profile::Keyring;

    fn ticket(user: u32, serial: u32) -> Ticket {
        let session = SessionId {
            core: CoreId(0),
            slot: user,
            generation: 0,
        };
        Ticket { session, serial }
    }

    fn enqueue(queues: &mut Matchmaker, ticket: Ticket) {
        let user = Keyring::new((1, 2)).key(&ticket.session.slot.to_string());
        queues.enqueue(user, ticket, 1, Side::FM, Time(0));
        assert_eq!(queues.next_offer(), None);
        assert!(queues.next_answer(Time(0)).is_some());
    }

    fn told(queues: &mut Matchmaker, at: Duration) -> Vec<(u32, u64)> {
        let mut told = Vec::new();
        queues.tell(Time(0) + at, |ticket, place| {
            told.push((ticket.session.slot, place));
        });
        told
    }

    /// User 0 has the places 1 and 26, user 99 waits behind it.
    fn two_slots() -> Matchmaker {
        let mut queues = Matchmaker::default();
        enqueue(&mut queues, ticket(0, 0));
        for user in 1..=24 {
            enqueue(&mut queues, ticket(user, 0));
        }
        enqueue(&mut queues, ticket(0, 1));
        enqueue(&mut queues, ticket(99, 0));
        assert_eq!(told(&mut queues, FAR_ROUND), []);
        queues.settled(ticket(0, 0), ticket(1000, 0));
        queues
    }

    #[test]
    fn the_loss_of_the_better_slot_is_told() {
        let mut queues = two_slots();
        assert!(told(&mut queues, FAR_ROUND * 2).contains(&(0, 25)));
        assert_eq!(told(&mut queues, FAR_ROUND * 3), []);
    }

    #[test]
    fn a_jump_tells_the_loss_of_the_better_slot() {
        let mut queues = two_slots();
        let jump = queues.pass(ticket(0, 0).session, 1, 1);
        assert_eq!(jump, Some(Jump { from: 25, by: 1 }));
        // To be overtaken then is no news so far back.
        queues.pass(ticket(99, 0).session, 2, 1);
        let told = told(&mut queues, FAR_ROUND * 2);
        assert!(told.iter().all(|told| told.0 != 0), "{told:?}");
    }
}
