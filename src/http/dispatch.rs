//! From a body's `type` to its operation: the one table of them.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio::time::timeout;

use super::body::NoBody;
use super::call::{Call, Head};
use super::context::Context;
use super::fault::Fault;
use super::language::Language;
use super::reply::{self, Refusal, Reply};
use super::{account, bonds, crush, login, lucky, pictures, profile, reports, sms};
use crate::limits::{ANSWER_FOR, BODY_BYTES, PICTURE_BODY_BYTES};

/// The one request that may be long.
const UPLOAD: &str = "picture_upload_request";

/// What a request can ask for.
struct Operation {
    request: &'static str,
    reply: &'static str,
    run: fn(Call) -> Running,
}

type Running = Pin<Box<dyn Future<Output = Result<Reply, Refusal>> + Send>>;

/// `request => reply: handler`, where a handler is an
/// `async fn(&Call, its request) -> Result<Reply, Refusal>`.
macro_rules! operations {
    ($($request:literal => $reply:literal: $handler:path;)+) => {
        const OPERATIONS: &[Operation] = &[$(Operation {
            request: $request,
            reply: $reply,
            run: |call| Box::pin(async move { $handler(&call, call.request()?).await }),
        }),+];

        /// What requests are called, for the metrics.
        pub const REQUESTS: &[&str] = &[$($request),+];
    };
}

operations! {
    "sms_validation_request" => "sms_validation_send": sms::request;
    "sms_validation_code" => "sms_validation_result": login::check_code;
    "user_register_info" => "user_register_result": login::register;
    "logout_request" => "logout_response": login::log_out;
    "profile_request" => "profile_response": profile::show;
    "profile_update_request" => "profile_update_response": profile::update;
    "tel_change_request" => "tel_change_response": account::change_tel;
    "account_delete_request" => "account_delete_response": account::delete;
    "block_request" => "block_response": bonds::block;
    "unblock_request" => "unblock_response": bonds::unblock;
    "report_request" => "report_response": reports::report;
    "picture_info_request" => "picture_info_response": pictures::feed;
    "picture_upload_request" => "picture_upload_response": pictures::upload;
    "picture_like_request" => "picture_like_response": pictures::like;
    "picture_unlike_request" => "picture_unlike_response": pictures::unlike;
    "picture_comment_request" => "picture_comment_response": pictures::comment;
    "picture_delete_request" => "picture_delete_response": pictures::delete;
    "crush_request" => "crush_response": crush::request;
    "crush_cancel_request" => "crush_cancel_response": crush::cancel;
    "crush_list_request" => "crush_list_response": crush::list;
    "crush_setting_request" => "crush_setting_response": crush::setting;
    "lucky_list_request" => "lucky_list_response": lucky::list;
    "lucky_join_request" => "lucky_join_response": lucky::join;
}

/// What each request is called, and its reply.
pub(super) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let both = |operation: &Operation| (operation.request, operation.reply);
    OPERATIONS.iter().map(both)
}

/// Where a request comes from, as found out on its way in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client(pub(super) IpAddr);

/// `POST /` and `POST /index.php`
pub(super) async fn by_body(
    State(context): State<Arc<Context>>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    dispatch(context, client, None, headers, body).await
}

/// `POST /v1/<type>`
pub(super) async fn by_path(
    State(context): State<Arc<Context>>,
    Extension(client): Extension<Client>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    // What is no text names no request.
    let name = name.map_or_else(|_| String::new(), |Path(name)| name);
    dispatch(context, client, Some(name), headers, body).await
}

async fn dispatch(
    context: Arc<Context>,
    client: Client,
    path: Option<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let language = Language::of(&headers);
    let metrics = Arc::clone(&context.metrics);
    let (operation, outcome, status) = perform(context, client, path, headers, body).await;
    let fault = outcome.as_ref().err().map(|refusal| refusal.fault);
    let index = operation.map(Operation::index);
    metrics
        .http()
        .request(index, fault.map_or(0, Fault::number));
    let kind = operation.map_or("", |operation| operation.reply);
    let request = operation.map_or("", |operation| operation.request);
    tracing::debug!(request, ?fault, "answered");
    reply::write(kind, outcome, status, language)
}

type Performed = (
    Option<&'static Operation>,
    Result<Reply, Refusal>,
    Option<StatusCode>,
);

/// Does what is asked for, as far as it can be made out.
async fn perform(
    context: Arc<Context>,
    client: Client,
    path: Option<String>,
    headers: HeaderMap,
    body: Body,
) -> Performed {
    let known = path.as_deref().map(find);
    let most = match known {
        Some(operation) => most_bytes(operation),
        None => PICTURE_BODY_BYTES,
    };
    let known = known.flatten();
    let too_large = |operation| {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        (operation, Err(Fault::TooLarge.into()), Some(status))
    };
    let body = match context.bodies.read(&headers, body, most).await {
        Ok(body) => body,
        Err(NoBody::TooLarge) => return too_large(known),
        Err(NoBody::CutShort) => return (known, Err(Fault::NoObject.into()), None),
    };
    let head = match Head::read(&body) {
        Ok(head) => head,
        Err(_) if known.is_none() && body.len() > BODY_BYTES => return too_large(None),
        Err(refusal) => return (known, Err(refusal), None),
    };
    let operation = match &path {
        Some(_) => known,
        None => head.kind.as_ref().and_then(|kind| find(kind.as_str()?)),
    };
    if body.len() > most_bytes(operation) {
        return too_large(operation);
    }
    let Some(operation) = operation else {
        return (None, Err(Fault::UnknownType.into()), None);
    };
    let call = Call::new(context, client.0, headers, &head, body);
    drop(head);
    let outcome = match call {
        Ok(call) => run(operation, call).await,
        Err(refusal) => Err(refusal),
    };
    (Some(operation), outcome, None)
}

async fn run(operation: &Operation, call: Call) -> Result<Reply, Refusal> {
    let answer = timeout(ANSWER_FOR, (operation.run)(call)).await;
    answer.unwrap_or_else(|_| {
        tracing::error!(request = operation.request, "no answer in time");
        Err(Fault::Internal.into())
    })
}

fn find(name: &str) -> Option<&'static Operation> {
    OPERATIONS
        .iter()
        .find(|operation| operation.request == name)
}

fn most_bytes(operation: Option<&Operation>) -> usize {
    match operation {
        Some(operation) if operation.request == UPLOAD => PICTURE_BODY_BYTES,
        _ => BODY_BYTES,
    }
}

impl Operation {
    /// Its place in the table.
    fn index(&self) -> usize {
        let place = REQUESTS.iter().position(|name| *name == self.request);
        place.expect("both lists are one table")
    }
}
