//! How long things took: a histogram that travels and merges.

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::clock::SECOND;

/// Longer than this is counted as this.
const LONGEST: u64 = 100 * SECOND;
/// Every value is kept to one in a thousand.
const DIGITS: u8 = 3;

/// Nanoseconds, and how often each. Equal values in a row are counted
/// together; [`settle`](Spread::settle) before reading.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread {
    /// There when there is something in it: it is large.
    histogram: Option<Histogram<u64>>,
    last: u64,
    run: u64,
}

impl Spread {
    /// One more of so many nanoseconds.
    pub(super) fn record(&mut self, nanos: u64) {
        if nanos != self.last {
            self.settle();
            self.last = nanos;
        }
        self.run += 1;
    }

    /// Counts the last run of equal values in.
    pub(super) fn settle(&mut self) {
        if self.run > 0 {
            let (last, run) = (self.last, std::mem::take(&mut self.run));
            self.histogram().saturating_record_n(last, run);
        }
    }

    /// Adds all of `other`, which is settled.
    pub(super) fn merge(&mut self, other: &Spread) {
        self.settle();
        if let Some(other) = &other.histogram {
            let added = self.histogram().add(other);
            added.expect("all spreads have the same bounds");
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.histogram.as_ref().map_or(0, Histogram::len)
    }

    /// The value below which this share of all lies; `None` without any.
    pub(super) fn quantile(&self, share: f64) -> Option<u64> {
        let histogram = self.histogram.as_ref()?;
        Some(histogram.value_at_quantile(share))
    }

    pub(super) fn mean(&self) -> Option<f64> {
        self.histogram.as_ref().map(Histogram::mean)
    }

    fn histogram(&mut self) -> &mut Histogram<u64> {
        self.histogram.get_or_insert_with(|| {
            let histogram = Histogram::new_with_bounds(1, LONGEST, DIGITS);
            histogram.expect("the bounds are in order")
        })
    }
}

/// As pairs of value and count.
impl Serialize for Spread {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let recorded = self.histogram.iter().flat_map(Histogram::iter_recorded);
        serializer
            .collect_seq(recorded.map(|step| (step.value_iterated_to(), step.count_at_value())))
    }
}

impl<'de> Deserialize<'de> for Spread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut spread = Spread::default();
        for (value, count) in Vec::<(u64, u64)>::deserialize(deserializer)? {
            spread.histogram().saturating_record_n(value, count);
        }
        Ok(spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spread(values: &[u64]) -> Spread {
        let mut spread = Spread::default();
        for value in values {
            spread.record(*value);
        }
        spread.settle();
        spread
    }

    const SHARES: [f64; 6] = [0.0, 0.5, 0.9, 0.99, 0.999, 1.0];

    proptest! {
        #[test]
        fn two_merged_are_as_one(
            a in prop::collection::vec(0_u64..10_000_000_000, 0..200),
            b in prop::collection::vec(0_u64..2_000, 0..200),
        ) {
            let whole = spread(&[a.clone(), b.clone()].concat());
            let mut merged = spread(&a);
            merged.merge(&spread(&b));
            prop_assert_eq!(merged.count(), (a.len() + b.len()) as u64);
            for share in SHARES {
                prop_assert_eq!(merged.quantile(share), whole.quantile(share));
            }
        }

        #[test]
        fn one_survives_the_journey(values in prop::collection::vec(0_u64..200 * SECOND, 0..200)) {
            let sent = spread(&values);
            let text = serde_json::to_string(&sent).unwrap();
            let got: Spread = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(got.count(), sent.count());
            for share in SHARES {
                prop_assert_eq!(got.quantile(share), sent.quantile(share));
            }
        }
    }

    #[test]
    fn quantiles_are_true_to_a_thousandth() {
        let values: Vec<u64> = (1..=1000).map(|n| n * 1_000_000).collect();
        let spread = spread(&values);
        for (share, expected) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let got = spread.quantile(share).unwrap() as f64 / 1e6;
            assert!((got / expected - 1.0).abs() < 0.001, "{share}: {got}");
        }
        assert_eq!(Spread::default().quantile(0.5), None);
    }
}
