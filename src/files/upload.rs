//! From the body of a request to a photo that is ready to be kept.

use super::actions::Draft;
use super::{FILE_MAX_BYTES, NewPhoto, Photo, Pose, picture};
use crate::api::form::Form;
use crate::api::route::Piece;
use crate::app::App;
use crate::clients::Client;
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::ids::PhotoId;
use crate::programs::today_of;
use crate::values::Date;

/// The field of the form that holds the picture.
pub const FILE: &str = "file";

/// Takes a form with a picture apart and makes the photo of it, beside the server's other work.
/// `timezone` is that of the workspace, for clients who have none of their own.
pub async fn draft(
    app: &App,
    (client, timezone): (&Client, &str),
    (media_type, body): (&str, Piece),
    now: Timestamp,
) -> Result<Draft> {
    let form = Form::read(media_type, body, &[FILE]).await?;
    let (file, new) = form.with_file::<NewPhoto>(FILE)?;
    let today = today_of(client, timezone, now);
    prepare(
        app,
        client,
        file,
        (new.pose, new.taken_on.unwrap_or(today)),
        now,
    )
    .await
}

/// Makes a photo of one file, for forms that hold more than this.
pub async fn prepare(
    app: &App,
    client: &Client,
    file: Piece,
    (pose, taken_on): (Option<Pose>, Date),
    now: Timestamp,
) -> Result<Draft> {
    if file.len() > FILE_MAX_BYTES {
        let message = format!("The file is larger than {} KiB.", FILE_MAX_BYTES / 1024);
        let error = Error::with(Code::BodyTooLarge, message);
        return Err(error.extra("limit_bytes", FILE_MAX_BYTES as u64));
    }
    let client_id = client.id;
    let made = app.pictures.run(move || picture::prepare(&file)).await?;
    let photo = Photo {
        id: PhotoId::new(now),
        client_id,
        checkin_id: None,
        pose: pose.unwrap_or(Pose::Other),
        taken_on,
        width: made.width,
        height: made.height,
        bytes: u32::try_from(made.jpeg.len()).map_err(Error::internal)?,
        version: 1,
        created_at: now,
    };
    Ok(Draft {
        photo,
        jpeg: made.jpeg,
    })
}
