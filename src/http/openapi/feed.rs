//! A page of the feed. Its entries are put together by hand where they are
//! written, and so they are here.

use utoipa::openapi::schema::{AllOfBuilder, ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::super::pictures::{Head, Tail};

/// `picture_info_response`
pub(super) enum Page {}

impl PartialSchema for Page {
    fn schema() -> RefOr<Schema> {
        let likes = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("picture_like_num", typed(Type::String))
            .property("liked", typed(Type::Boolean))
            .required("picture_like_num")
            .required("liked");
        let entry = AllOfBuilder::new()
            .item(Head::schema())
            .item(likes)
            .item(Tail::schema());
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("information", ArrayBuilder::new().items(entry))
            .property(
                "more",
                typed(Type::Boolean).description(Some("There are older ones.")),
            )
            .required("information")
            .required("more")
            .into()
    }
}

impl ToSchema for Page {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Head::schemas(schemas);
        Tail::schemas(schemas);
    }
}

fn typed(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}
