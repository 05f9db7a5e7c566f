//! Each dialect understands what it would be sent.

use super::*;
use crate::load::line::Timed;

const ANN: Name = Name { seed: 7, number: 4 };
const BOB: Name = Name { seed: 7, number: 5 };
const ALL: [Peer; 5] = [
    Peer::Pairline,
    Peer::Bare,
    Peer::Nats,
    Peer::Redis,
    Peer::Mqtt,
];

#[test]
fn a_line_is_as_long_as_asked_and_cut_anywhere() {
    for peer in ALL {
        let hear = peer.hear(ANN, BOB, 160);
        let mut bytes = Vec::new();
        hear.write(&mut bytes, 3, &Timed::new(12));
        let start = memchr::memmem::find(&bytes, b"6#{").unwrap();
        let end = memchr::memrchr(b'}', &bytes).unwrap();
        assert_eq!(end + 1 - start, 160, "{peer:?}");
        for length in 0..bytes.len() {
            assert_eq!(peer.cut(&bytes[..length]), Cut::Part, "{peer:?} {length}");
        }
        let whole = bytes.len();
        bytes.extend_from_slice(&bytes.clone());
        assert_eq!(peer.cut(&bytes), Cut::Whole(whole), "{peer:?}");
        let expected = Heard::Line {
            from: Some(BOB),
            to: Some(ANN),
        };
        assert_eq!(peer.read(&bytes[..whole]), expected, "{peer:?}");
    }
}

#[test]
fn the_shortest_line_is_all_its_parts() {
    let mut line = Vec::new();
    let size = shortest_line();
    Peer::Bare
        .say(ANN, BOB, size)
        .write(&mut line, 0, &Timed::new(0));
    assert_eq!(line.len(), size + 1);
}

#[test]
fn pairline_frames_are_read_strictly() {
    let begin = |partner: &str| Heard::Begin {
        partner: partner.into(),
        talk: "3".into(),
    };
    let table = [
        ("\n", Heard::Pulse),
        ("2#{\"youNum\":\"12\"}\n", Heard::Waiting),
        ("2#{\"youNum\":\"0\"}\n", Heard::Strange),
        ("2#{\"youNum\":\"12\",\"x\":1}\n", Heard::Strange),
        (
            "5#{\"toId\":\"a\",\"nickname\":\"a\",\"gender\":\"F\",\"picId\":\"\",\"location\":\"\",\"gps\":\"\",\"talkId\":\"3\"}\n",
            begin("a"),
        ),
        (
            "5#{\"toId\":\"a\",\"nickname\":\"b\",\"gender\":\"F\",\"picId\":\"\",\"location\":\"\",\"gps\":\"\",\"talkId\":\"3\"}\n",
            Heard::Strange,
        ),
        (
            "9#{\"youId\":\"a\",\"toId\":\"b\",\"nickname\":\"a\",\"endmessage\":\"bye\",\"over\":1,\"talkId\":\"3\"}\n",
            Heard::End {
                from: "a".into(),
                to: "b".into(),
                text: "bye".into(),
            },
        ),
        (
            "0#{\"error\":\"rate_limited\",\"msgType\":null,\"detail\":\"slow down\"}\n",
            Heard::Error("rate_limited".into()),
        ),
        ("4#{}\n", Heard::Strange),
        ("hello\n", Heard::Strange),
    ];
    for (frame, expected) in table {
        assert_eq!(Peer::Pairline.read(frame.as_bytes()), expected, "{frame}");
    }
}

#[test]
fn foreign_replies_are_known() {
    let table: [(Peer, &[u8], Heard); 9] = [
        (Peer::Nats, b"INFO {}\r\n", Heard::Nothing),
        (Peer::Nats, b"PING\r\n", Heard::Ping(b"PONG\r\n")),
        (Peer::Nats, b"PONG\r\n", Heard::Ready),
        (Peer::Redis, b"%1\r\n$5\r\nproto\r\n:3\r\n", Heard::Nothing),
        (
            Peer::Redis,
            b">3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n",
            Heard::Ready,
        ),
        (Peer::Redis, b":1\r\n", Heard::Nothing),
        (
            Peer::Redis,
            b"-DENIED no\r\n",
            Heard::Error("DENIED".into()),
        ),
        (Peer::Mqtt, b"\x20\x02\x00\x00", Heard::Nothing),
        (Peer::Mqtt, b"\x90\x03\x00\x01\x00", Heard::Ready),
    ];
    for (peer, frame, expected) in table {
        assert_eq!(peer.cut(frame), Cut::Whole(frame.len()), "{frame:?}");
        assert_eq!(peer.read(frame), expected, "{frame:?}");
    }
}
