//! What each of two can see, whatever the other does: worlds that differ only
//! in what must not be seen are held beside each other.

use proptest::prelude::*;
use tempfile::TempDir;

use super::super::tables::Tables;
use super::super::{Sqlite, open};
use crate::store::{
    ChangeAccounts as _, ChangeBonds as _, ChangeCrushes as _, Named, Naming, Profile,
    PseudonymKey, ReadAccounts as _, ReadCrushes as _, Revealed, UserKey,
};

const KEY: PseudonymKey = PseudonymKey([3; 32]);

/// Numbers, by whose they are in the beginning.
const ANN: &str = "+861000";
const BOB: &str = "+862000";
const CID: &str = "+863000";
const SPARE: [&str; 3] = ["+864000", "+865000", "+866000"];

struct World {
    _dir: TempDir,
    store: Sqlite,
    registered: u32,
}

/// What a user's own requests show them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct View {
    sent: Vec<(String, String)>,
    /// The words alone: what a pseudonym is says nothing.
    received: Vec<String>,
    mutual: Vec<String>,
}

impl World {
    fn new() -> World {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path()).unwrap();
        // One that never ends: nothing is kept.
        store.raw().execute_batch("BEGIN").unwrap();
        World {
            _dir: dir,
            store,
            registered: 0,
        }
    }

    fn tables(&self) -> Tables<'_> {
        Tables::new(self.store.raw())
    }

    fn register(&mut self, tel: &str) -> UserKey {
        self.registered += 1;
        let profile = Profile {
            nickname: format!("n{}", self.registered),
            gender: "F".into(),
            birthday: String::new(),
            pic_id: String::new(),
            location: String::new(),
            words: String::new(),
        };
        let id = format!("u{:016}", self.registered);
        let mut tables = self.tables();
        let user = tables.add_account(&id, tel, &profile, 1).unwrap();
        assert_eq!(tables.take_number(user, tel, &KEY).unwrap(), []);
        user
    }

    fn user(&self, tel: &str) -> Option<UserKey> {
        let account = self.tables().account_by_tel(tel).unwrap();
        account.map(|account| account.user)
    }

    fn tel(&self, user: UserKey) -> String {
        self.tables().account(user).unwrap().unwrap().tel
    }

    fn name(&self, by: UserKey, tel: &str, words: &str) -> Named {
        let naming = Naming {
            by,
            tel: tel.into(),
            given: format!("typed {tel}"),
            words: words.into(),
            day: "2026-11-28".into(),
            most: 1000,
        };
        self.tables().name_number(&naming, &KEY).unwrap()
    }

    fn named(&self, by: UserKey, tel: &str, words: &str) -> Vec<Revealed> {
        match self.name(by, tel, words) {
            Named::Done(standing) => standing.revealed,
            Named::TooMany => panic!("there is room"),
        }
    }

    fn change_tel(&self, user: UserKey, tel: &str) -> Vec<Revealed> {
        let mut tables = self.tables();
        tables.set_tel(user, tel).unwrap();
        tables.take_number(user, tel, &KEY).unwrap()
    }

    fn view(&self, user: UserKey) -> View {
        let tables = self.tables();
        let (mut sent, mut received) = (Vec::new(), Vec::new());
        let mut keep = |tel: &str, words: &str| sent.push((tel.to_owned(), words.to_owned()));
        tables.crushes_sent(user, 100, &mut keep).unwrap();
        let mut keep = |_: &str, words: &str| received.push(words.to_owned());
        tables.crushes_received(user, 100, &mut keep).unwrap();
        received.sort();
        let mutual = tables.crushes_mutual(user).unwrap().into_iter();
        View {
            sent,
            received,
            mutual: mutual.map(|mutual| mutual.other.nickname).collect(),
        }
    }
}

fn people() -> (World, UserKey, UserKey) {
    let mut world = World::new();
    let (ann, bob) = (world.register(ANN), world.register(BOB));
    (world, ann, bob)
}

fn told(revealed: &[Revealed]) -> Vec<(&str, &str)> {
    let both = |it: &'_ Revealed| (it.to.len(), it.of.nickname.len());
    assert!(revealed.iter().map(both).all(|(to, of)| to > 0 && of > 0));
    let pairs = revealed.iter();
    pairs.map(|it| (&*it.to, &*it.of.user_id)).collect()
}

