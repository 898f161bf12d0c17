//! What can be done with schedules, and what they do.

use super::{MINUTES, NewSchedule, OPENS_MS, Schedule, first_after, store};
use crate::access::workspaces;
use crate::attention::{self, ReasonKind};
use crate::caller::{CheckinsWrite, Origin, Permit, Tenant};
use crate::check_ins::{self, FormRef, Period, Status, forms, zone_of};
use crate::clients::{self, Client};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::ids::{CheckinId, ClientId, JobId, RequestId};
use crate::jobs::{self, Kind, NewJob, PLAIN, queue};
use crate::values::TimeZone;

/// The job that waits for the first time at which a schedule of its tenant has something to do.
pub const DUE: Kind = Kind {
    name: "checkins.due",
    ..PLAIN
};
/// What the job is about: there is one a tenant.
const ABOUT: &str = "schedules";
/// Schedules that are seen to in one write.
const AT_ONCE: u32 = 50;

fn fault(pointer: &str, code: &'static str, message: &str) -> Error {
    Error::invalid(vec![FieldError {
        place: Place::Pointer(pointer.to_owned()),
        code,
        message: message.to_owned(),
        fix: None,
    }])
}

/// Where an event comes from that no request caused.
fn nobody(at: Timestamp) -> Origin {
    Origin {
        request_id: RequestId::new(at),
        idempotency_key: None,
        address: None,
        at,
    }
}

fn is_coached(client: &Client) -> bool {
    match client.status {
        clients::Status::Invited | clients::Status::Active => true,
        clients::Status::Paused | clients::Status::Archived => false,
    }
}

/// The form that a schedule asks with, in its latest version.
fn form(tx: &Tx<'_>, tenant: Tenant, schedule: &Schedule) -> Result<Option<FormRef>> {
    let id = schedule
        .form_id
        .unwrap_or_else(|| forms::default_id(tenant));
    let found = forms::store::find(tx, tenant, id)?;
    Ok(found.map(|form| FormRef {
        id,
        version: form.version,
    }))
}

/// What a schedule is seen to with.
struct Round<'a> {
    tenant: Tenant,
    client: &'a Client,
    zone: &'a TimeZone,
    now: Timestamp,
}

impl Round<'_> {
    /// The check-in as the schedule asks for it.
    fn ask(&self, tx: &Tx<'_>, schedule: &Schedule) -> Result<()> {
        let Some(due) = schedule.next_due_at else {
            return Ok(());
        };
        let asked = check_ins::actions::Asked {
            due_at: due,
            closes_at: schedule.closes_at(self.zone),
            on: schedule.next_on,
            period: Period::of_weeks(i64::from(schedule.every_weeks), schedule.next_on),
            form: form(tx, self.tenant, schedule)?,
        };
        let id = CheckinId::new(self.now);
        let whose = (self.tenant, self.client.id);
        check_ins::actions::ask(tx, whose, id, asked, self.now)
    }

    /// Does what is to be done at the time at which a schedule wakes.
    fn turn(&self, tx: &Tx<'_>, schedule: &mut Schedule) -> Result<()> {
        if !schedule.opened {
            schedule.opened = true;
            schedule.plan(self.zone);
            if is_coached(self.client) {
                self.ask(tx, schedule)?;
            }
            return Ok(());
        }
        let whose = (self.tenant, self.client.id);
        if is_coached(self.client) {
            check_ins::actions::be_late(tx, whose, &nobody(self.now))?;
        } else {
            check_ins::actions::withdraw(tx, whose)?;
        }
        schedule.go_on(self.zone, self.now);
        Ok(())
    }

    /// Puts a schedule, and what it asked for, where the client's time zone and state say.
    fn follow(&self, tx: &Tx<'_>, schedule: &mut Schedule) -> Result<()> {
        let whose = (self.tenant, self.client.id);
        let former_due = schedule.next_due_at;
        schedule.plan(self.zone);
        if !schedule.opened {
            return Ok(());
        }
        if !is_coached(self.client) {
            return check_ins::actions::withdraw(tx, whose);
        }
        let last = check_ins::store::last_scheduled(tx, self.tenant, self.client.id)?;
        // No two time zones are further apart, and no two check-ins are as close.
        let is_this = |due: Timestamp, former: Timestamp| due.since_ms(former).abs() < OPENS_MS;
        let last = last.filter(|checkin| {
            let both = checkin.due_at.zip(former_due);
            both.is_some_and(|(due, former)| is_this(due, former))
        });
        match (last, schedule.next_due_at) {
            (Some(checkin), Some(due)) if checkin.status == Status::Pending => {
                let closes = schedule.closes_at(self.zone);
                let form = form(tx, self.tenant, schedule)?;
                check_ins::actions::put_off(tx, self.tenant, checkin, (due, closes, form), self.now)
            }
            (None, Some(due)) if due > self.now => self.ask(tx, schedule),
            (Some(_) | None, _) => Ok(()),
        }
    }
}

