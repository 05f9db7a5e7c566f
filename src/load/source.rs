//! Where connections come from: on loopback each two hundred have an address
//! of their own in 127.0.0.0/8, so that neither the server's limit an address
//! nor the number of ports is in the way.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Connections that share an address.
const EACH: u32 = 200;
/// Addresses that one worker has for itself.
const APART: u32 = 1 << 16;

/// The addresses of one worker, in turn.
#[derive(Debug)]
pub(super) struct Sources {
    loopback: bool,
    next: u32,
    first: u32,
}

impl Sources {
    pub(super) fn new(target: SocketAddr, worker: u32) -> Sources {
        Sources {
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
        if !self.loopback {
            return None;
        }
        let at = self.first.wrapping_add(self.next / EACH % APART) % ROOM;
        self.next = self.next.wrapping_add(1);
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
            let mut sources = Sources::new(target, worker);
            for _ in 0..5000 {
                let source = sources.next().unwrap();
                assert!(source.ip().is_loopback() && source.port() == 0);
                *used.entry(source.ip()).or_default() += 1;
            }
        }
        assert!(used.values().all(|count| *count == EACH), "{used:?}");
    }

    #[test]
    fn elsewhere_the_system_chooses() {
        for target in ["192.0.2.1:9400", "[::1]:9400"] {
            let mut sources = Sources::new(target.parse().unwrap(), 0);
            assert_eq!(sources.next(), None, "{target}");
        }
    }
}
