//! `GET /v1/clients/{client_id}`, a client seen whole, and `GET /v1/clients/{client_id}/adherence`.

use serde::Serialize;
use utoipa::ToSchema;

use super::adherence::{self, Window};
use super::{export, exports, roster, today};
use crate::api::etag;
use crate::api::query::{FromQuery, NoQuery, Parameter, Query};
use crate::api::route::{Cx, Route};
use crate::caller::{CheckinsRead, ClientsRead, PaymentsRead, Permit, ProgramsRead};
use crate::check_ins;
use crate::check_ins::body::{CheckinBody, Links};
use crate::clients::body::ClientBody;
use crate::clients::{self, Client, Invite};
use crate::db::Reader;
use crate::error::{Error, Result};
use crate::files::link::LinkKey;
use crate::idempotency::Answer;
use crate::ids::ClientId;
use crate::outbox::MailStatus;
use crate::payments;
use crate::payments::body::PaymentBody;
use crate::programs::body::CurrentProgramBody;
use crate::programs::{self, today_of};
use crate::values::Date;

/// A client seen whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeClientBody<'c> {
    #[serde(flatten)]
    client: ClientBody<'c>,
    #[serde(flatten)]
    parts: Parts<'c>,
}

/// What a client seen whole has beyond the profile.
#[derive(Debug, Serialize, ToSchema)]
pub struct Parts<'p> {
    /// The program that the client follows, null if there is none; left out for a credential without
    /// `programs:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CurrentProgramBody>)]
    current_program: Option<Current>,
    /// The last five check-ins that were submitted; left out for a credential without `checkins:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<CheckinBody<'p>>, required = false)]
    recent_checkins: Option<Vec<CheckinBody<'p>>>,
    /// The last ten payments; left out for a credential without `payments:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<PaymentBody<'p>>, required = false)]
    payment_history: Option<Vec<PaymentBody<'p>>>,
}

/// The program that a client follows, or `null`.
#[derive(Debug, Serialize)]
struct Current(Option<CurrentProgramBody>);

/// The parts that a client seen whole has beyond the profile.
const PARTS: [&str; 3] = ["current_program", "recent_checkins", "payment_history"];
/// Of the payments, so many are shown.
const PAYMENTS: u32 = 10;
/// How many check-ins of a client are seen with it.
const RECENT_CHECKINS: u32 = 5;
/// None of them.
const NO_PART: &str = "none";

fn expandable() -> Vec<String> {
    let words = std::iter::once(NO_PART).chain(PARTS);
    words.map(str::to_owned).collect()
}

/// Which parts of a client are asked for.
#[derive(Debug)]
pub struct Expand {
    current_program: bool,
    recent_checkins: bool,
    payment_history: bool,
    asked: Asked,
}

/// How the parts were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// All of them, by saying nothing.
    ByDefault,
    /// Each by its name.
    ByName,
}

impl FromQuery for Expand {
    const PARAMETERS: &'static [Parameter] = &[Parameter::new("expand", "`none`, or some of `current_program,recent_checkins,payment_history`; all of them if left out.").some_of(expandable)];

    fn read(query: &mut Query) -> Option<Self> {
        let chosen = query.optional("expand", |text| {
            let names: Vec<&str> = text.split(',').collect();
            if names != [NO_PART] && !names.iter().all(|name| PARTS.contains(name)) {
                return Err(format!("Use {NO_PART}, or some of: {}.", PARTS.join(", ")));
            }
            Ok(PARTS.map(|part| names.contains(&part)))
        });
        let chosen = chosen?;
        let [current_program, recent_checkins, payment_history] = chosen.unwrap_or([true; 3]);
        Some(Self {
            asked: chosen.map_or(Asked::ByDefault, |_| Asked::ByName),
            current_program,
            recent_checkins,
            payment_history,
        })
    }
}

/// What became of the mail of an invite: it changes without a new version, so the entity tag has to
/// hold it. None where the mail never leaves.
fn mailed(client: &Client) -> Result<Option<Vec<u8>>> {
    let leaves = |invite: &&Invite| invite.status != MailStatus::Off.name();
    let invite = client.invite.as_ref().filter(leaves);
    let state = invite.map(|invite| (&invite.status, &invite.reason));
    let state = state.map(|state| serde_json::to_vec(&state));
    state.transpose().map_err(Error::internal)
}

/// Leaves out what the credential may not read: whoever asks for everything gets what may be seen, and
/// whoever names a part is told what is missing.
fn narrow(expand: &mut Expand, permit: &Permit<ClientsRead>) -> Result<()> {
    let parts = [
        (
            &mut expand.current_program,
            permit.also::<ProgramsRead>().err(),
        ),
        (
            &mut expand.recent_checkins,
            permit.also::<CheckinsRead>().err(),
        ),
        (
            &mut expand.payment_history,
            permit.also::<PaymentsRead>().err(),
        ),
    ];
    for (wanted, refusal) in parts {
        let Some(refusal) = refusal.filter(|_| *wanted) else {
            continue;
        };
        if expand.asked == Asked::ByName {
            return Err(refusal);
        }
        *wanted = false;
    }
    Ok(())
}