/// Sees to what has come due in a tenant, and queues the job of what comes next.
pub fn carry_out(tx: &Tx<'_>, tenant: Tenant, now: Timestamp) -> Result<()> {
    let workspace = workspaces::store::of_tenant(tx, tenant)?;
    for mut schedule in store::due(tx, tenant, now, AT_ONCE)? {
        let client = clients::store::find(tx, tenant, schedule.client_id)?;
        let client = client.ok_or_else(|| Error::bug("a schedule of nobody"))?;
        let zone = zone_of(&client, workspace.as_ref());
        let round = Round {
            tenant,
            client: &client,
            zone: &zone,
            now,
        };
        if schedule.timezone == zone.as_str() {
            // It may be looked at before its time, for a workspace that moved and moved back.
            schedule.plan(&zone);
        } else {
            round.follow(tx, &mut schedule)?;
        }
        if schedule.wake_at.is_some_and(|wake| wake <= now) {
            round.turn(tx, &mut schedule)?;
        }
        store::save(tx, tenant, &schedule)?;
    }
    wake(tx, tenant, now)
}

/// Has nothing wait for a tenant: whoever says so sees to the schedules by [`carry_out`], and has the
/// job wait again in the end ([`wake`]).
pub fn hush(tx: &Tx<'_>, tenant: Tenant) -> Result<()> {
    jobs::actions::withdraw(tx, &DUE, tenant, ABOUT)?;
    Ok(())
}

/// Has the one job of a tenant wait for the first time at which there is something to do.
pub fn wake(tx: &Tx<'_>, tenant: Tenant, now: Timestamp) -> Result<()> {
    jobs::actions::withdraw(tx, &DUE, tenant, ABOUT)?;
    let Some(due_at) = store::first_wake(tx, tenant)? else {
        return Ok(());
    };
    let offset_ms = queue::offset_ms(tx, tenant)?;
    let server_now = now.plus_ms(-offset_ms);
    let job = NewJob {
        id: JobId::new(server_now),
        tenant: Some(tenant),
        about: Some(ABOUT.to_owned()),
        due_at,
        ready_at: due_at.plus_ms(-offset_ms),
        ..NewJob::now(server_now, &jobs::actions::lane(Some(tenant)))
    };
    jobs::actions::enqueue(tx, &DUE, &job, server_now)
}

/// Puts the schedule of a client who was changed where time zone and state say now.
pub fn follow(tx: &Tx<'_>, tenant: Tenant, client: &Client, now: Timestamp) -> Result<()> {
    let Some(former) = store::find(tx, tenant, client.id)?.filter(|schedule| schedule.active)
    else {
        return Ok(());
    };
    let zone = zone_of(client, workspaces::store::of_tenant(tx, tenant)?.as_ref());
    let round = Round {
        tenant,
        client,
        zone: &zone,
        now,
    };
    let mut schedule = former.clone();
    round.follow(tx, &mut schedule)?;
    if schedule != former {
        store::save(tx, tenant, &schedule)?;
        wake(tx, tenant, now)?;
    }
    Ok(())
}

