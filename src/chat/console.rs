//! The console's loop: typed lines out through the handsets, one after the
//! other, and received lines to the screen.

use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::time::{Duration, Instant};

use super::handset::{self, Handset, Number};
use super::order::{self, Address, Order};
use super::printable::printable;
use super::screen::Screen;
use super::{Event, Source};
use crate::exit::Failure;

/// Everything that one console knows.
pub(super) struct Console<'a> {
    server: SocketAddr,
    source: Source,
    screen: Screen<'a>,
    events_in: SyncSender<Event>,
    events: Receiver<Event>,
    wanted: Sender<()>,
    /// The open ones, in the order of their opening.
    handsets: Vec<Handset>,
    opened: u64,
    pace: Pace,
}

/// A line that has not been answered holds up the next one for so long.
const UNANSWERED_FOR: Duration = Duration::from_millis(200);

/// The silence after which a join counts as answered to the end.
const JOIN_SILENCE: Duration = Duration::from_millis(20);

/// A longer linger is as good as this one, and its end is still a point in time.
const LONGEST_LINGER: Duration = Duration::from_secs(365 * 24 * 3600);

const HELP: &str = "\
Lines go to the server as they stand in the protocol, `/send ` before them or not:
  1#{\"userId\": \"penny\", \"gender\": \"F\", \"findGender\": \"M\"}   join, on a connection of its own
  6#{\"yourId\": \"penny\", \"toId\": \"john\", \"msg\": \"hello\"}    say something in a talk
  /send ANYTHING   sends it even if it looks like no frame (nothing: a heartbeat)
  /help, /quit     this text; the end";

/// What the console waits for.
enum Pace {
    /// The next typed line, however long it takes.
    Asked,
    /// The answer to a line.
    Sent {
        /// On this connection.
        by: Number,
        /// How long the connection has to be silent after an answer.
        silence: Duration,
        /// The next line may go then, answered or not.
        latest: Instant,
        /// The next line may go then.
        until: Instant,
    },
    /// Late lines, after the end of input.
    Lingering {
        /// The end, if nothing arrives before.
        until: Instant,
    },
}

type Go = ControlFlow<()>;

