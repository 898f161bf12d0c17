//! `/v1/clients/{client_id}/checkin-schedule`

use serde_json::json;

use super::body::ScheduleBody;
use super::{NewSchedule, WEEKDAYS, actions, parse_time, store};
use crate::access::workspaces;
use crate::api::choices::{Vocabulary, words};
use crate::api::json::{Fields, FromBody, boolean, integer, one_of, text};
use crate::api::query::NoQuery;
use crate::api::route::{Cx, Route, Work, work};
use crate::caller::{CheckinsRead, CheckinsWrite};
use crate::check_ins::zone_of;
use crate::clients;
use crate::db::Reader;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::ids::{ClientId, FormId};
use crate::programs::read::id;

impl FromBody for NewSchedule {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("weekday", || words(WEEKDAYS))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let active = fields.optional("active", boolean());
        let weekday = fields.optional("weekday", one_of(WEEKDAYS));
        let every_weeks = fields.optional("every_weeks", |value, at| {
            integer(1..=4)(value, at).and_then(|number| u8::try_from(number).ok())
        });
        let time = fields.optional("time", text(parse_time));
        let form_id = fields.optional("form_id", text(id::<FormId>));
        Some(Self {
            active: active?,
            weekday: weekday?,
            every_weeks: every_weeks?,
            time: time?,
            form_id: form_id?,
        })
    }
}

async fn get(cx: Cx<CheckinsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant): (ClientId, _) = (cx.id("client_id")?, cx.tenant());
    let read = |conn: &Reader| {
        let client = clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        let workspace = workspaces::store::of_tenant(conn, tenant)?;
        let zone = zone_of(&client, workspace.as_ref());
        Ok((client, zone, store::find(conn, tenant, id)?))
    };
    let (client, zone, schedule) = cx.app.db.read_now(read)?;
    match schedule {
        Some(schedule) => Answer::ok(&ScheduleBody::of(tenant, &schedule)),
        None => Answer::ok(&ScheduleBody::none(tenant, &client, zone.as_str())),
    }
}

async fn set(cx: Cx<CheckinsWrite>, new: NewSchedule) -> Result<Work> {
    let (id, permit): (ClientId, _) = (cx.id("client_id")?, cx.permit);
    work(move |tx| {
        let schedule = actions::set(tx, &permit, id, &new)?;
        Answer::ok(&ScheduleBody::of(permit.tenant(), &schedule))
    })
}

/// The routes of schedules.
pub fn routes() -> Vec<Route> {
    const TAG: &str = "Check-ins";
    vec![
        Route::get("/v1/clients/{client_id}/checkin-schedule", get)
            .named(TAG, "get_checkin_schedule", "Read when a client is to check in")
            .describe("`active` is false where no schedule was set.")
            .answers::<ScheduleBody>(),
        Route::put("/v1/clients/{client_id}/checkin-schedule", set)
            .named(TAG, "set_checkin_schedule", "Set when a client is to check in")
            .describe(
                "By the client's clock. The check-in is there as `pending` from three days before it \
                 is due, and `overdue` once that time is past. Paused and archived clients are asked \
                 for nothing.",
            )
            .answers::<ScheduleBody>()
            .codes(&[Code::StateConflict])
            .example(json!({ "weekday": "sunday", "every_weeks": 1, "time": "18:00" })),
    ]
}
