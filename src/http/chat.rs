//! What HTTP tells the chat.

/// The way to the chat. Nothing here waits or fails. It is told from one
/// thread, in the order in which things were written down.
pub trait Chat: Send + Sync {
    /// `by` wants nothing to do with `whom`.
    fn block(&self, by: &str, whom: &str);

    /// `by` has nothing against `whom` any more.
    fn unblock(&self, by: &str, whom: &str);

    /// A user has logged out everywhere.
    fn logged_out(&self, user_id: &str);

    /// A user is no more.
    fn deleted(&self, user_id: &str);

    /// An id is banned from now on, until then (Unix seconds).
    fn ban(&self, user_id: &str, until: i64);

    /// An id is not banned any more.
    fn unban(&self, user_id: &str);

    /// Whatever session an id has is to end.
    fn kick(&self, user_id: &str);
}
