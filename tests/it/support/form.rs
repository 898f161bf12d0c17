//! Forms with files, as a browser or a library sends them, and pictures to put into them.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::{Answer, Caller};

/// What parts are divided by.
const BOUNDARY: &str = "a-line-that-is-in-no-file";

/// The media type of [`form`].
pub(crate) fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A form of these parts. One that is called `file` goes with a file name and a media type.
pub(crate) fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let more = if *name == "file" {
            "; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg"
        } else {
            ""
        };
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// A picture: left red, right blue, top lighter than bottom.
pub(crate) fn drawn(width: u32, height: u32) -> DynamicImage {
    let pixel = |x, y| {
        let strong = if y < height / 2 { 230 } else { 120 };
        if x < width / 2 {
            Rgb([strong, 0, 0])
        } else {
            Rgb([0, 0, strong])
        }
    };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, pixel))
}

/// A picture as a file.
pub(crate) fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).expect("a picture");
    file.into_inner()
}

/// A small JPEG.
pub(crate) fn jpeg() -> Vec<u8> {
    encoded(&drawn(48, 64), ImageFormat::Jpeg)
}

impl Caller {
    /// A POST of a form.
    pub(crate) fn post_form(&self, path: &str, parts: &[(&str, &[u8])]) -> Answer {
        self.post_form_with(path, parts, &[])
    }

    /// The same with headers.
    pub(crate) fn post_form_with(
        &self,
        path: &str,
        parts: &[(&str, &[u8])],
        headers: &[(&str, &str)],
    ) -> Answer {
        let media_type = form_type();
        let mut all = vec![("Content-Type", media_type.as_str())];
        all.extend_from_slice(headers);
        self.send_bytes("POST", path, &all, Some(&form(parts)))
    }
}
