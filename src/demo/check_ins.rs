//! The part of the sample data that tells of check-ins: schedules, sixteen weeks of answers with
//! measurements and wearables, reviews; some late, some not reviewed yet.

use super::courses::Shape;
use super::diaries::{DIARIES, Diary, QUIET_WORDS, SHORT_REPLIES};
use super::home;
use super::performed::turn;
use super::seed::{Chance, PlannedClient, Seed};
use super::stories::{STORIES, Story, Turn};
use crate::api::json::Patch;
use crate::caller::{CheckinsWrite, Tenant};
use crate::check_ins::forms::{self, AnswerValue, NewAnswer};
use crate::check_ins::measurements::NewMeasurement;
use crate::check_ins::schedules::{self, NewSchedule, WEEKDAYS};
use crate::check_ins::wearables::{HrvMethod, Sleep, WearableSummary};
use crate::check_ins::{NewCheckin, Review, Submitter, actions, store};
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{CheckinId, ClientId};
use crate::values::{Date, Decimal};

/// Weeks of check-ins.
const WEEKS: i64 = 16;
/// So many weeks of them were asked for by schedules; before that clients wrote by themselves.
const SCHEDULED_WEEKS: i64 = 6;
/// When they are due by the client's clock.
const DUE_HOUR: i8 = 9;

/// A client who checks in.
struct Writer<'s> {
    story: &'s Story,
    diary: &'s Diary,
    client: PlannedClient,
    /// The day of the next check-in, today at the earliest.
    next: Date,
}

impl Writer<'_> {
    /// When the check-in of so many weeks ago is due; that of no week ago is the next one.
    fn due(&self, weeks_ago: i64) -> Timestamp {
        self.client
            .at(self.next.plus_days(-7 * weeks_ago), DUE_HOUR, 0)
    }
}

