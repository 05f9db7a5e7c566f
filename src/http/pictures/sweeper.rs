//! Files that have lost their row, or never had one, are swept up: at the
//! start, now and then, and when something went wrong.

use std::io;
use std::sync::Arc;
use std::thread;

use crossbeam::channel::{self, Receiver, RecvTimeoutError, Sender, TrySendError};

use crate::limits::SWEEP_EVERY;
use crate::picture::Shelf;
use crate::store::{Door, Reading, StoreError};

/// Its thread ends when this is gone.
#[derive(Debug)]
pub(super) struct Sweeper {
    orders: Sender<()>,
}

impl Sweeper {
    pub(super) fn start(shelf: Arc<Shelf>, door: Door) -> io::Result<Sweeper> {
        let (orders, queue) = channel::bounded(1);
        thread::Builder::new()
            .name("pairline-sweep".to_owned())
            .spawn(move || run(&shelf, &door, &queue))?;
        Ok(Sweeper { orders })
    }

    /// Something may be lying about.
    pub(super) fn wake(&self) {
        match self.orders.try_send(()) {
            // One round is enough for all that is there when it begins.
            Ok(()) | Err(TrySendError::Full(())) => {}
            Err(TrySendError::Disconnected(())) => {
                tracing::error!("pictures are no longer swept");
            }
        }
    }
}

fn run(shelf: &Shelf, door: &Door, queue: &Receiver<()>) {
    loop {
        let with_rows = |ids: &[_]| {
            let ids = ids.to_vec();
            ask(door, move |reading| reading.pictures_among(&ids)).map_err(io::Error::other)
        };
        match shelf.sweep(with_rows) {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, "took away pictures without a row"),
            Err(error) => tracing::warn!(%error, "cannot sweep the pictures; tried again later"),
        }
        match queue.recv_timeout(SWEEP_EVERY) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Waits for an answer, on a thread that may wait.
pub(super) fn ask<T: Send + 'static>(
    door: &Door,
    look: impl FnOnce(&dyn Reading) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (reply, answer) = channel::bounded(1);
    door.post(move |reading| {
        // Whoever asked waits for it.
        let _ = reply.send(reading.and_then(look));
    })?;
    answer
        .recv()
        .unwrap_or_else(|_| Err(StoreError::Unavailable("it is being closed".into())))
}
