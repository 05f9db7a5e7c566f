//! Whatever is taken for a picture becomes one of ours, with nothing in it but
//! pixels.

use std::io::Cursor;

use image::{ImageFormat, ImageReader};

use crate::limits::{PICTURE_BYTES, THUMBNAIL_SIDE_PIXELS};
use crate::picture::{Ext, Refused, Remade, payload, remake};

/// More would be right as well, but slow.
const PIXELS: u64 = 256 * 256;

/// The input is a picture, or else a data URL.
pub fn picture(data: &[u8]) {
    if let Ok(url) = str::from_utf8(data)
        && let Ok(bytes) = payload(url)
    {
        assert!(bytes.len() <= PICTURE_BYTES);
        return picture(&bytes);
    }
    let Ok(reader) = ImageReader::new(Cursor::new(data)).with_guessed_format() else {
        return;
    };
    match reader.into_dimensions() {
        Ok((width, height)) if u64::from(width) * u64::from(height) > PIXELS => {}
        Ok(size) => check(data, size),
        Err(_) => assert!(remake(data).is_err()),
    }
}

fn check(data: &[u8], (width, height): (u32, u32)) {
    let Ok(remade) = remake(data) else {
        return;
    };
    assert_eq!(remake(data).as_ref(), Ok(&remade), "the same again");
    let size = plain(&remade);
    assert!(size == (width, height) || size == (height, width));
    let again = remake(&remade.bytes).expect("what is ours is taken");
    assert_eq!((again.ext, plain(&again)), (remade.ext, size));
    let too_large = [data, &vec![0; PICTURE_BYTES]].concat();
    assert_eq!(remake(&too_large), Err(Refused::TooLarge));
}

/// Checks what both files are made of; gives the picture's size.
fn plain(remade: &Remade) -> (u32, u32) {
    let format = match remade.ext {
        Ext::Jpeg => {
            plain_jpeg(&remade.bytes);
            ImageFormat::Jpeg
        }
        Ext::Png => {
            plain_png(&remade.bytes);
            ImageFormat::Png
        }
    };
    plain_jpeg(&remade.thumbnail);
    let small = size(&remade.thumbnail, ImageFormat::Jpeg);
    let size = size(&remade.bytes, format);
    let longer = size.0.max(size.1).min(THUMBNAIL_SIDE_PIXELS);
    assert_eq!(small.0.max(small.1), longer);
    size
}

fn size(bytes: &[u8], format: ImageFormat) -> (u32, u32) {
    let reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.into_dimensions().expect("it was written by us")
}

/// A head, tables, one scan, and its end is the file's.
fn plain_jpeg(bytes: &[u8]) {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8]).expect("a start");
    loop {
        let (head, after) = rest.split_first_chunk::<4>().expect("a segment");
        let [0xff, marker, high, low] = *head else {
            panic!("no marker: {head:?}");
        };
        let length = usize::from(u16::from_be_bytes([high, low])) - 2;
        match marker {
            0xe0 => assert_eq!((&after[..5], length), (&b"JFIF\0"[..], 14)),
            0xc0 | 0xc4 | 0xda | 0xdb => {}
            _ => panic!("segment {marker:x}"),
        }
        rest = &after[length..];
        if marker == 0xda {
            break;
        }
    }
    let end = rest
        .windows(2)
        .position(|pair| pair[0] == 0xff && pair[1] != 0)
        .expect("an end");
    assert_eq!(rest[end..], [0xff, 0xd9]);
}

/// A head, data, an end.
fn plain_png(bytes: &[u8]) {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n").expect("a start");
    let mut kinds = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        kinds.push(&after[..4]);
        rest = &after[length + 8..];
    }
    kinds.dedup();
    assert_eq!(kinds, [b"IHDR", b"IDAT", b"IEND"]);
    assert!(rest.is_empty());
}
