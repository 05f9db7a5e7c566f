//! Lives that bytes draw instead of a seed, so that a fuzzer can change one
//! step and leave the others as they are.

use super::draw::Draw;
use super::failure::end;
use super::ledger::Sums;
use super::plan::Plan;
use super::world::World;

/// A step of a script is much more that happens, when somebody acts alone.
const HAPPENS: u64 = 4;

/// The first two bytes make the world, each further two a step.
///
/// # Panics
///
/// When a promise is broken.
pub fn live_by(bytes: &[u8]) -> Sums {
    let (seeds, _) = bytes.as_chunks::<2>();
    let mut seeds = seeds
        .iter()
        .map(|&seed| u64::from(u16::from_le_bytes(seed)));
    let most = HAPPENS * seeds.len() as u64;
    let plan = Plan::of(seeds.next().unwrap_or_default(), most);
    let mut world = World::new(plan);
    let mut draw = Draw::new(0);
    for seed in seeds {
        // Some rules only suit a world that is over then.
        if world.steps >= most {
            break;
        }
        draw.reseed(seed);
        let step = draw.step(&world);
        world.step(step);
    }
    end(world)
}
