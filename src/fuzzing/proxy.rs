//! Wherever a proxy's header is cut, it is the same header.

use crate::limits::PROXY_HEADER_BYTES;
use crate::net::proxy::{BadHeader, Header, Reader};

/// The first byte is the size of the pieces in which the rest comes.
pub fn proxy(data: &[u8]) {
    let Some((&size, stream)) = data.split_first() else {
        return;
    };
    let whole = cut(stream, stream.len().max(1));
    assert_eq!(cut(stream, 1), whole);
    assert_eq!(cut(stream, usize::from(size).max(1)), whole);
    let (read, left) = whole;
    let header = stream.len() - left;
    match read {
        Ok(Some(_)) => {
            assert!((16..=PROXY_HEADER_BYTES).contains(&header));
            // It does not depend on what follows, and needs all of its bytes.
            assert_eq!(cut(&stream[..header], 7), (read, 0));
            assert_eq!(cut(&stream[..header - 1], 7), (Ok(None), 0));
        }
        Ok(None) => assert!(left == 0 && stream.len() < PROXY_HEADER_BYTES),
        Err(_) => {}
    }
}

/// What comes of a stream in pieces of this size, and how many bytes of it are
/// left over; none count when it is refused.
fn cut(stream: &[u8], size: usize) -> (Result<Option<Header>, BadHeader>, usize) {
    let mut reader = Reader::default();
    let mut left = stream.len();
    for chunk in stream.chunks(size) {
        let mut rest = chunk;
        let read = reader.read(&mut rest);
        left -= chunk.len() - rest.len();
        match read {
            Ok(None) => assert!(rest.is_empty(), "all of it was taken"),
            Ok(Some(_)) => return (read, left),
            Err(_) => return (read, 0),
        }
    }
    (Ok(None), left)
}
