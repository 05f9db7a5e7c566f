//! The desk's page: files that are part of the binary. They hold no secret, so
//! whoever comes may have them; all that they show is asked for.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::Redirect;
use axum::routing::get;

use super::super::context::Context;

/// Nothing from elsewhere, nothing inline, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const IMAGE: &str = "image/svg+xml";

struct File {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! files {
    ($($path:literal = $kind:ident $name:literal;)+) => {
        const FILES: &[File] = &[$(File {
            path: $path,
            kind: $kind,
            text: include_str!(concat!("page/", $name)),
        }),+];
    };
}

files! {
    "/admin/" = HTML "index.html";
    "/admin/page/api.js" = SCRIPT "api.js";
    "/admin/page/chart.js" = SCRIPT "chart.js";
    "/admin/page/desk.css" = STYLE "desk.css";
    "/admin/page/dom.js" = SCRIPT "dom.js";
    "/admin/page/draws.js" = SCRIPT "draws.js";
    "/admin/page/form.js" = SCRIPT "form.js";
    "/admin/page/icon.svg" = IMAGE "icon.svg";
    "/admin/page/lists.js" = SCRIPT "lists.js";
    "/admin/page/live.js" = SCRIPT "live.js";
    "/admin/page/main.js" = SCRIPT "main.js";
    "/admin/page/reports.js" = SCRIPT "reports.js";
    "/admin/page/uplot.css" = STYLE "uplot.css";
    "/admin/page/uplot.js" = SCRIPT "uplot.js";
    "/admin/page/users.js" = SCRIPT "users.js";
    "/admin/page/words.js" = SCRIPT "words.js";
}

/// The files, and the way to them.
pub(super) fn router() -> Router<Arc<Context>> {
    let to_page = || async { Redirect::permanent("/admin/") };
    let router = Router::new().route("/admin", get(to_page));
    FILES.iter().fold(router, |router, file| {
        let answer = move || async move { (headers(file.kind), file.text) };
        router.route(file.path, get(answer))
    })
}

/// After an update the same names lead to other files, which fit together only
/// with each other: none is kept.
fn headers(kind: &'static str) -> axum::http::HeaderMap {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    let all = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_small() {
        let bytes: usize = FILES.iter().map(|file| file.text.len()).sum();
        assert!(bytes < 250_000, "{bytes}");
    }

    #[test]
    fn nothing_is_written_into_the_page_as_markup() {
        let own = FILES.iter().filter(|file| !file.path.contains("uplot"));
        for file in own {
            for way in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
            ] {
                assert!(!file.text.contains(way), "{way} in {}", file.path);
            }
        }
    }
}
