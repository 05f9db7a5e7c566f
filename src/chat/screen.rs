//! The person's side: received lines on one stream, everything else on the
//! other, and the prompt between them.

use std::io::{self, Write};

use super::printable::printable;

/// Writes whole lines at once and flushes them.
pub(crate) struct Screen<'a> {
    heard: &'a mut dyn Write,
    notes: &'a mut dyn Write,
    prompts: bool,
    /// Does a prompt stand on the last line?
    prompted: bool,
}

impl<'a> Screen<'a> {
    /// With `prompts`, a person is typing.
    pub(crate) fn new(
        heard: &'a mut dyn Write,
        notes: &'a mut dyn Write,
        prompts: bool,
    ) -> Screen<'a> {
        Screen {
            heard,
            notes,
            prompts,
            prompted: false,
        }
    }

    /// Shows a received line.
    pub(crate) fn show(&mut self, id: Option<&str>, line: &[u8]) -> io::Result<()> {
        let line = format!("{} {}\n", label(id), printable(line));
        let prompted = self.unprompt();
        self.heard.write_all(line.as_bytes())?;
        self.heard.flush()?;
        if prompted {
            self.prompt();
        }
        Ok(())
    }

    /// Says something about a handset.
    pub(crate) fn note_of(&mut self, id: Option<&str>, text: &str) {
        self.note(&format!("{} {text}", label(id)));
    }

    /// Says something. Nothing can be done about a lost note.
    pub(crate) fn note(&mut self, text: &str) {
        let prompted = self.unprompt();
        let _ = self.notes.write_all(format!("{text}\n").as_bytes());
        if prompted {
            self.prompt();
        }
    }

    /// Asks for a line.
    pub(crate) fn prompt(&mut self) {
        if self.prompts {
            self.write_note("> ");
            self.prompted = true;
        }
    }

    /// A line was typed: the prompt is behind it now.
    pub(crate) fn typed(&mut self) {
        self.prompted = false;
    }

    /// Goes back over a prompt that stands there.
    fn unprompt(&mut self) -> bool {
        if self.prompted {
            self.write_note("\r");
        }
        std::mem::take(&mut self.prompted)
    }

    fn write_note(&mut self, text: &str) {
        let _ = self.notes.write_all(text.as_bytes());
        let _ = self.notes.flush();
    }
}

fn label(id: Option<&str>) -> String {
    format!("[{}]", printable(id.unwrap_or("-").as_bytes()))
}
