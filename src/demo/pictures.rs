//! The part of the sample data that is pictures: drawn silhouettes, of nobody, that change a little
//! from one date to the next. They go through the same hands as a photo that is sent.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::seed::{PlannedClient, Seed};
use super::stories::STORIES;
use crate::caller::CheckinsWrite;
use crate::error::{Error, Result};
use crate::files::actions::{Draft, Uploader, create};
use crate::files::{Photo, Pose, picture};
use crate::ids::PhotoId;

/// Pixels from left to right, and from top to bottom.
const SIZE: (u32, u32) = (300, 540);

/// Who is drawn: address, the colour, how broad, and by how much the waist changes from each date to
/// the next, in thousandths.
const DRAWN: &[(&str, [u8; 3], i64, i64)] = &[
    ("mira.okafor@sample.example", [92, 72, 108], 940, -26),
    ("aaliyah.haddad@sample.example", [52, 92, 102], 1_000, -30),
    ("luca.ferri@sample.example", [98, 84, 62], 880, 24),
];
/// When, in days before now.
const DAYS_AGO: &[i64] = &[98, 56, 13];
const POSES: &[Pose] = &[Pose::Front, Pose::Side, Pose::Back];

/// Half widths of a body from the crown (0) to the soles (1,000), as (height, front, side), in
/// thousandths of the height of the picture. Only the trunk changes with the waist.
const OUTLINE: &[(i64, i64, i64)] = &[
    (0, 0, 0),
    (6, 20, 24),
    (22, 36, 42),
    (50, 44, 52),
    (82, 42, 52),
    (118, 27, 38),
    (140, 24, 28),
    (165, 34, 32),
    (176, 84, 40),
    (190, 104, 50),
    (215, 110, 60),
    (270, 100, 68),
    (330, 86, 62),
    (390, 74, 54),
    (440, 84, 58),
    (490, 94, 70),
    (530, 92, 68),
];

/// The half width of the trunk at a height.
fn trunk(height: i64, side: bool, waist: i64) -> i64 {
    let above = OUTLINE.iter().rev().find(|(at, ..)| *at <= height);
    let below = OUTLINE.iter().find(|(at, ..)| *at > height);
    let (Some(above), Some(below)) = (above, below) else {
        return 0;
    };
    let of = |point: &(i64, i64, i64)| if side { point.2 } else { point.1 };
    let width = of(above) + (of(below) - of(above)) * (height - above.0) / (below.0 - above.0);
    // The waist is at 390: what is near it changes most.
    let near = (180 - (height - 400).abs()).max(0);
    width + width * (waist - 1_000) * near / 180 / 1_000
}

/// What is body in a row: pairs of left and right from the middle, in thousandths.
fn spans(height: i64, pose: Pose, waist: i64) -> Vec<(i64, i64)> {
    let side = pose == Pose::Side;
    let mut found = Vec::new();
    let half = trunk(height, side, waist);
    if half > 0 {
        found.push((-half, half));
    }
    // Legs, from the hips down, and feet.
    if (525..=1_000).contains(&height) {
        let taper = 52 - (height - 525) * 30 / 475;
        let foot = if height > 970 { 16 } else { 0 };
        if side {
            let thigh = taper + 18 - (height - 525) * 18 / 475;
            found.push((-thigh, thigh + 2 * foot));
        } else {
            let gap = 4 + (height - 525) * 22 / 475;
            found.push((-gap - 2 * taper * 9 / 10 - foot, -gap));
            found.push((gap, gap + 2 * taper * 9 / 10 + foot));
        }
    }
    // Arms hang a little away from the body.
    if (190..560).contains(&height) {
        let thick = 26 - (height - 190) * 10 / 370;
        if side {
            found.push((-thick, thick));
        } else {
            let from = 92 + (height - 190) * 52 / 370;
            found.push((from, from + thick));
            found.push((-from - thick, -from));
        }
    }
    found
}

