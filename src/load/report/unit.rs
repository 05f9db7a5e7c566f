//! Numbers as people read them: few digits, and a unit that suits their size.

/// What a number counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    /// Things.
    Count,
    Micros,
    Nanos,
    Bytes,
}

/// A size of numbers: what one is, and its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    one: f64,
    name: &'static str,
}

/// So much of a unit is told in the next one.
const MOST: f64 = 1e4;

impl Unit {
    /// From the smallest, each a thousand of the one before.
    fn names(self) -> &'static [&'static str] {
        match self {
            Unit::Count => &["", "k", "M", "G"],
            Unit::Micros => &[" µs", " ms", " s"],
            Unit::Nanos => &[" ns", " µs", " ms", " s"],
            Unit::Bytes => &[" B", " kB", " MB", " GB"],
        }
    }

    /// The one that suits a value.
    pub(super) fn scale(self, value: f64) -> Scale {
        let mut one = 1.0;
        let mut names = self.names().iter().copied().peekable();
        let mut name = names.next().expect("each unit has a name");
        while let Some(larger) = names.next_if(|_| value / one >= MOST) {
            one *= 1e3;
            name = larger;
        }
        Scale { one, name }
    }
}

impl Scale {
    /// The value in three digits or more, and its unit; nothing needs none.
    pub(super) fn show(self, value: f64) -> String {
        if value == 0.0 {
            return "0".into();
        }
        let value = value / self.one;
        let digits = match value {
            100.0.. => 0,
            10.0..100.0 => 1,
            _ => 2,
        };
        let number = format!("{value:.digits$}");
        let number = match number.contains('.') {
            true => number.trim_end_matches('0').trim_end_matches('.'),
            false => &number,
        };
        format!("{number}{}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let table = [
            (Unit::Count, 0.0, "0"),
            (Unit::Count, 0.254, "0.25"),
            (Unit::Count, 12.5, "12.5"),
            (Unit::Count, 7.5, "7.5"),
            (Unit::Count, 30.0, "30"),
            (Unit::Count, 9999.0, "9999"),
            (Unit::Count, 12_500.0, "12.5k"),
            (Unit::Count, 2e7, "20M"),
            (Unit::Micros, 127.83, "128 µs"),
            (Unit::Micros, 20_500.0, "20.5 ms"),
            (Unit::Nanos, 80_793.0, "80.8 µs"),
            (Unit::Bytes, 4096.0, "4096 B"),
        ];
        for (unit, value, expected) in table {
            assert_eq!(unit.scale(value).show(value), expected);
        }
    }

    #[test]
    fn the_largest_unit_holds_the_rest() {
        assert_eq!(Unit::Micros.scale(5e11).show(5e11), "500000 s");
    }
}
