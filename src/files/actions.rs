//! What can be done with photos.

use super::{PHOTOS_MAX, Photo, Pose, store};
use crate::api::etag::IfMatch;
use crate::api::route::ClientCaller;
use crate::caller::{CheckinsWrite, Permit, Tenant};
use crate::clients;
use crate::db::Tx;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::ids::{CheckinId, ClientId, PhotoId};

/// Who sends a photo.
#[derive(Clone, Copy, Debug)]
pub enum Uploader<'a> {
    /// The coach, or an app of hers.
    Coach(&'a Permit<CheckinsWrite>),
    /// The client, of nobody else than themselves.
    Client(&'a ClientCaller),
}

impl Uploader<'_> {
    fn tenant(self) -> Tenant {
        match self {
            Self::Coach(permit) => permit.tenant(),
            Self::Client(client) => client.tenant,
        }
    }

    fn may_send(self, photo: &Photo) -> bool {
        match self {
            Self::Coach(_) => true,
            Self::Client(client) => client.client_id == photo.client_id,
        }
    }
}

/// A photo that is ready to be kept.
#[derive(Debug)]
pub struct Draft {
    /// What is known of it.
    pub photo: Photo,
    /// The picture.
    pub jpeg: Vec<u8>,
}

/// Keeps a photo of a client.
pub fn create(tx: &Tx<'_>, by: Uploader<'_>, draft: &Draft) -> Result<()> {
    let (tenant, photo) = (by.tenant(), &draft.photo);
    let client = clients::store::find(tx, tenant, photo.client_id)?;
    let client = client
        .filter(|_| by.may_send(photo))
        .ok_or_else(Error::not_found)?;
    if client.status == clients::Status::Archived {
        let message = "The client is archived.";
        return Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"));
    }
    if store::count(tx, tenant, photo.client_id)? >= PHOTOS_MAX {
        let message = format!("A client has at most {PHOTOS_MAX} photos.");
        return Err(Error::with(Code::StateConflict, message).extra("limit", PHOTOS_MAX));
    }
    store::insert(tx, tenant, photo, &draft.jpeg)
}

/// Makes photos part of a check-in, those that name a pose in that pose. Each has to be of the
/// client, and part of no check-in yet; a fault stands at `/photos/{n}/id`.
pub fn attach(
    tx: &Tx<'_>,
    tenant: Tenant,
    client: ClientId,
    checkin: CheckinId,
    photos: &[(PhotoId, Option<Pose>)],
) -> Result<()> {
    let mut faults = Vec::new();
    for (number, (id, pose)) in photos.iter().enumerate() {
        let found = store::find(tx, tenant, *id)?.filter(|photo| photo.client_id == client);
        let (code, message) = match found {
            Some(photo) if photo.checkin_id.is_none() => {
                store::attach(tx, tenant, *id, checkin, pose.unwrap_or(photo.pose))?;
                continue;
            }
            Some(_) => ("photo_attached", "The photo is part of a check-in already."),
            None => ("unknown_photo", "The client has no photo of this id."),
        };
        faults.push(FieldError {
            place: Place::Pointer(format!("/photos/{number}/id")),
            code,
            message: message.to_owned(),
            fix: None,
        });
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

/// Deletes a photo and its picture.
pub fn delete(
    tx: &Tx<'_>,
    permit: &Permit<CheckinsWrite>,
    id: PhotoId,
    if_match: &IfMatch,
) -> Result<()> {
    let tenant = permit.tenant();
    let photo = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if_match.check(photo.version)?;
    store::delete(tx, tenant, id)
}
