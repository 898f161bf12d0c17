//! What the generator is told of a client beyond the profile: read here, across features, and handed
//! in as plain values.

use std::collections::BTreeMap;

use crate::caller::{CheckinsRead, Permit, ProgramsWrite, Tenant};
use crate::check_ins::forms::{Answer, AnswerValue, QuestionType};
use crate::check_ins::{self, Checkin, Content};
use crate::clients::Client;
use crate::db::Reader;
use crate::error::Result;
use crate::exercises;
use crate::programs::generator::policy::{
    CHECK_INS, CHECK_INS_DAYS, Limitation, MAXIMA, MAXIMUM_DAYS, PAIN_DAYS, PAIN_LOGS, SITES,
    STRAIN_SCALE_MAX, STRAIN_TRAINING,
};
use crate::programs::generator::{History, Maximum, PainSource, ReportedPain, Signs};
use crate::programs::today_of;
use crate::values::{Date, Decimal};
use crate::workouts::actions::unit_of;
use crate::workouts::{self, LoggedExercise, WorkoutLog, records};

/// Questions, by their ids in the default form and in any other that has them.
const ENERGY: &str = "energy";
const SLEEP: &str = "sleep";
const SORENESS: &str = "soreness";
const TRAINING: &str = "training";
/// Where it hurts, in a form that asks for it.
const PAIN_SITE: &str = "pain_site";

/// What is known of a client. Check-ins are read if who asks may read them, and pain if it is heeded.
pub fn of_client(
    conn: &Reader,
    permit: &Permit<ProgramsWrite>,
    client: &Client,
    heeds_pain: bool,
) -> Result<History> {
    let tenant = permit.tenant();
    let zone = permit.caller().workspace.timezone.as_str();
    let today = today_of(client, zone, permit.now());
    let readable = permit.also::<CheckinsRead>().is_ok();
    let mut check_ins = Vec::new();
    if readable {
        let most = u32::try_from(CHECK_INS).unwrap_or(u32::MAX);
        let oldest = today.plus_days(-CHECK_INS_DAYS);
        check_ins = check_ins::store::recent(conn, tenant, client.id, most)?;
        check_ins.retain(|checkin| checkin.local_date >= oldest);
    }
    let mut signs = Vec::with_capacity(check_ins.len());
    for checkin in &check_ins {
        signs.push(signs_of(conn, tenant, checkin)?);
    }
    let mut pain = Vec::new();
    if heeds_pain {
        let since = today.plus_days(-PAIN_DAYS);
        let hurt = check_ins
            .iter()
            .filter(|checkin| checkin.local_date >= since && checkin.content.hurt());
        pain.extend(hurt.flat_map(of_checkin));
        for log in workouts::store::painful(conn, tenant, client.id, since, PAIN_LOGS)? {
            pain.extend(of_log(&log));
        }
        pain.sort();
        pain.dedup();
    }
    let own = exercises::store::all(conn, tenant)?;
    Ok(History {
        check_ins: signs,
        check_ins_unread: !readable,
        pain,
        maxima: maxima(conn, tenant, client, today)?,
        own: own.into_iter().map(|own| own.exercise).collect(),
    })
}

fn answer<'c>(content: &'c Content, id: &str) -> Option<&'c Answer> {
    content.answers.iter().find(|answer| {
        let question = answer.question_id.as_deref().unwrap_or(&answer.question);
        question.eq_ignore_ascii_case(id)
    })
}

/// The number of an answer of a type, in thousandths.
fn number(content: &Content, id: &str, kind: QuestionType) -> Option<i64> {
    let answer = answer(content, id).filter(|answer| answer.kind == kind)?;
    match &answer.value {
        AnswerValue::Number(number) => Some(number.thousandths()),
        AnswerValue::Text(_) => None,
    }
}

