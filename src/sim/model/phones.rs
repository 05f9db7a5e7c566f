//! Connections: their limits, and what they are about to be told.

use std::time::Duration;

use super::{Model, UserAt};
use crate::engine::ids::Time;
use crate::limits::{ERROR_WINDOW, ERRORS, RATE_BURST_SECONDS, RATE_TOLD_EVERY};
use crate::sim::told::Told;

#[derive(Default)]
pub(super) struct Phone {
    pub(super) user: Option<UserAt>,
    pub(super) closed: bool,
    pub(super) due: Vec<Told>,
    opened: Time,
    heard: Time,
    errors: Vec<Time>,
    /// What the rate limit still allows, as time at the full rate.
    bucket: Duration,
    filled: Time,
    rate_told: Time,
}

impl Model {
    /// A phone calls.
    pub(in crate::sim) fn call(&mut self, phone: usize) {
        self.phones.resize_with(phone + 1, Phone::default);
        let (opened, heard) = (self.now, self.now);
        self.phones[phone] = Phone {
            opened,
            heard,
            bucket: self.burst(),
            ..Phone::default()
        };
    }

    /// Would one more frame be one too many?
    pub(in crate::sim) fn is_over_rate(&self, phone: usize) -> bool {
        self.bucket(phone) < self.gap()
    }

    /// A frame was heard. False if it is one too many.
    pub(super) fn admits(&mut self, phone: usize) -> bool {
        let (now, bucket, gap) = (self.now, self.bucket(phone), self.gap());
        let own = &mut self.phones[phone];
        (own.heard, own.filled, own.bucket) = (now, now, bucket);
        if bucket >= gap {
            own.bucket -= gap;
            return true;
        }
        if own.rate_told == Time(0) || now.since(own.rate_told) >= RATE_TOLD_EVERY {
            own.rate_told = now;
            own.due.push(Told::Error("rate_limited".into()));
        }
        false
    }

    pub(super) fn refuse(&mut self, phone: usize, error: &str) {
        let now = self.now;
        let own = &mut self.phones[phone];
        own.due.push(Told::Error(error.into()));
        if error == "rate_limited" {
            return;
        }
        own.errors.retain(|&at| now.since(at) < ERROR_WINDOW);
        own.errors.push(now);
        if own.errors.len() == ERRORS {
            own.due.push(Told::Error("too_many_errors".into()));
            self.close(phone);
        }
    }

    /// A connection ends, whoever ended it.
    pub(in crate::sim) fn close(&mut self, phone: usize) {
        self.phones[phone].closed = true;
        if let Some(user) = self.phones[phone].user.take() {
            self.gone(user);
        }
    }

    /// Time goes by until then; what is due is done on the way.
    pub(in crate::sim) fn wait(&mut self, until: Time) {
        loop {
            let pauses = self.users.iter();
            let pauses = pauses.map(|user| user.memory.next_pause(self.now));
            let silent = (0..self.phones.len()).map(|phone| self.silent_at(phone));
            let next = pauses.chain(silent).min().unwrap_or(Time::NEVER);
            self.now = next.min(until);
            for phone in 0..self.phones.len() {
                if self.silent_at(phone) <= self.now {
                    self.close(phone);
                }
            }
            self.pair();
            if next >= until {
                return;
            }
        }
    }

    /// When it will have been silent for too long.
    fn silent_at(&self, phone: usize) -> Time {
        let own = &self.phones[phone];
        let after = |from: Time, span: Option<Duration>| span.map_or(Time::NEVER, |by| from + by);
        let idle = after(own.heard, self.rules.idle_timeout);
        match own.user {
            _ if own.closed => Time::NEVER,
            Some(_) => idle,
            None => idle.min(after(own.opened, self.rules.join_timeout)),
        }
    }

    fn bucket(&self, phone: usize) -> Duration {
        let own = &self.phones[phone];
        self.burst().min(own.bucket + self.now.since(own.filled))
    }

    fn gap(&self) -> Duration {
        let rate = self.rules.max_rate;
        rate.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate)
    }

    fn burst(&self) -> Duration {
        self.gap() * self.rules.max_rate.unwrap_or(0) * RATE_BURST_SECONDS
    }
}
