//! From a file that somebody sent to a small JPEG of our own.
//!
//! Everything about the file is hostile until shown otherwise: what it is called, what it says it
//! is, how large it says it is. Its first bytes name the format; the size in pixels is read from its
//! head and held against the limits before anything is decoded; what decoding takes is limited too.
//! What comes out was made by the encoder here from pixels alone, so it holds no metadata, no second
//! file behind the first, and nothing that a browser could take for anything but a picture.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use crate::error::{Error, FieldError, Place, Result};

/// The long side of what is kept, in pixels; what is smaller stays as it is.
pub const LONG_SIDE: u32 = 1_600;
/// The most pixels that are decoded.
pub const PIXELS_MAX: u64 = 50_000_000;
/// The longest side that is decoded, in pixels.
pub const SIDE_MAX: u32 = 16_384;
/// The most memory that a decoded picture may take, in bytes.
const DECODED_MAX_BYTES: u64 = 256 * 1024 * 1024;
/// The quality of what is kept, out of 100.
const QUALITY: u8 = 85;

/// A picture as it is kept.
#[derive(Debug)]
pub struct Picture {
    /// A JPEG without metadata.
    pub jpeg: Vec<u8>,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// Why a file is none that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no JPEG, PNG or WebP.
    Unsupported,
    /// It has too many pixels.
    TooLarge,
    /// It is cut off or broken.
    Damaged,
}

impl Refusal {
    /// The code and the sentence.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unsupported => (
                "unsupported_image",
                "Neither a JPEG nor a PNG nor a WebP picture: the first bytes decide, not the name.",
            ),
            Self::TooLarge => (
                "image_too_large",
                "The picture has more than 50 million pixels, or more than 16,384 on a side.",
            ),
            Self::Damaged => ("image_damaged", "The picture is cut off or damaged."),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = refusal.words();
        Self::invalid(vec![FieldError {
            place: Place::Pointer("/file".to_owned()),
            code,
            message: message.to_owned(),
            fix: None,
        }])
    }
}

impl From<ImageError> for Refusal {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge,
            ImageError::Unsupported(_) => Self::Unsupported,
            ImageError::Decoding(_)
            | ImageError::Encoding(_)
            | ImageError::Parameter(_)
            | ImageError::IoError(_) => Self::Damaged,
        }
    }
}

/// Makes what is kept of a file. Slow, and takes memory: a few hundred megabytes at most.
pub fn prepare(file: &[u8]) -> Result<Picture> {
    let (picture, orientation) = decode(file)?;
    let mut small = DynamicImage::ImageRgb8(on_white(shrunk(picture)));
    small.apply_orientation(orientation);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(&small)
        .map_err(Error::internal)?;
    Ok(Picture {
        jpeg,
        width: small.width(),
        height: small.height(),
    })
}

fn format_of(file: &[u8]) -> Result<ImageFormat, Refusal> {
    if file.starts_with(b"\xff\xd8\xff") {
        Ok(ImageFormat::Jpeg)
    } else if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        Ok(ImageFormat::Png)
    } else if file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP") {
        Ok(ImageFormat::WebP)
    } else {
        Err(Refusal::Unsupported)
    }
}

fn decode(file: &[u8]) -> Result<(DynamicImage, Orientation), Refusal> {
    let format = format_of(file)?;
    // The decoder makes up what is missing; somebody's half photo is better refused.
    if format == ImageFormat::Jpeg && !ends_as_it_should(file) {
        return Err(Refusal::Damaged);
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODED_MAX_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(Refusal::TooLarge);
    }
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    // Metadata that cannot be read turns nothing; the picture may be well all the same.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// The picture with its long side within bounds.
fn shrunk(picture: DynamicImage) -> DynamicImage {
    let long = picture.width().max(picture.height());
    if long <= LONG_SIDE {
        return picture;
    }
    // Averaging whole blocks first costs little time and memory; the filter then has a quarter or
    // less of the pixels to look at, and what it gives is as good.
    let halfway = LONG_SIDE * 2;
    let near = if long > halfway {
        picture.thumbnail(halfway, halfway)
    } else {
        picture
    };
    near.resize(LONG_SIDE, LONG_SIDE, FilterType::Lanczos3)
}

/// The picture without transparency: a JPEG has none.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (pixel, under) in picture.pixels().zip(flat.pixels_mut()) {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let over = |channel: u32| {
            let mixed = (channel * alpha + 255 * (255 - alpha) + 127) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        under.0 = [over(red), over(green), over(blue)];
    }
    flat
}