const ANNS_ID: &str = "u0000000000000001";
const BOBS_ID: &str = "u0000000000000002";

#[test]
fn both_learn_it_when_both_have_said_it() {
    let (world, ann, bob) = people();
    assert_eq!(world.named(ann, BOB, "hey"), []);
    assert_eq!(world.view(bob).received, ["hey"]);
    assert_eq!(world.view(bob).mutual, [""; 0]);
    let revealed = world.named(bob, ANN, "you too?");
    assert_eq!(told(&revealed), [(BOBS_ID, ANNS_ID), (ANNS_ID, BOBS_ID)]);
    assert_eq!(world.view(ann).mutual, ["n2"]);
    assert_eq!(world.view(bob).mutual, ["n1"]);
    // Who is known is nobody unknown as well.
    assert_eq!(world.view(ann).received, [""; 0]);
    assert_eq!(world.view(bob).received, [""; 0]);
    assert_eq!(world.named(bob, ANN, "again"), []);
}

/// Else one could look and take it back before the other has.
#[test]
fn who_takes_it_back_at_once_has_been_seen() {
    let (world, ann, bob) = people();
    world.named(ann, BOB, "hey");
    assert_eq!(world.named(bob, ANN, "").len(), 2);
    assert!(world.tables().cancel_crush(bob, ANN).unwrap());
    assert_eq!(world.view(bob).mutual, [""; 0]);
    assert_eq!(world.view(ann).mutual, ["n2"]);
    // And is nobody unknown either.
    assert_eq!(world.view(bob).received, [""; 0]);
    // Saying it again tells only the one who asks.
    let revealed = world.named(bob, ANN, "");
    assert_eq!(told(&revealed), [(BOBS_ID, ANNS_ID)]);
    for (by, tel) in [(bob, ANN), (ann, BOB)] {
        assert!(world.tables().cancel_crush(by, tel).unwrap());
        assert!(!world.tables().cancel_crush(by, tel).unwrap());
    }
    assert_eq!(world.view(ann).mutual, [""; 0]);
}

#[test]
fn a_pseudonym_is_stable_until_it_was_seen_through() {
    let (world, ann, bob) = people();
    let pseudonym = || {
        let mut seen = Vec::new();
        let mut keep = |name: &str, _: &str| seen.push(name.to_owned());
        world
            .tables()
            .crushes_received(bob, 100, &mut keep)
            .unwrap();
        assert_eq!(seen.len(), 1);
        seen.pop().unwrap()
    };
    world.named(ann, BOB, "1");
    let first = pseudonym();
    world.named(ann, BOB, "2");
    assert_eq!(pseudonym(), first);
    world.tables().cancel_crush(ann, BOB).unwrap();
    world.named(ann, BOB, "3");
    assert_eq!(pseudonym(), first);
    // Under another number of the same user's it is the same somebody.
    world.change_tel(bob, SPARE[0]);
    world.named(ann, SPARE[0], "4");
    assert_eq!(pseudonym(), first);
    assert_eq!(world.view(bob).received, ["4"]);
    world.tables().cancel_crush(ann, BOB).unwrap();
    assert_eq!(pseudonym(), first);

    world.named(bob, ANN, "");
    world.tables().cancel_crush(ann, SPARE[0]).unwrap();
    world.tables().cancel_crush(bob, ANN).unwrap();
    world.named(ann, SPARE[0], "5");
    assert_ne!(pseudonym(), first);
}

