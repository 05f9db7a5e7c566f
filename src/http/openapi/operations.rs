//! The operations: what each is for, what it takes and what it gives.

use utoipa::ToSchema;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{
    Components, Content, Paths, RefOr, Required, ResponseBuilder, Responses, Schema,
};

use super::super::{
    account, bonds, crush, dispatch, login, lucky, pictures, profile, reports, sms,
};
use super::feed::Page;
use super::parts;

/// What the document tells of an operation.
pub(super) struct Told {
    pub(super) request: &'static str,
    about: &'static str,
    takes: fn() -> Keys,
    gives: fn() -> Keys,
}

/// Keys of a request or a reply, and the schemas that they refer to.
pub(super) struct Keys {
    schema: RefOr<Schema>,
    nested: Vec<(String, RefOr<Schema>)>,
}

/// Each operation: what it is called and is for, what it takes and gives.
macro_rules! told {
    ($($request:literal, $about:literal: $takes:ty => $gives:ty;)+) => {
        pub(super) const TOLD: &[Told] = &[$(Told {
            request: $request,
            about: $about,
            takes: keys::<$takes>,
            gives: keys::<$gives>,
        }),+];
    };
}

told! {
    "sms_validation_request", "Has a code sent to a number.": sms::SmsRequest => sms::Sent<'static>;
    "sms_validation_code", "A token for the right code: a session's, or one to register with.":
        login::CodeRequest => login::Keys<'static>;
    "user_register_info", "A new user, for the token of a registration.":
        login::RegisterRequest => login::Keys<'static>;
    "logout_request", "The token is good for nothing any more.": login::LogoutRequest => Nothing;
    "profile_request", "Who somebody is: oneself, or another.":
        profile::ProfileRequest => profile::Keys;
    "profile_update_request", "What is given replaces what was there.":
        profile::UpdateRequest => profile::Keys;
    "tel_change_request", "Another number, for a code sent to it.":
        account::TelChangeRequest => Nothing;
    "account_delete_request", "The account goes, with all that was its user's.":
        account::DeleteRequest => Nothing;
    "block_request", "The two see nothing of each other any more.": bonds::BondRequest => Nothing;
    "unblock_request", "Takes a block back.": bonds::BondRequest => Nothing;
    "picture_info_request", "The newest pictures, with what is said to them.":
        pictures::FeedRequest => Page;
    "picture_upload_request", "Publishes a picture, a data URL of its file.":
        pictures::UploadRequest => pictures::Published;
    "picture_like_request", "Counts once, however often it is said.":
        pictures::LikeRequest => pictures::Liked;
    "picture_unlike_request", "Takes a like back.": pictures::LikeRequest => pictures::Liked;
    "picture_comment_request", "Says something to a picture, or in answer to a comment.":
        pictures::CommentRequest => pictures::Standing;
    "picture_delete_request", "Takes a picture back.": pictures::DeleteRequest => Nothing;
    "crush_request", "A crush on whoever has this number, or will.":
        crush::CrushRequest => crush::Kept;
    "crush_cancel_request", "Takes a crush back.": crush::CancelRequest => Nothing;
    "crush_list_request", "Whom one has named, who has named one, and with whom it is mutual.":
        crush::ListRequest => crush::Lists;
    "crush_setting_request", "Whether one is shown who has named one.":
        crush::SettingRequest => crush::Setting;
    "lucky_list_request", "The lucky draws, and how one stands in them.":
        lucky::ListRequest => lucky::Page;
    "lucky_join_request", "Takes the next ticket of a lucky draw.":
        lucky::JoinRequest => lucky::Ticket;
    "report_request", "For the operator to look at: a user, a picture or a talk.":
        reports::ReportRequest => Nothing;
}

/// Every operation at its path, and all of them at `/` and `/index.php`.
pub(super) fn add(paths: &mut Paths, components: &mut Components) {
    for (request, reply) in dispatch::names() {
        let told = TOLD.iter().find(|told| told.request == request);
        let takes = told.map_or_else(keys::<Nothing>, |told| (told.takes)());
        let gives = told.map_or_else(keys::<Nothing>, |told| (told.gives)());
        let schemas = &mut components.schemas;
        schemas.extend(takes.nested.into_iter().chain(gives.nested));
        schemas.insert(request.into(), taken(request, takes.schema));
        schemas.insert(reply.into(), gives.schema);
        let operation = OperationBuilder::new()
            .operation_id(Some(request))
            .description(told.map(|told| told.about))
            .request_body(Some(body(parts::reference(request).into())))
            .responses(responses(parts::answer(
                reply,
                parts::reference(reply).into(),
            )));
        add_secured(paths, &format!("/v1/{request}"), operation);
    }
    let replies = || dispatch::names().map(|(_, reply)| reply);
    for (path, id) in [("/", "any"), ("/index.php", "any_by_index")] {
        let operation = OperationBuilder::new()
            .operation_id(Some(id))
            .description(Some("Any request, by its `type`."))
            .request_body(Some(body(any_request().into())))
            .responses(responses(parts::any_answer(replies())));
        add_secured(paths, path, operation);
    }
}

/// Whether a token is needed depends on the operation, and its absence is
/// answered with 200 as well: so it is never more than an offer.
fn add_secured(paths: &mut Paths, path: &str, operation: OperationBuilder) {
    let schemes = [
        SecurityRequirement::default(),
        SecurityRequirement::new("bearer", [""; 0]),
        SecurityRequirement::new("cookie", [""; 0]),
    ];
    let operation = operation.securities(Some(schemes));
    paths
        .paths
        .insert(path.into(), PathItem::new(HttpMethod::Post, operation));
}

/// An operation's own keys beside those that every request may have.
fn taken(request: &str, keys: RefOr<Schema>) -> RefOr<Schema> {
    let nullable = |text: &str| {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(text))
    };
    let common = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property(
            "type",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some([request]))
                .description(Some("May be left out: the path says it.")),
        )
        .property("token", nullable("Else the bearer or the cookie counts."));
    Schema::from(AllOfBuilder::new().item(common).item(keys)).into()
}

fn any_request() -> Schema {
    let names = dispatch::names().map(|(request, _)| request);
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property(
            "type",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(names)),
        )
        .required("type")
        .description(Some("The keys are those of the request that `type` names."))
        .into()
}

fn body(schema: RefOr<Schema>) -> RequestBody {
    RequestBodyBuilder::new()
        .content("application/json", Content::new(Some(schema)))
        .required(Some(Required::True))
        .build()
}

fn responses(answer: Schema) -> Responses {
    let answered = ResponseBuilder::new()
        .description("Understood: done or refused, as `error_no` says")
        .content("application/json", Content::new(Some(answer)));
    let mut responses = Responses::new();
    responses
        .responses
        .insert("200".into(), answered.build().into());
    for (status, response) in parts::outside() {
        responses.responses.insert(status.into(), response.into());
    }
    responses
}

fn keys<T: ToSchema>() -> Keys {
    let mut nested = Vec::new();
    T::schemas(&mut nested);
    Keys {
        schema: T::schema(),
        nested,
    }
}

/// Of a request or reply that has no keys of its own.
#[derive(ToSchema)]
pub(super) struct Nothing {}
