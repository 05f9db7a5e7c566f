use super::*;

impl Directory {
    /// Who has this id.
    pub(crate) fn holder(&self, user: UserKey) -> Option<SessionId> {
        self.entries.get(&user)?.session
    }
}
