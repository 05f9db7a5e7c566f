//! Pictures and comments that an operator takes away, whoever's they are.

use super::super::fault::Fault;
use super::super::reply::{Refusal, Reply};
use super::order::{Deed, Order};
use crate::picture::PictureId;
use crate::store::CommentId;

/// `DELETE /admin/pictures/<id>`
pub(super) async fn picture(order: &Order) -> Result<Reply, Refusal> {
    let id: Result<PictureId, _> = order.id.parse();
    let id = id.map_err(|_| Fault::NoSuchThing)?;
    let evidence = order
        .act(
            Deed::new("remove_picture", order.id.clone()),
            move |changes| {
                if !changes.remove_picture(id)? {
                    return Err(Fault::NoSuchThing.into());
                }
                Ok(changes.evidence(id)?)
            },
        )
        .await?;
    if evidence.is_none() {
        order.context.pictures.take_away(id).await;
    }
    Ok(Reply::done())
}

/// `DELETE /admin/comments/<id>`, with the answers to it.
pub(super) async fn comment(order: &Order) -> Result<Reply, Refusal> {
    let id = CommentId(order.id_number()?);
    order
        .act(
            Deed::new("remove_comment", order.id.clone()),
            move |changes| match changes.remove_comment(id)? {
                true => Ok(()),
                false => Err(Fault::NoSuchThing.into()),
            },
        )
        .await?;
    Ok(Reply::done())
}
