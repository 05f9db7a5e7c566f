//! Threads of their own for pictures, with a short queue before them.
//!
//! Decoding takes a core for a while and memory for each picture at work, so
//! both are bounded here; whoever finds the queue full is told at once.

use std::io;
use std::thread;

use crossbeam::channel::{self, Sender};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// The pool. Its threads end when they have done what is queued and this is
/// gone.
#[derive(Debug)]
pub struct Workers {
    queue: Sender<Job>,
}

/// Too much is waiting already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many pictures are waiting")]
pub struct Busy;

impl Workers {
    /// So many threads of this name, and so many jobs that may wait for them.
    /// Each thread begins by making itself less urgent than others; if it cannot,
    /// pictures are as urgent as the rest, which is no reason to have none.
    ///
    /// # Errors
    ///
    /// The system's, when it refuses a thread.
    pub fn start(
        name: &str,
        threads: usize,
        waiting: usize,
        less_urgent: fn() -> io::Result<()>,
    ) -> io::Result<Workers> {
        let (queue, jobs) = channel::bounded::<Job>(waiting);
        for _ in 0..threads {
            let jobs = jobs.clone();
            thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || {
                    if let Err(error) = less_urgent() {
                        tracing::debug!(%error, "a thread for pictures is as urgent as others");
                    }
                    for job in jobs {
                        job();
                    }
                })?;
        }
        Ok(Workers { queue })
    }

    /// Has `job` done, if there is room. What comes of it is lost with the
    /// receiver, but done it is.
    ///
    /// # Errors
    ///
    /// [`Busy`], at once.
    pub fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, Busy> {
        let (answer, result) = oneshot::channel();
        let job = Box::new(move || {
            let _ = answer.send(job());
        });
        self.queue.try_send(job).map_err(|_| Busy)?;
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_at_once() {
        let workers = Workers::start("test", 1, 2, || Ok(())).unwrap();
        let (go, gate) = channel::bounded::<()>(0);
        let (begun, beginning) = channel::bounded::<()>(0);
        let first = workers.submit(move || {
            begun.send(()).unwrap();
            gate.recv().unwrap();
            1
        });
        beginning.recv().unwrap();
        let second = workers.submit(|| 2);
        let third = workers.submit(|| 3);
        assert_eq!(workers.submit(|| 4).unwrap_err(), Busy);
        go.send(()).unwrap();
        let done = [first, second, third].map(|job| job.unwrap().blocking_recv().unwrap());
        assert_eq!(done, [1, 2, 3]);
        assert_eq!(workers.submit(|| 5).unwrap().blocking_recv(), Ok(5));
    }

    #[test]
    fn a_job_is_done_even_if_nobody_waits_for_it() {
        let workers = Workers::start("test", 1, 1, || Ok(())).unwrap();
        let (done, result) = channel::bounded(1);
        drop(workers.submit(move || done.send(()).unwrap()).unwrap());
        result.recv().unwrap();
    }
}
