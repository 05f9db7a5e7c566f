//! Somebody has won.

use std::sync::Arc;

use super::super::chat::Chat;
use super::super::notice::Notice;
use crate::store::{Changes, Outcome, Terms};

/// Tells the winner, if they are online, once it is on disk. Others find it in
/// the list.
pub(in crate::http) fn tell(
    changes: &mut dyn Changes,
    chat: &Arc<dyn Chat>,
    terms: &Terms,
    outcome: &Outcome,
) {
    let (name, number) = (&terms.name, outcome.winner_number);
    let notice = Notice::Lucky {
        id: terms.id.clone(),
        name: name.clone(),
        number,
        text: format!("你的{number}号中奖了:{name} / Your ticket {number} has won: {name}"),
    };
    let (chat, winner) = (Arc::clone(chat), outcome.winner.clone());
    changes.then(Box::new(move || chat.notice(&winner, &notice)));
}