#[test]
fn a_crush_waits_for_a_number_and_then_stays_with_its_user() {
    let (mut world, ann, bob) = people();
    world.named(ann, CID, "whoever you are");
    let cid = world.register(CID);
    assert_eq!(world.view(cid).received, ["whoever you are"]);
    world.change_tel(cid, SPARE[0]);
    assert_eq!(world.view(cid).received, ["whoever you are"]);
    // The number's next owner is somebody else.
    let dan = world.register(CID);
    assert_eq!(world.view(dan).received, [""; 0]);
    assert_eq!(world.named(dan, ANN, ""), []);
    assert_eq!(world.named(cid, ANN, "").len(), 2);
    // Gone, and waited for again; nobody who is new has named anybody.
    world.tables().drop_account(cid).unwrap();
    assert_eq!(world.view(ann).mutual, [""; 0]);
    let Named::Done(standing) = world.name(ann, CID, "still") else {
        panic!("there is room");
    };
    // The number's owner has named Ann, and now she has named them.
    assert_eq!(told(&standing.revealed).len(), 2);
    world.tables().drop_account(dan).unwrap();
    let Named::Done(standing) = world.name(ann, CID, "on") else {
        panic!("there is room");
    };
    assert_eq!((standing.is_new, standing.is_mutual), (false, false));
    let cid = world.register(CID);
    assert_eq!(world.view(cid).received, ["on"]);
    // A number that becomes one's own is nobody else's.
    world.named(bob, SPARE[1], "x");
    world.change_tel(bob, SPARE[1]);
    assert_eq!(world.view(bob).sent, []);
    assert_eq!(world.view(bob).received, [""; 0]);
}

#[test]
fn a_new_number_can_make_it_mutual() {
    let (world, ann, bob) = people();
    world.named(ann, SPARE[0], "");
    world.named(bob, ANN, "");
    let revealed = world.change_tel(bob, SPARE[0]);
    assert_eq!(told(&revealed).len(), 2);
    assert_eq!(world.view(ann).mutual, ["n2"]);
}

#[test]
fn nothing_is_said_past_a_block() {
    for blocks in [true, false] {
        let (world, ann, bob) = people();
        let (by, whom) = if blocks { (bob, ann) } else { (ann, bob) };
        world.named(ann, BOB, "before");
        world.tables().block(by, whom, 1).unwrap();
        // To block somebody, and look what is missing, says nothing.
        assert_eq!(world.view(bob).received, ["before"]);
        world.named(ann, BOB, "meanwhile");
        assert_eq!(world.view(bob).received, ["before"]);
        assert_eq!(world.view(ann).sent[0].1, "meanwhile");
        let Named::Done(standing) = world.name(bob, ANN, "x") else {
            panic!("there is room");
        };
        assert!(!standing.is_mutual && standing.revealed.is_empty());
        // Not even that the other is no stranger any more.
        assert_eq!(world.view(bob).received, ["before"]);
        assert_eq!(world.view(ann).mutual, [""; 0]);
        world.tables().unblock(by, whom).unwrap();
        let revealed = world.tables().reveal_crushes(by, whom).unwrap();
        assert_eq!(told(&revealed).len(), 2);
        assert_eq!(world.view(bob).mutual, ["n1"]);
        world.tables().block(by, whom, 1).unwrap();
        assert_eq!(world.view(bob).mutual, [""; 0]);
        assert_eq!(world.view(ann).mutual, [""; 0]);
        assert_eq!(world.view(bob).received, [""; 0]);
    }
}

#[test]
fn what_was_said_during_a_block_comes_out_at_no_time() {
    let (mut world, ann, bob) = people();
    world.tables().block(bob, ann, 1).unwrap();
    world.named(ann, BOB, "hidden");
    world.named(ann, SPARE[0], "hidden too");
    world.change_tel(bob, SPARE[0]);
    world.tables().unblock(bob, ann).unwrap();
    assert_eq!(world.view(bob).received, [""; 0]);
    // Nor to whoever comes again as somebody new, who blocks nobody.
    world.tables().drop_account(bob).unwrap();
    let bob = world.register(BOB);
    assert_eq!(world.view(bob).received, [""; 0]);
    world.named(ann, BOB, "shown");
    assert_eq!(world.view(bob).received, ["shown"]);
}

/// A step of somebody, by the number of whoever it is about.
#[derive(Clone, Debug)]
enum Step {
    Name(usize),
    Cancel(usize),
    Receive(bool),
    Block(usize),
    Unblock(usize),
    Move(usize),
    Delete,
    Register(usize),
}

const TELS: [&str; 6] = [ANN, BOB, CID, SPARE[0], SPARE[1], SPARE[2]];

