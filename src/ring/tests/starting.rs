//! Making rings, and failing to.

use super::super::StartError;
use super::*;

#[test]
fn a_set_up_that_makes_no_sense_is_refused() {
    let wrong = [
        Setup {
            buffers: 3,
            ..SMALL
        },
        Setup {
            buffer_bytes: 0,
            ..SMALL
        },
        Setup {
            sq_entries: 7,
            ..SMALL
        },
        Setup {
            cq_entries_min: 128,
            ..SMALL
        },
        Setup {
            cq_entries_min: 4,
            ..SMALL
        },
    ];
    for setup in wrong {
        let made = Ring::new(&setup);
        assert!(matches!(made, Err(StartError::Setup(_))), "{setup:?}");
    }
}

#[test]
fn rings_are_as_large_as_asked() {
    let ring = Ring::new(&Setup::default()).unwrap();
    assert!(ring.cq_entries() >= 16_384);
    assert_eq!((ring.buffers(), ring.leased()), (8192, 0));
}
