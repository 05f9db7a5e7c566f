//! Headers by the book and off it, and any bytes at all.

use proptest::prelude::*;
use proxy_header::{Error, ParseConfig, ProxyHeader};

use super::*;

const PROXY: u8 = 0x21;
const LOCAL: u8 = 0x20;

/// A header of these parts.
fn header(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, rest].concat()
}

/// From 192.0.2.7:4660 to 198.51.100.1:80, and more behind it.
fn over_v4(more: &[u8]) -> Vec<u8> {
    [
        &[192, 0, 2, 7, 198, 51, 100, 1, 0x12, 0x34, 0, 80][..],
        more,
    ]
    .concat()
}

/// From [2001:db8::7]:4660.
fn over_v6() -> Vec<u8> {
    let from = "2001:db8::7".parse::<Ipv6Addr>().unwrap().octets();
    [&from[..], &[0; 16], &[0x12, 0x34, 0, 80]].concat()
}

/// What comes of the bytes when they come cut in pieces of `size`, and how many
/// are left over.
fn cut(bytes: &[u8], size: usize) -> (Result<Option<Header>, BadHeader>, usize) {
    let mut reader = Reader::default();
    let mut left = bytes.len();
    for chunk in bytes.chunks(size) {
        let mut rest = chunk;
        let read = reader.read(&mut rest);
        left -= chunk.len() - rest.len();
        if read != Ok(None) {
            return (read, left);
        }
        assert!(rest.is_empty(), "all of it was taken");
    }
    (Ok(None), left)
}

#[test]
fn each_header_names_its_client() {
    let table = [
        (header(PROXY, 0x11, &over_v4(b"")), Some("192.0.2.7:4660")),
        (
            header(PROXY, 0x11, &over_v4(b"\x20\0\x05tlv!!")),
            Some("192.0.2.7:4660"),
        ),
        (
            header(PROXY, 0x11, &over_v4(&[7; 4068])),
            Some("192.0.2.7:4660"),
        ),
        (header(PROXY, 0x21, &over_v6()), Some("[2001:db8::7]:4660")),
        // The proxy itself, whatever addresses it gives.
        (header(LOCAL, 0x00, b""), None),
        (header(LOCAL, 0x00, b"\x04\0\0"), None),
        (header(LOCAL, 0x11, b""), None),
        (header(LOCAL, 0x11, &over_v4(b"")), None),
        (header(LOCAL, 0xff, b""), None),
        // No Internet address, or no TCP.
        (header(PROXY, 0x00, b""), None),
        (header(PROXY, 0x00, &[1; 50]), None),
        (header(PROXY, 0x01, b""), None),
        (header(PROXY, 0x12, &over_v4(b"")), None),
        (header(PROXY, 0x22, &over_v6()), None),
        (header(PROXY, 0x31, &[b'/'; 216]), None),
        (header(PROXY, 0x32, &[b'/'; 216]), None),
    ];
    for (bytes, client) in table {
        let client = client.map(|client| client.parse().unwrap());
        let whole = [&bytes[..], b"1#{}\n"].concat();
        for size in [1, 2, 3, 5, 16, 17, 28, 52, 5_000] {
            let read = cut(&whole, size);
            assert_eq!(read.0, Ok(Some(Header { client })), "{bytes:x?} by {size}");
            assert_eq!(read.1, 5, "what follows is left alone");
        }
        for end in 0..bytes.len() {
            let half = cut(&bytes[..end], 5_000);
            assert_eq!(half, (Ok(None), 0), "{end} of {bytes:x?}");
        }
    }
}

