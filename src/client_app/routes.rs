//! `/v1/app/…`: a client's own data.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::actions::OwnCheckin;
use super::body::{
    AppCheckinFormBody, AppProgramBody, AppSessionBody, AppTodayBody, AppWeekBody, MessagesReadBody,
};
use super::{actions, view};
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{Fields, FromBody, one_of, text};
use crate::api::query::NoQuery;
use crate::api::route::{ClientCx, Piece, Route, Work, work};
use crate::check_ins::body::SharedCheckinBody;
use crate::check_ins::forms::body::FormBody;
use crate::check_ins::routes::{CheckinQuery, day_and_id};
use crate::check_ins::{self, NewCheckin};
use crate::clients;
use crate::clients::sessions::body::{ConsentBody, OwnProfileBody};
use crate::clients::sessions::{self, ConsentText};
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::files::body::PhotoBody;
use crate::files::link::LinkKey;
use crate::files::{FORM_MAX_BYTES, NewPhoto, upload};
use crate::idempotency::Answer;
use crate::ids::{CheckinId, MessageId};
use crate::messages::body::MessageBody;
use crate::messages::routes::MessageQuery;
use crate::messages::{self, BODY_MAX, Message};
use crate::programs::body::CurrentProgramBody;
use crate::values::{Date, UNITS, paragraphs};
use crate::workouts::actions::mend;
use crate::workouts::body::{NewWorkoutLogBody, WorkoutLogBody};
use crate::workouts::routes::LogQuery;
use crate::workouts::{self, NewWorkoutLog, Place, WorkoutLogPatch};

/// What a message of a client is made of.
#[derive(Debug, ToSchema)]
pub struct NewOwnMessage {
    /// 1 to 10,000 characters.
    #[schema(min_length = 1, max_length = 10_000)]
    pub body: String,
}

impl FromBody for NewOwnMessage {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let body = fields.required("body", text(|value| paragraphs(value, 1, BODY_MAX)));
        Some(Self { body: body? })
    }
}

/// What a client can change of the own profile.
#[derive(Debug, ToSchema)]
pub struct OwnProfilePatch {
    /// `metric` or `imperial`.
    #[schema(value_type = String, required = false)]
    pub units: Option<&'static str>,
}

impl FromBody for OwnProfilePatch {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("units", || words(UNITS))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let units = fields.replace("units", one_of(UNITS));
        Some(Self { units: units? })
    }
}

/// Up to which message a client has read.
#[derive(Debug, ToSchema)]
pub struct ReadUpTo {
    /// The last message that was shown; what came after it stays unread.
    #[schema(value_type = String)]
    pub message_id: MessageId,
}

impl FromBody for ReadUpTo {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let message_id = fields.required("message_id", text(crate::programs::read::id));
        Some(Self {
            message_id: message_id?,
        })
    }
}

async fn today(cx: ClientCx, _: NoQuery) -> Result<Answer> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let key = LinkKey::of(&cx.app.sealing);
    cx.app
        .db
        .read(move |conn| {
            let today = view::today(conn, &caller, now)?;
            let program = today.followed.as_ref().map(|followed| &followed.program);
            let date = today.own.today;
            Answer::ok(&AppTodayBody {
                object: "app_today",
                livemode: caller.tenant.mode().is_live(),
                date,
                program: program.map(|program| CurrentProgramBody::of(program, date)),
                session: today.session.as_ref(),
                log: today
                    .log
                    .as_ref()
                    .map(|log| WorkoutLogBody::of(caller.tenant, log)),
                checkin: today
                    .checkin
                    .as_ref()
                    .map(|whole| SharedCheckinBody::of(caller.tenant, whole, Some((&key, now)))),
                open: today.open,
                next: today.next,
                unread_messages: today.unread,
            })
        })
        .await
}

async fn program(cx: ClientCx, _: NoQuery) -> Result<Answer> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    cx.app
        .db
        .read(move |conn| {
            let date = view::own(conn, &caller, now)?.today;
            let followed = view::followed(conn, &caller)?;
            let program = followed.as_ref().map(|followed| &followed.program);
            let weeks = followed.iter().flat_map(|followed| &followed.weeks);
            Answer::ok(&AppProgramBody {
                object: "app_program",
                livemode: caller.tenant.mode().is_live(),
                date,
                program: program.map(|program| CurrentProgramBody::of(program, date)),
                notes: program.and_then(|program| program.notes.as_deref()),
                weeks: weeks.map(|week| AppWeekBody::of(week, date)).collect(),
            })
        })
        .await
}

