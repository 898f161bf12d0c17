//! How photos are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::link::LinkKey;
use super::{Photo, Pose};
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::{CheckinId, ClientId, PhotoId};
use crate::values::Date;

/// A photo of a client.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhotoBody {
    /// The photo's id.
    #[schema(value_type = String, example = "pho_01jwtq3xg0p1q2r3s4t5v6w7x8")]
    id: PhotoId,
    /// Always `photo`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Whom it shows.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// The check-in that it is part of.
    #[schema(value_type = Option<String>)]
    checkin_id: Option<CheckinId>,
    /// `front`, `side`, `back` or `other`.
    #[schema(value_type = String)]
    pose: Pose,
    /// The day, in the client's calendar.
    #[schema(value_type = String, format = Date)]
    taken_on: Date,
    /// Pixels from left to right.
    width: u32,
    /// Pixels from top to bottom.
    height: u32,
    /// The size of the JPEG.
    bytes: u32,
    /// Where the picture is, as a JPEG: a path on this server, signed. It needs no credential, and
    /// is good until `url_expires_at`.
    url: String,
    /// Five minutes after this answer was made; read the photo again for another address.
    #[schema(value_type = String, format = DateTime)]
    url_expires_at: Timestamp,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl PhotoBody {
    /// A photo with an address that is good from now on.
    pub fn of(key: &LinkKey, tenant: Tenant, photo: &Photo, now: Timestamp) -> Self {
        let link = key.sign(tenant, photo.id, now);
        Self {
            id: photo.id,
            object: "photo",
            livemode: tenant.mode().is_live(),
            client_id: photo.client_id,
            checkin_id: photo.checkin_id,
            pose: photo.pose,
            taken_on: photo.taken_on,
            width: photo.width,
            height: photo.height,
            bytes: photo.bytes,
            url: link.url,
            url_expires_at: link.expires_at,
            created_at: photo.created_at,
        }
    }
}

/// A photo as part of a check-in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckinPhotoBody {
    /// The photo's id.
    #[schema(value_type = String)]
    pub id: PhotoId,
    /// `front`, `side`, `back` or `other`.
    #[schema(value_type = String)]
    pub pose: Pose,
    /// Where the picture is, as a JPEG: a path on this server, signed, good for five minutes.
    pub url: String,
}

impl CheckinPhotoBody {
    /// A photo with an address that is good from now on.
    pub fn of(key: &LinkKey, tenant: Tenant, photo: &Photo, now: Timestamp) -> Self {
        Self {
            id: photo.id,
            pose: photo.pose,
            url: key.sign(tenant, photo.id, now).url,
        }
    }
}
