//! `GET /lucky/<id>/tickets`: who has which ticket of a draw that is closed, for
//! anybody to check the winner by. It is read as it is sent: a list may be long,
//! and readers slow.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use http_body_util::channel::{Channel, Sender};

use super::super::context::Context;
use super::super::fault::Fault;
use super::super::language::Language;
use super::super::reply::{self, Refusal};
use crate::limits::TICKETS_AT_ONCE;
use crate::lucky::write_ticket;
use crate::store::StoreError;

/// The list, once it is frozen.
pub(in crate::http) async fn tickets(
    State(context): State<Arc<Context>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(&headers);
    let id = id.map_or_else(|_| String::new(), |Path(id)| id);
    let wanted = id.clone();
    let draw = context.door.read(move |reading| reading.draw(&wanted));
    let close = match draw.await {
        Ok(draw) => draw.and_then(|draw| draw.close),
        Err(error) => return reply::write("", Err(Refusal::from(error)), None, language),
    };
    let Some(close) = close else {
        return reply::refuse(StatusCode::NOT_FOUND, Fault::NoSuchThing, language);
    };
    let (sender, body) = Channel::new(1);
    tokio::spawn(send(context, id, sender));
    let head = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (ETAG, format!("\"{}\"", close.sha256)),
    ];
    (head, Body::new(body)).into_response()
}

/// Piece by piece; if one cannot be read the list ends in the middle of the
/// answer, which whoever reads it notices.
async fn send(context: Arc<Context>, id: String, mut sender: Sender<Bytes, StoreError>) {
    let mut last = 0;
    loop {
        let wanted = id.clone();
        let piece = context.door.read(move |reading| {
            let (mut piece, mut end) = (String::new(), last);
            reading.tickets(&wanted, last, TICKETS_AT_ONCE, &mut |number, user| {
                write_ticket(&mut piece, number, user);
                end = number;
            })?;
            Ok::<_, StoreError>((piece, end))
        });
        let piece = match piece.await {
            Ok((piece, _)) if piece.is_empty() => return,
            Ok((piece, end)) => {
                last = end;
                piece
            }
            Err(error) => {
                tracing::error!(%error, "a list of tickets is cut short");
                sender.abort(error);
                return;
            }
        };
        if sender.send_data(piece.into()).await.is_err() {
            return;
        }
    }
}
