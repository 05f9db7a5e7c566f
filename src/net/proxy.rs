//! The header with which a proxy names its client: version 2 of the PROXY
//! protocol, as HAProxy's `proxy-protocol.txt` has it.
//!
//! Pure: bytes in, an address out. Version 1, the text form, is no header here.
//! What follows the addresses (TLS details, checksums, …) is skipped unread.
//!
//! Our own, as the ready-made readers want 16 bytes before they refuse the
//! first, or look into the addresses of a `LOCAL` header, which do not count.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::limits::PROXY_HEADER_BYTES;

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family and protocol, length of the rest.
const FIXED: usize = 16;
/// Two IPv4 addresses, two ports.
const V4: usize = 12;
/// Two IPv6 addresses, two ports.
const V6: usize = 36;

/// A whole header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Who is behind the proxy; `None` when it speaks for itself (a health
    /// check), or for somebody without an Internet address and port.
    pub client: Option<SocketAddr>,
}

/// Why a connection does not begin with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadHeader {
    /// Something else came.
    Signature,
    /// Another version, or a command that there is not.
    Command,
    /// An address family or protocol that there is not.
    Family,
    /// The addresses do not fit the length.
    TooShort,
    /// It is longer than [`PROXY_HEADER_BYTES`].
    TooLong,
}

/// Reads a header, wherever it is cut; of a longer one it keeps only what it
/// needs.
///
/// Call [`read`](Reader::read) with each chunk until it answers something else
/// than `Ok(None)`.
#[derive(Debug, PartialEq, Eq)]
pub struct Reader {
    kept: [u8; FIXED + V6],
    /// Bytes of the header that have come, kept or not.
    read: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Reader {
            kept: [0; FIXED + V6],
            read: 0,
        }
    }
}

impl Reader {
    /// Takes the header's bytes off the front of `chunk`. `None`: all of it
    /// was taken, and there is more to come.
    ///
    /// # Errors
    ///
    /// As soon as one byte shows that this is no header.
    pub fn read(&mut self, chunk: &mut &[u8]) -> Result<Option<Header>, BadHeader> {
        self.take(FIXED, chunk);
        self.check()?;
        if self.read < FIXED {
            return Ok(None);
        }
        let length = FIXED + usize::from(u16::from_be_bytes([self.kept[14], self.kept[15]]));
        if length > PROXY_HEADER_BYTES {
            return Err(BadHeader::TooLong);
        }
        if length < FIXED + self.addresses() {
            return Err(BadHeader::TooShort);
        }
        self.take(length, chunk);
        Ok((self.read == length).then(|| Header {
            client: self.client(),
        }))
    }

    /// Until there are `wanted` bytes of it.
    fn take(&mut self, wanted: usize, chunk: &mut &[u8]) {
        let missing = wanted.saturating_sub(self.read);
        let (taken, rest) = chunk.split_at(missing.min(chunk.len()));
        let room = &mut self.kept[self.read.min(FIXED + V6)..];
        let kept = taken.len().min(room.len());
        room[..kept].copy_from_slice(&taken[..kept]);
        self.read += taken.len();
        *chunk = rest;
    }

    /// Looks at what has come of the fixed part.
    fn check(&self) -> Result<(), BadHeader> {
        let fixed = &self.kept[..self.read.min(FIXED)];
        let signature = &fixed[..fixed.len().min(SIGNATURE.len())];
        if !SIGNATURE.starts_with(signature) {
            return Err(BadHeader::Signature);
        }
        if !matches!(fixed.get(12), None | Some(0x20 | 0x21)) {
            return Err(BadHeader::Command);
        }
        match fixed.get(13) {
            Some(family) if !self.is_local() && (family >> 4 > 3 || family & 15 > 2) => {
                Err(BadHeader::Family)
            }
            _ => Ok(()),
        }
    }

    fn is_local(&self) -> bool {
        self.kept[12] == 0x20
    }

    /// How long the addresses are that matter.
    fn addresses(&self) -> usize {
        match self.kept[13] {
            _ if self.is_local() => 0,
            0x11 => V4,
            0x21 => V6,
            _ => 0,
        }
    }

    fn client(&self) -> Option<SocketAddr> {
        let port = |at: usize| u16::from_be_bytes([self.kept[at], self.kept[at + 1]]);
        match self.addresses() {
            V4 => {
                let ip: [u8; 4] = self.kept[FIXED..][..4].try_into().expect("four");
                Some((Ipv4Addr::from(ip), port(FIXED + 8)).into())
            }
            V6 => {
                let ip: [u8; 16] = self.kept[FIXED..][..16].try_into().expect("sixteen");
                Some((Ipv6Addr::from(ip), port(FIXED + 32)).into())
            }
            _ => None,
        }
    }
}

impl fmt::Display for BadHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadHeader::Signature => "not the signature of PROXY protocol version 2",
            BadHeader::Command => "another version than 2, or an unknown command",
            BadHeader::Family => "an unknown address family or protocol",
            BadHeader::TooShort => "too short for its addresses",
            BadHeader::TooLong => "too long",
        })
    }
}

#[cfg(test)]
mod tests;
