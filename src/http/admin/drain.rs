//! `POST /admin/drain`: the server goes down as on SIGTERM.

use super::super::reply::{Refusal, Reply};
use super::order::{Deed, Order};

pub(super) async fn drain(order: &Order) -> Result<Reply, Refusal> {
    let drain = order.context.admin.drain.clone();
    order
        .act(Deed::new("drain", ""), move |changes| {
            changes.then(Box::new(move || {
                // It may be on its way down already.
                let _ = drain.send(());
            }));
            Ok(())
        })
        .await?;
    Ok(Reply::done())
}
