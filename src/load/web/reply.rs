//! What the dispatcher replies, as far as it is looked at.

use serde::Deserialize;

/// Any reply: what it lacks is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reply {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) success: bool,
    pub(super) error_no: u16,
    pub(super) retry_after: u64,
    pub(super) request_id: String,
    pub(super) registered: bool,
    pub(super) token: String,
    pub(super) user_id: String,
    pub(super) picture_id: String,
    pub(super) picture_content: String,
    pub(super) picture_like_num: String,
    pub(super) information: Vec<Entry>,
}

/// A picture of the feed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    pub(super) picture_id: String,
    pub(super) picture_content: String,
    pub(super) picture_words: String,
    pub(super) picture_owner: String,
    pub(super) picture_owner_id: String,
    pub(super) picture_like_num: String,
    pub(super) liked: bool,
}
