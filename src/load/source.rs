//! Where connections come from: on loopback each hundred have an address of
//! their own in 127.0.0.0/8, so that neither the server's limits an address nor
//! the number of ports is in the way. Or from where a list says, because
//! the kernel chooses a connection's core by where it comes from.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Connections that share an address.
const EACH: u32 = 100;
/// Addresses that one worker has for itself.
const APART: u32 = 1 << 16;

/// Where each connection is to come from, the first one first.
pub(super) type Listed = Arc<[SocketAddr]>;

/// A file with an IP:PORT a line.
pub(super) fn listed(file: &str) -> Result<Listed, String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let address = |line: &str| {
        let wrong = |error| format!("{line:?} in it: {error}");
        line.trim().parse().map_err(wrong)
    };
    text.lines().map(address).collect()
}

/// The addresses of one worker, in turn.
#[derive(Debug)]
pub(super) struct Sources {
    listed: Option<Listed>,
    loopback: bool,
    next: u32,
    first: u32,
}

impl Sources {
    pub(super) fn new(target: SocketAddr, worker: u32, listed: Option<Listed>) -> Sources {
        Sources {
            listed,
            loopback: matches!(target.ip(), IpAddr::V4(ip) if ip.is_loopback()),
            next: 0,
            first: worker.wrapping_mul(APART),
        }
    }

    /// For the next connection; `None` leaves it to the system.
    pub(super) fn next(&mut self) -> Option<SocketAddr> {
        /// Behind 127.0.0.0 and whatever else may live on its first addresses.
        const BASE: u32 = 0x7f01_0000;
        /// As many as lie between there and 127.255.255.255.
        const ROOM: u32 = 0x00fe_0000;
        let nth = self.next;
        self.next = self.next.wrapping_add(1);
        if let Some(listed) = &self.listed {
            return listed.get(nth as usize).copied();
        }
        if !self.loopback {
            return None;
        }
        let at = self.first.wrapping_add(nth / EACH % APART) % ROOM;
        Some(SocketAddr::new(Ipv4Addr::from(BASE + at).into(), 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_address_is_used_too_often() {
        let target = "127.0.0.1:9400".parse().unwrap();
        let mut used = BTreeMap::<IpAddr, u32>::new();
        for worker in 0..3 {
            let mut sources = Sources::new(target, worker, None);
            for _ in 0..5000 {
                let source = sources.next().unwrap();
                assert!(source.ip().is_loopback() && source.port() == 0);
                *used.entry(source.ip()).or_default() += 1;
            }
        }
        assert!(used.values().all(|count| *count == EACH), "{used:?}");
    }

    #[test]
    fn a_list_is_kept_to() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        fs::write(path, "127.0.0.1:7000\n[::1]:7001\n").unwrap();
        let mut sources = Sources::new("127.0.0.1:9400".parse().unwrap(), 0, listed(path).ok());
        let next: Vec<_> = std::iter::from_fn(|| sources.next()).collect();
        let expected: [SocketAddr; 2] = [
            "127.0.0.1:7000".parse().unwrap(),
            "[::1]:7001".parse().unwrap(),
        ];
        assert_eq!(next, expected);
        fs::write(path, "127.0.0.1\n").unwrap();
        assert!(listed(path).unwrap_err().contains("\"127.0.0.1\""));
        assert!(listed("/nowhere").is_err());
    }

    #[test]
    fn elsewhere_the_system_chooses() {
        for target in ["192.0.2.1:9400", "[::1]:9400"] {
            let mut sources = Sources::new(target.parse().unwrap(), 0, None);
            assert_eq!(sources.next(), None, "{target}");
        }
    }
}
