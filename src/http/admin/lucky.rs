//! Lucky draws, as operators make, close and decide them.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::context::Context;
use super::super::fault::Fault;
use super::super::lucky::{self, Shown};
use super::super::reply::{Refusal, Reply};
use super::order::{Deed, Order};
use crate::limits::{
    DRAW_COUNT, DRAW_DESC_BYTES, DRAW_ID_BYTES, DRAW_IMAGE_BYTES, DRAW_NAME_BYTES, DRAWS_LISTED,
};
use crate::lucky::{Numbers, Rule};
use crate::store::{Changes, Close, Draw, Outcome, Terms};

/// `POST /admin/lucky`
#[derive(Deserialize)]
struct CreateRequest {
    id: String,
    name: String,
    image: String,
    desc: String,
    max_count: u32,
    rule: Option<String>,
    auto_close: Option<bool>,
}

/// `POST /admin/lucky/<id>/draw`
#[derive(Deserialize)]
struct DrawRequest {
    numbers: Vec<Value>,
}

#[derive(Serialize)]
struct Page {
    lucky: Vec<Shown>,
}

/// A draw, and how many of its tickets can win, where that is not all.
#[derive(Serialize)]
struct Kept {
    lucky: Shown,
    #[serde(flatten)]
    winnable: Option<Winnable>,
}

/// The same with the winner, where a program looks first.
#[derive(Serialize)]
struct Decided {
    winner_number: u32,
    winner: String,
    lucky: Shown,
}

/// How many tickets any outcome of the lottery chooses, and which part that is
/// of all, to four places.
#[derive(Serialize)]
struct Winnable {
    winnable_tickets: u32,
    winnable_share: f64,
}

/// The newest draws.
pub(super) async fn list(order: &Order) -> Result<Reply, Refusal> {
    let draws = order.look(|reading| Ok(reading.draws(None, DRAWS_LISTED)?));
    let draws = draws.await?.into_iter();
    Ok(Reply::of(&Page {
        lucky: draws.map(|draw| Shown::of(draw, &order.context)).collect(),
    }))
}

pub(super) async fn create(order: &Order) -> Result<Reply, Refusal> {
    let terms = terms(order.request()?)?;
    let deed = Deed::new("lucky_create", terms.id.clone()).saying(format!(
        "{} for {} by {}",
        terms.name, terms.max_count, terms.rule
    ));
    let (rule, count, now) = (terms.rule, terms.max_count, order.context.now());
    let draw = order
        .act(deed, move |changes| {
            if !changes.add_draw(&terms, now)? {
                return Err(Fault::Taken.into());
            }
            draw(changes, &terms.id)
        })
        .await?;
    let winnable = winnable(rule, count).await?;
    let lucky = Shown::of(draw, &order.context);
    Ok(Reply::of(&Kept { lucky, winnable }))
}

/// From now on the tickets stay as they are.
pub(super) async fn close(order: &Order) -> Result<Reply, Refusal> {
    let (id, context) = (order.id.clone(), Arc::clone(&order.context));
    let now = context.now();
    let draw = order
        .act(Deed::new("lucky_close", id.clone()), move |changes| {
            let mut draw = draw(changes, &id)?;
            if draw.close.is_some() || draw.count < draw.terms.max_count {
                return Err(not_now(draw, &context));
            }
            draw.close = Some(changes.close_draw(&id, now)?);
            Ok(draw)
        })
        .await?;
    let winnable = winnable(draw.terms.rule, draw.count).await?;
    let lucky = Shown::of(draw, &order.context);
    Ok(Reply::of(&Kept { lucky, winnable }))
}