async fn session(cx: ClientCx, _: NoQuery) -> Result<Answer> {
    let place = Place::parse(cx.parameter("place")).ok_or_else(Error::not_found)?;
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    cx.app
        .db
        .read(move |conn| {
            let date = view::own(conn, &caller, now)?.today;
            let followed = view::followed(conn, &caller)?.ok_or_else(Error::not_found)?;
            let session = view::session(conn, &caller, &followed, place, date)?;
            Answer::ok(&session.ok_or_else(Error::not_found)?)
        })
        .await
}

async fn list_logs(cx: ClientCx, query: LogQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.client_id(), cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let rows = query.page.rows();
            let filter = &query.filter;
            let logs = workouts::store::page(conn, tenant, id, filter, before.as_deref(), rows)?;
            let mut page = query.page.begin();
            for log in &logs {
                page.push(&WorkoutLogBody::of(tenant, log), || log.id.to_string())?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

async fn get_log(cx: ClientCx, _: NoQuery) -> Result<Answer> {
    let (tenant, client, id) = (cx.tenant(), cx.client_id(), cx.id("workout_log_id")?);
    let find = |conn: &Reader| workouts::store::find(conn, tenant, client, id);
    let log = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let answer = Answer::ok(&WorkoutLogBody::of(tenant, &log))?.version(log.version);
    Ok(cx.unless_known(answer))
}

async fn log(cx: ClientCx, new: NewWorkoutLog) -> Result<Work> {
    let (tenant, id) = (cx.tenant(), cx.client_id());
    let client = cx
        .app
        .db
        .read_now(|conn| clients::store::find(conn, tenant, id))?;
    let client = client.ok_or_else(Error::not_found)?;
    let zone = cx.client.timezone.as_str();
    let log = workouts::actions::draft(&cx.app, tenant, (&client, zone), cx.now(), new)?;
    work(move |tx| {
        let (log, records) = actions::log(tx, &cx.client, &cx.origin, log)?;
        let location = format!("/v1/app/workout-logs/{}", log.id);
        let body = NewWorkoutLogBody::of(tenant, &log, records);
        Ok(Answer::created(location, &body)?.version(log.version))
    })
}

/// The day that it is for the client who asks.
fn own_day(cx: &ClientCx) -> Result<Date> {
    let (caller, now) = (&cx.client, cx.now());
    let own = cx.app.db.read_now(|conn| view::own(conn, caller, now))?;
    Ok(own.today)
}

async fn amend_log(cx: ClientCx, patch: WorkoutLogPatch) -> Result<Work> {
    let log = (cx.id("workout_log_id")?, own_day(&cx)?);
    let change = mend::draft(&cx.app, cx.tenant(), patch)?;
    work(move |tx| {
        let (log, records) = actions::amend(tx, &cx.client, &cx.origin, log, change)?;
        let body = NewWorkoutLogBody::of(cx.client.tenant, &log, records);
        Ok(Answer::ok(&body)?.version(log.version))
    })
}

async fn remove_log(cx: ClientCx) -> Result<Work> {
    let log = (cx.id("workout_log_id")?, own_day(&cx)?);
    work(move |tx| {
        actions::remove(tx, &cx.client, &cx.origin, log)?;
        Ok(Answer::no_content())
    })
}

async fn list_messages(cx: ClientCx, query: MessageQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.client_id(), cx.tenant(), cx.path().to_owned());
    let before = query.page.position(tenant, &path)?;
    cx.app
        .db
        .read(move |conn| {
            let rows = query.page.rows();
            let filter = &query.filter;
            let found = messages::store::page(conn, tenant, id, filter, before.as_deref(), rows)?;
            let show = |message: Message| Ok(MessageBody::of(tenant, &message));
            let position = |message: &Message| message.id.to_string();
            query.page.answer(tenant, &path, found, show, position)
        })
        .await
}

async fn get_message(cx: ClientCx, _: NoQuery) -> Result<Answer> {
    let (tenant, client, id) = (cx.tenant(), cx.client_id(), cx.id("message_id")?);
    let find = |conn: &Reader| messages::store::find(conn, tenant, client, id);
    let message = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let answer = Answer::ok(&MessageBody::of(tenant, &message))?.version(message.version);
    Ok(cx.unless_known(answer))
}

async fn send_message(cx: ClientCx, new: NewOwnMessage) -> Result<Work> {
    work(move |tx| {
        let (tenant, id) = (cx.client.tenant, cx.client.client_id);
        let message = messages::actions::receive(tx, tenant, &cx.origin, id, &new.body)?;
        let location = format!("/v1/app/messages/{}", message.id);
        let body = MessageBody::of(tenant, &message);
        Ok(Answer::created(location, &body)?.version(message.version))
    })
}

async fn read_messages(cx: ClientCx, up_to: ReadUpTo) -> Result<Work> {
    work(move |tx| {
        let read = messages::actions::read(tx, &cx.client, &cx.origin, up_to.message_id)?;
        Answer::ok(&MessagesReadBody::of(cx.client.tenant, read))
    })
}

async fn checkin_form(cx: ClientCx, _: NoQuery) -> Result<Answer> {
    let (caller, now) = (Arc::clone(&cx.client), cx.now());
    let key = LinkKey::of(&cx.app.sealing);
    cx.app
        .db
        .read(move |conn| {
            let (tenant, asked) = (caller.tenant, view::asked(conn, &caller, now)?);
            let form = view::form(conn, &caller, asked.as_ref())?;
            let shown = |whole| SharedCheckinBody::of(tenant, whole, Some((&key, now)));
            Answer::ok(&AppCheckinFormBody {
                object: "app_checkin_form",
                livemode: tenant.mode().is_live(),
                checkin: asked.as_ref().map(shown),
                form: FormBody::of(tenant, &form),
            })
        })
        .await
}

async fn list_checkins(cx: ClientCx, query: CheckinQuery) -> Result<Answer> {
    let (id, tenant, path) = (cx.client_id(), cx.tenant(), cx.path().to_owned());
    let last = query.page.position(tenant, &path)?;
    let last = last.as_deref().and_then(day_and_id);
    let (key, now) = (LinkKey::of(&cx.app.sealing), cx.now());
    cx.app
        .db
        .read(move |conn| {
            let (which, rows) = ((&query.filter, last.as_ref()), query.page.rows());
            let mut page = query.page.begin();
            for checkin in check_ins::store::page(conn, tenant, id, which, rows)? {
                let position = format!("{}\n{}", checkin.local_date, checkin.id);
                let whole = check_ins::store::whole(conn, tenant, checkin)?;
                let body = SharedCheckinBody::of(tenant, &whole, Some((&key, now)));
                page.push(&body, || position)?;
            }
            query.page.end(tenant, &path, page)
        })
        .await
}

async fn get_checkin(cx: ClientCx, _: NoQuery) -> Result<Answer> {
    let (caller, id) = (Arc::clone(&cx.client), cx.id("checkin_id")?);
    let (key, now) = (LinkKey::of(&cx.app.sealing), cx.now());
    let read = move |conn: &Reader| {
        let whole = view::checkin(conn, &caller, id)?;
        Answer::ok(&SharedCheckinBody::of(
            caller.tenant,
            &whole,
            Some((&key, now)),
        ))
    };
    cx.app.db.read(read).await
}

async fn check_in(cx: ClientCx, new: NewCheckin) -> Result<Work> {
    let (key, now) = (LinkKey::of(&cx.app.sealing), cx.now());
    let own = OwnCheckin {
        id: CheckinId::new(now),
        new,
        pictures: Vec::new(),
    };
    work(move |tx| {
        let whole = actions::check_in(tx, &cx.client, &cx.origin, own)?;
        let location = format!("/v1/app/checkins/{}", whole.checkin.id);
        let links = Some((&key, now));
        Answer::created(
            location,
            &SharedCheckinBody::of(cx.client.tenant, &whole, links),
        )
    })
}

async fn add_photo(cx: ClientCx, (media_type, body): (String, Piece)) -> Result<Work> {
    let (tenant, id, now) = (cx.tenant(), cx.client_id(), cx.now());
    let find = |conn: &Reader| clients::store::find(conn, tenant, id);
    let client = cx.app.db.read_now(find)?.ok_or_else(Error::not_found)?;
    let whose = (&client, cx.client.timezone.as_str());
    let draft = upload::draft(&cx.app, whose, (&media_type, body), now).await?;
    let key = LinkKey::of(&cx.app.sealing);
    work(move |tx| {
        actions::add_photo(tx, &cx.client, &draft)?;
        let photo = &draft.photo;
        let body = PhotoBody::of(&key, tenant, photo, now);
        Ok(Answer::created("/v1/app/checkins".to_owned(), &body)?.version(photo.version))
    })
}

async fn list_consents(cx: ClientCx, _: NoQuery) -> Result<Answer> {
    let (tenant, id) = (cx.tenant(), cx.client_id());
    let consents = cx
        .app
        .db
        .read_now(|conn| sessions::store::consents(conn, tenant, id))?;
    let shown = consents.iter();
    let data: Vec<_> = shown
        .map(|consent| ConsentBody::of(tenant, id, consent))
        .collect();
    Answer::ok(&whole_list(cx.path(), data))
}

/// A whole list: it is short.
fn whole_list(path: &str, data: Vec<impl Serialize>) -> serde_json::Value {
    json!({
        "object": "list", "data": data, "has_more": false, "next_cursor": null, "url": path,
    })
}

fn consent(cx: &ClientCx) -> Result<&'static ConsentText> {
    ConsentText::of(cx.parameter("consent")).ok_or_else(Error::not_found)
}

