//! From the first SMS to the end of an account, over HTTP, with an SMS gateway
//! of the test's own.

pub mod rig;

#[path = "accounts/bonds.rs"]
mod bonds;
#[path = "accounts/chat.rs"]
mod chat;
#[path = "accounts/codes.rs"]
mod codes;
#[path = "accounts/kept.rs"]
mod kept;
#[path = "accounts/limits.rs"]
mod limits;
#[path = "accounts/logs.rs"]
mod logs;
#[path = "accounts/numbers.rs"]
mod numbers;
#[path = "accounts/profiles.rs"]
mod profiles;
#[path = "accounts/registering.rs"]
mod registering;
#[path = "accounts/samples.rs"]
mod samples;
#[path = "accounts/tokens.rs"]
mod tokens;
