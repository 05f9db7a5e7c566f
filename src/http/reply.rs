//! The shape that every reply has, and the texts that go with the numbers.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::language::Language;

/// Why a request failed, by its `error_no`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Fault {
    NoSuchThing = 9,
    NotAllowed = 10,
}

impl Fault {
    const fn text(self, language: Language) -> &'static str {
        match (self, language) {
            (Fault::NoSuchThing, Language::Chinese) => "没有这样的内容",
            (Fault::NoSuchThing, Language::English) => "no such thing",
            (Fault::NotAllowed, Language::Chinese) => "不允许的操作",
            (Fault::NotAllowed, Language::English) => "not allowed",
        }
    }
}

/// A path that no route has.
pub(super) async fn not_found(headers: HeaderMap) -> Response {
    refuse(StatusCode::NOT_FOUND, Fault::NoSuchThing, &headers)
}

/// A method that a route does not have; the router adds `Allow`.
pub(super) async fn wrong_method(headers: HeaderMap) -> Response {
    refuse(StatusCode::METHOD_NOT_ALLOWED, Fault::NotAllowed, &headers)
}

/// A failure outside the dispatcher, which knows no `type`.
fn refuse(status: StatusCode, fault: Fault, headers: &HeaderMap) -> Response {
    let text = Value::from(fault.text(Language::of(headers)));
    let number = fault as u8;
    let body = format!(
        r#"{{"type":"","success":false,"error_no":{number},"err_msg":{text},"error_msg":{text}}}"#
    );
    let content_type = "application/json; charset=utf-8";
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}
