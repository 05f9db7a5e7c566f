//! `GET /admin/events`: the figures once a second, as server-sent events. Only
//! so many may listen; none of them makes a snapshot more.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, ready};
use std::time::Instant;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_core::Stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::super::context::Context;
use super::super::fault::Fault;
use super::super::language::Language;
use super::super::reply;
use super::gate::Operator;
use crate::limits::EVENTS_EVERY;

/// What one listener hears.
struct Events {
    context: Arc<Context>,
    operator: Operator,
    ticks: Interval,
    _room: OwnedSemaphorePermit,
}

pub(super) async fn events(
    State(context): State<Arc<Context>>,
    Extension(operator): Extension<Operator>,
    headers: HeaderMap,
) -> Response {
    let room = Arc::clone(&context.admin.listeners).try_acquire_owned();
    let Ok(room) = room else {
        let language = Language::of(&headers);
        let status = StatusCode::TOO_MANY_REQUESTS;
        return reply::refuse(status, Fault::LimitReached, language);
    };
    let mut ticks = interval(EVENTS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let events = Events {
        context,
        operator,
        ticks,
        _room: room,
    };
    Sse::new(events).into_response()
}

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    /// It ends with the log-in.
    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.ticks.poll_tick(task));
        let admin = &self.context.admin;
        let session = self.operator.session.as_ref();
        if session.is_some_and(|own| !admin.sessions.stands(&own.name, Instant::now())) {
            return Poll::Ready(None);
        }
        let told = admin.stats.told(self.context.now());
        let event = Event::default().event("stats").data(format!("{{{told}}}"));
        Poll::Ready(Some(Ok(event)))
    }
}
