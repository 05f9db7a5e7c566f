//! What `/metrics` says.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use super::{PATIENCE, Server, http_get};

/// Samples by name and labels, as they stand: `pairline_sessions{core="0"}`.
#[derive(Clone, PartialEq)]
pub struct Samples(pub BTreeMap<String, f64>);

impl Samples {
    /// Asks the server's public port.
    #[track_caller]
    pub fn of(server: &Server) -> Samples {
        let (status, text) = http_get(server.http, "/metrics");
        assert_eq!(status, 200, "{text}");
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        Samples(samples.map(sample).collect())
    }

    /// Asks until the samples are as wanted.
    #[track_caller]
    pub fn wait(server: &Server, wanted: impl Fn(&Samples) -> bool) -> Samples {
        let until = Instant::now() + PATIENCE;
        loop {
            let samples = Samples::of(server);
            if wanted(&samples) {
                return samples;
            }
            assert!(Instant::now() < until, "never as wanted: {samples:?}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The sample of exactly this name and these labels.
    #[track_caller]
    pub fn get(&self, series: &str) -> f64 {
        let sample = self.0.get(series).copied();
        sample.unwrap_or_else(|| panic!("no {series} in {self:?}"))
    }

    /// All samples of this name, whatever their labels, added up.
    pub fn sum(&self, name: &str) -> f64 {
        let of_it = |series: &str| {
            let rest = series.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('{'))
        };
        let samples = self.0.iter().filter(|(series, _)| of_it(series));
        samples.map(|(_, value)| value).sum()
    }
}

/// Without what is 0, and without buckets.
impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (series, value) in &self.0 {
            if *value != 0.0 && !series.contains("_bucket{") {
                write!(f, "\n  {series} {value}")?;
            }
        }
        Ok(())
    }
}

#[track_caller]
fn sample(line: &str) -> (String, f64) {
    let (series, value) = line.rsplit_once(' ').expect("a name and a value");
    let value = value.parse().expect("a number");
    (series.to_owned(), value)
}
