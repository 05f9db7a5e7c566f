//! Lives through worlds, and catches the one that breaks.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use super::draw::Draw;
use super::ledger::Sums;
use super::plan::Plan;
use super::script::Step;
use super::shrink::shrink;
use super::world::World;

/// A world that broke, and the shortest way there that was found.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// The steps that it was to live for.
    pub steps: u64,
    /// How many steps of its script it lived through.
    pub lived: usize,
    /// What was wrong.
    pub broken: Broken,
    plan: Plan,
    /// What still leads there.
    script: Vec<Step>,
}

/// What a check said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// Where it stands in the source.
    pub place: String,
    /// What it said.
    pub message: String,
}

/// The world of this seed lives for so many steps.
///
/// # Errors
///
/// What broke, made small.
pub fn live(seed: u64, steps: u64) -> Result<Sums, Box<Failure>> {
    let plan = Plan::of(seed, steps);
    let mut script = Vec::new();
    let broken = match watched(|| draw(seed, steps, &plan, &mut script)) {
        Ok(sums) => return Ok(sums),
        Err(broken) => broken,
    };
    let lived = script.len();
    let breaks = |script: &[Step]| {
        let life = || replay(&plan, script);
        watched(life).is_err_and(|other| other.place == broken.place)
    };
    let script = shrink(script, breaks);
    Err(Box::new(Failure {
        seed,
        steps,
        lived,
        broken,
        plan,
        script,
    }))
}

fn draw(seed: u64, steps: u64, plan: &Plan, script: &mut Vec<Step>) -> Sums {
    let mut world = World::new(plan.clone());
    let mut draw = Draw::new(seed);
    while world.steps < steps {
        let step = draw.step(&world);
        script.push(step);
        world.step(step);
    }
    end(world)
}

fn replay(plan: &Plan, script: &[Step]) -> Sums {
    let mut world = World::new(plan.clone());
    for &step in script {
        world.step(step);
    }
    end(world)
}

pub(super) fn end(mut world: World) -> Sums {
    world.everybody_leaves(0);
    world.ledger.sums
}

thread_local! {
    /// What broke on this thread, while a world is watched.
    static BROKEN: RefCell<Option<Broken>> = const { RefCell::new(None) };
}

fn message(payload: &dyn Any) -> String {
    let fixed = payload.downcast_ref::<&str>().map(ToString::to_string);
    let made = || payload.downcast_ref::<String>().cloned();
    fixed.or_else(made).unwrap_or_default()
}

/// What a life came to, or what broke it; nothing is printed.
fn watched<T>(life: impl FnOnce() -> T) -> Result<T, Broken> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let watched = BROKEN.with_borrow_mut(|broken| {
                broken.as_mut().map(|broken| {
                    broken.place = panic
                        .location()
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    broken.message = message(panic.payload());
                })
            });
            if watched.is_none() {
                usual(panic);
            }
        }));
    });
    BROKEN.set(Some(Broken::default()));
    let outcome = catch_unwind(AssertUnwindSafe(life));
    let broken = BROKEN.take().unwrap_or_default();
    outcome.map_err(|_| broken)
}

impl Failure {
    /// How many steps and handsets lead to it.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let calls = |step: &&Step| matches!(step, Step::Call { .. });
        let handsets = self.script.iter().filter(calls).count();
        (self.script.len(), handsets)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (steps, handsets) = self.size();
        writeln!(
            f,
            "the world of seed {} ({} steps) broke in its step {}: {}\n  at {}",
            self.seed, self.steps, self.lived, self.broken.message, self.broken.place
        )?;
        writeln!(f, "  {:?}", self.plan)?;
        writeln!(f, "  {steps} steps of {handsets} handsets lead there:")?;
        for step in &self.script {
            writeln!(f, "    {step:?}")?;
        }
        let (seed, steps) = (self.seed, self.steps);
        write!(f, "tools/soak sim --seed {seed} --steps {steps} replays it")
    }
}
