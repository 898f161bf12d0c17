//! What can be done with the coach's own exercises.

use std::collections::BTreeMap;

use super::catalogue::{Catalogue, Exercise, Level, LoadType};
use super::{ExercisePatch, NewExercise, OWN_MAX, OwnExercise, slug_of, store};
use crate::api::etag::IfMatch;
use crate::caller::{Permit, ProgramsWrite};
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::ids::ExerciseId;

/// Makes an exercise ready to be written.
pub fn draft(permit: &Permit<ProgramsWrite>, new: NewExercise) -> OwnExercise {
    let now = permit.now();
    let exercise = Exercise {
        slug: new.slug.unwrap_or_else(|| slug_of(&new.name)),
        name: new.name,
        aliases: new.aliases.unwrap_or_default(),
        pattern: new.pattern,
        primary: new.primary,
        secondary: new.secondary.unwrap_or_default(),
        equipment: new.equipment.unwrap_or_default(),
        level: new.level.unwrap_or(Level::Beginner),
        unilateral: new.unilateral.unwrap_or(false),
        load_type: new.load_type.unwrap_or(LoadType::Weight),
        tags: new.tags.unwrap_or_default(),
        joint_stress: new.joint_stress.unwrap_or_default().into_iter().collect(),
        regression: new.regression,
        progression: new.progression,
        cue: new.cue,
    };
    OwnExercise {
        id: ExerciseId::new(now),
        exercise,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Adds an exercise.
pub fn create(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, own: &OwnExercise) -> Result<()> {
    let tenant = permit.tenant();
    let slug = own.exercise.slug.as_str();
    if Catalogue::embedded().get(slug).is_some() {
        let message = "The catalogue has an exercise of this slug.";
        return Err(Error::with(Code::AlreadyExists, message).extra("existing_id", slug));
    }
    if store::count(tx, tenant)? >= OWN_MAX {
        let message = format!("There are {OWN_MAX} exercises of your own already.");
        return Err(Error::with(Code::StateConflict, message));
    }
    if store::insert(tx, tenant, own)? {
        return Ok(());
    }
    let other = store::find(tx, tenant, slug)?;
    let other = other.ok_or_else(|| Error::bug("a slug is taken by nobody"))?;
    let message = "An exercise of your own has this slug.";
    Err(Error::with(Code::AlreadyExists, message).extra("existing_id", other.id.to_string()))
}

fn find(tx: &Tx<'_>, permit: &Permit<ProgramsWrite>, name: &str) -> Result<OwnExercise> {
    if Catalogue::embedded().get(name).is_some() {
        let message = "The exercises of the catalogue cannot be changed; add one of your own.";
        return Err(Error::with(Code::StateConflict, message));
    }
    store::find(tx, permit.tenant(), name)?.ok_or_else(Error::not_found)
}

/// Changes an exercise. A patch that changes nothing leaves its version alone.
pub fn update(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    name: &str,
    if_match: &IfMatch,
    patch: ExercisePatch,
) -> Result<OwnExercise> {
    let former = find(tx, permit, name)?;
    if_match.check(former.version)?;
    let exercise = patched(former.exercise.clone(), patch);
    if exercise == former.exercise {
        return Ok(former);
    }
    let own = OwnExercise {
        exercise,
        version: former.version + 1,
        updated_at: permit.now(),
        ..former
    };
    store::update(tx, permit.tenant(), &own)?;
    Ok(own)
}

fn patched(current: Exercise, patch: ExercisePatch) -> Exercise {
    let joint_stress = patch.joint_stress.map(BTreeMap::from_iter);
    Exercise {
        slug: current.slug,
        name: patch.name.unwrap_or(current.name),
        aliases: patch.aliases.unwrap_or(current.aliases),
        pattern: patch.pattern.unwrap_or(current.pattern),
        primary: patch.primary.unwrap_or(current.primary),
        secondary: patch.secondary.unwrap_or(current.secondary),
        equipment: patch.equipment.unwrap_or(current.equipment),
        level: patch.level.unwrap_or(current.level),
        unilateral: patch.unilateral.unwrap_or(current.unilateral),
        load_type: patch.load_type.unwrap_or(current.load_type),
        tags: patch.tags.unwrap_or(current.tags),
        joint_stress: joint_stress.unwrap_or(current.joint_stress),
        regression: patch.regression.apply(current.regression),
        progression: patch.progression.apply(current.progression),
        cue: patch.cue.apply(current.cue),
    }
}

/// Removes an exercise. Programs and logs that name it keep its slug.
pub fn delete(
    tx: &Tx<'_>,
    permit: &Permit<ProgramsWrite>,
    name: &str,
    if_match: &IfMatch,
) -> Result<()> {
    let former = find(tx, permit, name)?;
    if_match.check(former.version)?;
    store::delete(tx, permit.tenant(), &former.exercise.slug)
}
