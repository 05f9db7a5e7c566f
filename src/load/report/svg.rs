//! Curves as inline SVG. The drawing is stretched to the room that there is;
//! its labels stand around it as text, so that they keep their size. Colours
//! are the page's own, by class.

use std::fmt::Write as _;

use super::unit::Unit;

/// The side of the drawing, before it is stretched.
const SIDE: f64 = 1000.0;

/// One curve with labelled axes.
pub(super) struct Chart {
    pub(super) title: String,
    /// The colour.
    pub(super) class: &'static str,
    /// From where to where.
    pub(super) x: (f64, f64),
    pub(super) x_marks: Vec<Mark>,
    /// What is told upwards, from 0 to a round number above all points.
    pub(super) unit: Unit,
    pub(super) points: Vec<(f64, f64)>,
    /// Filled down to the axis.
    pub(super) filled: bool,
}

/// A label of the axis.
pub(super) struct Mark {
    pub(super) at: f64,
    pub(super) label: String,
    /// Left out where there is little room.
    pub(super) minor: bool,
}

impl Chart {
    pub(super) fn draw(&self) -> String {
        let most = self.points.iter().map(|point| point.1).fold(0.0, f64::max);
        if most == 0.0 {
            return "<p>Nothing was measured.</p>".into();
        }
        let (top, step) = round_scale(most);
        let scale = self.unit.scale(top);
        let (mut grid, mut labels) = (String::new(), String::new());
        let mut at = 0.0;
        // Writing to a string cannot fail.
        while at <= top * 1.001 {
            let _ = write!(grid, "M0 {:.1}H{SIDE}", y(at, top));
            let (up, label) = (at / top * 100.0, scale.show(at));
            let _ = write!(labels, "<span style=\"bottom:{up:.2}%\">{label}</span>");
            at += step;
        }
        let mut below = String::new();
        for mark in &self.x_marks {
            let along = self.x(mark.at) / SIDE * 100.0;
            let class = if mark.minor { " class=\"minor\"" } else { "" };
            let _ = write!(
                below,
                "<span{class} style=\"left:{along:.2}%\">{}</span>",
                mark.label
            );
        }
        format!(
            "<div class=\"chart {}\" role=\"img\" aria-label=\"{}\"><div class=\"up\">{labels}</div>\
             <svg viewBox=\"0 0 {SIDE} {SIDE}\" preserveAspectRatio=\"none\">\
             <path class=\"grid\" d=\"{grid}\"/>{}</svg><div class=\"along\">{below}</div></div>",
            self.class,
            self.title,
            self.curve(top)
        )
    }

    fn curve(&self, top: f64) -> String {
        let path: Vec<String> = (self.points.iter())
            .map(|(at, value)| format!("{:.1},{:.1}", self.x(*at), y(*value, top)))
            .collect();
        let path = path.join(" ");
        let area = if self.filled {
            let [from, to] = [self.points.first(), self.points.last()]
                .map(|point| self.x(point.expect("there are points").0));
            format!("<polygon points=\"{from:.1},{SIDE} {path} {to:.1},{SIDE}\"/>")
        } else {
            String::new()
        };
        format!("{area}<polyline points=\"{path}\"/>")
    }

    fn x(&self, value: f64) -> f64 {
        let (low, high) = self.x;
        (value - low) / (high - low).max(f64::MIN_POSITIVE) * SIDE
    }
}

fn y(value: f64, top: f64) -> f64 {
    SIDE - value / top * SIDE
}

/// The end of a scale that holds `most`, and the step of its lines.
fn round_scale(most: f64) -> (f64, f64) {
    let decade = 10_f64.powf((most / 4.0).log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .map(|factor| factor * decade)
        .into_iter()
        .find(|step| step * 5.0 >= most);
    let step = step.unwrap_or(10.0 * decade);
    ((most / step).ceil() * step, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_high_enough() {
        for (most, expected) in [
            (1.0, (1.0, 0.2)),
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
}
