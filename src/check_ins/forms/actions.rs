//! What can be done with forms.

use super::{FORMS_MAX, Form, FormPatch, store};
use crate::api::etag::IfMatch;
use crate::caller::{CheckinsWrite, Permit};
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::ids::FormId;

fn json(form: &Form) -> Result<String> {
    serde_json::to_string(&form.questions).map_err(Error::internal)
}

/// Adds a form.
pub fn create(tx: &Tx<'_>, permit: &Permit<CheckinsWrite>, form: &Form) -> Result<()> {
    let tenant = permit.tenant();
    if store::all(tx, tenant)?.len() >= FORMS_MAX {
        let message = format!("There are {FORMS_MAX} forms already, which is the most.");
        return Err(Error::with(Code::StateConflict, message));
    }
    let questions = json(form)?;
    store::insert(tx, tenant, form, &questions)?;
    store::insert_version(tx, tenant, form, &questions)
}

/// Makes the next version of a form. A patch that changes nothing makes none.
pub fn update(
    tx: &Tx<'_>,
    permit: &Permit<CheckinsWrite>,
    id: FormId,
    if_match: &IfMatch,
    patch: FormPatch,
) -> Result<Form> {
    let (tenant, now) = (permit.tenant(), permit.now());
    let former = store::find(tx, tenant, id)?.ok_or_else(Error::not_found)?;
    if_match.check(former.version)?;
    let mut form = former.clone();
    form.name = patch.name.unwrap_or(form.name);
    form.questions = patch.questions.unwrap_or(form.questions);
    if form == former {
        return Ok(former);
    }
    let built_in = former.created_at.is_none();
    form.version += 1;
    form.created_at = form.created_at.or(Some(now));
    form.updated_at = Some(now);
    let questions = json(&form)?;
    if built_in {
        store::insert(tx, tenant, &form, &questions)?;
        let first = Form {
            updated_at: Some(now),
            ..former
        };
        store::insert_version(tx, tenant, &first, &json(&first)?)?;
    } else {
        store::update(tx, tenant, &form, &questions)?;
    }
    store::insert_version(tx, tenant, &form, &questions)?;
    Ok(form)
}
