//! The paths that are no operations: the document itself, and what operators'
//! machines ask.

use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Paths, ResponseBuilder, Schema};

use super::PATH;

pub(super) fn add(paths: &mut Paths, ops: bool) {
    let json = Schema::from(ObjectBuilder::new().schema_type(Type::Object));
    let document = got("This document.", &[("200", "application/json", json)]);
    add_path(paths, PATH, document);
    if ops {
        let lines = || ("200", "text/plain", text());
        add_path(
            paths,
            "/metrics",
            got("The counters, for Prometheus.", &[lines()]),
        );
        add_path(paths, "/healthz", got("The process lives.", &[lines()]));
        let ready = [lines(), ("503", "text/plain", text())];
        add_path(paths, "/readyz", got("Not starting nor draining.", &ready));
    }
}

fn text() -> Schema {
    ObjectBuilder::new().schema_type(Type::String).into()
}

fn got(about: &str, answers: &[(&str, &str, Schema)]) -> OperationBuilder {
    answers.iter().fold(
        OperationBuilder::new().description(Some(about)),
        |operation, (status, kind, schema)| {
            let response = ResponseBuilder::new()
                .description(about)
                .content(*kind, Content::new(Some(schema.clone())));
            operation.response(*status, response)
        },
    )
}

/// `HEAD` is answered wherever `GET` is.
fn add_path(paths: &mut Paths, path: &str, operation: OperationBuilder) {
    let methods = [HttpMethod::Get, HttpMethod::Head];
    let item = PathItem::from_http_methods(methods, operation);
    paths.paths.insert(path.into(), item);
}
