//! From what a coach asks for to what the generator is given: defaults from the client's profile.

use super::NewProgram;
use super::generator::policy::{Goal, Limitation, Profile};
use super::generator::{History, Input};
use crate::clients::Client;
use crate::error::{Code, Error, FieldError, Place, Result};
use crate::exercises::catalogue::{Catalogue, Item, Level};
use crate::values::Date;

fn fault(pointer: &str, code: &'static str, message: impl Into<String>) -> FieldError {
    FieldError {
        place: Place::Pointer(pointer.to_owned()),
        code,
        message: message.into(),
        fix: None,
    }
}

/// The items of some words; each is a profile or an item. The second is what is neither.
pub fn items(words: &[String]) -> (u64, Vec<usize>) {
    let mut unknown = Vec::new();
    let items = words.iter().enumerate().fold(0, |set, (place, word)| {
        match (Profile::parse(word), Item::parse(word)) {
            (Some(profile), _) => set | profile.items(),
            (None, Some(item)) => set | item.bit(),
            (None, None) => {
                unknown.push(place);
                set
            }
        }
    });
    (items, unknown)
}

/// The goal that a profile's own words name, if they name one.
fn goal_of(text: &str) -> Option<Goal> {
    Goal::parse(&text.trim().to_lowercase().replace([' ', '-'], "_"))
}

/// What the generator is given; `start` is day 1, if it is known.
pub fn input(
    new: &NewProgram,
    client: &Client,
    start: Option<Date>,
    history: History,
) -> Result<Input> {
    let profile = &client.profile;
    let mut faults = Vec::new();
    let goal = new
        .goal
        .or_else(|| profile.goal.as_deref().and_then(goal_of));
    if goal.is_none() {
        let message = "A goal is required: the client's profile names none.";
        faults.push(fault("/goal", "required", message));
    }
    let (equipment, items) = equipment(new, &profile.equipment, &mut faults);
    for (field, slugs) in [
        ("locked_exercises", &new.locked_exercises),
        ("excluded_exercises", &new.excluded_exercises),
    ] {
        for (place, slug) in slugs.iter().flatten().enumerate() {
            let own = || history.own.iter().any(|own| own.slug == *slug);
            if Catalogue::embedded().get(slug).is_none() && !own() {
                let pointer = format!("/{field}/{place}");
                let message = "There is no exercise of this slug.";
                faults.push(fault(&pointer, "unknown_exercise", message));
            }
        }
    }
    let Some(goal) = goal.filter(|_| faults.is_empty()) else {
        return Err(Error::invalid(faults));
    };
    let default = Input::new(goal);
    let own_level = profile.experience.as_deref().and_then(Level::parse);
    let own = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    let own_limitations = profile
        .limitations
        .iter()
        .filter_map(|word| Limitation::parse(word));
    let mut limitations: Vec<Limitation> = new
        .limitations
        .clone()
        .unwrap_or_else(|| own_limitations.collect());
    limitations.sort_unstable();
    limitations.dedup();
    Ok(Input {
        level: new.experience.or(own_level).unwrap_or(default.level),
        days_per_week: new
            .days_per_week
            .or(own(profile.days_per_week))
            .unwrap_or(default.days_per_week),
        session_minutes: new
            .session_minutes
            .or(own(profile.session_minutes))
            .unwrap_or(default.session_minutes),
        items,
        equipment,
        limitations,
        preferred_days: days_from(start, new.preferred_days.as_deref().unwrap_or_default()),
        locked: unique(new.locked_exercises.as_deref()),
        excluded: unique(new.excluded_exercises.as_deref()),
        metric: profile.units != "imperial",
        history,
        ..default
    })
}

fn unique(slugs: Option<&[String]>) -> Vec<String> {
    let mut slugs = slugs.unwrap_or_default().to_vec();
    slugs.sort();
    slugs.dedup();
    slugs
}

/// What there is: as asked for, or as the profile says it. What a profile says in words of its own
/// is left out; if nothing is left, it says nothing.
fn equipment(
    new: &NewProgram,
    profile: &[String],
    faults: &mut Vec<FieldError>,
) -> (Vec<String>, u64) {
    if let Some(words) = &new.equipment {
        let (items, unknown) = items(words);
        for place in unknown {
            let message = "This is neither an equipment profile nor an item.";
            faults.push(fault(
                &format!("/equipment/{place}"),
                "invalid_choice",
                message,
            ));
        }
        return (words.clone(), items);
    }
    let plain = |word: &String| word.trim().to_lowercase().replace([' ', '-'], "_");
    let mut words: Vec<String> = profile.iter().map(plain).collect();
    words.retain(|word| Profile::parse(word).is_some() || Item::parse(word).is_some());
    if words.is_empty() {
        words = vec![Profile::FullGym.name().to_owned()];
    }
    let (items, _) = items(&words);
    (words, items)
}

/// Weekdays as days of a cycle that begins on the weekday of day 1, or on a Monday.
fn days_from(start: Option<Date>, weekdays: &[u8]) -> u8 {
    let first = start.map_or(0, Date::weekday);
    weekdays
        .iter()
        .fold(0, |set, day| set | 1 << ((day + 7 - first) % 7))
}

/// The refusal of a plan that cannot be made.
pub fn refusal(refused: super::generator::Unsatisfiable) -> Error {
    Error::with(Code::ProgramUnsatisfiable, refused.message).extra("constraint", refused.constraint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferred_weekdays_are_counted_from_the_first_day() {
        let wednesday = Date::parse("2026-06-03").unwrap();

        // Monday and Friday.
        assert_eq!(days_from(None, &[0, 4]), 0b001_0001);
        assert_eq!(days_from(Some(wednesday), &[0, 4]), 0b010_0100);
    }

    #[test]
    fn a_profile_in_the_words_of_the_vocabulary_is_understood() {
        assert_eq!(goal_of("Fat loss"), Some(Goal::FatLoss));
        assert_eq!(goal_of("Run a marathon"), None);
        assert_eq!(items(&["bands".to_owned(), "skis".to_owned()]).1, [1]);
    }
}
