//! What HTTP tells the chat.

/// The way to the chat. Nothing here waits or fails. It is told from one
/// thread, in the order in which things were written down.
pub trait Chat: Send + Sync {
    /// `by` wants nothing to do with `whom`.
    fn block(&self, by: &str, whom: &str);

    /// `by` has nothing against `whom` any more.
    fn unblock(&self, by: &str, whom: &str);

    /// Tokens of a user were revoked; who still has a good one may join again.
    fn logged_out(&self, user_id: &str);

    /// A user is no more.
    fn deleted(&self, user_id: &str);
}
