//! What happens in a world, step by step: all that is needed to live it again.
//! Any of the steps may be left out; what is impossible then does not happen.

use super::moves::Move;

/// Who may come. Those with an odd number are men, mostly. All whose ids look
/// so are registered at first, but for the last.
pub(super) const USERS: [&str; 24] = [
    "ann",
    "ub0b0000000000000",
    "ucat0000000000000",
    "dan",
    "eve",
    "ufred000000000000",
    "ufay0000000000000",
    "gus",
    "hope",
    "ian",
    "ida",
    "jack",
    "ukate000000000000",
    "umax0000000000000",
    "mia",
    "ned",
    "oda",
    "paul",
    "ruth",
    "sam",
    "tess",
    "will",
    "zoe",
    UNREGISTERED,
];

/// Looks like a registered user's id.
pub(super) const UNREGISTERED: &str = "uned0000000000000";

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A new phone calls a core; `named` is its dialect.
    Call {
        phone: usize,
        core: usize,
        user: usize,
        named: bool,
    },
    /// A phone does something; it is on its way.
    Act { phone: usize, act: Act },
    /// Something that is under way gets ahead.
    Go(Move),
    /// A few bytes of what a phone said arrive.
    Hear { phone: usize, most: usize },
    /// The turn of each core is over.
    Turn,
    /// So many milliseconds go by.
    Wait(u64),
    /// A core stands still for a while, or no core does.
    Stall(Option<usize>),
    /// Nothing arrives on a lane for a while, or all goes on.
    Slow(Option<(usize, usize)>),
    /// HTTP has changed or to tell something; it is on its way.
    News(News),
    /// Everything arrives, in an order of this seed.
    Quiet(u64),
    /// A phone does something while nothing else happens, and everything that
    /// follows from it arrives, in an order of this seed.
    Alone { phone: usize, act: Act, seed: u64 },
    /// HTTP does something while nothing else happens.
    NewsAlone { news: News, seed: u64 },
    /// So many milliseconds go by, and whatever is due is done in its time.
    Idle { milliseconds: u64, seed: u64 },
}

/// What comes from HTTP, about users by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// One has, or has not, blocked another.
    Block { by: usize, whom: usize, on: bool },
    /// One is to be told something.
    Notice(usize),
    /// One logs out everywhere.
    LogOut(usize),
    /// One's account is no more.
    Delete(usize),
    /// An operator bans one for so many milliseconds, or for good.
    Ban {
        user: usize,
        milliseconds: Option<u64>,
    },
    /// An operator lifts one's ban.
    Unban(usize),
    /// An operator asks what one does.
    Look(usize),
}

/// Which token comes with a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// The user's own, if it is registered.
    Own,
    /// None.
    Nothing,
    /// Another.
    Wrong,
}

/// What somebody does. Numbers choose among what there is, again from the
/// first if there is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Joins, perhaps as another user.
    Join {
        user: usize,
        gender: bool,
        find: bool,
        guys: u32,
        shows: Shows,
    },
    /// Says something in one of its talks.
    Talk { which: usize, naming: Naming },
    /// Ends one of its talks.
    End {
        which: usize,
        naming: Naming,
        text: bool,
        refuse: bool,
    },
    /// Ends a talk, if any, and queues again.
    Next {
        which: Option<usize>,
        naming: Naming,
        text: bool,
    },
    /// Says a last word to a user.
    Word { to: usize, naming: Naming },
    /// Ends what it has with a user, be it on or not.
    EndWith { to: usize, text: bool, refuse: bool },
    /// Jumps the queue.
    Pass,
    /// Leaves everything.
    Leave,
    /// A heartbeat.
    Beat,
    /// One of [`RUBBISH`].
    Rubbish(usize),
    /// Closes, and what it has said last may never arrive.
    Vanish { unheard: bool },
}

/// Does a message name its talk?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// It says which talk it means.
    Right,
    /// It leaves that out.
    Missing,
    /// It names another.
    Wrong,
}

/// What no server understands, and the error that answers it.
pub(super) const RUBBISH: [(&str, &str); 5] = [
    ("6#{", "bad_json"),
    ("99#{}", "unknown_type"),
    ("what?", "bad_frame"),
    ("7#{}", "missing_field"),
    ("01#{}", "bad_frame"),
];

impl Step {
    /// Whose step it is.
    pub(super) fn phone(&self) -> Option<usize> {
        match *self {
            Step::Call { phone, .. }
            | Step::Act { phone, .. }
            | Step::Hear { phone, .. }
            | Step::Alone { phone, .. }
            | Step::Go(
                Move::Take(phone)
                | Move::Hear(phone)
                | Move::End(phone)
                | Move::LetGo(phone)
                | Move::Flush(phone)
                | Move::Lose(phone),
            ) => Some(phone),
            _ => None,
        }
    }
}
