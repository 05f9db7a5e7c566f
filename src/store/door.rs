//! The way to the store for those who wait for an answer without standing in
//! anybody's way: HTTP's handlers.
//!
//! A change is answered when it is on disk. Changes that come while the disk is
//! busy share the next commit.

use tokio::sync::oneshot;

use super::readers::ReadHandle;
use super::writer::WriteHandle;
use super::{Changes, Job, Reading, StoreError};

/// Clones lead to the same store.
#[derive(Clone, Debug)]
pub struct Door {
    writes: WriteHandle,
    reads: ReadHandle,
}

impl Door {
    /// Where these two lead.
    #[must_use]
    pub fn new(writes: WriteHandle, reads: ReadHandle) -> Self {
        Door { writes, reads }
    }

    /// As long as this is the same, what was read after it was asked for is as
    /// it was: nobody but this process changes what HTTP reads.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.writes.changes()
    }

    /// Makes a change; on disk when this returns. With an error nothing of it
    /// stays. It is made even when nobody waits for it any more.
    pub async fn write<T, E>(
        &self,
        change: impl FnOnce(&mut dyn Changes) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.writes.post(Box::new(Waited {
            change: Some(change),
            outcome: None,
            reply,
        }))?;
        answer.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    /// Makes a change for which nobody waits; if it fails, the log tells.
    pub fn write_behind(
        &self,
        change: impl FnOnce(&mut dyn Changes) -> Result<(), StoreError> + Send + 'static,
    ) {
        let (reply, _) = oneshot::channel();
        let posted = self.writes.post(Box::new(Waited {
            change: Some(change),
            outcome: None,
            reply,
        }));
        if let Err(error) = posted {
            tracing::warn!(%error, "a change is left out");
        }
    }

    /// Reads, all of it at one moment.
    pub async fn read<T, E>(
        &self,
        look: impl FnOnce(&dyn Reading) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.reads.post(Box::new(move |reading| {
            // Whoever asked may have gone.
            let _ = reply.send(reading.map_err(E::from).and_then(look));
        }))?;
        answer.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    /// The same for those who cannot wait: `look` passes on what it finds. An
    /// error says that it will not be called.
    pub fn post(
        &self,
        look: impl FnOnce(Result<&dyn Reading, StoreError>) + Send + 'static,
    ) -> Result<(), StoreError> {
        self.reads.post(Box::new(look))
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("it is being closed".into())
}

/// A change, then what came of it, and who waits for it.
struct Waited<T, E, F> {
    change: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Waited<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnOnce(&mut dyn Changes) -> Result<T, E> + Send,
{
    fn run(&mut self, changes: &mut dyn Changes) -> bool {
        let change = self.change.take().expect("a job is run once");
        let outcome = change(changes);
        let stays = outcome.is_ok();
        self.outcome = Some(outcome);
        stays
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (committed, self.outcome) {
            // What did not want to stay knows best why.
            (_, Some(Err(error))) => Err(error),
            (Ok(()), Some(done)) => done,
            (Ok(()), None) => Err(stopped().into()),
            (Err(error), _) => Err(error.into()),
        };
        // Whoever asked may have gone.
        let _ = self.reply.send(outcome);
    }
}