/// Has the schedules be put where the workspace's time zone says now, of all clients who have none of
/// their own: by the tenant's job, since they may be many. `now` is the server's.
pub fn follow_workspace(tx: &Tx<'_>, tenant: Tenant, now: Timestamp) -> Result<()> {
    let now = now.plus_ms(queue::offset_ms(tx, tenant)?);
    store::look_again(tx, tenant, now)?;
    wake(tx, tenant, now)
}

/// The weekday that a schedule is set to.
fn weekday(new: &NewSchedule, former: Option<&Schedule>, client: &Client) -> Result<u8> {
    let own = client.profile.check_in_day.as_deref();
    let own = own.and_then(|day| super::WEEKDAYS.iter().find(|(name, _)| *name == day));
    let found = new
        .weekday
        .or(former.map(|schedule| schedule.weekday))
        .or(own.map(|(_, weekday)| *weekday))
        .or((new.active == Some(false)).then_some(0));
    let message = "A weekday is required: the client has no `check_in_day`.";
    found.ok_or_else(|| fault("/weekday", "required", message))
}

/// Sets the schedule of a client. One that is set to what it is stays as it is.
pub fn set(
    tx: &Tx<'_>,
    permit: &Permit<CheckinsWrite>,
    client_id: ClientId,
    new: &NewSchedule,
) -> Result<Schedule> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let client = clients::store::find(tx, tenant, client_id)?.ok_or_else(Error::not_found)?;
    if client.status == clients::Status::Archived {
        let message = "The client is archived.";
        return Err(Error::with(Code::StateConflict, message).extra("current_status", "archived"));
    }
    if let Some(id) = new.form_id
        && forms::store::find(tx, tenant, id)?.is_none()
    {
        let message = "There is no form of this id.";
        return Err(fault("/form_id", "unknown_form", message));
    }
    let former = store::find(tx, tenant, client_id)?;
    let zone = zone_of(&client, workspaces::store::of_tenant(tx, tenant)?.as_ref());
    let weekday = weekday(new, former.as_ref(), &client)?;
    let minutes = new.time.unwrap_or(MINUTES);
    let mut schedule = Schedule {
        client_id,
        active: new.active.unwrap_or(true),
        weekday,
        every_weeks: new.every_weeks.unwrap_or(1),
        minutes,
        form_id: new.form_id,
        timezone: zone.as_str().to_owned(),
        next_on: first_after(now, weekday, minutes, &zone),
        next_due_at: None,
        opened: false,
        wake_at: None,
        version: former.as_ref().map_or(1, |former| former.version + 1),
        created_at: former.as_ref().map_or(now, |former| former.created_at),
        updated_at: now,
    };
    let round = Round {
        tenant,
        client: &client,
        zone: &zone,
        now,
    };
    let asks_when = |of: &Schedule| (of.active, of.weekday, of.every_weeks, of.minutes);
    match former {
        Some(former) if asks_when(&former) == asks_when(&schedule) => {
            if former.form_id == schedule.form_id {
                return Ok(former);
            }
            (schedule.next_on, schedule.opened) = (former.next_on, former.opened);
            schedule.next_due_at = former.next_due_at;
            round.follow(tx, &mut schedule)?;
        }
        Some(_) | None => {
            check_ins::actions::withdraw(tx, (tenant, client_id))?;
            schedule.plan(&zone);
            if schedule.wake_at.is_some_and(|wake| wake <= now) {
                round.turn(tx, &mut schedule)?;
            }
        }
    }
    store::save(tx, tenant, &schedule)?;
    if !schedule.active {
        // Nobody is asked any more, so nobody is late.
        attention::actions::end(tx, tenant, client_id, ReasonKind::CheckinOverdue)?;
    }
    wake(tx, tenant, now)?;
    Ok(schedule)
}
