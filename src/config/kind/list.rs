//! Values that hold several.

use std::collections::BTreeMap;

use super::super::value::{Gateway, Network};
use super::{Kind, Shape};

/// One gateway, or a first and a second.
pub(in crate::config) struct Gateways;

impl Kind for Gateways {
    type Value = Vec<Gateway>;
    const SHAPE: Shape = Shape::List;

    fn read(&self, text: &str) -> Option<Vec<Gateway>> {
        let gateways: Vec<_> = text
            .split(',')
            .map(|name| Gateway::read(name.trim()))
            .collect::<Option<_>>()?;
        match gateways[..] {
            [_] => Some(gateways),
            [first, second] if first != second => Some(gateways),
            _ => None,
        }
    }

    fn show(&self, gateways: &Vec<Gateway>) -> String {
        let names: Vec<_> = gateways.iter().map(|gateway| gateway.name()).collect();
        names.join(",")
    }

    fn may_be(&self) -> String {
        let names = Gateway::ALL.map(Gateway::name).join(", ");
        format!("one or two of {names}")
    }
}

/// Blocks of addresses, or none.
pub(in crate::config) struct Networks;

impl Kind for Networks {
    type Value = Vec<Network>;
    const SHAPE: Shape = Shape::List;

    fn read(&self, text: &str) -> Option<Vec<Network>> {
        if text.is_empty() {
            return Some(Vec::new());
        }
        text.split(',')
            .map(|block| Network::read(block.trim()))
            .collect()
    }

    fn show(&self, networks: &Vec<Network>) -> String {
        let blocks: Vec<_> = networks.iter().map(Network::to_string).collect();
        blocks.join(",")
    }

    fn may_be(&self) -> String {
        "addresses and blocks, such as 10.0.0.0/8,::1".into()
    }
}

/// Beginnings of numbers, or none, which means every country.
pub(in crate::config) struct Countries;

impl Kind for Countries {
    type Value = Vec<String>;
    const SHAPE: Shape = Shape::List;

    fn read(&self, text: &str) -> Option<Vec<String>> {
        if text.is_empty() {
            return Some(Vec::new());
        }
        let country = |text: &str| {
            let digits = text.trim().strip_prefix('+')?;
            let good = (1..=7).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            good.then(|| text.trim().to_owned())
        };
        text.split(',').map(country).collect()
    }

    fn show(&self, countries: &Vec<String>) -> String {
        countries.join(",")
    }

    fn may_be(&self) -> String {
        "+ and calling codes, with an area's digits if need be, such as +86,+1242, or empty for \
         every country"
            .into()
    }
}

/// Telephone numbers and the code that each always gets.
pub(in crate::config) struct Codes;

impl Kind for Codes {
    type Value = BTreeMap<String, String>;
    const SHAPE: Shape = Shape::Map;

    fn read(&self, text: &str) -> Option<BTreeMap<String, String>> {
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let entries = text.split(',').filter(|entry| !entry.trim().is_empty());
        entries
            .map(|entry| {
                let (number, code) = entry.trim().split_once('=')?;
                let digits = number.strip_prefix('+').unwrap_or(number);
                let good = (5..=15).contains(&digits.len())
                    && all_digits(digits)
                    && code.len() == 6
                    && all_digits(code);
                good.then(|| (number.into(), code.into()))
            })
            .collect()
    }

    fn show(&self, codes: &BTreeMap<String, String>) -> String {
        let entries: Vec<_> = codes
            .iter()
            .map(|(n, code)| format!("{n}={code}"))
            .collect();
        entries.join(",")
    }

    fn may_be(&self) -> String {
        "numbers (5 to 15 digits, perhaps a +) with 6-digit codes, +8613800000000=123456".into()
    }
}
