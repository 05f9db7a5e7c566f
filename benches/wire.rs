//! What a line costs on its way in and out: framing, parsing and writing,
//! and other JSON readers beside ours on the same line.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pairline::limits::LINE_BYTES;
use pairline::wire::frame::Framer;
use pairline::wire::message::{Dialect, Gender, Outgoing, Slug};
use pairline::wire::parse::parse;
use pairline::wire::write::write;
use std::collections::BTreeMap;
use std::hint::black_box;

/// A `talking` line of 160 bytes whose text is made of `unit`.
fn talking(unit: &str) -> Vec<u8> {
    let mut line = br#"6#{"yourId":"penny18649314931","toId":"tom18600000000","msg":""#.to_vec();
    while line.len() + unit.len() <= 158 {
        line.extend_from_slice(unit.as_bytes());
    }
    line.resize(158, b' ');
    line.extend_from_slice(b"\"}");
    line
}

fn named(line: &[u8]) -> Vec<u8> {
    let mut named = br#"{"msgType":"talking","msg":"#.to_vec();
    named.extend_from_slice(&line[2..]);
    named.push(b'}');
    named
}

fn framing(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame");
    let mut stream = Vec::new();
    for _ in 0..12 {
        stream.extend_from_slice(&talking("hello "));
        stream.push(b'\n');
    }
    let mut framer = Framer::default();
    group.throughput(Throughput::Elements(12));
    group.bench_function("12 whole lines", |b| {
        b.iter(|| {
            let mut chunk = black_box(&stream[..]);
            while let Some(line) = framer.next(&mut chunk, LINE_BYTES) {
                let _ = black_box(line);
            }
        });
    });
    let (head, tail) = stream.split_at(stream.len() / 2 + 80);
    group.bench_function("12 lines, one cut in two", |b| {
        b.iter(|| {
            for mut chunk in black_box([head, tail]) {
                while let Some(line) = framer.next(&mut chunk, LINE_BYTES) {
                    let _ = black_box(line);
                }
            }
        });
    });
    group.finish();
}

fn parsing(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    let talk = talking("hello there, how are you ");
    for (name, line) in [
        ("heartbeat", &b""[..]),
        ("room", b"E8308298402399320"),
        ("1 join", br#"1#{"userId":"penny","nickname":"penny","gender":"F","findGender":"M","picId":"4","location":"Beijing","gps":"116.3,39.9","guys":"1"}"#),
        ("3 pass_req", br#"3#{"youId":"penny18649314931"}"#),
        ("6 talking, 160 bytes", &talk),
        ("6 talking, 160 bytes, Chinese", &talking("你好")),
        ("6 talking, 160 bytes, escapes", &talking("\\u4f60")),
        ("6 talking, 160 bytes, named", &named(&talk)),
        ("7 talk_end", br#"7#{"yourId":"penny","toId":"tom","msg":"bye","nickname":"penny","seeAgain":"1"}"#),
        ("8 send_end_msg", br#"8#{"youId":"penny","toId":"tom","endmessage":"one last word"}"#),
        ("10 next_one", br#"10#{"youId":"penny","toId":"tom","endmessage":"bye"}"#),
        ("13 leave", br#"13#{"youId":"penny"}"#),
    ] {
        assert!(parse(line).content.is_ok(), "{name}");
        group.bench_function(name, |b| b.iter(|| black_box(parse(black_box(line)))));
    }
    group.finish();
}

fn others(c: &mut Criterion) {
    let mut group = c.benchmark_group("others on 6 talking, 160 bytes");
    let line = talking("hello there, how are you ");
    let body = &line[2..];
    group.bench_function("serde_json value", |b| {
        b.iter(|| black_box(serde_json::from_slice::<serde_json::Value>(black_box(body)).is_ok()));
    });
    group.bench_function("serde_json borrowed map", |b| {
        b.iter(|| {
            let map = serde_json::from_slice::<BTreeMap<&str, &str>>(black_box(body));
            black_box(map.is_ok())
        });
    });
    let mut buffers = simd_json::Buffers::default();
    let mut copy = Vec::new();
    let mut tape = Some(simd_json::Tape::null());
    group.bench_function("simd-json tape, reused, with its copy", |b| {
        b.iter(|| {
            copy.clear();
            copy.extend_from_slice(black_box(body));
            let mut filled = tape.take().expect("it was put back").reset();
            let read = simd_json::fill_tape(&mut copy, &mut buffers, &mut filled).is_ok();
            black_box(&filled);
            tape = Some(filled.reset());
            black_box(read)
        });
    });
    group.finish();
}

fn writing(c: &mut Criterion) {
    let mut group = c.benchmark_group("write");
    let line = talking("hello there, how are you ");
    let talking = Outgoing::Talking { body: &line[2..] };
    for (name, dialect, message) in [
        (
            "0 error",
            Dialect::Numbered,
            Outgoing::Error {
                error: Slug::MissingField,
                msg_type: Some(6),
                detail: "toId: missing",
            },
        ),
        ("2 wait", Dialect::Numbered, Outgoing::Wait { place: 12 }),
        (
            "4 pass_res",
            Dialect::Numbered,
            Outgoing::Passed { from: 12, by: 3 },
        ),
        (
            "5 talk_begin",
            Dialect::Numbered,
            Outgoing::TalkBegin {
                to: "tom",
                nickname: "Tom",
                gender: Gender::Male,
                pic: "4",
                location: "Beijing",
                gps: "116.3,39.9",
                talk: 1 << 48,
            },
        ),
        ("6 talking, 160 bytes", Dialect::Numbered, talking),
        ("6 talking, 160 bytes, named", Dialect::Named, talking),
        (
            "9 receive_end_msg",
            Dialect::Numbered,
            Outgoing::EndMessage {
                you: "penny",
                to: "tom",
                nickname: "penny",
                text: "so\nlong",
                over: true,
                talk: "281474976710656",
            },
        ),
    ] {
        let mut out = Vec::with_capacity(1024);
        group.bench_function(name, |b| {
            b.iter(|| {
                out.clear();
                write(&mut out, dialect, black_box(&message));
                black_box(out.len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, framing, parsing, others, writing);
criterion_main!(benches);
