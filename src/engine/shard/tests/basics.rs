//! The contract's sentences, one at a time.

use super::rig::{Rig, join};

#[test]
fn two_meet_on_any_cores() {
    for cores in 1..=4 {
        let mut rig = Rig::new(cores);
        let a = rig.connect(0);
        let b = rig.connect(usize::from(cores) - 1);
        rig.say(a, &join("a", "F", "M", 1));
        rig.run();
        assert_eq!(rig.heard(a), [r#"2#{"youNum":"1"}"#]);
        rig.say(b, &join("b", "M", "F", 1));
        rig.run();
        assert!(rig.heard(a)[0].starts_with(r#"5#{"toId":"b""#));
        assert!(rig.heard(b)[0].starts_with(r#"5#{"toId":"a""#));
        rig.hang_up(a);
        rig.run();
        assert!(rig.heard(b)[0].starts_with(r#"9#{"youId":"a","toId":"b""#));
        rig.hang_up(b);
        rig.run();
        rig.assert_nobody();
    }
}
