//! The threads that read: a connection each, none of which can write.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crossbeam::channel::{self, Receiver, Sender};

use super::{Look, Reader, StoreError};
use crate::limits::{READERS, READINGS_WAITING};
use crate::metrics::Metrics;

/// The running threads.
#[derive(Debug)]
pub struct Readers {
    handle: ReadHandle,
    threads: Vec<JoinHandle<()>>,
}

/// Takes what is to be read. Clones lead to the same threads.
#[derive(Clone, Debug)]
pub struct ReadHandle(Sender<Order>);

enum Order {
    Look(Look),
    Stop,
}

impl Readers {
    /// Starts the threads; `open` is asked for a reader for each.
    pub fn start<R: Reader + 'static>(
        open: impl Fn() -> Result<R, StoreError>,
        metrics: &Arc<Metrics>,
    ) -> Result<Readers, StoreError> {
        let (orders, queue) = channel::bounded(READINGS_WAITING);
        let start = |index| {
            let (reader, queue, metrics) = (open()?, queue.clone(), Arc::clone(metrics));
            thread::Builder::new()
                .name(format!("pairline-read-{index}"))
                .spawn(move || run(reader, index, &queue, &metrics))
                .map_err(|error: io::Error| StoreError::Unavailable(error.into()))
        };
        Ok(Readers {
            handle: ReadHandle(orders),
            threads: (0..READERS).map(start).collect::<Result<_, _>>()?,
        })
    }

    /// Where to send what is to be read.
    #[must_use]
    pub fn handle(&self) -> ReadHandle {
        self.handle.clone()
    }

    /// Reads what was asked for before, and ends the threads.
    pub fn stop(self) {
        for _ in &self.threads {
            // They are gone only when all of them have stopped.
            let _ = self.handle.0.send(Order::Stop);
        }
        for thread in self.threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

impl ReadHandle {
    pub(super) fn post(&self, look: Look) -> Result<(), StoreError> {
        self.0
            .try_send(Order::Look(look))
            .map_err(|_| StoreError::Unavailable("too much is to be read at once".into()))
    }
}

fn run(mut reader: impl Reader, index: usize, queue: &Receiver<Order>, metrics: &Metrics) {
    while let Ok(Order::Look(look)) = queue.recv() {
        let start = Instant::now();
        reader.look(look);
        metrics.store().took_read(index, start.elapsed());
    }
}
