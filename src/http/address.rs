//! Where a request comes from, past the proxies that we trust.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::Network;

/// The other end of the connection: a client or its proxy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// What limits count by: an IPv4 address, or an IPv6 /64, which is one
/// customer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Origin(IpAddr);

impl Origin {
    pub(super) fn of(address: IpAddr) -> Origin {
        Origin(match address.to_canonical() {
            IpAddr::V6(address) => {
                const HOST: u128 = u64::MAX as u128;
                Ipv6Addr::from_bits(address.to_bits() & !HOST).into()
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The client's address. `X-Forwarded-For` is read from its end, and only as
/// far as those who wrote it are trusted.
pub(super) fn client(peer: Peer, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address| trusted.iter().any(|network| network.contains(address));
    let lines: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .map(|line| line.to_str().unwrap_or(""))
        .collect();
    let entries = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut client = peer.0;
    for entry in entries {
        if !is_trusted(client) {
            break;
        }
        let Some(address) = read(entry.trim()) else {
            break;
        };
        client = address;
    }
    client
}

/// An address, which may have a port or brackets.
fn read(entry: &str) -> Option<IpAddr> {
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(entry);
    let address = bare
        .parse()
        .or_else(|_| entry.parse().map(|socket: SocketAddr| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = ("trusted_proxies".to_owned(), "10.0.0.0/8,::1".to_owned());
        let config = Config::load(&Sources {
            set: vec![proxies],
            ..Sources::default()
        });
        let trusted = config.unwrap().trusted_proxies;
        let table: &[(&str, &[&str], &str)] = &[
            ("192.0.2.1", &[], "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["1.2.3.4, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["1.2.3.4", "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7, 10.9.9.9"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7:4321"], "198.51.100.7"),
            ("10.0.0.1", &["[2001:db8::1]:4321"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["nonsense, 10.2.2.2"], "10.2.2.2"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("::1", &["198.51.100.7"], "198.51.100.7"),
        ];
        for &(peer, lines, wanted) in table {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            let peer = Peer(peer.parse().unwrap());
            let found = client(peer, &headers, &trusted);
            assert_eq!(found.to_string(), wanted, "{peer:?} {lines:?}");
        }
    }

    #[test]
    fn a_customer_of_ipv6_is_one_origin() {
        let of = |text: &str| Origin::of(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.1"), "192.0.2.1");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:2:ffff::"), "2001:db8:1:2::");
        assert_ne!(of("2001:db8:1:3::"), "2001:db8:1:2::");
    }
}
