//! The exercise catalogue: what must hold of its data.

use std::collections::{BTreeMap, BTreeSet};

use cadence::exercises::catalogue::{Catalogue, Exercise, Level, Muscle, Pattern, Tag};
use cadence::programs::generator::policy::{self, Limitation, Profile};

fn all() -> &'static [Exercise] {
    &Catalogue::embedded().exercises
}

fn missing(found: Vec<String>) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_catalogue_is_read_and_names_its_version() {
    assert!(all().len() >= 180, "{} exercises", all().len());
    assert!(Catalogue::embedded().version.len() > 10);
}

#[test]
fn slugs_and_names_are_unique_and_slugs_are_kebab_case() {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for exercise in all() {
        let kebab = exercise
            .slug
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !kebab || exercise.slug.starts_with('-') || exercise.slug.len() > 60 {
            found.push(format!("{} is no slug", exercise.slug));
        }
        let names = std::iter::once(&exercise.name).chain(&exercise.aliases);
        let names = names.map(|name| name.to_lowercase());
        for name in names.collect::<BTreeSet<String>>() {
            if let Some(other) = seen.insert(name.clone(), &exercise.slug) {
                found.push(format!("{name} is both {other} and {}", exercise.slug));
            }
        }
    }
    let slugs: BTreeSet<&str> = all().iter().map(|e| e.slug.as_str()).collect();
    assert_eq!(slugs.len(), all().len());
    missing(found);
}

#[test]
fn each_exercise_says_what_it_trains_and_how() {
    let mut found = Vec::new();
    for exercise in all() {
        let slug = &exercise.slug;
        let nothing = matches!(exercise.pattern, Pattern::Cardio | Pattern::Mobility);
        if exercise.primary.is_empty() != nothing {
            found.push(format!("{slug}: primary muscles"));
        }
        if exercise
            .secondary
            .iter()
            .any(|muscle| exercise.primary.contains(muscle))
        {
            found.push(format!("{slug}: a muscle is both primary and secondary"));
        }
        let cue = exercise.cue.as_deref().unwrap_or_default();
        if cue.len() < 15 || cue.len() > 120 || cue.contains('\n') || !cue.ends_with('.') {
            found.push(format!("{slug}: {cue}"));
        }
        if exercise
            .joint_stress
            .values()
            .any(|stress| !(1..=3).contains(stress))
        {
            found.push(format!("{slug}: joint stress"));
        }
    }
    missing(found);
}

#[test]
fn regressions_and_progressions_exist_and_never_turn_round() {
    let catalogue = Catalogue::embedded();
    let mut found = Vec::new();
    for exercise in all() {
        for (next, harder) in [(&exercise.regression, false), (&exercise.progression, true)] {
            let Some(next) = next else { continue };
            let Some(other) = catalogue.get(next) else {
                found.push(format!("{}: there is no {next}", exercise.slug));
                continue;
            };
            let (easy, hard) = if harder {
                (exercise, other)
            } else {
                (other, exercise)
            };
            if easy.level > hard.level {
                found.push(format!(
                    "{} is easier than {} and of a higher level",
                    easy.slug, hard.slug
                ));
            }
        }
        for step in [
            |e: &Exercise| e.regression.clone(),
            |e: &Exercise| e.progression.clone(),
        ] {
            let mut at = exercise.slug.clone();
            let mut seen = BTreeSet::new();
            while let Some(next) = catalogue.get(&at).and_then(step) {
                if !seen.insert(next.clone()) {
                    found.push(format!("{}: goes round by {next}", exercise.slug));
                    break;
                }
                at = next;
            }
        }
    }
    missing(found);
}

#[test]
fn a_beginner_has_two_choices_of_each_pattern_whatever_the_equipment() {
    let mut found = Vec::new();
    for (pattern_name, pattern) in Pattern::CHOICES {
        for (profile_name, profile) in Profile::CHOICES {
            let choices = all().iter().filter(|exercise| {
                exercise.pattern == *pattern
                    && exercise.level == Level::Beginner
                    && exercise.item_bits() & !profile.items() == 0
            });
            let count = choices.count();
            if count < 2 {
                found.push(format!("{pattern_name} with {profile_name}: {count}"));
            }
        }
    }
    missing(found);
}

#[test]
fn each_limitation_leaves_a_choice_for_each_muscle() {
    let mut found = Vec::new();
    for (name, limitation) in Limitation::CHOICES {
        let avoided: u64 = policy::avoided(*limitation)
            .iter()
            .map(|tag| tag.bit())
            .sum();
        for (muscle_name, muscle) in Muscle::CHOICES {
            let left = all().iter().filter(|exercise| {
                exercise.primary.contains(muscle) && exercise.tag_bits() & avoided == 0
            });
            if left.count() == 0 {
                found.push(format!("{muscle_name} with {name}"));
            }
        }
    }
    missing(found);
}

#[test]
fn the_policy_names_only_exercises_that_exist_and_that_fit() {
    let catalogue = Catalogue::embedded();
    let mut found = Vec::new();
    for (name, pattern) in Pattern::CHOICES {
        for slug in policy::staples(*pattern) {
            if catalogue
                .get(slug)
                .is_none_or(|exercise| exercise.pattern != *pattern)
            {
                found.push(format!("{slug} is no {name}"));
            }
        }
    }
    for (name, limitation) in Limitation::CHOICES {
        for slug in policy::preferred(*limitation) {
            let avoided = policy::avoided(*limitation);
            let fits = |exercise: &Exercise| !exercise.tags.iter().any(|tag| avoided.contains(tag));
            if !catalogue.get(slug).is_some_and(fits) {
                found.push(format!("{slug} with {name}"));
            }
        }
    }
    for slug in policy::WARM_UPS {
        if catalogue
            .get(slug)
            .is_none_or(|exercise| exercise.pattern != Pattern::Cardio)
        {
            found.push(format!("{slug} is no warm-up"));
        }
    }
    missing(found);
}

#[test]
fn every_word_of_the_vocabularies_is_used() {
    let mut found = Vec::new();
    for (name, tag) in Tag::CHOICES {
        // Nobody needs a behind-the-neck press in a catalogue; a coach's own exercise may be one.
        if *tag != Tag::BehindNeck && !all().iter().any(|exercise| exercise.tags.contains(tag)) {
            found.push(format!("tag {name}"));
        }
    }
    for (name, item) in cadence::exercises::catalogue::Item::CHOICES {
        if !all()
            .iter()
            .any(|exercise| exercise.equipment.contains(item))
        {
            found.push(format!("item {name}"));
        }
    }
    for (name, muscle) in Muscle::CHOICES {
        if !all()
            .iter()
            .any(|exercise| exercise.primary.contains(muscle))
        {
            found.push(format!("muscle {name}"));
        }
    }
    missing(found);
}
