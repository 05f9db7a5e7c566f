//! Whether a user is shown who names them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::reply::{Refusal, Reply};

/// `crush_setting_request`
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct SettingRequest {
    receive: bool,
}

/// `crush_setting_response`
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Setting {
    receive: bool,
}

/// What was received while it was off is there when it is on again.
pub(in crate::http) async fn setting(
    call: &Call,
    request: SettingRequest,
) -> Result<Reply, Refusal> {
    let receive = request.receive;
    call.change(move |changes, me| Ok(changes.receive_crushes(me.user, receive)?))
        .await?;
    Ok(Reply::of(&Setting { receive }))
}
