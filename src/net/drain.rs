//! Going down, in two steps: first no core acts on a line any more; when what
//! the others had acted on until then has arrived here, everybody is told.

use std::io;
use std::time::Duration;

use super::Message;
use super::core::Core;
use crate::engine::Event;
use crate::engine::ids::CoreId;

/// The last word to everybody needs a turn, even if nothing else may take time.
const SHORTEST: Duration = Duration::from_millis(50);

/// How far a core is with going down.
#[derive(Debug, Default)]
pub(super) struct Drain {
    /// No line is acted on here.
    begun: bool,
    /// Cores from which nothing comes any more that a handset said.
    fences: usize,
    /// Everybody has been told.
    told: bool,
}

impl Core {
    pub(super) fn begin_drain(&mut self) -> io::Result<()> {
        self.stop_accepting();
        self.drain.begun = true;
        let cores = u16::try_from(self.port.cores()).expect("cores are counted in 16 bits");
        for core in 0..cores {
            self.port.send(CoreId(core), Message::Fence);
        }
        self.await_no_headers()
    }

    /// One core more, this one included, from which nothing comes any more.
    /// After the last of them everybody is told.
    pub(super) fn fenced(&mut self) -> io::Result<()> {
        self.drain.fences += 1;
        if self.drain.fences == self.port.cores() {
            self.drain.told = true;
            self.tell(Event::Drain)?;
        }
        Ok(())
    }

    /// May lines still be acted on?
    pub(super) fn acts(&self) -> bool {
        !self.drain.begun
    }

    /// Has everybody been told that the server goes down?
    pub(super) fn is_draining(&self) -> bool {
        self.drain.told
    }

    /// For what is queued, when the server goes down.
    pub(super) fn drain_for(&self) -> Duration {
        self.settings.drain_timeout.max(SHORTEST)
    }
}
