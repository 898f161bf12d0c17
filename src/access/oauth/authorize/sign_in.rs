//! Signing in before a consent page: a form that works without script.
//!
//! It carries the query of the authorization request and nothing else, and leads back to that path:
//! there is no address in it that could lead elsewhere.

use serde_json::json;

use super::page::{self, SignIn};
use super::routes::{query, request, see_other};
use crate::access::oauth::error::Refusal;
use crate::access::oauth::form::Form;
use crate::access::sessions;
use crate::api::route::Incoming;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;

/// Where the form is.
pub const PATH: &str = "/oauth/sign-in";

/// The form that leads back to a request.
pub(super) fn path(query: &str) -> String {
    format!("{PATH}?{query}")
}

/// The form that a page sent; its names may repeat.
pub(super) fn form(incoming: &Incoming) -> std::result::Result<Form, Refusal> {
    Form::of_page(&incoming.body)
}

pub(super) async fn show(incoming: Incoming) -> Result<Answer> {
    answer(&incoming, 200, "", None)
}

fn answer(incoming: &Incoming, status: u16, email: &str, wrong: Option<&str>) -> Result<Answer> {
    let (request, _) = match request(incoming)? {
        Ok(request) => request,
        Err(page) => return Ok(page),
    };
    let shown = SignIn {
        query: query(incoming),
        app: Some(&request.app.name),
        target: Some(&request.redirect_uri),
        email,
        wrong,
    };
    Ok(page::sign_in(status, &shown))
}

pub(super) async fn submit(mut incoming: Incoming) -> Result<Answer> {
    if let Err(page) = request(&incoming)? {
        return Ok(page);
    }
    let form = form(&incoming).ok();
    let member = |name: &str| form.as_ref().and_then(|form| form.get(name)).unwrap_or("");
    let email = member("email").to_owned();
    let body = json!({ "email": email, "password": member("password") });
    let head = query(&incoming).to_owned();
    incoming.body = body.to_string().into();
    match sessions::routes::sign_in_with(&incoming).await {
        Ok(signed_in) => {
            let mut answer = see_other(format!("/oauth/authorize?{head}"));
            let cookies = signed_in.headers.into_iter();
            answer
                .headers
                .extend(cookies.filter(|(name, _)| *name == "Set-Cookie"));
            Ok(answer)
        }
        Err(error) => refused(&incoming, &email, &error),
    }
}

/// The form again, with what went wrong; whatever is wrong with address or password reads the same.
fn refused(incoming: &Incoming, email: &str, error: &Error) -> Result<Answer> {
    let code = error.code();
    let is_wrong = [
        Code::AuthInvalid,
        Code::ValidationFailed,
        Code::MalformedJson,
    ];
    if is_wrong.contains(&code) {
        let wrong = "The address and the password do not go together.";
        return answer(incoming, 401, email, Some(wrong));
    }
    if ![Code::RateLimited, Code::Overloaded].contains(&code) {
        return Err(Error::new(code));
    }
    let seconds = error.retry_after_s().unwrap_or(1);
    let wrong = format!("Too many attempts. Try again in {seconds} seconds.");
    let mut page = answer(incoming, code.status(), email, Some(&wrong))?;
    page.headers.push(("Retry-After", seconds.to_string()));
    Ok(page)
}