fn signs_of(conn: &Reader, tenant: Tenant, checkin: &Checkin) -> Result<Signs> {
    let content = &checkin.content;
    let form = match checkin.form {
        Some(form) => check_ins::forms::store::find_version(conn, tenant, form.id, form.version)?,
        None => None,
    };
    // A scale of another length means something else.
    let understood = |id: &str| {
        let questions = form.as_ref().map(|form| form.questions.iter());
        let question = questions.and_then(|mut all| all.find(|question| question.id == id));
        let most = question.and_then(|question| question.max);
        most.is_none_or(|most| most.thousandths() == STRAIN_SCALE_MAX)
    };
    let scale = |id: &str| number(content, id, QuestionType::Scale).filter(|_| understood(id));
    let missed = answer(content, TRAINING).is_some_and(|answer| match &answer.value {
        AnswerValue::Text(words) => STRAIN_TRAINING.contains(&words.trim().to_lowercase().as_str()),
        AnswerValue::Number(_) => false,
    });
    Ok(Signs {
        rpe: content.rpe.map(Decimal::thousandths),
        energy: scale(ENERGY),
        sleep: scale(SLEEP),
        sleep_hours: number(content, SLEEP, QuestionType::Number),
        soreness: scale(SORENESS),
        missed,
    })
}

/// The places that a text names.
fn sites(text: &str) -> Vec<Limitation> {
    let words = text.to_lowercase();
    let words = words.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let plain = words.join(" ");
    // All that was said: it is where it hurts.
    let mut found: Vec<Limitation> = (plain == "back")
        .then_some(Limitation::LowBack)
        .into_iter()
        .collect();
    let padded = format!(" {plain} ");
    let named = SITES
        .iter()
        .filter(|(words, _)| padded.contains(&format!(" {words} ")));
    found.extend(named.map(|(_, limitation)| *limitation));
    found.sort_unstable();
    found.dedup();
    found
}

/// What a check-in that tells of pain says of the place.
fn of_checkin(checkin: &Checkin) -> Vec<ReportedPain> {
    let answers = [check_ins::PAIN, PAIN_SITE].into_iter();
    let answers = answers.filter_map(|id| answer(&checkin.content, id));
    let texts = answers.filter_map(|answer| match &answer.value {
        AnswerValue::Text(text) => Some(text.as_str()),
        AnswerValue::Number(_) => None,
    });
    let found: Vec<Limitation> = texts.flat_map(sites).collect();
    told(checkin.local_date, PainSource::CheckIn, None, found)
}

fn told(
    reported_on: Date,
    source: PainSource,
    exercise: Option<&str>,
    sites: Vec<Limitation>,
) -> Vec<ReportedPain> {
    let pain = |limitation| ReportedPain {
        reported_on,
        source,
        limitation,
        exercise: exercise.map(str::to_owned),
    };
    if sites.is_empty() {
        return vec![pain(None)];
    }
    sites.into_iter().map(|site| pain(Some(site))).collect()
}

/// What hurt in a log, by exercise. The note of the set says where, or else that of the exercise.
fn of_log(log: &WorkoutLog) -> Vec<ReportedPain> {
    let hurt = |exercise: &LoggedExercise| -> Option<Vec<ReportedPain>> {
        let sets = exercise.sets.iter().filter(|set| set.pain == Some(true));
        let notes: Vec<&str> = sets.map(|set| set.note.as_deref().unwrap_or("")).collect();
        if notes.is_empty() {
            return None;
        }
        let mut found: Vec<Limitation> = notes.into_iter().flat_map(sites).collect();
        if found.is_empty() {
            found = exercise.note.as_deref().map(sites).unwrap_or_default();
        }
        let slug = Some(exercise.exercise.as_str());
        Some(told(log.performed_on, PainSource::WorkoutLog, slug, found))
    };
    let exercises = log.content.exercises.iter();
    exercises.filter_map(hurt).flatten().collect()
}

/// The estimated maxima that are recent enough, in the client's unit.
fn maxima(
    conn: &Reader,
    tenant: Tenant,
    client: &Client,
    today: Date,
) -> Result<BTreeMap<String, Maximum>> {
    let (since, unit) = (today.plus_days(-MAXIMUM_DAYS), unit_of(client));
    let best = workouts::store::maxima(conn, tenant, client.id, since, MAXIMA)?;
    let best = best.into_iter().map(|kept| {
        let maximum = Maximum {
            value: records::estimated(kept.grams, unit).value.thousandths(),
            achieved_on: kept.achieved_on,
        };
        (kept.key.exercise, maximum)
    });
    Ok(best.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_by_words_and_not_by_parts_of_them() {
        assert_eq!(sites("Left knee, a little."), [Limitation::Knee]);
        assert_eq!(
            sites("Lower-back and both HIPS"),
            [Limitation::LowBack, Limitation::Hip]
        );
        assert_eq!(sites("back"), [Limitation::LowBack]);
        assert_eq!(sites("the whip came back on the ship"), []);
        assert_eq!(sites(""), []);
    }
}
