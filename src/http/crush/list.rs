//! The caller's crushes: whom they named, who named them, and with whom it is
//! mutual. Written as it is read: there may be very many.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::super::call::Call;
use super::super::reply::{Refusal, Reply};
use crate::limits::CRUSHES_LISTED;
use crate::store::{Mutual, Reading, StoreError, UserKey};

/// `crush_list_request`
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct ListRequest {}

/// Somebody whom the caller has named. The number stands as it was typed, and
/// nothing here depends on whose it is.
#[derive(Serialize, ToSchema)]
struct Sent<'a> {
    tel: &'a str,
    words: &'a str,
}

/// Somebody who has named the caller.
#[derive(Serialize, ToSchema)]
struct Received<'a> {
    pseudonym: &'a str,
    words: &'a str,
}

/// Somebody who was named by the caller and has named them.
#[derive(Serialize, ToSchema)]
struct Known<'a> {
    user_id: &'a str,
    nickname: &'a str,
    tel: &'a str,
}

/// All three lists.
pub(in crate::http) async fn list(call: &Call, _: ListRequest) -> Result<Reply, Refusal> {
    let keys = call
        .look(|reading, me| Ok(written(reading, me.user)?))
        .await?;
    Ok(Reply::of_keys(keys))
}

/// The lists as an answer's keys.
fn written(reading: &dyn Reading, user: UserKey) -> Result<String, StoreError> {
    let mut sent = List::new("sent");
    reading.crushes_sent(user, CRUSHES_LISTED, &mut |tel, words| {
        sent.push(&Sent { tel, words });
    })?;
    let mut received = List::new("received");
    if reading.receives_crushes(user)? {
        reading.crushes_received(user, CRUSHES_LISTED, &mut |pseudonym, words| {
            received.push(&Received { pseudonym, words });
        })?;
    }
    let mut mutual = List::new("mutual");
    for Mutual { other, given } in reading.crushes_mutual(user)? {
        mutual.push(&Known {
            user_id: &other.user_id,
            nickname: &other.nickname,
            tel: &given,
        });
    }
    Ok([sent, received, mutual].map(List::closed).join(","))
}

/// `"key":[…]`
struct List {
    json: Vec<u8>,
    is_empty: bool,
}

impl List {
    fn new(key: &str) -> List {
        List {
            json: format!("\"{key}\":[").into_bytes(),
            is_empty: true,
        }
    }

    fn push(&mut self, entry: &impl Serialize) {
        if !std::mem::take(&mut self.is_empty) {
            self.json.push(b',');
        }
        serde_json::to_writer(&mut self.json, entry).expect("texts are JSON");
    }

    fn closed(mut self) -> String {
        self.json.push(b']');
        String::from_utf8(self.json).expect("JSON is text")
    }
}

/// `crush_list_response`
pub(in crate::http) enum Lists {}

impl PartialSchema for Lists {
    fn schema() -> RefOr<Schema> {
        let array = |entry: RefOr<Schema>| ArrayBuilder::new().items(entry);
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("sent", array(Sent::schema()))
            .property("received", array(Received::schema()))
            .property("mutual", array(Known::schema()))
            .required("sent")
            .required("received")
            .required("mutual")
            .into()
    }
}

impl ToSchema for Lists {}