/// Whether a JPEG goes on to the end of its picture.
///
/// Segments are stepped over by their length, so that the end of a small picture inside the metadata
/// is not taken for that of the whole; in the compressed data itself a marker is unmistakable. What
/// stands behind the end is nobody's business: telephones put short films there.
fn ends_as_it_should(file: &[u8]) -> bool {
    let mut at = 2;
    loop {
        // The next marker: whatever stands before it is compressed data.
        let Some(found) = file[at..].iter().position(|byte| *byte == 0xff) else {
            return false;
        };
        at += found + 1;
        let Some(marker) = file.get(at) else {
            return false;
        };
        match marker {
            0xd9 => return true,
            // A byte of the data that looks like a marker, a fill byte, and markers that stand alone.
            0x00 | 0xff | 0x01 | 0xd0..=0xd8 => {
                at += usize::from(*marker != 0xff);
            }
            _ => {
                let Some([high, low]) = file.get(at + 1..at + 3) else {
                    return false;
                };
                at += 1 + usize::from(u16::from_be_bytes([*high, *low]));
            }
        }
        if at >= file.len() {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{GenericImageView, Rgba, RgbaImage};

    use super::*;

    fn refusal(file: &[u8]) -> &'static str {
        let error = prepare(file).unwrap_err();
        error.fields()[0].code
    }

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    /// Left red, right blue.
    fn halves(width: u32, height: u32) -> DynamicImage {
        let pixel = |x, _| {
            if x < width / 2 {
                Rgba([220, 30, 30, 255])
            } else {
                Rgba([30, 30, 220, 255])
            }
        };
        DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, pixel))
    }

    #[test]
    fn each_format_becomes_a_jpeg_of_bounded_size() {
        for (format, picture) in [
            (
                ImageFormat::Jpeg,
                DynamicImage::ImageRgb8(halves(4_000, 1_000).into_rgb8()),
            ),
            (ImageFormat::Png, halves(4_000, 1_000)),
            (
                ImageFormat::Png,
                DynamicImage::ImageLuma16(halves(4_000, 1_000).into_luma16()),
            ),
            (ImageFormat::WebP, halves(4_000, 1_000)),
        ] {
            let small = prepare(&encoded(&picture, format)).unwrap();

            assert_eq!((small.width, small.height), (1_600, 400), "{format:?}");
            assert!(small.jpeg.starts_with(b"\xff\xd8\xff"));
            let back = image::load_from_memory(&small.jpeg).unwrap();
            assert_eq!(back.dimensions(), (1_600, 400));
        }
        let small = prepare(&encoded(&halves(40, 30), ImageFormat::Png)).unwrap();
        assert_eq!(
            (small.width, small.height),
            (40, 30),
            "nothing is made larger"
        );
    }

    #[test]
    fn what_is_transparent_becomes_white() {
        let clear = RgbaImage::from_pixel(16, 16, Rgba([0, 0, 0, 0]));

        let small = prepare(&encoded(&clear.into(), ImageFormat::Png)).unwrap();

        let back = image::load_from_memory(&small.jpeg).unwrap();
        assert_eq!(back.get_pixel(8, 8).0[..3], [255, 255, 255]);
    }

    #[test]
    fn every_shorter_beginning_of_a_picture_is_refused() {
        let rgb = DynamicImage::ImageRgb8(halves(64, 48).into_rgb8());
        for (format, last) in [
            (ImageFormat::Jpeg, 1),
            (ImageFormat::Png, 13),
            (ImageFormat::WebP, 1),
        ] {
            let whole = encoded(&rgb, format);
            assert!(prepare(&whole).is_ok(), "{format:?}");
            for length in 0..=whole.len() - last {
                let code = refusal(&whole[..length]);
                assert!(
                    ["unsupported_image", "image_damaged"].contains(&code),
                    "{format:?} {length}: {code}"
                );
            }
        }
    }

    #[test]
    fn a_picture_inside_the_metadata_does_not_end_the_whole() {
        let whole = encoded(&halves(64, 48).into_rgb8().into(), ImageFormat::Jpeg);
        let mut file = whole[..2].to_vec();
        file.extend_from_slice(&[0xff, 0xe1, 0, 8]);
        file.extend_from_slice(b"Ex\xff\xd8\xff\xd9");
        file.extend_from_slice(&whole[2..]);

        assert!(prepare(&file).is_ok());
        assert_eq!(refusal(&file[..file.len() - 40]), "image_damaged");
        // What stands behind the end is left behind.
        file.extend_from_slice(b"<script>alert(1)</script>");
        let small = prepare(&file).unwrap();
        assert!(!small.jpeg.windows(7).any(|part| part == b"<script"));
    }

    #[test]
    fn no_broken_byte_brings_it_down() {
        let rgb = DynamicImage::ImageRgb8(halves(24, 16).into_rgb8());
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let whole = encoded(&rgb, format);
            for at in 0..whole.len() {
                let mut file = whole.clone();
                file[at] ^= 0x55;
                // Either there is a picture in it, or it is refused.
                if let Err(error) = prepare(&file) {
                    assert_eq!(error.fields().len(), 1, "{format:?} {at}: {error:?}");
                }
            }
        }
    }
}
