use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, Luma, Rgb, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;
use crate::limits::{PICTURE_BYTES, PICTURE_SIDE_PIXELS};

const RED: Rgb<u8> = Rgb([250, 10, 10]);
const BLUE: Rgb<u8> = Rgb([10, 10, 250]);

/// Red on the left, blue on the right.
fn flag(width: u32, height: u32) -> DynamicImage {
    let colour = |x, _| if x < width / 2 { RED } else { BLUE };
    image::RgbImage::from_fn(width, height, colour).into()
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn read(bytes: &[u8], format: ImageFormat) -> DynamicImage {
    image::load_from_memory_with_format(bytes, format).unwrap()
}

fn size(picture: &DynamicImage) -> (u32, u32) {
    (picture.width(), picture.height())
}

#[track_caller]
fn assert_like(picture: &DynamicImage, x: u32, y: u32, wanted: Rgb<u8>) {
    let found = picture.to_rgb8()[(x, y)];
    let far = found
        .0
        .iter()
        .zip(wanted.0)
        .any(|(a, b)| a.abs_diff(b) > 40);
    assert!(!far, "at {x},{y}: {found:?}, not {wanted:?}");
}

/// A JPEG with an EXIF segment that says how to turn it, and where it was taken.
fn turned_jpeg(orientation: u8) -> Vec<u8> {
    let jpeg = written(&flag(64, 32), ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS 31.2304N 121.4737E");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn every_kind_is_taken_whatever_it_is_called() {
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::WebP,
    ] {
        let source = written(&flag(64, 32), format);
        let url = format!("data:text/html;base64,{}", STANDARD.encode(source));
        let remade = remake(&payload(&url).unwrap()).unwrap();
        assert_eq!(remade.ext, Ext::Jpeg, "{format:?}");
        let picture = read(&remade.bytes, ImageFormat::Jpeg);
        assert_eq!(size(&picture), (64, 32));
        assert_like(&picture, 4, 16, RED);
        assert_like(&picture, 60, 16, BLUE);
    }
}

#[test]
fn transparency_makes_a_png_and_a_thumbnail_on_white() {
    let mut pixels = RgbaImage::from_pixel(40, 30, Rgba([250, 10, 10, 255]));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let opaque = remake(&written(&pixels.clone().into(), format)).unwrap();
        assert_eq!(opaque.ext, Ext::Jpeg, "{format:?}");
    }
    for x in 0..20 {
        for y in 0..30 {
            pixels[(x, y)] = Rgba([0, 0, 0, 0]);
        }
    }
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let remade = remake(&written(&pixels.clone().into(), format)).unwrap();
        assert_eq!(remade.ext, Ext::Png, "{format:?}");
        let picture = read(&remade.bytes, ImageFormat::Png).to_rgba8();
        assert_eq!(picture[(5, 15)][3], 0);
        assert_eq!(picture[(35, 15)][3], 255);
        let thumbnail = read(&remade.thumbnail, ImageFormat::Jpeg);
        assert_like(&thumbnail, 5, 15, Rgb([255, 255, 255]));
        assert_like(&thumbnail, 35, 15, RED);
    }
}

#[test]
fn a_picture_is_turned_upright_and_nothing_else_of_it_is_kept() {
    // Where the red half is.
    let corners = [
        (1, (64, 32), (4, 4)),
        (2, (64, 32), (60, 4)),
        (3, (64, 32), (60, 28)),
        (4, (64, 32), (4, 28)),
        (5, (32, 64), (4, 4)),
        (6, (32, 64), (28, 4)),
        (7, (32, 64), (28, 60)),
        (8, (32, 64), (4, 60)),
        // No such orientation.
        (9, (64, 32), (4, 4)),
    ];
    for (orientation, wanted, (x, y)) in corners {
        let mut source = turned_jpeg(orientation);
        source.extend(b"<script>trailing</script>");
        let remade = remake(&source).unwrap();
        let picture = read(&remade.bytes, ImageFormat::Jpeg);
        assert_eq!(size(&picture), wanted, "{orientation}");
        assert_like(&picture, x, y, RED);
        assert_like(&picture, wanted.0 - 1 - x, wanted.1 - 1 - y, BLUE);
        for file in [&remade.bytes, &remade.thumbnail] {
            for secret in [&b"Exif"[..], b"GPS", b"script"] {
                assert!(memchr::memmem::find(file, secret).is_none());
            }
        }
    }
}

#[test]
fn only_the_first_frame_of_an_animation_is_looked_at() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for colour in [Rgba([250, 10, 10, 255]), Rgba([10, 10, 250, 255])] {
        let frame = Frame::new(RgbaImage::from_pixel(16, 16, colour));
        encoder.encode_frame(frame).unwrap();
    }
    drop(encoder);
    bytes.truncate(bytes.len() - 20);
    let remade = remake(&bytes).unwrap();
    assert_like(&read(&remade.bytes, ImageFormat::Jpeg), 8, 8, RED);
}

#[test]
fn grey_and_deep_pixels_are_taken() {
    let grey = image::ImageBuffer::from_pixel(20, 10, Luma([40_000_u16]));
    let deep = image::ImageBuffer::from_pixel(20, 10, Rgba([65_535_u16, 0, 0, 30_000]));
    let grey = remake(&written(&grey.into(), ImageFormat::Png)).unwrap();
    let level = u8::try_from(40_000 / 257).unwrap();
    let picture = read(&grey.bytes, ImageFormat::Jpeg);
    assert_like(&picture, 5, 5, Rgb([level; 3]));
    let deep = remake(&written(&deep.into(), ImageFormat::Png)).unwrap();
    assert_eq!(deep.ext, Ext::Png);
}