/// Draws a silhouette before a wall, as a PNG.
fn draw(pose: Pose, colour: [u8; 3], broad: i64, waist: i64) -> Result<Vec<u8>> {
    let (width, height) = (i64::from(SIZE.0), i64::from(SIZE.1));
    let mut pixels = Vec::new();
    let (top, bottom) = (height * 6 / 100, height * 94 / 100);
    for y in 0..height {
        let wall = u8::try_from(226 - y * 26 / height).unwrap_or(200);
        let ground = if y > height * 91 / 100 {
            [176, 170, 160]
        } else {
            [wall, wall, wall]
        };
        let from = pixels.len();
        for _ in 0..width {
            pixels.extend_from_slice(&ground);
        }
        if !(top..bottom).contains(&y) {
            continue;
        }
        let at = (y - top) * 1_000 / (bottom - top);
        for (left, right) in spans(at, pose, waist) {
            let place =
                |x: i64| (width / 2 + x * broad / 1_000 * (bottom - top) / 1_000).clamp(0, width);
            for x in place(left)..place(right) {
                let Some(first) = usize::try_from(x * 3).ok().map(|x| x + from) else {
                    continue;
                };
                if let Some(pixel) = pixels.get_mut(first..first + 3) {
                    pixel.copy_from_slice(&colour);
                }
            }
        }
    }
    let mut png = Cursor::new(Vec::new());
    PngEncoder::new(&mut png)
        .write_image(&pixels, SIZE.0, SIZE.1, ExtendedColorType::Rgb8)
        .map_err(Error::internal)?;
    Ok(png.into_inner())
}

/// Silhouettes from three sides on three dates. Drawn and made small before the write.
pub(super) fn photos(seed: &mut Seed<'_>) -> Result<()> {
    let planned: Vec<_> = STORIES.iter().zip(seed.clients.clone()).collect();
    for (email, colour, broad, change) in DRAWN {
        let client = planned.iter().find(|(story, _)| story.email == *email);
        let Some((_, client)) = client else {
            continue;
        };
        for (number, days) in (0..).zip(DAYS_AGO) {
            for pose in POSES {
                let waist = 1_040 + number * change;
                let png = draw(*pose, *colour, *broad, waist)?;
                keep(seed, client, (*days, *pose), &png)?;
            }
        }
    }
    Ok(())
}

fn keep(
    seed: &mut Seed<'_>,
    client: &PlannedClient,
    (days, pose): (i64, Pose),
    png: &[u8],
) -> Result<()> {
    let at = client.at(client.day(seed.ago(days, 0)), 8, 15);
    let made = picture::prepare(png)?;
    let draft = Draft {
        photo: Photo {
            id: PhotoId::new(at),
            client_id: client.client.id,
            checkin_id: None,
            pose,
            taken_on: client.day(at),
            width: made.width,
            height: made.height,
            bytes: u32::try_from(made.jpeg.len()).map_err(Error::internal)?,
            version: 1,
            created_at: at,
        },
        jpeg: made.jpeg,
    };
    let permit = seed.permit::<CheckinsWrite>(at)?;
    seed.filled.photos += 1;
    seed.at(at, move |tx| create(tx, Uploader::Coach(&permit), &draft));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silhouette_changes_from_one_date_to_the_next_and_looks_like_nobody_from_all_sides() {
        let picture = |pose, waist| {
            let png = draw(pose, [90, 80, 70], 950, waist).unwrap();
            picture::prepare(&png).unwrap()
        };

        let first = picture(Pose::Front, 1_040);
        assert_eq!((first.width, first.height), SIZE);
        assert_ne!(first.jpeg, picture(Pose::Front, 980).jpeg);
        assert_ne!(first.jpeg, picture(Pose::Side, 1_040).jpeg);
        assert!(spans(390, Pose::Front, 950)[0].1 < spans(390, Pose::Front, 1_050)[0].1);
    }
}
