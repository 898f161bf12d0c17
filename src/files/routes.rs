//! `/v1/clients/{client_id}/photos`, `/v1/photos` and `/files`.

use serde_json::json;

use super::actions::{self, Uploader};
use super::body::PhotoBody;
use super::link::LinkKey;
use super::store::{self, Filter};
use super::{FORM_MAX_BYTES, NewPhoto, Pose, upload};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{Fields, FromBody, one_of, text};
use crate::api::page::{CREATED_AFTER, CREATED_BEFORE, CURSOR, LIMIT, PageQuery};
use crate::api::query::{self, FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Incoming, Piece, Route, Work, work};
use crate::caller::{CheckinsRead, CheckinsWrite};
use crate::clients;
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::{ClientId, PhotoId};
use crate::values::Date;

impl FromBody for NewPhoto {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] =
        &[("pose", || words(Pose::CHOICES))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let pose = fields.optional("pose", one_of(Pose::CHOICES));
        let taken_on = fields.optional("taken_on", text(Date::parse));
        Some(Self {
            file: (),
            pose: pose?,
            taken_on: taken_on?,
        })
    }
}

/// What the list understands.
#[derive(Debug)]
pub struct PhotoQuery {
    page: PageQuery,
    filter: Filter,
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).map_err(|invalid| invalid.to_string())
}

impl FromQuery for PhotoQuery {
    const PARAMETERS: &'static [Parameter] = &[
        LIMIT,
        CURSOR,
        Parameter::new("pose", "`front`, `side`, `back` or `other`.")
            .one_of(|| words(Pose::CHOICES)),
        Parameter::new("from", "Only those taken on this day or later."),
        Parameter::new("to", "Only those taken on this day or earlier."),
        CREATED_AFTER,
        CREATED_BEFORE,
    ];

    fn read(query: &mut Query) -> Option<Self> {
        let page = PageQuery::read(query, Self::PARAMETERS);
        let pose = query.optional("pose", query::one_of(Pose::CHOICES));
        let from = query.optional("from", date);
        let to = query.optional("to", date);
        let created_after = query.optional(CREATED_AFTER.name, query::time);
        let created_before = query.optional(CREATED_BEFORE.name, query::time);
        let filter = Filter {
            pose: pose?,
            from: from?,
            to: to?,
            created_after: created_after?,
            created_before: created_before?,
        };
        Some(Self {
            page: page?,
            filter,
        })
    }
}

async fn create(cx: Cx<CheckinsWrite>, (media_type, body): (String, Piece)) -> Result<Work> {
    let (client_id, tenant): (ClientId, _) = (cx.id("client_id")?, cx.tenant());
    let find = |conn: &Reader| clients::store::find(conn, tenant, client_id);
    let client = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let (permit, key) = (cx.permit, LinkKey::of(&cx.app.sealing));
    let (now, timezone) = (permit.now(), permit.caller().workspace.timezone.clone());
    let draft = upload::draft(&cx.app, (&client, &timezone), (&media_type, body), now).await?;
    work(move |tx| {
        actions::create(tx, Uploader::Coach(&permit), &draft)?;
        let photo = &draft.photo;
        let body = PhotoBody::of(&key, tenant, photo, now);
        Ok(Answer::created(format!("/v1/photos/{}", photo.id), &body)?.version(photo.version))
    })
}

async fn get(cx: Cx<CheckinsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant): (PhotoId, _) = (cx.id("photo_id")?, cx.tenant());
    let find = |conn: &Reader| store::find(conn, tenant, id);
    let photo = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let key = LinkKey::of(&cx.app.sealing);
    let body = PhotoBody::of(&key, tenant, &photo, cx.permit.now());
    Ok(cx.unless_known(Answer::ok(&body)?.version(photo.version)))
}

