//! What the document says again and again: the keys of every reply, and the
//! responses that any request may get.

use serde_json::{Value, json};
use utoipa::openapi::schema::{
    AllOfBuilder, Object, ObjectBuilder, OneOfBuilder, SchemaType, Type,
};
use utoipa::openapi::{Components, Content, Header, Ref, RefOr, Response, ResponseBuilder, Schema};

use super::super::fault::Fault;

/// The component that a refused request is answered with.
const REFUSAL: &str = "Refusal";

/// What others refer to.
pub(super) fn add_common(components: &mut Components) {
    let schema = common(false)
        .property("type", text())
        .property("error_no", one_of(numbers()))
        .property("key", described("The key that error 3 is about."))
        .property(
            "retry_after",
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(0))
                .description(Some("Whole seconds after which to ask again.")),
        )
        .description(Some("Why a request was not done."));
    components
        .schemas
        .insert(REFUSAL.into(), schema.build().into());
}

fn numbers() -> Vec<Value> {
    Fault::ALL.map(|fault| json!(fault.number())).to_vec()
}

/// A reply of this type that brings what `keys` says; or a refusal of it.
pub(super) fn answer(reply: &str, keys: RefOr<Schema>) -> Schema {
    let done = common(true)
        .property("type", one_of([json!(reply)]))
        .property("error_no", one_of([json!(0)]));
    let refused = Object::builder().property("type", one_of([json!(reply)]));
    OneOfBuilder::new()
        .item(AllOfBuilder::new().item(done).item(keys))
        .item(AllOfBuilder::new().item(reference(REFUSAL)).item(refused))
        .into()
}

/// Any reply to any request.
pub(super) fn any_answer(replies: impl Iterator<Item = &'static str>) -> Schema {
    let done = common(true)
        .property("type", one_of(replies.map(Value::from)))
        .property("error_no", one_of([json!(0)]));
    OneOfBuilder::new()
        .item(done)
        .item(reference(REFUSAL))
        .into()
}

/// The keys of every reply, but for `type` and `error_no`.
fn common(success: bool) -> ObjectBuilder {
    let words = || {
        if success {
            one_of([json!("")])
        } else {
            text().min_length(Some(1))
        }
    };
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("success", one_of([json!(success)]))
        .property("err_msg", words())
        .property("error_msg", words())
        .required("type")
        .required("success")
        .required("error_no")
        .required("err_msg")
        .required("error_msg")
}

/// The responses that a request gets which never came to its operation.
pub(super) fn outside() -> [(&'static str, Response); 3] {
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1));
    let limited = refusal("Too many requests from this address")
        .header("Retry-After", Header::new(Schema::from(seconds.build())));
    [
        ("413", refusal("The body is too large").build()),
        ("429", limited.build()),
        ("500", refusal("The server failed").build()),
    ]
}

/// Refused, with a status of its own.
pub(super) fn refusal(text: &str) -> ResponseBuilder {
    let schema: RefOr<Schema> = reference(REFUSAL).into();
    ResponseBuilder::new()
        .description(text)
        .content("application/json", Content::new(Some(schema)))
}

/// A component by its name.
pub(super) fn reference(name: &str) -> Ref {
    Ref::from_schema_name(name)
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn described(what: &str) -> ObjectBuilder {
    text().description(Some(what))
}

/// One of these values.
pub(super) fn one_of(values: impl IntoIterator<Item = Value>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .enum_values(Some(values))
}
