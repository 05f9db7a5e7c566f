//! Pixels to the files that are kept: a PNG if any of them is transparent, else
//! a JPEG, and a small JPEG of either.
//!
//! The JPEG encoder is the image crate's own: 2 megapixels take it 55 ms, which
//! leaves the upload well below what it may take. `jpeg-encoder` needs a third
//! of that, with unsafe SIMD code under a licence of its own.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageEncoder, ImageResult, Rgb, RgbImage, RgbaImage};

use super::{Ext, Remade};
use crate::limits::THUMBNAIL_SIDE_PIXELS;

/// Of 100: no difference that a handset shows.
const QUALITY: u8 = 85;
const THUMBNAIL_QUALITY: u8 = 80;

pub(super) fn encode(picture: DynamicImage) -> Remade {
    match picture {
        DynamicImage::ImageRgba8(pixels) if is_transparent(&pixels) => {
            let bytes = png(&pixels);
            let flat = DynamicImage::ImageRgb8(on_white(pixels));
            Remade {
                ext: Ext::Png,
                bytes,
                thumbnail: thumbnail(&flat),
            }
        }
        opaque => {
            let opaque = without_alpha(opaque);
            Remade {
                ext: Ext::Jpeg,
                bytes: jpeg(&opaque, QUALITY),
                thumbnail: thumbnail(&opaque),
            }
        }
    }
}

fn is_transparent(pixels: &RgbaImage) -> bool {
    pixels.pixels().any(|pixel| pixel[3] != u8::MAX)
}

fn without_alpha(picture: DynamicImage) -> DynamicImage {
    if picture.color().has_alpha() {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    } else {
        picture
    }
}

fn on_white(pixels: RgbaImage) -> RgbImage {
    let (width, height) = pixels.dimensions();
    let blend = |channel: u8, alpha: u8| {
        let (channel, alpha) = (u16::from(channel), u16::from(alpha));
        let mixed = (channel * alpha + 255 * (255 - alpha)) / 255;
        u8::try_from(mixed).expect("a mean of two bytes is a byte")
    };
    let mut flat = RgbImage::new(width, height);
    for (to, from) in flat.pixels_mut().zip(pixels.pixels()) {
        let [red, green, blue, alpha] = from.0;
        *to = Rgb([red, green, blue].map(|channel| blend(channel, alpha)));
    }
    flat
}

fn thumbnail(picture: &DynamicImage) -> Vec<u8> {
    const SIDE: u32 = THUMBNAIL_SIDE_PIXELS;
    if picture.width() <= SIDE && picture.height() <= SIDE {
        return jpeg(picture, THUMBNAIL_QUALITY);
    }
    jpeg(&picture.thumbnail(SIDE, SIDE), THUMBNAIL_QUALITY)
}

fn jpeg(picture: &DynamicImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    written(picture.write_with_encoder(encoder));
    bytes
}

fn png(pixels: &RgbaImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive);
    let (width, height) = pixels.dimensions();
    written(encoder.write_image(pixels, width, height, image::ExtendedColorType::Rgba8));
    bytes
}

fn written(result: ImageResult<()>) {
    result.expect("pixels of eight bits and sides within limits can be written to memory");
}
