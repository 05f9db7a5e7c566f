//! What a picture of two megapixels takes, from its data URL to the files.

use std::hint::black_box;
use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, criterion_group, criterion_main};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use pairline::picture::{payload, remake};

const WIDTH: u32 = 1632;
const HEIGHT: u32 = 1224;

fn uploads(criterion: &mut Criterion) {
    let picture = photo();
    let mut group = criterion.benchmark_group("upload");
    group.sample_size(20);
    let see_through = DynamicImage::ImageRgba8({
        let mut pixels = picture.to_rgba8();
        pixels[(0, 0)][3] = 0;
        pixels
    });
    for (name, picture, format) in [
        ("jpeg", &picture, ImageFormat::Jpeg),
        ("png", &picture, ImageFormat::Png),
        ("transparent png", &see_through, ImageFormat::Png),
        ("webp", &picture, ImageFormat::WebP),
    ] {
        let url = url(picture, format);
        group.bench_function(name, |bencher| {
            bencher.iter(|| remake(&payload(black_box(&url)).expect("a data URL")));
        });
    }
    group.finish();
}

/// Soft shapes and a little noise, as cameras see.
fn photo() -> DynamicImage {
    let mut random = fastrand::Rng::with_seed(7);
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let noise = random.u8(..12);
        let light = wave(x, 570) / 2 + wave(y, 370) / 4 + wave(x + y, 90) / 8 + noise;
        Rgb([light, light / 4 * 3 + noise, u8::MAX - light])
    })
    .into()
}

/// 0 to 255 and back, rounded off.
fn wave(at: u32, period: u32) -> u8 {
    let part = at % period * 510 / period;
    let rise = part.min(510 - part);
    let soft = rise * rise * (765 - 2 * rise) / (255 * 255);
    u8::try_from(soft).expect("at most 255")
}

fn url(picture: &DynamicImage, format: ImageFormat) -> String {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("it is written");
    format!("data:;base64,{}", STANDARD.encode(bytes.into_inner()))
}

criterion_group!(benches, uploads);
criterion_main!(benches);
