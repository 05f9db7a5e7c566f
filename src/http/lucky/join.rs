//! Taking a ticket.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::fault::Fault;
use super::super::reply::{Refusal, Reply};
use crate::store::Joined;

/// `lucky_join_request`
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct JoinRequest {
    id: String,
}

/// The caller's ticket, and how many there are.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Ticket {
    number: u32,
    current_count: u32,
}

/// The ticket of one who comes too late, if there is one.
#[derive(Serialize)]
struct Own {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
}

/// The caller takes the next ticket, or is told which one they have.
pub(in crate::http) async fn join(call: &Call, request: JoinRequest) -> Result<Reply, Refusal> {
    let now = call.context.now();
    let joined = call
        .change(move |changes, me| Ok(changes.join_draw(&request.id, &me.user_id, now)?))
        .await?;
    let ticket = |number, current_count| Ticket {
        number,
        current_count,
    };
    match joined {
        Joined::Done(number, count) => Ok(Reply::of(&ticket(number, count))),
        Joined::Already(number, count) => Err(Refusal::with(Fault::Taken, &ticket(number, count))),
        Joined::Closed(number) => Err(Refusal::with(Fault::NotAllowed, &Own { number })),
        Joined::NoSuchThing => Err(Fault::NoSuchThing.into()),
    }
}
