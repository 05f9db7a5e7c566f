//! MQTT 3.1.1 at QoS 0: what is published arrives byte for byte.

use super::{Cut, Heard, Name, Template, line_in};

const CONNACK: u8 = 0x20;
const PUBLISH: u8 = 0x30;
const SUBACK: u8 = 0x90;

pub(super) fn greet(me: Name, out: &mut Vec<u8>) {
    let mut connect = b"\x00\x04MQTT\x04\x02\x00\x00".to_vec();
    connect.extend_from_slice(&text(me));
    packet(0x10, &connect, out);
    let mut subscribe = b"\x00\x01".to_vec();
    subscribe.extend_from_slice(&text(me));
    subscribe.push(0);
    packet(0x82, &subscribe, out);
}

/// A line on the topic of `to`.
pub(super) fn publish(to: Name, before: &[u8], after: &[u8], size: usize) -> Template {
    let topic = text(to);
    let mut head = vec![PUBLISH];
    push_length(topic.len() + size, &mut head);
    head.extend_from_slice(&topic);
    head.extend_from_slice(before);
    Template::new(&head, after)
}

pub(super) fn cut(bytes: &[u8]) -> Cut {
    let mut length = 0;
    for (at, byte) in bytes.iter().skip(1).enumerate() {
        if at == 4 {
            return Cut::Broken;
        }
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let whole = 2 + at + length;
            return match bytes.len() >= whole {
                true => Cut::Whole(whole),
                false => Cut::Part,
            };
        }
    }
    Cut::Part
}

pub(super) fn read(frame: &[u8]) -> Heard {
    match (frame[0], frame.last()) {
        (CONNACK, Some(0)) => Heard::Nothing,
        (SUBACK, Some(0)) => Heard::Ready,
        (CONNACK | SUBACK, _) => Heard::Error(format!("refused {frame:02x?}")),
        (PUBLISH, _) => line_in(frame),
        _ => Heard::Strange,
    }
}

fn packet(kind: u8, body: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    push_length(body.len(), out);
    out.extend_from_slice(body);
}

/// Seven bits a byte, the lowest first.
fn push_length(mut length: usize, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(length & 0x7f).expect("seven bits");
        length >>= 7;
        if length == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// A text with its length before it.
fn text(name: Name) -> Vec<u8> {
    let text = name.to_string();
    let length = u16::try_from(text.len()).expect("a name is short");
    [&length.to_be_bytes(), text.as_bytes()].concat()
}