impl<'a> Console<'a> {
    /// Typed lines are asked for through `wanted`, one at a time, and come,
    /// like everything else, through `events`.
    pub(super) fn new(
        server: SocketAddr,
        source: Source,
        screen: Screen<'a>,
        events_in: SyncSender<Event>,
        events: Receiver<Event>,
        wanted: Sender<()>,
    ) -> Console<'a> {
        Console {
            server,
            source,
            screen,
            events_in,
            events,
            wanted,
            handsets: Vec::new(),
            opened: 0,
            pace: Pace::Asked,
        }
    }

    /// Runs to the end.
    pub(super) fn serve(mut self) -> Result<(), Failure> {
        // Says at once, and not only after the first line, that nobody is there.
        handset::connect(self.server).map_err(|error| self.no_server(&error))?;
        if self.source == Source::Prompt {
            self.screen.note(HELP);
        }
        self.ask();
        loop {
            let go = match self.next_event() {
                Some(event) => self.take(event)?,
                None => self.waited_enough(),
            };
            if go.is_break() {
                return Ok(());
            }
        }
    }

    /// The next event, or none when the wait for it is over.
    fn next_event(&self) -> Option<Event> {
        let until = match self.pace {
            Pace::Asked => return self.events.recv().ok(),
            Pace::Sent { until, .. } | Pace::Lingering { until } => until,
        };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        self.events.recv_timeout(left).ok()
    }

    fn waited_enough(&mut self) -> Go {
        match self.pace {
            Pace::Asked | Pace::Sent { .. } => {
                self.ask();
                Go::Continue(())
            }
            Pace::Lingering { .. } => Go::Break(()),
        }
    }

    fn take(&mut self, event: Event) -> Result<Go, Failure> {
        match event {
            Event::Typed(Ok(Some(line))) => self.obey(&line),
            Event::Typed(Ok(None)) => Ok(self.end_of_input()),
            Event::Typed(Err(error)) => {
                Err(Failure::other(format!("cannot read the input: {error}")))
            }
            Event::Received(number, line) => self.received(number, &line),
            Event::Closed(number) => Ok(self.closed(number)),
        }
    }

    /// Wants the next typed line.
    fn ask(&mut self) {
        self.pace = Pace::Asked;
        self.screen.prompt();
        // The reader is gone only after the end of input, which asks no more.
        let _ = self.wanted.send(());
    }

    fn obey(&mut self, typed: &[u8]) -> Result<Go, Failure> {
        self.screen.typed();
        match order::order(typed) {
            Order::Nothing => self.ask(),
            Order::Quit => return Ok(Go::Break(())),
            Order::Help => {
                self.screen.note(HELP);
                self.ask();
            }
            Order::Send(line) => self.send(line)?,
            Order::NotMeant => {
                self.screen.note(&format!(
                    "not sent, as it looks like no frame (`/send ` before it sends it): {}",
                    printable(typed.trim_ascii())
                ));
                self.ask();
            }
        }
        Ok(Go::Continue(()))
    }

    fn send(&mut self, line: &[u8]) -> Result<(), Failure> {
        let Address { id, join } = order::address(line);
        let known = self.handsets.iter().rposition(|handset| handset.id == id);
        let at = match known.filter(|_| !join) {
            Some(at) => at,
            None => match self.open(id) {
                Ok(at) => at,
                Err(failure) if self.source == Source::Prompt => {
                    self.screen.note(&failure.message);
                    self.ask();
                    return Ok(());
                }
                Err(failure) => return Err(failure),
            },
        };
        let handset = &mut self.handsets[at];
        if let Err(error) = handset.send(line) {
            let id = handset.id.as_deref();
            self.screen.note_of(id, &format!("(not sent: {error})"));
        }
        let latest = Instant::now() + UNANSWERED_FOR;
        self.pace = Pace::Sent {
            by: handset.number,
            silence: if join { JOIN_SILENCE } else { Duration::ZERO },
            latest,
            until: latest,
        };
        Ok(())
    }

    /// Opens a connection and says where it stands.
    fn open(&mut self, id: Option<String>) -> Result<usize, Failure> {
        self.opened += 1;
        let number = Number(self.opened);
        let handset = Handset::open(self.server, number, id, self.events_in.clone())
            .map_err(|error| self.no_server(&error))?;
        self.handsets.push(handset);
        Ok(self.handsets.len() - 1)
    }

    fn received(&mut self, number: Number, line: &[u8]) -> Result<Go, Failure> {
        let at = self.position(number);
        match self.screen.show(self.handsets[at].id.as_deref(), line) {
            Ok(()) => {}
            // `pairline chat | head` is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Go::Break(())),
            Err(error) => {
                return Err(Failure::other(format!("cannot write the output: {error}")));
            }
        }
        self.answered(number);
        if let Pace::Lingering { .. } = self.pace {
            self.linger();
        }
        Ok(Go::Continue(()))
    }

    fn closed(&mut self, number: Number) -> Go {
        let handset = self.handsets.remove(self.position(number));
        self.screen
            .note_of(handset.id.as_deref(), "(closed by the server)");
        self.answered(number);
        self.unless_alone()
    }

    /// A line from the server, or its end, on the connection that sent last.
    fn answered(&mut self, number: Number) {
        if let Pace::Sent {
            by,
            silence,
            latest,
            until,
        } = &mut self.pace
            && *by == number
        {
            *until = (*latest).min(Instant::now() + *silence);
        }
    }

    fn end_of_input(&mut self) -> Go {
        self.linger();
        self.unless_alone()
    }

    fn linger(&mut self) {
        let linger = match self.source {
            Source::Prompt => Duration::ZERO,
            Source::Piped { linger } => linger.min(LONGEST_LINGER),
        };
        self.pace = Pace::Lingering {
            until: Instant::now() + linger,
        };
    }

    /// After the end of input nothing more can arrive when every handset is gone.
    fn unless_alone(&self) -> Go {
        if matches!(self.pace, Pace::Lingering { .. }) && self.handsets.is_empty() {
            Go::Break(())
        } else {
            Go::Continue(())
        }
    }

    fn position(&self, number: Number) -> usize {
        self.handsets
            .iter()
            .position(|handset| handset.number == number)
            .expect("a handset is kept until its last event, Closed")
    }

    fn no_server(&self, error: &io::Error) -> Failure {
        Failure::system(format!("cannot connect to {}: {error}", self.server))
    }
}
