#![allow(unsafe_code)] // A global allocator cannot be written without; it only counts.
//! What the engine takes from the heap: for a line that is relayed, nothing on
//! one core and one box between two; for a session that idles, not much.

#[path = "../benches/bare/mod.rs"]
pub mod bare;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::iter::Cycle;
use std::slice::Iter;
use std::time::Duration;

use bare::idle::Idle;
use bare::{CHUNK_BYTES, Core, Voice, exchange};
use pairline::engine::rules::Rules;

/// Counts what this thread does; tests run beside each other.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<i64> = const { Cell::new(0) };
}

fn count(calls: u64, taken: usize, given: usize) {
    let signed = |bytes: usize| i64::try_from(bytes).unwrap_or(i64::MAX);
    CALLS.set(CALLS.get() + calls);
    BYTES.set(BYTES.get() + signed(taken) - signed(given));
}

// SAFETY: every call is the system allocator's own, with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size(), 0);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, 0, layout.size());
        // SAFETY: as above; what is given back was taken from `System`.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(1, size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// How often `act` asks the heap for memory.
fn allocations(act: impl FnOnce()) -> u64 {
    let before = CALLS.get();
    act();
    CALLS.get() - before
}

/// Pairs who talk, and lines of a turn.
const PAIRS: usize = 64;
/// Turns until every buffer has the size that it will keep; longer than the
/// longest time-out.
const WARM_UP: usize = 400;
const TURNS: usize = 400;
/// Long enough that the default rate limit lets every line pass.
const PAUSE: Duration = Duration::from_secs(1);

#[test]
fn the_count_can_be_anything_but_zero() {
    let grown = allocations(|| {
        let mut list = vec![1_u8];
        list.reserve_exact(10_000);
        drop(black_box((list, Box::new([0_u64; 4]))));
    });
    assert_eq!(grown, 3, "a vector, its growth and a box");
    assert_eq!(allocations(|| drop(black_box(Vec::<u8>::new()))), 0);
}

#[test]
fn a_line_relayed_on_one_core_takes_nothing() {
    in_steady_state(|core, voices| {
        for voice in voices.by_ref().take(PAIRS) {
            core.hear(voice.from, &voice.line);
            assert_eq!(core.queued(voice.to), voice.line);
        }
    });
}

#[test]
fn nor_does_one_that_is_cut_in_two() {
    let mut cut = 0;
    in_steady_state(|core, voices| {
        for voice in voices.by_ref().take(PAIRS) {
            cut = (cut + 1) % voice.line.len();
            let (head, tail) = voice.line.split_at(cut);
            core.hear(voice.from, head);
            core.hear(voice.from, tail);
            assert_eq!(core.queued(voice.to), voice.line);
        }
    });
}

#[test]
fn nor_do_those_of_a_full_buffer() {
    let mut said = Vec::with_capacity(2 * CHUNK_BYTES);
    in_steady_state(|core, voices| {
        let voice = voices.next().expect("they never end");
        said.clear();
        while said.len() <= CHUNK_BYTES {
            said.extend_from_slice(&voice.line);
        }
        core.hear(voice.from, &said);
        assert_eq!(core.queued(voice.to), said);
    });
}

/// What a turn consists of asks the heap for nothing once it has been warmed
/// up.
fn in_steady_state(mut turn: impl FnMut(&mut Core, &mut Cycle<Iter<'_, Voice>>)) {
    let mut core = Core::alone(Rules::default());
    let voices = bare::pairs(&mut core, PAIRS);
    let mut voices = voices.iter().cycle();
    let mut turns = |count| {
        for _ in 0..count {
            turn(&mut core, &mut voices);
            core.turn(PAUSE);
        }
    };
    turns(WARM_UP);
    assert_eq!(allocations(|| turns(TURNS)), 0);
}

/// The box is the note's body.
#[test]
fn a_line_between_two_cores_takes_one_box() {
    const LINES: usize = 10;
    let mut cores = [0, 1].map(|core| Core::new(core, 2, Rules::default()));
    let [her, him] = [0, 1].map(|core| cores[core].open());
    cores[0].hear(her, &bare::join("penny", 'F'));
    exchange(&mut cores);
    cores[1].hear(him, &bare::join("tom", 'M'));
    exchange(&mut cores);
    cores.iter_mut().for_each(|core| core.turn(PAUSE));
    let hers = bare::talking("penny", "tom");
    let his = bare::talking("tom", "penny");
    let mut turns = |count| {
        for _ in 0..count {
            for _ in 0..LINES {
                cores[0].hear(her, &hers);
                cores[1].hear(him, &his);
            }
            exchange(&mut cores);
            assert_eq!(cores[0].queued(her).len(), his.len() * LINES);
            assert_eq!(cores[1].queued(him).len(), hers.len() * LINES);
            cores.iter_mut().for_each(|core| core.turn(PAUSE));
        }
    };
    turns(WARM_UP);
    let boxes = allocations(|| turns(TURNS));
    assert_eq!(boxes, (TURNS * LINES * 2) as u64);
}

/// The engine alone, one conversation wanted, waiting. Of what a table has in
/// reserve the system gives nothing until it is used, so with so many there is
/// almost none: each is a little less than a power of two.
#[test]
fn an_idle_session_takes_little() {
    const SESSIONS: u32 = (1 << 16) - 1;
    const BYTES_EACH: i64 = 412;
    let mut idle = Idle::nobody();
    let before = BYTES.get();
    idle.come(SESSIONS);
    let each = (BYTES.get() - before) / i64::from(SESSIONS);
    println!("{each} bytes of heap a session");
    assert!((1..BYTES_EACH).contains(&each), "{each} bytes a session");
}