#[test]
fn a_thumbnail_is_never_enlarged() {
    for (picture, thumbnail) in [
        ((1, 1), (1, 1)),
        ((320, 320), (320, 320)),
        ((321, 10), (320, 10)),
        ((1000, 500), (320, 160)),
        ((500, 1000), (160, 320)),
        ((5000, 2), (320, 1)),
    ] {
        let source = written(&flag(picture.0, picture.1), ImageFormat::Png);
        let remade = remake(&source).unwrap();
        assert_eq!(size(&read(&remade.bytes, ImageFormat::Jpeg)), picture);
        assert_eq!(size(&read(&remade.thumbnail, ImageFormat::Jpeg)), thumbnail);
    }
}

/// A PNG's head that promises so many pixels, and no data.
fn png_head(width: u32, height: u32) -> Vec<u8> {
    let mut png = written(&flag(1, 1), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

#[test]
fn too_many_pixels_are_refused_by_the_head() {
    for (width, height) in [
        (60_000, 60_000),
        (5_000, 4_001),
        (PICTURE_SIDE_PIXELS + 1, 1),
        (1, PICTURE_SIDE_PIXELS + 1),
        (0x7fff_ffff, 0x7fff_ffff),
    ] {
        let refused = remake(&png_head(width, height));
        assert_eq!(refused, Err(Refused::TooLarge), "{width}x{height}");
    }
    // Within the limits, but there is nothing to decode.
    assert_eq!(remake(&png_head(5_000, 4_000)), Err(Refused::NotTaken));
    assert_eq!(remake(&png_head(0, 5)), Err(Refused::NotTaken));

    let mut gif = written(&flag(2, 2), ImageFormat::Gif);
    gif[6..10].fill(0xff);
    assert_eq!(remake(&gif), Err(Refused::TooLarge));

    let mut jpeg = written(&flag(8, 8), ImageFormat::Jpeg);
    let frame = memchr::memmem::find(&jpeg, &[0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].fill(0xff);
    assert_eq!(remake(&jpeg), Err(Refused::TooLarge));
}

#[test]
fn what_is_no_picture_is_refused() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>"#;
    let cases: [&[u8]; 8] = [
        b"",
        svg,
        b"<!DOCTYPE html><html></html>",
        b"\xff\xd8\xff<html></html>",
        b"BM\x36\0\0\0\0\0\0\0",
        b"GIF89a",
        b"RIFF\x04\0\0\0WEBP",
        b"\x89PNG\r\n\x1a\n",
    ];
    for source in cases {
        assert_eq!(remake(source), Err(Refused::NotTaken), "{source:?}");
    }
    let noise = |size| vec![0xab; size];
    assert_eq!(remake(&noise(PICTURE_BYTES)), Err(Refused::NotTaken));
    assert_eq!(remake(&noise(PICTURE_BYTES + 1)), Err(Refused::TooLarge));
}

#[test]
fn a_picture_cut_off_anywhere_is_refused() {
    let jpeg = turned_jpeg(6);
    for end in 0..jpeg.len() {
        assert_eq!(remake(&jpeg[..end]), Err(Refused::NotTaken), "{end}");
    }
    let webp = written(&flag(64, 32), ImageFormat::WebP);
    for end in 0..webp.len() {
        assert_eq!(remake(&webp[..end]), Err(Refused::NotTaken), "{end}");
    }
    for format in [ImageFormat::Png, ImageFormat::Gif] {
        let source = written(&flag(64, 32), format);
        for end in 0..source.len() * 3 / 4 {
            let cut = remake(&source[..end]);
            assert_eq!(cut, Err(Refused::NotTaken), "{format:?} {end}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_size_comes_back_upright_and_stays_as_it_is(
        width in 1u32..400,
        height in 1u32..400,
        colour: [u8; 4],
        format in prop::sample::select(vec![ImageFormat::Png, ImageFormat::WebP]),
    ) {
        let pixels = RgbaImage::from_pixel(width, height, Rgba(colour));
        let remade = remake(&written(&pixels.into(), format)).unwrap();
        let (ext, kept) = match colour[3] {
            255 => (Ext::Jpeg, ImageFormat::Jpeg),
            _ => (Ext::Png, ImageFormat::Png),
        };
        prop_assert_eq!(remade.ext, ext);
        prop_assert_eq!(size(&read(&remade.bytes, kept)), (width, height));
        let small = read(&remade.thumbnail, ImageFormat::Jpeg);
        prop_assert_eq!(small.width().max(small.height()), width.max(height).min(320));
        let again = remake(&remade.bytes).unwrap();
        prop_assert_eq!(again.ext, ext);
    }

    #[test]
    fn damage_anywhere_does_no_harm(
        at: prop::sample::Index,
        byte: u8,
        format in prop::sample::select(vec![
            ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP,
        ]),
    ) {
        let mut source = written(&flag(48, 32), format);
        let at = at.index(source.len());
        source[at] = byte;
        let _ = remake(&source);
    }
}
