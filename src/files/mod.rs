//! Photos of clients: private, small, and without anything but the picture.
//!
//! A photo comes as JPEG, PNG or WebP; its first bytes decide which, whatever it is called. It is
//! decoded within limits, turned upright as its EXIF data says, made smaller, and written anew as a
//! JPEG ([`picture`]): where it was taken, by which device and when, and whatever else stood in the
//! file, is gone. What was sent is kept nowhere.
//!
//! A photo belongs to a client, and to at most one check-in. It is never changed: another picture is
//! another photo. Deleting it deletes the picture.
//!
//! Nobody sees a photo without being meant to: it is read by an address that is signed and good for
//! [`LINK_LIFE_MS`] ([`link`]). Whoever may read check-ins is given such an address with the photo.
//!
//! Invariant: no byte of an upload reaches the disk; what does was made by the encoder here.

pub mod actions;
pub mod body;
pub mod link;
pub mod picture;
pub mod routes;
pub mod store;
pub mod upload;

use utoipa::ToSchema;

use crate::clock::{MINUTE_MS, Timestamp};
use crate::exercises::catalogue::vocabulary;
use crate::ids::{CheckinId, ClientId, PhotoId};
use crate::values::Date;

/// The largest file, in bytes.
pub const FILE_MAX_BYTES: usize = 10 * 1024 * 1024;
/// The largest form with a file in it, in bytes.
pub const FORM_MAX_BYTES: usize = FILE_MAX_BYTES + 64 * 1024;
/// Most photos of a client.
pub const PHOTOS_MAX: u32 = 2_000;
/// For how long an address of a photo is good.
pub const LINK_LIFE_MS: i64 = 5 * MINUTE_MS;

vocabulary! {
    /// From which side a photo shows its client.
    Pose {
        #[doc = "From the front."] Front "front"
        #[doc = "From the side."] Side "side"
        #[doc = "From behind."] Back "back"
        #[doc = "None of these."] Other "other"
    }
}

/// What is known of a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// The id.
    pub id: PhotoId,
    /// Whom it shows.
    pub client_id: ClientId,
    /// The check-in that it is part of.
    pub checkin_id: Option<CheckinId>,
    /// From which side.
    pub pose: Pose,
    /// The day, in the client's calendar.
    pub taken_on: Date,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// The size of the JPEG.
    pub bytes: u32,
    /// How often it was changed, beginning with 1: when it becomes part of a check-in.
    pub version: i64,
    /// When it came.
    pub created_at: Timestamp,
}

/// What a photo is made of: a form of the type `multipart/form-data`.
#[derive(Debug, ToSchema)]
pub struct NewPhoto {
    /// The picture: JPEG, PNG or WebP, up to 10 MB (10,485,760 bytes), 50 million pixels and 16,384
    /// pixels a side.
    #[schema(value_type = String, format = Binary)]
    pub file: (),
    /// `front`, `side`, `back` or `other` (if left out).
    #[schema(value_type = Option<String>)]
    pub pose: Option<Pose>,
    /// The day, `YYYY-MM-DD`; today for the client if left out.
    #[schema(value_type = Option<String>, format = Date)]
    pub taken_on: Option<Date>,
}
