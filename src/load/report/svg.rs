//! Curves as inline SVG. Colours are the page's own, by class.

use std::fmt::Write as _;

/// The drawing's size; it is scaled to fit.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 280.0;
/// Room for labels.
const LEFT: f64 = 64.0;
const BOTTOM: f64 = 34.0;
const TOP: f64 = 14.0;
const RIGHT: f64 = 16.0;

/// One curve: its class and its points, in the units of the axes.
pub(super) struct Curve {
    pub(super) class: &'static str,
    pub(super) points: Vec<(f64, f64)>,
    /// Filled down to the axis.
    pub(super) filled: bool,
}

/// A drawing with labelled axes.
pub(super) struct Chart {
    pub(super) title: String,
    /// Positions and labels.
    pub(super) x_marks: Vec<(f64, String)>,
    pub(super) x: (f64, f64),
    /// From 0 to a round number above this.
    pub(super) y_most: f64,
    pub(super) curves: Vec<Curve>,
}

impl Chart {
    pub(super) fn draw(&self) -> String {
        let mut out = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            self.title
        );
        let (top, step) = round_scale(self.y_most);
        let mut at = 0.0;
        while at <= top * 1.001 {
            let y = self.y(at, top);
            let label = short(at);
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"mark\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y + 4.0
            );
            at += step;
        }
        for (value, label) in &self.x_marks {
            let _ = write!(
                out,
                "<text class=\"mark\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
                self.x(*value),
                HEIGHT - BOTTOM + 20.0
            );
        }
        for curve in &self.curves {
            self.draw_curve(&mut out, curve, top);
        }
        out + "</svg>"
    }

    fn draw_curve(&self, out: &mut String, curve: &Curve, top: f64) {
        let path: Vec<String> = curve
            .points
            .iter()
            .map(|(x, y)| format!("{:.1},{:.1}", self.x(*x), self.y(*y, top)))
            .collect();
        let (Some(first), Some(last)) = (curve.points.first(), curve.points.last()) else {
            return;
        };
        if curve.filled {
            let floor = self.y(0.0, top);
            let _ = write!(
                out,
                "<polygon class=\"{} area\" points=\"{:.1},{floor:.1} {} {:.1},{floor:.1}\"/>",
                curve.class,
                self.x(first.0),
                path.join(" "),
                self.x(last.0)
            );
        }
        let _ = write!(
            out,
            "<polyline class=\"{}\" points=\"{}\"/>",
            curve.class,
            path.join(" ")
        );
        let _ = write!(
            out,
            "<circle class=\"{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>",
            curve.class,
            self.x(last.0),
            self.y(last.1, top)
        );
    }

    fn x(&self, value: f64) -> f64 {
        let (low, high) = self.x;
        let span = (high - low).max(f64::MIN_POSITIVE);
        LEFT + (value - low) / span * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64, top: f64) -> f64 {
        HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP)
    }
}

/// The end of a scale that holds `most`, and the step of its lines.
fn round_scale(most: f64) -> (f64, f64) {
    let most = if most > 0.0 { most } else { 1.0 };
    let decade = 10_f64.powf((most / 4.0).log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .map(|factor| factor * decade)
        .into_iter()
        .find(|step| step * 5.0 >= most);
    let step = step.unwrap_or(10.0 * decade);
    ((most / step).ceil() * step, step)
}

/// A number with a letter for thousands, without needless digits.
pub(super) fn short(value: f64) -> String {
    let (value, letter) = match value {
        _ if value >= 1e6 => (value / 1e6, "M"),
        _ if value >= 1e4 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let digits = if value >= 100.0 || value.fract() == 0.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$}{letter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_high_enough() {
        for (most, expected) in [
            (0.0, (1.0, 0.2)),
            (7.0, (8.0, 2.0)),
            (99_000.0, (100_000.0, 20_000.0)),
        ] {
            let (top, step) = round_scale(most);
            assert!(
                (top - expected.0).abs() < 1e-9 && (step - expected.1).abs() < 1e-9,
                "{most}: {top} {step}"
            );
        }
    }

    #[test]
    fn numbers_are_short() {
        let table = [
            (0.0, "0"),
            (0.25, "0.25"),
            (12.5, "12.5"),
            (9999.0, "9999"),
            (12_500.0, "12.5k"),
            (2e6, "2M"),
        ];
        for (value, expected) in table {
            assert_eq!(short(value), expected);
        }
    }
}
