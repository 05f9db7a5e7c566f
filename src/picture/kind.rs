//! What a picture is, by its first bytes: whatever its sender called it.

use image::ImageFormat;

/// One of the four kinds that are taken.
pub(super) fn of(source: &[u8]) -> Option<ImageFormat> {
    match source {
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(ImageFormat::WebP),
        _ if source.starts_with(b"\x89PNG\r\n\x1a\n") => Some(ImageFormat::Png),
        _ if source.starts_with(b"GIF87a") || source.starts_with(b"GIF89a") => {
            Some(ImageFormat::Gif)
        }
        _ => None,
    }
}