async fn withdraw(cx: ClientCx) -> Result<Work> {
    let (text, now) = (consent(&cx)?, cx.app.clock.now());
    work(move |tx| {
        let consent = actions::withdraw(tx, &cx.client, &cx.origin, text, now)?;
        Answer::ok(&ConsentBody::of(
            cx.client.tenant,
            cx.client.client_id,
            &consent,
        ))
    })
}

async fn give(cx: ClientCx) -> Result<Work> {
    let text = consent(&cx)?;
    work(move |tx| {
        let consent = actions::give(tx, &cx.client, &cx.origin, text)?;
        Answer::ok(&ConsentBody::of(
            cx.client.tenant,
            cx.client.client_id,
            &consent,
        ))
    })
}

async fn update_me(cx: ClientCx, patch: OwnProfilePatch) -> Result<Work> {
    work(move |tx| {
        let (tenant, id) = (cx.client.tenant, cx.client.client_id);
        let client = match patch.units {
            Some(units) => clients::actions::set_own_units(tx, &cx.client, &cx.origin, units)?,
            None => clients::store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?,
        };
        let consents = sessions::store::consents(tx, tenant, id)?;
        Answer::ok(&OwnProfileBody::of(&cx.client, &client, &consents))
    })
}

const TAG: &str = "Client app";

