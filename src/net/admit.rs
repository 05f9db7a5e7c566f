//! Who is let in: behind a proxy, whoever its header names; and of each address
//! as many as may be.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use super::connection::{Connection, Place, Stage};
use super::core::Core;
use super::proxy::Reader;
use crate::engine::ids::{LinkId, Time};
use crate::engine::{Event, Room};
use crate::metrics::Refusal;
use crate::ring::socket;

/// Connections whose headers have not come whole.
#[derive(Debug, Default)]
pub(super) struct Headers {
    readers: HashMap<LinkId, Reader>,
    /// When patience with each ends, in the order of these moments; also of
    /// some whose header has come.
    ends: VecDeque<(Time, LinkId)>,
}

impl Headers {
    /// When to look again.
    pub(super) fn deadline(&self) -> Time {
        self.ends.front().map_or(Time::NEVER, |first| first.0)
    }
}

impl Core {
    /// A proxy's header must come first, before `patience` ends.
    pub(super) fn await_header(&mut self, id: LinkId, patience: Duration) -> io::Result<()> {
        if !self.acts() {
            return self.hang_up(id);
        }
        let by = self.now + patience;
        if let Some(connection) = self.connection(id) {
            connection.stage = Stage::Header;
            self.headers.readers.insert(id, Reader::default());
            self.headers.ends.push_back((by, id));
        }
        Ok(())
    }

    /// Refuses those whose header has not come in time.
    pub(super) fn refuse_late_headers(&mut self) -> io::Result<()> {
        while self.headers.deadline() <= self.now {
            let Some((_, id)) = self.headers.ends.pop_front() else {
                break;
            };
            if self.headers.readers.contains_key(&id) {
                self.refuse_header(id, "it came too late")?;
            }
        }
        Ok(())
    }

    /// Bytes of a header, and perhaps of what follows it.
    pub(super) fn read_header(&mut self, id: LinkId, mut bytes: &[u8]) -> io::Result<()> {
        let Some(reader) = self.headers.readers.get_mut(&id) else {
            return Ok(());
        };
        match reader.read(&mut bytes) {
            Ok(None) => Ok(()),
            Ok(Some(header)) => {
                self.headers.readers.remove(&id);
                self.admit(id, header.client)?;
                self.tell(Event::Bytes { link: id, bytes })
            }
            Err(bad) => self.refuse_header(id, &bad.to_string()),
        }
    }

    /// Closes without a word: what is there is no proxy, and may be anybody.
    pub(super) fn refuse_header(&mut self, id: LinkId, why: &str) -> io::Result<()> {
        if let Some(Connection { socket, .. }) = self.connection(id)
            && let Ok(address) = socket::peer_address(socket.as_fd())
        {
            tracing::debug!(%address, "no PROXY protocol header: {why}");
        }
        self.report.refused(Refusal::ProxyProtocol);
        self.await_no_header(id)
    }

    /// Hangs up on somebody whose header has not come.
    pub(super) fn await_no_header(&mut self, id: LinkId) -> io::Result<()> {
        self.headers.readers.remove(&id);
        self.hang_up(id)
    }

    /// Hangs up on all whose header has not come.
    pub(super) fn await_no_headers(&mut self) -> io::Result<()> {
        let awaited: Vec<_> = self.headers.readers.keys().copied().collect();
        awaited
            .into_iter()
            .try_for_each(|id| self.await_no_header(id))
    }

    /// Lets a connection in, unless there are enough from where it comes:
    /// from `client`, or else from its own other end.
    pub(super) fn admit(&mut self, id: LinkId, client: Option<SocketAddr>) -> io::Result<()> {
        let counts = self.shared.seats.count_addresses();
        let Some(connection) = self.connection(id) else {
            return Ok(());
        };
        connection.stage = Stage::Open;
        // Who has none of its own has gone again.
        let own = || socket::peer_address(connection.socket.as_fd()).ok();
        let address = client.or_else(|| counts.then(own).flatten());
        if let Some(address) = address
            && !connection.place.comes_from(address.ip())
        {
            tracing::debug!(%address, "too many connections from one address");
            return self.turn_away(id, Room::Crowded, Refusal::MaxPerAddress);
        }
        self.open(id, Room::Free)
    }

    /// Says why there is no room; not to everybody when very many come at once.
    pub(super) fn turn_away(&mut self, id: LinkId, room: Room, why: Refusal) -> io::Result<()> {
        self.report.refused(why);
        let place = self.shared.seats.stand();
        let place = place.map_or(Place::None, Place::Standing);
        let told = matches!(place, Place::Standing(_));
        if let Some(connection) = self.connection(id) {
            connection.place = place;
        }
        match told {
            true => self.open(id, room),
            false => self.hang_up(id),
        }
    }

    fn open(&mut self, link: LinkId, room: Room) -> io::Result<()> {
        self.tell(Event::Opened { link, room })
    }
}
