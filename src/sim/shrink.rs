//! Makes a failing script small: greedily, as delta debugging does (Zeller and
//! Hildebrandt, "Simplifying and isolating failure-inducing input", 2002).

use std::collections::BTreeSet;

use super::script::Step;

/// So many steps are lived through in vain before it is good enough.
const PATIENCE_STEPS: usize = 2_000_000;

/// Pieces of this size are left out before whole handsets are.
const ROUGHLY: usize = 50;

/// Leaves out whatever can be left out while it still `breaks`.
pub(super) fn shrink(script: Vec<Step>, breaks: impl Fn(&[Step]) -> bool) -> Vec<Step> {
    let mut shrinking = Shrinking {
        script,
        breaks,
        patience: PATIENCE_STEPS,
    };
    shrinking.drop_halves(ROUGHLY);
    shrinking.drop_handsets();
    shrinking.drop_halves(1);
    shrinking.script
}

struct Shrinking<B> {
    script: Vec<Step>,
    breaks: B,
    patience: usize,
}

impl<B: Fn(&[Step]) -> bool> Shrinking<B> {
    /// Drops ever smaller pieces, down to a size; of that one until no more go.
    fn drop_halves(&mut self, least: usize) {
        let mut size = (self.script.len() / 2).max(least);
        loop {
            let before = self.script.len();
            self.drop_pieces(size);
            let smaller = self.script.len() < before;
            if size == least && !smaller {
                return;
            }
            size = (size / 2).max(least);
        }
    }

    fn drop_handsets(&mut self) {
        let phones: BTreeSet<_> = self.script.iter().filter_map(Step::phone).collect();
        for phone in phones {
            let others = self.script.iter().copied();
            let others = others.filter(|step| step.phone() != Some(phone));
            let others = others.collect();
            self.offer(others);
        }
    }

    fn drop_pieces(&mut self, size: usize) {
        let mut end = self.script.len();
        while end > 0 {
            let start = end.saturating_sub(size);
            let mut rest = self.script.clone();
            rest.drain(start..end);
            self.offer(rest);
            end = start.min(self.script.len());
        }
    }

    /// Takes a smaller script if that breaks as well.
    fn offer(&mut self, smaller: Vec<Step>) {
        if self.patience == 0 {
            return;
        }
        self.patience = self.patience.saturating_sub(smaller.len());
        if (self.breaks)(&smaller) {
            self.script = smaller;
        }
    }
}
