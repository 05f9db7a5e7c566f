//! What is no picture, or too much of one, takes little of the server.

use image::ImageFormat;
use serde_json::json;

use crate::people::{add_users, feed, files, plain, publish, server, upload_of};
use crate::rig::http::refused;

const MIB: usize = 1024 * 1024;
/// A body, its text, its bytes, and what the allocator keeps of them.
const ROOM: u64 = 128 * 1024 * 1024;

/// A PNG's head for so many pixels, and nothing else that fits it.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut png = plain(8, 8, ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let mut checksum = u32::MAX;
    for byte in &png[12..29] {
        checksum ^= u32::from(*byte);
        for _ in 0..8 {
            checksum = (checksum >> 1) ^ (0xedb8_8320 * (checksum & 1));
        }
    }
    png[29..33].copy_from_slice(&(!checksum).to_be_bytes());
    png
}

#[test]
fn bad_pictures_are_refused_in_little_memory() {
    let server = server();
    add_users(&server, &["ann"]);
    publish(&server, "ann", "a good one");
    let before = server.resident();
    let jpeg = plain(300, 300, ImageFormat::Jpeg);
    let long = [&jpeg[..], &vec![0; 8 * MIB]].concat();
    let cases: [(&str, Vec<u8>, u16); 10] = [
        ("nothing", Vec::new(), 12),
        ("noise", vec![0x5a; 8 * MIB], 12),
        ("too much noise", vec![0x5a; 8 * MIB + 1], 11),
        ("too long", long, 11),
        ("60,000 x 60,000", png_of(60_000, 60_000), 11),
        ("20,000,001 pixels", png_of(20_000_001, 1), 11),
        ("20 megapixels of nothing", png_of(5_000, 4_000), 12),
        ("cut off", jpeg[..jpeg.len() - 2].to_vec(), 12),
        (
            "SVG",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
            12,
        ),
        (
            "HTML",
            b"\xff\xd8\xff<html><script>alert(1)</script>".to_vec(),
            12,
        ),
    ];
    for (what, bytes, error_no) in cases {
        println!("{what}");
        refused(&server, error_no, upload_of("ann", what, &bytes));
        let grown = server.resident().saturating_sub(before);
        assert!(grown < ROOM, "{what}: {grown} bytes more");
    }
    for picture in [
        "",
        "hello",
        "data:image/png,abc",
        "data:image/png;base64,~~~~",
    ] {
        let request = json!({"type": "picture_upload_request", "token": "ann",
                             "words": "", "picture": picture});
        refused(&server, 12, request);
    }
    assert_eq!(files(&server).len(), 2);
    assert_eq!(feed(&server, "ann", &json!({})).len(), 1);
}

#[test]
fn a_body_has_room_for_the_largest_picture_and_little_more() {
    let server = server();
    add_users(&server, &["ann"]);
    let request = upload_of("ann", "", &vec![0; 10 * MIB]).to_string();
    assert!(request.len() > 12 * MIB);
    let reply = crate::rig::http::Request::new("POST", "/").body(request);
    let reply = reply.send(server.http);
    assert_eq!(
        (reply.status, reply.json()["error_no"].as_u64()),
        (413, Some(11))
    );
}
