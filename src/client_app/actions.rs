//! What a client does in the app, beyond what each feature does by itself: consents are heeded.

use crate::api::route::ClientCaller;
use crate::caller::Origin;
use crate::check_ins::{self, NewCheckin, Submitter};
use crate::clients::sessions::{self, Consent, ConsentText, stands};
use crate::clients::{self, Client};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::files::{self, actions::Uploader};
use crate::ids::{CheckinId, NoticeId, WorkoutLogId};
use crate::notices::{self, NoticeKind, Severity, Told};
use crate::values::Date;
use crate::workouts::actions::Logged;
use crate::workouts::actions::mend::{self, Change};
use crate::workouts::{self, WorkoutLog};

/// What being coached here stands on.
const TERMS: &str = "terms";
/// What taking in anything about health stands on.
pub const HEALTH_DATA: &str = "health_data";

/// Refuses to take in anything about the health of whoever took that consent back.
fn check_health_data(tx: &Tx<'_>, caller: &ClientCaller) -> Result<()> {
    let consents = sessions::store::consents(tx, caller.tenant, caller.client_id)?;
    if stands(&consents, HEALTH_DATA) {
        return Ok(());
    }
    let message = "You took back your consent to the use of your health data, so nothing more is \
        taken in. You can give it again under Me.";
    Err(Error::with(Code::StateConflict, message).extra("consent", HEALTH_DATA))
}

/// Logs a training of the client's own.
pub fn log(tx: &Tx<'_>, caller: &ClientCaller, origin: &Origin, log: WorkoutLog) -> Result<Logged> {
    check_health_data(tx, caller)?;
    workouts::actions::log_own(tx, caller, origin, log)
}

/// For so many days after a training a client can mend what was logged of it.
pub const MEND_DAYS: i64 = 7;

/// Whether a client can mend a log on a day of the own calendar.
pub fn can_mend(log: &WorkoutLog, today: Date) -> bool {
    (-MEND_DAYS..=1).contains(&today.days_until(log.performed_on))
}

/// Refuses to mend a log of the client's own that is older than that.
fn check_age(tx: &Tx<'_>, caller: &ClientCaller, id: WorkoutLogId, today: Date) -> Result<()> {
    let log = workouts::store::find(tx, caller.tenant, caller.client_id, id)?;
    if can_mend(&log.ok_or_else(Error::not_found)?, today) {
        return Ok(());
    }
    let message = "A training can be changed for seven days. Write to your coach, who can change it \
        at any time.";
    Err(Error::with(Code::StateConflict, message))
}

/// Changes what was logged of a training of the client's own.
pub fn amend(
    tx: &Tx<'_>,
    caller: &ClientCaller,
    origin: &Origin,
    (id, today): (WorkoutLogId, Date),
    change: Change,
) -> Result<Logged> {
    check_health_data(tx, caller)?;
    check_age(tx, caller, id, today)?;
    mend::amend_own(tx, caller, origin, id, change)
}

/// Removes what was logged of a training of the client's own. That takes nothing in: no consent is
/// asked for.
pub fn remove(
    tx: &Tx<'_>,
    caller: &ClientCaller,
    origin: &Origin,
    (id, today): (WorkoutLogId, Date),
) -> Result<()> {
    check_age(tx, caller, id, today)?;
    mend::remove_own(tx, caller, origin, id)
}

/// A check-in of the client's own, with the pictures that came along.
#[derive(Debug)]
pub struct OwnCheckin {
    /// Its id, if it is a new one.
    pub id: CheckinId,
    /// What is in it; it may name the pictures.
    pub new: NewCheckin,
    /// Pictures that are not kept yet.
    pub pictures: Vec<files::actions::Draft>,
}

/// Takes in a check-in of the client's own.
pub fn check_in(
    tx: &Tx<'_>,
    caller: &ClientCaller,
    origin: &Origin,
    own: OwnCheckin,
) -> Result<check_ins::Whole> {
    check_health_data(tx, caller)?;
    for picture in &own.pictures {
        files::actions::create(tx, Uploader::Client(caller), picture)?;
    }
    let submitter = Submitter::Client {
        tenant: caller.tenant,
        client_id: caller.client_id,
        origin,
    };
    check_ins::actions::submit(tx, &submitter, caller.client_id, own.id, own.new)
}

/// Keeps a photo of the client's own, for a check-in to come.
pub fn add_photo(tx: &Tx<'_>, caller: &ClientCaller, draft: &files::actions::Draft) -> Result<()> {
    check_health_data(tx, caller)?;
    files::actions::create(tx, Uploader::Client(caller), draft)
}

/// The subject of the notice that tells of a consent.
fn subject(caller: &ClientCaller, kind: &str) -> String {
    format!("{} {kind}", caller.client_id)
}

/// What the coach is told of a consent that was taken back.
fn told(caller: &ClientCaller, client: &Client, consent: &Consent, origin: &Origin) -> Told {
    let what = match consent.kind.as_str() {
        TERMS => {
            "to being coached in the app, and is signed out of it. A new install link leads \
                  back in."
        }
        HEALTH_DATA => {
            "to the use of health data. The app takes in no more training, check-ins \
                        and photos of theirs; what was shared before is kept until you erase it."
        }
        _ => "to mail about training. The messages in the app go on.",
    };
    let href = format!(
        "/dashboard/{}/clients/{}",
        caller.tenant.mode(),
        caller.client_id
    );
    Told {
        id: NoticeId::new(origin.at),
        kind: NoticeKind::ConsentWithdrawn,
        subject: subject(caller, &consent.kind),
        stage: consent.given_at.to_string(),
        severity: if consent.kind == "messages" {
            Severity::Info
        } else {
            Severity::Warning
        },
        title: format!("{} took back a consent", client.profile.name),
        message: format!("{} no longer agrees {what}", client.profile.name),
        action: Some(("Open the client".to_owned(), href)),
        created_at: origin.at,
    }
}

/// Takes a consent back, and tells the coach. Without the consent to be coached here nobody is in:
/// every device is signed out.
pub fn withdraw(
    tx: &Tx<'_>,
    caller: &ClientCaller,
    origin: &Origin,
    text: &ConsentText,
    server_now: Timestamp,
) -> Result<Consent> {
    let (consent, changed) = sessions::actions::withdraw(tx, caller, origin, text)?;
    if changed {
        let client = clients::store::find(tx, caller.tenant, caller.client_id)?;
        let client = client.ok_or_else(Error::not_found)?;
        let told = told(caller, &client, &consent, origin);
        notices::actions::tell(tx, caller.tenant, &told)?;
        if text.kind == TERMS {
            let (tenant, id) = (caller.tenant, caller.client_id);
            sessions::actions::end_all(tx, tenant, id, server_now)?;
        }
    }
    Ok(consent)
}

/// Gives a consent again; the notice that it was missing ends.
pub fn give(
    tx: &Tx<'_>,
    caller: &ClientCaller,
    origin: &Origin,
    text: &ConsentText,
) -> Result<Consent> {
    let (consent, changed) = sessions::actions::give(tx, caller, origin, text)?;
    if changed {
        let (kind, subject) = (NoticeKind::ConsentWithdrawn, subject(caller, text.kind));
        notices::actions::end(tx, caller.tenant, kind, &subject, origin.at)?;
    }
    Ok(consent)
}
