//! What users, and the word list, have reported: the operators' queue.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::context::Context;
use super::super::fault::Fault;
use super::super::language::Language;
use super::super::reply::{self, Refusal, Reply};
use super::super::when;
use super::order::{Deed, Order};
use crate::limits::{ADMIN_PAGE, WORDS_BYTES};
use crate::picture::FileName;
use crate::store::{Report, Resolved, Sought, StoreError};

#[derive(Serialize)]
struct Page {
    /// How many wait, whatever was asked for.
    open: u32,
    reports: Vec<Shown>,
}

/// A report, as it is told.
#[derive(Serialize)]
pub(super) struct Shown {
    id: i64,
    /// Nobody where the word list found it.
    by: String,
    kind: &'static str,
    about: String,
    whom: String,
    reason: String,
    time: String,
    time_at: i64,
    state: &'static str,
    resolved_at: Option<i64>,
    outcome: String,
    evidence: Option<Value>,
    /// Where the picture is, as long as it is there.
    picture_content: Option<String>,
}

/// `POST /admin/reports/<id>/resolve`
#[derive(Deserialize)]
struct ResolveRequest {
    outcome: Option<String>,
}

impl Shown {
    pub(super) fn of(found: Report, context: &Context) -> Shown {
        let report = found.report;
        let (kind, about) = report.about.parts();
        let picture = found.picture.map(|(id, ext, published)| {
            let folder = if published {
                "/uploads"
            } else {
                "/admin/evidence"
            };
            format!("{folder}/{}", FileName::Picture(id, ext))
        });
        let (resolved_at, outcome) = found.resolved.unzip();
        Shown {
            id: found.id,
            by: report.by_id,
            kind,
            about: about.to_owned(),
            whom: report.whom_id,
            reason: report.reason,
            time: when::written(report.at, &context.config.timezone),
            time_at: report.at,
            state: if resolved_at.is_some() {
                "resolved"
            } else {
                "open"
            },
            resolved_at,
            outcome: outcome.unwrap_or_default(),
            // Written by ourselves.
            evidence: serde_json::from_str(&report.evidence).ok(),
            picture_content: picture,
        }
    }
}

/// `GET /admin/reports`: `state` is `open` (which it is without it), `resolved`
/// or `all`; `before` a report's `id` pages on.
pub(super) async fn list(order: &Order) -> Result<Reply, Refusal> {
    let resolved = match order.query("state") {
        None | Some("open") => Some(false),
        Some("resolved") => Some(true),
        Some("all") => None,
        Some(_) => return Err(Refusal::bad_key("state")),
    };
    let sought = Sought {
        resolved,
        whom_id: order.query("whom").map(str::to_owned),
        before: order.number("before")?,
        limit: order.limit(ADMIN_PAGE)?,
    };
    let (open, reports) = order
        .look(move |reading| Ok((reading.open_reports()?, reading.reports(&sought)?)))
        .await?;
    let reports = reports.into_iter();
    Ok(Reply::of(&Page {
        open,
        reports: reports
            .map(|report| Shown::of(report, &order.context))
            .collect(),
    }))
}

/// `POST /admin/reports/<id>/resolve`
pub(super) async fn resolve(order: &Order) -> Result<Reply, Refusal> {
    let request: ResolveRequest = order.request()?;
    let outcome = request.outcome.unwrap_or_default();
    if outcome.len() > WORDS_BYTES {
        return Err(Refusal::bad_key("outcome"));
    }
    let (id, now) = (order.id_number()?, order.context.now());
    let deed = Deed::new("resolve", order.id.clone()).saying(outcome.clone());
    order
        .act(deed, move |changes| {
            match changes.resolve(id, &outcome, now)? {
                Resolved::Done => Ok(()),
                Resolved::Before => Err(Fault::NotAllowed.into()),
                Resolved::NoSuchThing => Err(Fault::NoSuchThing.into()),
            }
        })
        .await?;
    Ok(Reply::done())
}

/// `GET /admin/evidence/<name>`: a picture that is kept though its owner has
/// taken it back.
pub(super) async fn evidence(
    State(context): State<Arc<Context>>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let language = Language::of(request.headers());
    let missing = || reply::refuse(StatusCode::NOT_FOUND, Fault::NoSuchThing, language);
    let name = name
        .ok()
        .and_then(|Path(name)| name.parse::<FileName>().ok());
    let Some(name) = name else {
        return missing();
    };
    let id = name.picture();
    let kept = context
        .door
        .read::<_, StoreError>(move |reading| reading.evidence(id));
    match kept.await {
        Ok(Some(_)) => {}
        Ok(None) => return missing(),
        Err(error) => return reply::write("", Err(error.into()), None, language),
    }
    let mut response = context.pictures.send(name, request).await.map(Body::new);
    if response.status() == StatusCode::NOT_FOUND {
        return missing();
    }
    response.headers_mut().extend([
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]);
    response
}
