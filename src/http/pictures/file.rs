//! The files: `GET /uploads/12.jpeg`. What lies under a name never changes, so
//! whoever has it need not ask again.
//!
//! tower-http reads the file and knows ranges and dates; here it is looked up
//! whether there is a row for it, and the tag is compared.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tower_http::services::ServeFile;

use super::super::context::Context;
use super::super::fault::Fault;
use super::super::language::Language;
use super::super::reply::{self, Refusal};
use super::Pictures;
use crate::picture::FileName;
use crate::store::StoreError;

/// A year, which is for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A picture or a thumbnail, if there is a row for it.
pub(in crate::http) async fn file(
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
    match is_published(&context, name).await {
        Ok(true) => {}
        Ok(false) => return missing(),
        Err(refusal) => return reply::write("", Err(refusal), None, language),
    }
    let tag = format!("\"{name}\"");
    let mut response = if has_already(request.headers(), &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        read(&context, name, request, &tag).await
    };
    match response.status() {
        StatusCode::NOT_FOUND => {
            tracing::error!(%name, "a picture's file is missing");
            return missing();
        }
        status if status.is_server_error() => {
            return reply::refuse(status, Fault::Internal, language);
        }
        _ => {}
    }
    let told = response.status();
    if told.is_success() || told == StatusCode::NOT_MODIFIED {
        let tag = HeaderValue::try_from(tag).expect("a name is plain ASCII");
        let kept = [(ETAG, tag), (CACHE_CONTROL, FOR_EVER)];
        response.headers_mut().extend(kept);
    }
    response.headers_mut().extend([
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'"),
        ),
    ]);
    response
}

async fn is_published(context: &Context, name: FileName) -> Result<bool, Refusal> {
    let kept = context
        .door
        .read::<_, StoreError>(move |reading| reading.picture(name.picture()))
        .await?;
    Ok(kept.is_some_and(|kept| match name {
        FileName::Picture(_, ext) => kept.ext == ext,
        FileName::Thumbnail(_) => true,
    }))
}

/// Does `If-None-Match` name it? A tag that does not match wins over a date.
fn has_already(headers: &HeaderMap, tag: &str) -> bool {
    tags(headers).any(|given| given == "*" || given.trim_start_matches("W/") == tag)
}

fn tags(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(IF_NONE_MATCH).into_iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

async fn read(context: &Context, name: FileName, mut request: Request, tag: &str) -> Response {
    let headers = request.headers_mut();
    if headers.contains_key(IF_NONE_MATCH) {
        headers.remove(IF_MODIFIED_SINCE);
    }
    let of_another = headers.get(IF_RANGE).is_some_and(|given| given != tag);
    // Several ranges at once may be answered with the whole.
    let several = headers
        .get(RANGE)
        .is_some_and(|range| range.as_bytes().contains(&b','));
    if of_another || several {
        headers.remove(RANGE);
    }
    context.pictures.send(name, request).await
}

impl Pictures {
    /// The file, or the part of it that is asked for, published or not.
    pub(in crate::http) async fn send(&self, name: FileName, request: Request) -> Response {
        let path = self.shelf.path(name);
        match ServeFile::new(path).try_call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                tracing::error!(%error, %name, "cannot read a picture");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
