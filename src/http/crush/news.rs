//! Two learn that they have named each other.

use std::sync::Arc;

use super::super::chat::Chat;
use super::super::notice::Notice;
use crate::store::{Changes, Revealed};

/// Tells those who are online, once it is on disk. The others find it in their
/// list.
pub(in crate::http) fn tell(
    changes: &mut dyn Changes,
    chat: &Arc<dyn Chat>,
    revealed: &[Revealed],
) {
    for Revealed { to, of } in revealed {
        let nickname = &of.nickname;
        let notice = Notice::Crush {
            user_id: of.user_id.clone(),
            nickname: nickname.clone(),
            text: format!("你和{nickname}互相暗恋 / You and {nickname} have a crush on each other"),
        };
        let (chat, to) = (Arc::clone(chat), to.clone());
        changes.then(Box::new(move || chat.notice(&to, &notice)));
    }
}
