//! `/openapi.json`: what this server answers, for machines.
//!
//! Paths come from the dispatcher's own table, keys from the very structs that
//! requests are read into and replies written from. What is said of each
//! operation stands in [`operations`]; [`others`] has the paths that are no
//! operations. Deliberately absent: the limits in bytes, which a schema, that
//! counts letters, cannot tell.

mod feed;
mod operations;
mod others;
mod parts;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder, Paths};

use super::token::TOKEN_COOKIE;

/// Where the document is.
const PATH: &str = "/openapi.json";

/// The document's route. `ops` says whether the operator's paths are on the
/// same address.
pub(super) fn router(ops: bool) -> Router {
    let text = document(ops).to_json();
    let text = Bytes::from(text.expect("the document is plain data"));
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], text) };
    Router::new().route(PATH, get(answer))
}

fn document(ops: bool) -> OpenApi {
    let info = InfoBuilder::new()
        .title("pairline")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Everything that was understood is answered with 200; `error_no` says what came of it, `err_msg` the \
             same in words: Chinese, unless `Accept-Language` prefers English. A token may come in the body, as a \
             bearer or in the cookie.",
        ));
    let (mut paths, mut components) = (Paths::new(), Components::new());
    components.add_security_scheme(
        "bearer",
        SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
    );
    components.add_security_scheme(
        "cookie",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(TOKEN_COOKIE))),
    );
    parts::add_common(&mut components);
    operations::add(&mut paths, &mut components);
    others::add(&mut paths, ops);
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths)
        .components(Some(components))
        .build()
}

#[cfg(test)]
mod tests;
