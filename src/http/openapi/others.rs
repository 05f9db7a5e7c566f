//! The paths that are no operations: the document itself, the files of pictures,
//! and what operators' machines ask.

use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Paths, RefOr, Required, ResponseBuilder, Schema};

use super::{PATH, parts};

pub(super) fn add(paths: &mut Paths, ops: bool) {
    let json = Schema::from(ObjectBuilder::new().schema_type(Type::Object));
    let document = got("This document.", &[("200", "application/json", json)]);
    add_path(paths, PATH, limited(document));
    add_path(paths, "/uploads/{name}", picture());
    add_path(paths, "/lucky/{id}/tickets", tickets());
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

/// A file of a picture, whole or in part.
fn picture() -> OperationBuilder {
    let name = ParameterBuilder::new()
        .name("name")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(text()))
        .description(Some("`12.jpeg`, `12.png` or `12.thumb.jpeg`"));
    let file = |text: &str| {
        let any = || Content::new(None::<RefOr<Schema>>);
        ResponseBuilder::new()
            .description(text)
            .content("image/jpeg", any())
            .content("image/png", any())
    };
    let bare = |text: &str| ResponseBuilder::new().description(text);
    limited(OperationBuilder::new())
        .description(Some("A picture or its thumbnail."))
        .parameter(name)
        .response("200", file("The file"))
        .response("206", file("The part that `Range` asks for"))
        .response("304", bare("The caller has it already"))
        .response("404", parts::refusal("There is no such picture"))
        .response("416", bare("It has no such part"))
}

/// A published list.
fn tickets() -> OperationBuilder {
    let id = ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(text()))
        .description(Some("A draw's."));
    let list = ResponseBuilder::new()
        .description("A line for each ticket: `number user_id`")
        .content("text/plain", Content::new(Some(text())));
    limited(OperationBuilder::new())
        .description(Some("The tickets of a lucky draw that is closed."))
        .parameter(id)
        .response("200", list)
        .response("404", parts::refusal("No such draw, or it is not closed"))
}

/// As all that handsets ask; there is no body to be too large.
fn limited(operation: OperationBuilder) -> OperationBuilder {
    parts::outside()
        .into_iter()
        .filter(|(status, _)| *status != "413")
        .fold(operation, |operation, (status, response)| {
            operation.response(status, response)
        })
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
