//! Bytes to pixels, within bounds: what the head says is held against the
//! limits before anything of that size is allocated.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::{Refused, jpeg, webp};
use crate::limits::{PICTURE_DECODER_BYTES, PICTURE_PIXELS, PICTURE_SIDE_PIXELS};

/// The first frame, eight bits a channel, turned as its EXIF data says.
pub(super) fn upright(source: &[u8], format: ImageFormat) -> Result<DynamicImage, Refused> {
    let source = match format {
        ImageFormat::Jpeg => {
            jpeg::check(source)?;
            source
        }
        ImageFormat::WebP => webp::whole(source)?,
        _ => source,
    };
    let mut reader = ImageReader::with_format(Cursor::new(source), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PICTURE_PIXELS {
        return Err(Refused::TooLarge);
    }
    if width == 0 || height == 0 {
        return Err(Refused::NotTaken);
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let decoded = DynamicImage::from_decoder(decoder).map_err(refused)?;
    let mut picture = eight_bits(decoded);
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(PICTURE_SIDE_PIXELS);
    limits.max_image_height = Some(PICTURE_SIDE_PIXELS);
    limits.max_alloc = Some(PICTURE_DECODER_BYTES);
    limits
}

fn refused(error: ImageError) -> Refused {
    match error {
        ImageError::Limits(_) => Refused::TooLarge,
        _ => Refused::NotTaken,
    }
}

/// One of three kinds: grey, colour, or colour with transparency.
fn eight_bits(picture: DynamicImage) -> DynamicImage {
    use DynamicImage::{ImageLuma8, ImageLuma16, ImageRgb8, ImageRgba8};
    let has_alpha = picture.color().has_alpha();
    match picture {
        ImageLuma8(_) | ImageRgb8(_) | ImageRgba8(_) => picture,
        ImageLuma16(_) => ImageLuma8(picture.into_luma8()),
        _ if has_alpha => ImageRgba8(picture.into_rgba8()),
        _ => ImageRgb8(picture.into_rgb8()),
    }
}