fn step() -> impl Strategy<Value = Step> {
    let tel = 0..TELS.len();
    prop_oneof![
        4 => tel.clone().prop_map(Step::Name),
        2 => tel.clone().prop_map(Step::Cancel),
        1 => any::<bool>().prop_map(Step::Receive),
        1 => tel.clone().prop_map(Step::Block),
        1 => tel.clone().prop_map(Step::Unblock),
        1 => tel.clone().prop_map(Step::Move),
        1 => Just(Step::Delete),
        1 => tel.prop_map(Step::Register),
    ]
}

/// Does it, if it can be done, and says what the answer was, if there was one.
fn take(world: &mut World, who: &mut Option<UserKey>, step: &Step, words: &str) -> Option<bool> {
    let Some(me) = *who else {
        if let Step::Register(tel) = step
            && world.user(TELS[*tel]).is_none()
        {
            *who = Some(world.register(TELS[*tel]));
        }
        return None;
    };
    match *step {
        Step::Name(tel) if world.tel(me) != TELS[tel] => match world.name(me, TELS[tel], words) {
            Named::Done(standing) => return Some(standing.is_mutual),
            Named::TooMany => panic!("there is room"),
        },
        Step::Cancel(tel) => return Some(world.tables().cancel_crush(me, TELS[tel]).unwrap()),
        Step::Receive(receive) => world.tables().receive_crushes(me, receive).unwrap(),
        Step::Block(tel) => match world.user(TELS[tel]) {
            Some(whom) if whom != me => world.tables().block(me, whom, 1).unwrap(),
            _ => {}
        },
        Step::Unblock(tel) => {
            if let Some(whom) = world.user(TELS[tel]) {
                world.tables().unblock(me, whom).unwrap();
                world.tables().reveal_crushes(me, whom).unwrap();
            }
        }
        Step::Move(tel) if world.user(TELS[tel]).is_none() => {
            world.change_tel(me, TELS[tel]);
        }
        Step::Delete => {
            world.tables().drop_account(me).unwrap();
            *who = None;
        }
        _ => {}
    }
    None
}

/// What Ann gets to see of it all, while Bob does what he does or is not there.
fn seen_by_ann(steps: &[(bool, Step)], with_bob: bool) -> Vec<(Option<bool>, View)> {
    let mut world = World::new();
    let mut ann = Some(world.register(ANN));
    world.register(CID);
    let mut bob = with_bob.then(|| world.register(BOB));
    let mut seen = Vec::new();
    for (number, (is_anns, step)) in steps.iter().enumerate() {
        let words = number.to_string();
        if *is_anns {
            let answer = take(&mut world, &mut ann, step, &words);
            let user = ann.expect("she stays");
            let mut view = world.view(user);
            // That somebody has named her she may know.
            view.received.clear();
            seen.push((answer, view));
        } else if with_bob {
            take(&mut world, &mut bob, step, &words);
        }
    }
    seen
}

/// Neither blocks nor numbers of Ann's own: those tell her of others, though
/// not of what they feel.
fn anns(step: &Step) -> bool {
    matches!(step, Step::Name(1..) | Step::Cancel(_) | Step::Receive(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whether a number has a user, and what that user does, is all the same to
    /// who has named it, unless that user names them.
    #[test]
    fn a_number_that_somebody_has_looks_like_any_other(
        steps in prop::collection::vec((any::<bool>(), step()), 1..40),
    ) {
        let steps: Vec<_> = steps
            .into_iter()
            .filter(|(is_anns, step)| {
                if *is_anns { anns(step) } else { !matches!(step, Step::Name(0)) }
            })
            .collect();
        prop_assert_eq!(seen_by_ann(&steps, true), seen_by_ann(&steps, false));
    }

    /// Who names somebody without being named by them shows them nothing but
    /// that somebody has.
    #[test]
    fn a_crush_that_is_not_returned_is_nobodys(
        steps in prop::collection::vec((any::<bool>(), step()), 1..40),
    ) {
        // Ann names only those whom Bob never is.
        let steps: Vec<_> = steps
            .into_iter()
            .filter(|(is_anns, step)| {
                if *is_anns {
                    anns(step) && !matches!(step, Step::Name(1 | 3..))
                } else {
                    !matches!(step, Step::Move(0 | 2) | Step::Register(0 | 2))
                }
            })
            .collect();
        prop_assert_eq!(seen_by_ann(&steps, true), seen_by_ann(&steps, false));
    }
}
