//! The community of pictures through HTTP, against the real binary: uploads,
//! files, the feed, likes and comments, and what is left when it is killed.

pub mod rig;

#[path = "pictures/bad.rs"]
mod bad;
#[path = "pictures/comments.rs"]
mod comments;
#[path = "pictures/disk.rs"]
mod disk;
#[path = "pictures/feed.rs"]
mod feed;
#[path = "pictures/files.rs"]
mod files;
#[path = "pictures/likes.rs"]
mod likes;
#[path = "pictures/model.rs"]
mod model;
#[path = "pictures/people.rs"]
mod people;
#[path = "pictures/samples.rs"]
mod samples;
#[path = "pictures/upload.rs"]
mod upload;
