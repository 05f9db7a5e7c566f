//! From what somebody does to what its handset says.

use super::handset::Handset;
use super::said::Said;
use super::script::{Act, Naming, RUBBISH, Shows, USERS};
use super::world::World;

impl World {
    /// What an act says, and what its handset believes then.
    pub(super) fn said(&mut self, phone: usize, act: Act) -> Option<Said> {
        let ledger = &mut self.ledger;
        let own = &mut self.handsets[phone];
        let user = own.user;
        let wrong = own.over.first().copied().unwrap_or(12345);
        let name = |talk: u64, naming| match naming {
            Naming::Right => Some(talk),
            Naming::Missing => None,
            Naming::Wrong => Some(wrong),
        };
        let pick = |own: &Handset, which: usize| {
            let talks = own.talks.iter();
            let at = which.checked_rem(own.talks.len())?;
            talks.map(|(&talk, to)| (talk, to.clone())).nth(at)
        };
        let mut word = |said: bool, to: &str| match said {
            true => ledger.word(to, user, phone),
            false => String::new(),
        };
        Some(match act {
            Act::Join {
                user,
                gender,
                find,
                guys,
                shows,
            } => {
                let user = USERS[user];
                let token = match shows {
                    Shows::Own => self.rig.accounts.token(user),
                    Shows::Nothing => None,
                    Shows::Wrong => Some("x".into()),
                };
                Said::Join {
                    user,
                    gender,
                    find,
                    guys,
                    token,
                }
            }
            Act::Talk { which, naming } => {
                let (talk, to) = pick(own, which).filter(|_| own.sure)?;
                let number = match naming {
                    Naming::Wrong => ledger.vain(),
                    _ => ledger.line(talk, own.user, phone),
                };
                let talk = name(talk, naming);
                Said::Talk { to, talk, number }
            }
            Act::End {
                which,
                naming,
                text,
                refuse,
            } => {
                let (talk, to) = pick(own, which)?;
                if naming != Naming::Wrong {
                    own.ends(talk);
                }
                let text = word(text, &to);
                let talk = name(talk, naming);
                Said::End {
                    to,
                    talk,
                    text,
                    refuse,
                }
            }
            Act::EndWith { to, text, refuse } => {
                let to = USERS[to].to_owned();
                let on = own.talks.iter().find(|talk| *talk.1 == to);
                if let Some((&talk, _)) = on {
                    own.ends(talk);
                }
                let text = word(text, &to);
                let talk = None;
                Said::End {
                    to,
                    talk,
                    text,
                    refuse,
                }
            }
            Act::Next {
                which,
                naming,
                text,
            } => {
                let with = which.and_then(|which| pick(own, which));
                let Some((talk, to)) = with else {
                    let (to, talk, text) = (None, None, String::new());
                    return Some(Said::Next { to, talk, text });
                };
                if naming != Naming::Wrong {
                    own.ends(talk);
                }
                let text = word(text, &to);
                let talk = name(talk, naming);
                let to = Some(to);
                Said::Next { to, talk, text }
            }
            Act::Word { to, naming } => {
                let to = USERS[to].to_owned();
                let on = own.talks.iter().find(|talk| *talk.1 == to);
                let talk = on.and_then(|(&talk, _)| name(talk, naming));
                let text = word(true, &to);
                Said::Word { to, talk, text }
            }
            Act::Pass => Said::Pass,
            Act::Leave => {
                own.leaves();
                Said::Leave
            }
            Act::Rubbish(which) if !own.named => {
                let (line, error) = RUBBISH[which];
                Said::Rubbish(line, error)
            }
            Act::Beat | Act::Rubbish(_) => Said::Beat,
            Act::Vanish { .. } => return None,
        })
    }
}