/// The routes of a client's own data.
pub fn routes() -> Vec<Route> {
    [training(), talking()].into_iter().flatten().collect()
}

/// What a client trains.
fn training() -> Vec<Route> {
    let log_example = json!({
        "session": { "block": 1, "week": 1, "session": 1 },
        "exercises": [{
            "exercise": "back-squat",
            "sets": [{ "reps": 5, "load": { "value": 102.5, "unit": "kg" }, "rpe": 8.5 }],
        }],
    });
    vec![
        Route::app_patch("/v1/app/me", update_me)
            .named(TAG, "update_own_profile", "Change one's own units")
            .answers::<OwnProfileBody<'_>>()
            .example(json!({ "units": "metric" })),
        Route::app("/v1/app/today", today)
            .named(TAG, "get_own_today", "Read what there is to do today")
            .describe("The session of the day with names, cues and what was done last time, what is left of this week, and how many messages are unread. The day is the client's own.")
            .answers::<AppTodayBody<'_>>(),
        Route::app("/v1/app/program", program)
            .named(TAG, "get_own_program", "Read one's own program, week by week")
            .describe("The active one; a draft is not shown before the coach activates it.")
            .answers::<AppProgramBody<'_>>(),
        Route::app("/v1/app/sessions/{place}", session)
            .named(TAG, "get_own_session", "Read one session of one's own program")
            .describe("Named by block, week and session: `1.2.3`.")
            .answers::<AppSessionBody>(),
        Route::app("/v1/app/workout-logs", list_logs)
            .named(TAG, "list_own_workout_logs", "List what one has trained")
            .describe("The last logged first.")
            .lists::<WorkoutLogBody<'_>>(),
        Route::app_post("/v1/app/workout-logs", log)
            .named(TAG, "log_own_workout", "Log a training of one's own")
            .describe("As `POST /v1/clients/{client_id}/workout-logs`. 409 `state_conflict` after the consent to the use of health data was taken back.")
            .creates::<NewWorkoutLogBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(log_example),
        Route::app("/v1/app/workout-logs/{workout_log_id}", get_log)
            .named(TAG, "get_own_workout_log", "Read one log of one's own")
            .answers::<WorkoutLogBody<'_>>()
            .tagged(),
        Route::app_patch("/v1/app/workout-logs/{workout_log_id}", amend_log)
            .named(TAG, "update_own_workout_log", "Change a log of one's own")
            .describe("As `PATCH /v1/clients/{client_id}/workout-logs/{workout_log_id}`, for seven days after the training; later 409 `state_conflict`, as after the consent to the use of health data was taken back.")
            .answers::<NewWorkoutLogBody<'_>>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "session_rpe": 7.5, "notes": "Cut short" })),
        Route::app_delete("/v1/app/workout-logs/{workout_log_id}", remove_log)
            .named(TAG, "delete_own_workout_log", "Remove a log of one's own")
            .describe("For seven days after the training; later 409 `state_conflict`.")
            .codes(&[Code::StateConflict]),
    ]
}

