//! `GET /admin/audit`: what operators did, newest first.

use serde::Serialize;

use super::super::reply::{Refusal, Reply};
use super::super::when;
use super::order::Order;
use crate::limits::ADMIN_PAGE;

#[derive(Serialize)]
struct Page {
    audit: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: i64,
    time: String,
    time_at: i64,
    who: String,
    address: String,
    action: String,
    about: String,
    detail: String,
    result: String,
}

/// `before` an entry's `id` pages on.
pub(super) async fn list(order: &Order) -> Result<Reply, Refusal> {
    let (before, limit) = (order.number("before")?, order.limit(ADMIN_PAGE)?);
    let actions = order
        .look(move |reading| Ok(reading.audit(before, limit)?))
        .await?;
    let zone = &order.context.config.timezone;
    let audit = actions.into_iter().map(|(id, action)| Entry {
        id,
        time: when::written(action.at, zone),
        time_at: action.at,
        who: action.who,
        address: action.address,
        action: action.action,
        about: action.about,
        detail: action.detail,
        result: action.result,
    });
    Ok(Reply::of(&Page {
        audit: audit.collect(),
    }))
}