fn writers(seed: &Seed<'_>) -> Vec<Writer<'static>> {
    let mut found = Vec::new();
    for (story, client) in STORIES.iter().zip(&seed.clients) {
        let diary = DIARIES.iter().find(|diary| diary.email == story.email);
        let weekday = WEEKDAYS
            .iter()
            .find(|(name, _)| *name == story.check_in_day);
        let (Some(diary), Some((_, weekday))) = (diary, weekday) else {
            continue;
        };
        let next = schedules::first_after(
            seed.now,
            *weekday,
            u16::from(DUE_HOUR.unsigned_abs()) * 60,
            &client.zone,
        );
        let client = client.clone();
        found.push(Writer {
            story,
            diary,
            client,
            next,
        });
    }
    found
}

/// Schedules, and what they did.
pub(super) fn schedules(seed: &mut Seed<'_>) -> Result<()> {
    let tenant = seed.caller.tenant;
    let set_at = seed.ago(7 * SCHEDULED_WEEKS, 20);
    let mut wakes = Vec::new();
    for writer in writers(seed) {
        let (id, permit) = (
            writer.client.client.id,
            seed.permit::<CheckinsWrite>(set_at)?,
        );
        let new = NewSchedule {
            active: Some(true),
            weekday: Some(writer.next.weekday()),
            every_weeks: Some(1),
            time: None,
            form_id: None,
        };
        seed.at(set_at, move |tx| {
            schedules::actions::set(tx, &permit, id, &new)?;
            schedules::actions::hush(tx, permit.tenant())
        });
        for weeks_ago in 0..=SCHEDULED_WEEKS {
            let due = writer.due(weeks_ago);
            wakes.extend([due.plus_ms(-schedules::OPENS_MS), due]);
        }
    }
    wakes.retain(|at| (set_at..seed.now).contains(at));
    wakes.sort_unstable();
    wakes.dedup();
    for at in wakes {
        seed.at(at, move |tx| {
            schedules::actions::carry_out(tx, tenant, at)?;
            // The job of the server would do it by the present: it is queued again in the end.
            schedules::actions::hush(tx, tenant)
        });
    }
    Ok(())
}

/// Whether somebody was coached at a time.
fn is_coached(seed: &Seed<'_>, story: &Story, at: Timestamp) -> bool {
    let days_ago = seed.now.since_ms(at) / DAY_MS;
    match story.turn {
        Turn::Active => true,
        Turn::Paused(days) | Turn::Left(days) => days_ago > days,
        Turn::CameBack(from, until) => days_ago > from || days_ago < until,
        Turn::Invited | Turn::AskedAgain(_) => false,
    }
}

/// Check-ins and their reviews.
pub(super) fn check_ins(seed: &mut Seed<'_>) -> Result<()> {
    for writer in writers(seed) {
        seed.chance = Chance::of(writer.diary.email);
        for weeks_ago in (1..=WEEKS).rev() {
            let luck = seed.chance.below(100);
            let minutes = i64::try_from(seed.chance.below(600)).unwrap_or(0) + 40;
            let late = luck < 9 && weeks_ago > 1;
            let at = writer
                .due(weeks_ago)
                .plus_ms(if late { 11 * HOUR_MS } else { 0 });
            let at = at.plus_ms(-minutes * MINUTE_MS * i64::from(!late));
            let told = told(&mut seed.chance, &writer, weeks_ago);
            let early = at < writer.client.added_at.plus_ms(4 * DAY_MS);
            let missed = writer.diary.missed.contains(&weeks_ago);
            if early || missed || at >= seed.now || !is_coached(seed, writer.story, at) {
                continue;
            }
            let id = CheckinId::new(at);
            submit(seed, &writer, (id, at), told);
            review(seed, &writer, at, weeks_ago)?;
        }
    }
    Ok(())
}

fn submit(
    seed: &mut Seed<'_>,
    writer: &Writer<'_>,
    (id, at): (CheckinId, Timestamp),
    new: NewCheckin,
) {
    let (tenant, client_id) = (seed.caller.tenant, writer.client.client.id);
    seed.filled.checkins += 1;
    seed.at(at, move |tx| {
        hand_in(tx, (tenant, client_id), (id, at), new).map(drop)
    });
}

/// Submits a check-in as its client; its id, which is `id` if no schedule has asked for it.
pub(super) fn hand_in(
    tx: &Tx<'_>,
    (tenant, client_id): (Tenant, ClientId),
    (id, at): (CheckinId, Timestamp),
    mut new: NewCheckin,
) -> Result<CheckinId> {
    // The coach may have changed the form: then the answers stand for themselves.
    let form = forms::store::find(tx, tenant, forms::default_id(tenant))?;
    new.form_id = form.filter(|form| form.version == 1).map(|form| form.id);
    let origin = home::origin(at);
    let submitter = Submitter::Client {
        tenant,
        client_id,
        origin: &origin,
    };
    let whole = actions::submit(tx, &submitter, client_id, id, new)?;
    Ok(whole.checkin.id)
}

/// The review, a day later; that of the last days is still to be done.
fn review(seed: &mut Seed<'_>, writer: &Writer<'_>, at: Timestamp, weeks_ago: i64) -> Result<()> {
    let hours = 5 + i64::try_from(seed.chance.below(22)).unwrap_or(0);
    let quick = seed.chance.below(3) == 0;
    let reviewed_at = at.plus_ms(hours * HOUR_MS);
    let fresh = seed.now.since_ms(at) < 4 * DAY_MS;
    if reviewed_at >= seed.now || (fresh && !quick) {
        return Ok(());
    }
    let place = usize::try_from(weeks_ago - 1).unwrap_or(0);
    let own = writer
        .diary
        .replies
        .get(place)
        .filter(|reply| !reply.is_empty());
    let reply = own.or_else(|| turn(SHORT_REPLIES, weeks_ago * 5 + hours));
    let private = writer
        .diary
        .private
        .iter()
        .find(|(weeks, _)| *weeks == weeks_ago);
    let review = Review {
        reply: reply.map_or(Patch::Keep, |reply| Patch::Set((*reply).to_owned())),
        private_notes: private.map_or(Patch::Keep, |(_, note)| Patch::Set((*note).to_owned())),
    };
    let (tenant, client) = (seed.caller.tenant, writer.client.client.id);
    let permit = seed.permit::<CheckinsWrite>(reviewed_at)?;
    seed.at(reviewed_at, move |tx| {
        // A scheduled one has the id that its schedule gave it; it is the last that was submitted.
        let last = store::recent(tx, tenant, client, 1)?.into_iter().next();
        last.map_or(Ok(()), |last| {
            actions::review(tx, &permit, last.id, review).map(drop)
        })
    });
    Ok(())
}

/// A number near another one.
fn about(chance: &mut Chance, number: u64, off: u64) -> u64 {
    (number + chance.below(2 * off + 1)).saturating_sub(off)
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn answer(question: &str, value: AnswerValue) -> NewAnswer {
    NewAnswer {
        question: question.to_owned(),
        kind: None,
        value,
    }
}

/// What a client tells of a week.
fn told(chance: &mut Chance, writer: &Writer<'_>, weeks_ago: i64) -> NewCheckin {
    let (story, diary) = (writer.story, writer.diary);
    let since = |days: i64| weeks_ago * 7 <= days + 6;
    let sore = matches!(story.course.shape, Shape::Knee(days) if since(days));
    let slack =
        matches!(story.course.shape, Shape::Slipping(days) | Shape::Away(days, _) if since(days));
    let flat = matches!(story.course.shape, Shape::Plateau(days) if since(days));
    let sleep = about(chance, diary.sleep, 28);
    let energy = 3 + chance.below(3) - u64::from(flat || sore);
    let whole = |number: u64| AnswerValue::Number(Decimal::whole(i64::from(small(number))));
    let text = |text: &str| AnswerValue::Text(text.to_owned());
    let done = match (slack, sore, chance.below(6)) {
        (true, ..) => "None",
        (_, true, _) => "Some of it",
        (_, _, 0) => "Most of it",
        _ => "All of it",
    };
    let hours = Decimal::from_thousandths(i64::from(small(sleep)) * 1_000 / 60 / 250 * 250);
    let pain = if sore && weeks_ago > 1 {
        "Yes"
    } else if sore {
        "A little"
    } else {
        "No"
    };
    let mut answers = vec![
        answer("energy", whole(energy)),
        answer("sleep", AnswerValue::Number(hours)),
        answer("stress", whole(2 + chance.below(3))),
        answer("training", text(done)),
        answer("nutrition", whole(3 + chance.below(3))),
        answer("pain", text(pain)),
    ];
    let place = usize::try_from(weeks_ago - 1).unwrap_or(0);
    let own = diary.words.get(place).filter(|words| !words.is_empty());
    let words = own.or_else(|| turn(QUIET_WORDS, weeks_ago + i64::from(small(diary.steps))));
    answers.extend(words.map(|words| answer("week", text(words))));
    NewCheckin {
        answers: Some(answers),
        measurements: Some(measured(chance, writer, weeks_ago)),
        rpe: Some(Decimal::from_thousandths(
            6_500 + 500 * i64::from(small(chance.below(4))),
        )),
        wearable_summary: worn(chance, diary, weeks_ago, sleep),
        ..NewCheckin::default()
    }
}

/// The scale each week, the tape every fourth.
fn measured(chance: &mut Chance, writer: &Writer<'_>, weeks_ago: i64) -> Vec<NewMeasurement> {
    let (diary, imperial) = (writer.diary, writer.story.units == "imperial");
    let week = WEEKS - weeks_ago;
    let (start, a_week, off) = diary.weight;
    let off = i64::from(small(chance.below(2 * off + 1))) - i64::from(small(off));
    let grams = start + a_week * week + off;
    let tenths = |number: i64| Decimal::from_thousandths((number + 50) / 100 * 100);
    let one = |metric: &str, value: Decimal, unit: &str, source: Option<&str>| NewMeasurement {
        metric: metric.to_owned(),
        value,
        unit: unit.to_owned(),
        site: None,
        measured_at: None,
        source: source.map(str::to_owned),
    };
    let mut found = vec![if imperial {
        one(
            "weight",
            tenths(grams * 100_000 / 45_359),
            "lb",
            Some("scale"),
        )
    } else {
        one("weight", tenths(grams), "kg", Some("scale"))
    }];
    if weeks_ago % 4 == 1 {
        let (waist, a_week) = diary.waist;
        let waist = waist + a_week * week;
        let hips = waist * 118 / 100 - a_week * week / 2;
        for (metric, mm) in [("waist", waist), ("hips", hips)] {
            found.push(if imperial {
                one(metric, tenths(mm * 10_000 / 254), "in", None)
            } else {
                // To half a centimetre, as a tape is read.
                let halves = Decimal::from_thousandths((mm * 100 + 250) / 500 * 500);
                one(metric, halves, "cm", None)
            });
        }
    }
    found
}

/// What the wearable counted, unless it lay in a drawer.
fn worn(chance: &mut Chance, diary: &Diary, weeks_ago: i64, sleep: u64) -> Option<WearableSummary> {
    let (steps, beats) = (
        about(chance, diary.steps, diary.steps / 7),
        about(chance, diary.resting_hr, 2),
    );
    let (hrv, deep, rem) = (
        about(chance, diary.hrv, 5),
        about(chance, sleep * 17 / 100, 9),
        about(chance, sleep * 22 / 100, 9),
    );
    let share = 1_000 - chance.below(4) * 143;
    if diary.watch.is_empty() || diary.gaps.contains(&weeks_ago) {
        return None;
    }
    let new_watch = weeks_ago <= diary.new_watch;
    let (method, hrv) = match (diary.method, new_watch) {
        (method, false) => (method, hrv),
        (HrvMethod::Sdnn, true) => (HrvMethod::Rmssd, hrv * 6 / 10),
        (HrvMethod::Rmssd, true) => (HrvMethod::Sdnn, hrv * 16 / 10),
    };
    Some(WearableSummary {
        steps: Some(small(steps)),
        active_energy_kcal: Some(small(steps / 22)),
        distance_m: Some(small(steps * 7 / 10)),
        resting_hr: Some(small(beats)),
        hrv_ms: Some(Decimal::whole(i64::from(small(hrv)))),
        hrv_method: Some(method),
        sleep: Some(Sleep {
            total_min: Some(small(sleep)),
            deep_min: Some(small(deep)),
            rem_min: Some(small(rem)),
            light_min: Some(small(sleep.saturating_sub(deep + rem))),
            awake_min: Some(small(12 + chance.below(20))),
        }),
        workouts: None,
        source: Some(if new_watch { "New watch" } else { diary.watch }.to_owned()),
        completeness: Some(Decimal::from_thousandths(i64::from(small(share)))),
    })
}

/// A check-in of the present, for the demo.
pub(super) fn one_now() -> NewCheckin {
    NewCheckin {
        answers: Some(vec![
            answer("energy", AnswerValue::Number(Decimal::whole(4))),
            answer(
                "sleep",
                AnswerValue::Number(Decimal::from_thousandths(7_250)),
            ),
            answer("stress", AnswerValue::Number(Decimal::whole(2))),
            answer("training", AnswerValue::Text("All of it".to_owned())),
            answer("nutrition", AnswerValue::Number(Decimal::whole(4))),
            answer("pain", AnswerValue::Text("No".to_owned())),
            answer(
                "week",
                AnswerValue::Text("Best week so far. What is next?".to_owned()),
            ),
        ]),
        ..NewCheckin::default()
    }
}