/// What a client and the coach tell each other.
fn talking() -> Vec<Route> {
    vec![
        Route::app("/v1/app/messages", list_messages)
            .named(TAG, "list_own_messages", "List one's messages with the coach")
            .lists::<MessageBody>(),
        Route::app_post("/v1/app/messages", send_message)
            .named(TAG, "send_own_message", "Write to the coach")
            .describe("Event `message.received`.")
            .creates::<MessageBody>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "body": "Slept badly. Can we move Friday?" })),
        Route::app_post("/v1/app/messages/read", read_messages)
            .named(TAG, "read_own_messages", "Say up to which message one has read")
            .describe("Reading a list marks nothing as read; this does.")
            .answers::<MessagesReadBody>()
            .example(json!({ "message_id": "msg_01jwtq3xg0f1g2h3j4k5m6n7p8" })),
        Route::app("/v1/app/messages/{message_id}", get_message)
            .named(TAG, "get_own_message", "Read one message of one's own thread")
            .answers::<MessageBody>()
            .tagged(),
        Route::app("/v1/app/checkin-form", checkin_form)
            .named(TAG, "get_own_checkin_form", "Read what a check-in asks now")
            .describe("The check-in that is due, and the form to answer: the one that it was asked with, or else the default.")
            .answers::<AppCheckinFormBody<'_>>(),
        Route::app("/v1/app/checkins", list_checkins)
            .named(TAG, "list_own_checkins", "List one's own check-ins")
            .describe("Those that were submitted, the last day first, with the coach's reply.")
            .lists::<SharedCheckinBody<'_>>(),
        Route::app_post("/v1/app/checkins", check_in)
            .named(TAG, "submit_own_checkin", "Check in")
            .describe("As `POST /v1/clients/{client_id}/checkins`. 409 `state_conflict` after the consent to the use of health data was taken back.")
            .creates::<SharedCheckinBody<'_>>()
            .codes(&[Code::StateConflict])
            .example(json!({
                "answers": [{ "question": "How was your energy?", "type": "scale", "value": 4 }],
                "measurements": [{ "metric": "weight", "value": 82.5, "unit": "kg" }],
            })),
        Route::app("/v1/app/checkins/{checkin_id}", get_checkin)
            .named(TAG, "get_own_checkin", "Read one check-in of one's own")
            .describe("What the coach keeps apart is not in it.")
            .answers::<SharedCheckinBody<'_>>(),
        Route::app_form::<NewPhoto, _, _>("/v1/app/photos", FORM_MAX_BYTES, add_photo)
            .named(TAG, "create_own_photo", "Add a photo for a check-in")
            .describe("JPEG, PNG or WebP up to 10 MB; it is made small, and everything but the picture is taken out of the file. Name its id in the check-in.")
            .creates::<PhotoBody>()
            .tagged()
            .codes(&[Code::StateConflict])
            .example(json!({ "file": "(the bytes of a JPEG)", "pose": "front" })),
        Route::app("/v1/app/consents", list_consents)
            .named(TAG, "list_own_consents", "List what one agreed to")
            .describe("Oldest first, with the version of the words that were agreed to.")
            .lists::<ConsentBody<'_>>(),
        Route::app_action("/v1/app/consents/{consent}/withdraw", withdraw)
            .named(TAG, "withdraw_own_consent", "Take a consent back")
            .describe("`terms`, `health_data` or `messages`. Without `health_data` no training, check-ins and photos are taken in any more; without `terms` every device is signed out. The coach is told: event `client.consent_withdrawn`, and a notice. What was shared before stays until the coach erases it.")
            .answers::<ConsentBody<'_>>(),
        Route::app_action("/v1/app/consents/{consent}/give", give)
            .named(TAG, "give_own_consent", "Give a consent again")
            .describe("In the words of now. Event `client.consent_given`.")
            .answers::<ConsentBody<'_>>(),
    ]
}
