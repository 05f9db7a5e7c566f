//! The draws there are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::context::Context;
use super::super::reply::{Refusal, Reply};
use super::super::when;
use crate::limits::DRAWS_LISTED;
use crate::store::Draw;

/// `lucky_list_request`
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct ListRequest {}

/// `lucky_list_response`
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Page {
    lucky: Vec<Shown>,
}

/// A draw. What has not come yet is missing, and so is what concerns a caller
/// of whom nothing is known.
#[derive(Serialize, ToSchema)]
#[schema(as = Draw)]
pub(in crate::http) struct Shown {
    id: String,
    name: String,
    image: String,
    desc: String,
    max_count: u32,
    current_count: u32,
    rule: &'static str,
    auto_close: bool,
    /// From then on the tickets stay as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tickets_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn_at: Option<i64>,
    /// What the lottery drew.
    #[serde(skip_serializing_if = "Option::is_none")]
    numbers: Option<[u8; 5]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    winner_number: Option<u32>,
    /// A `user_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    winner: Option<String>,
    /// The caller's ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    /// Whether that is the one that has won.
    #[serde(skip_serializing_if = "Option::is_none")]
    won: Option<bool>,
}

impl Shown {
    /// As the context's zone has its times.
    pub(in crate::http) fn of(draw: Draw, context: &Context) -> Shown {
        let written = |at: i64| when::written(at, &context.config.timezone);
        let (terms, close, outcome) = (draw.terms, draw.close, draw.outcome);
        let winner_number = outcome.as_ref().map(|outcome| outcome.winner_number);
        Shown {
            id: terms.id,
            name: terms.name,
            image: terms.image,
            desc: terms.desc,
            max_count: terms.max_count,
            current_count: draw.count,
            rule: terms.rule.as_str(),
            auto_close: terms.auto_close,
            closed: close.map(|close| written(close.at)),
            closed_at: close.map(|close| close.at),
            tickets_sha256: close.map(|close| close.sha256.to_string()),
            drawn: outcome.as_ref().map(|outcome| written(outcome.at)),
            drawn_at: outcome.as_ref().map(|outcome| outcome.at),
            numbers: outcome.as_ref().map(|outcome| outcome.numbers.to_array()),
            winner_number,
            winner: outcome.map(|outcome| outcome.winner),
            number: draw.own,
            won: winner_number.zip(draw.own).map(|(won, own)| won == own),
        }
    }
}

/// All draws, newest first; with a token also how the caller stands in them.
pub(in crate::http) async fn list(call: &Call, _: ListRequest) -> Result<Reply, Refusal> {
    let draws = if call.token().is_ok() {
        call.look(|reading, me| Ok(reading.draws(Some(&me.user_id), DRAWS_LISTED)?))
            .await?
    } else {
        let door = &call.context.door;
        door.read(|reading| reading.draws(None, DRAWS_LISTED))
            .await?
    };
    let shown = draws.into_iter().map(|draw| Shown::of(draw, &call.context));
    Ok(Reply::of(&Page {
        lucky: shown.collect(),
    }))
}