async fn get(cx: Cx<ClientsRead>, mut expand: Expand) -> Result<Answer> {
    let (id, tenant): (ClientId, _) = (cx.id("client_id")?, cx.tenant());
    narrow(&mut expand, &cx.permit)?;
    let read = |conn: &Reader| {
        let client = clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
        let follows = || programs::store::find_current(conn, tenant, id);
        let program = expand.current_program.then(follows).transpose()?;
        let mut recent = Vec::new();
        if expand.recent_checkins {
            for checkin in check_ins::store::recent(conn, tenant, id, RECENT_CHECKINS)? {
                recent.push(check_ins::store::whole(conn, tenant, checkin)?);
            }
        }
        let pays = || payments::store::latest(conn, tenant, id, PAYMENTS);
        let paid = expand.payment_history.then(pays).transpose()?;
        Ok((client, program, recent, paid))
    };
    let (client, program, recent, paid) = cx.app.db.read_now(read)?;
    let body = ClientBody::of(tenant, &client);
    if !(expand.current_program || expand.recent_checkins || expand.payment_history) {
        let mut answer = Answer::ok(&body)?.version(client.version);
        if let Some(rest) = mailed(&client)? {
            answer.etag = Some(etag::of_whole(client.version, &rest));
        }
        return Ok(cx.unless_known(answer));
    }
    let today = today_of(
        &client,
        &cx.permit.caller().workspace.timezone,
        cx.permit.now(),
    );
    let checkins = |links: Option<Links<'_>>| {
        let shown = || {
            recent
                .iter()
                .map(|whole| CheckinBody::of(tenant, whole, links))
        };
        expand.recent_checkins.then(|| shown().collect())
    };
    let mut parts = Parts {
        current_program: program
            .map(|program| Current(program.map(|program| CurrentProgramBody::of(&program, today)))),
        // Addresses of photos are others each time: the tag is made without them.
        recent_checkins: checkins(None),
        payment_history: paid.as_deref().map(|paid| {
            let paid = paid.iter();
            paid.map(|payment| PaymentBody::of(tenant, payment))
                .collect()
        }),
    };
    let mut rest = serde_json::to_vec(&parts).map_err(Error::internal)?;
    rest.extend(mailed(&client)?.unwrap_or_default());
    let key = LinkKey::of(&cx.app.sealing);
    parts.recent_checkins = checkins(Some((&key, cx.permit.now())));
    let mut answer = Answer::ok(&WholeClientBody {
        client: body,
        parts,
    })?;
    answer.etag = Some(etag::of_whole(client.version, &rest));
    Ok(cx.unless_known(answer))
}

/// How well a client follows the plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdherenceBody {
    /// Always `adherence`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Whose it is.
    #[schema(value_type = String)]
    client_id: ClientId,
    /// The day that it is for the client.
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// The last 7, 30 and 90 days.
    windows: Vec<Window>,
}

async fn get_adherence(cx: Cx<ProgramsRead>, _: NoQuery) -> Result<Answer> {
    let (id, tenant): (ClientId, _) = (cx.id("client_id")?, cx.tenant());
    let (zone, now) = (
        cx.permit.caller().workspace.timezone.clone(),
        cx.permit.now(),
    );
    cx.app
        .db
        .read(move |conn| {
            let client = clients::store::find(conn, tenant, id)?.ok_or_else(Error::not_found)?;
            let today = today_of(&client, &zone, now);
            Answer::ok(&AdherenceBody {
                object: "adherence",
                livemode: tenant.mode().is_live(),
                client_id: id,
                as_of: today,
                windows: adherence::of_client(conn, tenant, &client, &zone, today)?,
            })
        })
        .await
}

/// The routes that read across features.
pub fn routes() -> Vec<Route> {
    let mut routes = roster::routes();
    routes.extend([
        Route::get("/v1/clients/{client_id}", get)
            .named("Clients", "get_client", "Read one client whole")
            .answers::<WholeClientBody<'_>>()
            .tagged(),
        Route::get("/v1/clients/{client_id}/adherence", get_adherence)
            .named("Workouts", "get_adherence", "Read how well a client follows the plan")
            .describe(
                "Sessions done of those due in the last 7, 30 and 90 days of the client's calendar. \
                 Excused sessions and deloads are left out.",
            )
            .answers::<AdherenceBody>(),
    ]);
    routes.extend(today::routes());
    routes.extend(export::routes::routes());
    routes.extend(exports::routes::routes());
    routes
}