#[test]
fn what_is_no_header_is_refused_at_the_first_byte_that_shows_it() {
    let whole = header(PROXY, 0x11, &over_v4(b""));
    let with = |at: usize, byte| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes
    };
    let length = |length: u16| {
        let [high, low] = length.to_be_bytes();
        let mut bytes = with(14, high);
        bytes[15] = low;
        bytes
    };
    let table = [
        (
            b"1#{\"userId\":\"ann\"}\n".to_vec(),
            1,
            BadHeader::Signature,
        ),
        (b"\n".to_vec(), 1, BadHeader::Signature),
        (b"\r\nhello\r\n".to_vec(), 3, BadHeader::Signature),
        (
            b"PROXY TCP4 192.0.2.7 1 2 3\r\n".to_vec(),
            1,
            BadHeader::Signature,
        ),
        (with(11, 0), 12, BadHeader::Signature),
        (with(12, 0x11), 13, BadHeader::Command),
        (with(12, 0x31), 13, BadHeader::Command),
        (with(12, 0x22), 13, BadHeader::Command),
        (with(13, 0x41), 14, BadHeader::Family),
        (with(13, 0x13), 14, BadHeader::Family),
        (with(13, 0xff), 14, BadHeader::Family),
        (length(11), 16, BadHeader::TooShort),
        (length(0), 16, BadHeader::TooShort),
        (header(PROXY, 0x21, &[0; 35]), 16, BadHeader::TooShort),
        (length(4081), 16, BadHeader::TooLong),
        (length(u16::MAX), 16, BadHeader::TooLong),
        (header(LOCAL, 0, &[0; 5_000]), 16, BadHeader::TooLong),
    ];
    for (bytes, shown_by, bad) in table {
        assert_eq!(cut(&bytes, 5_000).0, Err(bad), "{bytes:x?}");
        assert_eq!(cut(&bytes, 1).0, Err(bad), "{bytes:x?}");
        assert_eq!(cut(&bytes[..shown_by], 1).0, Err(bad), "{bytes:x?}");
        let before = cut(&bytes[..shown_by - 1], 1).0;
        assert_eq!(before, Ok(None), "{bytes:x?}");
    }
}

/// Anything, often with a header's beginning.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let rest = prop::collection::vec(any::<u8>(), 0..80);
    let known = prop::sample::select(vec![0x00, 0x11, 0x12, 0x21, 0x22, 0x31, 0x32]);
    let family = prop_oneof![9 => known, 1 => any::<u8>()];
    let command = prop_oneof![9 => LOCAL..=PROXY, 1 => any::<u8>()];
    let length = prop_oneof![9 => 0_u16..80, 1 => any::<u16>()];
    let begun = (command, family, length, rest).prop_map(|(command, family, length, rest)| {
        let length = length.to_be_bytes();
        [SIGNATURE, &[command, family], &length, &rest].concat()
    });
    prop_oneof![
        4 => begun,
        1 => prop::collection::vec(any::<u8>(), 0..80),
    ]
}

proptest! {
    #[test]
    fn where_it_is_cut_does_not_matter(bytes in bytes(), sizes in prop::collection::vec(1_usize..20, 1..20)) {
        let whole = cut(&bytes, bytes.len().max(1));
        let mut reader = Reader::default();
        let (mut read, mut rest) = (Ok(None), &bytes[..]);
        for size in sizes.iter().cycle() {
            if read != Ok(None) || rest.is_empty() {
                break;
            }
            let (mut chunk, later) = rest.split_at(rest.len().min(*size));
            read = reader.read(&mut chunk);
            rest = &rest[rest.len() - later.len() - chunk.len()..];
        }
        prop_assert_eq!(read, whole.0);
        if matches!(read, Ok(Some(_))) {
            prop_assert_eq!(rest.len(), whole.1);
        }
    }

    /// Where another reader takes a header whole, so do we, and find the same
    /// client and the same end; and what it refuses, we refuse or want more of.
    #[test]
    fn another_reader_finds_the_same(bytes in bytes()) {
        let ours = cut(&bytes, bytes.len().max(1));
        let config = ParseConfig { include_tlvs: false, allow_v1: false, allow_v2: true };
        match ProxyHeader::parse(&bytes, config) {
            Ok((theirs, length)) => {
                let tcp = theirs.proxied_address().filter(|address| {
                    address.protocol == proxy_header::Protocol::Stream
                });
                let client = tcp.map(|address| address.source);
                prop_assert_eq!(ours, (Ok(Some(Header { client })), bytes.len() - length));
            }
            // It looks into addresses that do not count.
            Err(_) if matches!(ours.0, Ok(Some(Header { client: None }))) => {}
            Err(Error::BufferTooShort) => prop_assert!(!matches!(ours.0, Ok(Some(_)))),
            Err(error) => prop_assert!(ours.0.is_err(), "{error}, but {:?}", ours.0),
        }
    }
}