async fn list(cx: Cx<CheckinsRead>, query: PhotoQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.id("client_id")?, cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    let (key, now) = (LinkKey::of(&cx.app.sealing), cx.permit.now());
    cx.app
        .db
        .read(move |conn| {
            clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            let rows = query.page.rows();
            let photos = store::page(conn, tenant, id, &query.filter, before.as_deref(), rows)?;
            let mut page = query.page.begin();
            for photo in &photos {
                page.push(&PhotoBody::of(&key, tenant, photo, now), || {
                    photo.id.to_string()
                })?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

async fn delete(cx: Cx<CheckinsWrite>) -> Result<Work> {
    let (id, if_match) = (cx.id("photo_id")?, cx.if_match());
    let permit = cx.permit;
    work(move |tx| {
        actions::delete(tx, &permit, id, &if_match)?;
        Ok(Answer::no_content())
    })
}

/// The picture that an address leads to. Whatever is wrong with the address, the answer is the same.
async fn picture(incoming: Incoming) -> Result<Answer> {
    let (app, head) = (incoming.app, &incoming.head);
    let parameter = head.parameters.iter().find(|(name, _)| name == "photo_id");
    let id = parameter.and_then(|(_, id)| PhotoId::parse(id));
    let id = id.ok_or_else(Error::not_found)?;
    let key = LinkKey::of(&app.sealing);
    let query = head.query.as_deref().unwrap_or_default();
    let (tenant, ends_at) = key.check(id, query).ok_or_else(Error::not_found)?;
    if ends_at <= app.clock.now_of(&tenant) {
        return Err(Error::not_found());
    }
    let jpeg = app
        .db
        .read(move |conn| store::picture(conn, tenant, id))
        .await?;
    let jpeg = jpeg.ok_or_else(Error::not_found)?;
    let mut answer = Answer::bytes(200, "image/jpeg", jpeg);
    let disposition = format!("inline; filename=\"{id}.jpg\"");
    answer.headers.extend([
        ("cache-control", "private, no-store".to_owned()),
        (
            "content-security-policy",
            "default-src 'none'; sandbox".to_owned(),
        ),
        ("content-disposition", disposition),
    ]);
    Ok(answer)
}

/// What an address of a photo carries.
const SIGNED: &[Parameter] = &[
    Parameter::new("exp", "When the address ends, in seconds since 1970."),
    Parameter::new("sig", "The signature of photo and end."),
];

/// The routes of photos.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Photos";
    let example = json!({
        "file": "(the bytes of a JPEG)",
        "pose": "front",
        "taken_on": "2026-06-03",
    });
    vec![
        Route::get("/v1/clients/{client_id}/photos", list)
            .named(TAG, "list_photos", "List the photos of a client")
            .describe("The last that came first. Each has an address of its own, good for five minutes.")
            .lists::<PhotoBody>(),
        Route::form::<CheckinsWrite, NewPhoto, _, _>(
            "/v1/clients/{client_id}/photos",
            FORM_MAX_BYTES,
            create,
        )
        .named(TAG, "create_photo", "Add a photo of a client")
        .describe(include_str!("create.md"))
        .creates::<PhotoBody>()
        .tagged()
        .codes(&[Code::StateConflict])
        .example(example),
        Route::get("/v1/photos/{photo_id}", get)
            .named(TAG, "get_photo", "Read one photo")
            .describe(
                "What is known of it, and a fresh address of the picture. The address is no part of \
                 the `ETag`.",
            )
            .answers::<PhotoBody>()
            .tagged(),
        Route::delete("/v1/photos/{photo_id}", delete)
            .named(TAG, "delete_photo", "Delete a photo")
            .describe(
                "The picture is gone at once, and every address of it leads nowhere. A check-in that \
                 it was part of stays.",
            )
            .tagged(),
        Route::open_file("/files/{photo_id}", SIGNED, picture)
            .named(TAG, "show_photo", "Show a picture by its signed address")
            .describe(
                "Needs the whole address as it stands in `url` of a photo. One that was changed, has \
                 ended, or whose photo was deleted is answered like one that never was.",
            )
            .answers_with("image/jpeg")
            .codes(&[Code::NotFound]),
    ]
}
