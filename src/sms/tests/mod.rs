//! Gateways against providers that listen on this machine and look closely at
//! what they are sent.

mod chain;
mod invites;
mod providers;
mod rig;
mod secrets;
mod webhook;