/// What the lottery drew decides it.
pub(super) async fn decide(order: &Order) -> Result<Reply, Refusal> {
    let request: DrawRequest = order.request()?;
    let numbers = numbers(&request.numbers).ok_or_else(|| Refusal::bad_key("numbers"))?;
    let (id, context) = (order.id.clone(), Arc::clone(&order.context));
    let deed = Deed::new("lucky_draw", id.clone()).saying(numbers.to_string());
    let now = context.now();
    let (draw, outcome) = order
        .act(deed, move |changes| {
            let mut draw = draw(changes, &id)?;
            let open = draw.close.filter(|_| draw.outcome.is_none());
            let Some(close) = open else {
                return Err(not_now(draw, &context));
            };
            let outcome = outcome(changes, &draw, close, numbers, now)?;
            changes.decide_draw(&id, &outcome)?;
            lucky::tell(changes, &context.chat, &draw.terms, &outcome);
            draw.outcome = Some(outcome.clone());
            Ok((draw, outcome))
        })
        .await?;
    Ok(Reply::of(&Decided {
        winner_number: outcome.winner_number,
        winner: outcome.winner,
        lucky: Shown::of(draw, &order.context),
    }))
}

fn numbers(given: &[Value]) -> Option<Numbers> {
    let whole: Option<Vec<u64>> = given.iter().map(Value::as_u64).collect();
    Numbers::new(&whole?).ok()
}

/// The request as a draw's terms.
fn terms(request: CreateRequest) -> Result<Terms, Refusal> {
    let in_ids = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let id = within("id", request.id, 1, DRAW_ID_BYTES)?;
    // Stands in paths, where dots alone lead elsewhere.
    if !id.bytes().all(in_ids) || id.bytes().all(|byte| byte == b'.') {
        return Err(Refusal::bad_key("id"));
    }
    if !(1..=DRAW_COUNT).contains(&request.max_count) {
        return Err(Refusal::bad_key("max_count"));
    }
    let rule = request.rule.as_deref().map_or(Ok(Rule::Concat), str::parse);
    Ok(Terms {
        id,
        name: within("name", request.name, 1, DRAW_NAME_BYTES)?,
        image: within("image", request.image, 0, DRAW_IMAGE_BYTES)?,
        desc: within("desc", request.desc, 0, DRAW_DESC_BYTES)?,
        max_count: request.max_count,
        rule: rule.map_err(|_| Refusal::bad_key("rule"))?,
        auto_close: request.auto_close.unwrap_or(false),
    })
}

fn within(key: &str, text: String, least: usize, most: usize) -> Result<String, Refusal> {
    if (least..=most).contains(&text.len()) {
        Ok(text)
    } else {
        Err(Refusal::bad_key(key))
    }
}

fn draw(changes: &dyn Changes, id: &str) -> Result<Draw, Refusal> {
    Ok(changes.draw(id)?.ok_or(Fault::NoSuchThing)?)
}

/// Error 10, with how things stand.
fn not_now(draw: Draw, context: &Context) -> Refusal {
    let lucky = Shown::of(draw, context);
    let winnable = None;
    Refusal::with(Fault::NotAllowed, &Kept { lucky, winnable })
}

fn outcome(
    changes: &dyn Changes,
    draw: &Draw,
    close: Close,
    numbers: Numbers,
    now: i64,
) -> Result<Outcome, Refusal> {
    // Only what has as many as it waits for is closed.
    let count = NonZeroU32::new(draw.count).ok_or(Fault::Internal)?;
    let winner_number = draw.terms.rule.winner(numbers, count, close.sha256);
    let mut winner = None;
    let mut keep = |_, user: &str| winner = Some(user.to_owned());
    changes.tickets(&draw.terms.id, winner_number - 1, 1, &mut keep)?;
    Ok(Outcome {
        at: now,
        numbers,
        winner_number,
        winner: winner.ok_or(Fault::Internal)?,
    })
}

/// Counted over everything that the lottery can draw, on a thread where that
/// holds up nobody.
async fn winnable(rule: Rule, count: u32) -> Result<Option<Winnable>, Refusal> {
    let (Rule::Concat, Some(all)) = (rule, NonZeroU32::new(count)) else {
        return Ok(None);
    };
    let tickets = tokio::task::spawn_blocking(move || Rule::winnable(all)).await;
    let tickets = tickets.map_err(|_| Fault::Internal)?;
    let share = f64::from(tickets) / f64::from(count);
    Ok(Some(Winnable {
        winnable_tickets: tickets,
        winnable_share: (share * 10_000.0).round() / 10_000.0,
    }))
}
