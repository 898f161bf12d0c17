//! The pages of signing in and of consent: plain HTML forms that work without script.
//!
//! Everything that an app chose is text, escaped by construction; of its logo nothing is shown, since
//! it would have to be fetched from somewhere. The style sheet is ours and comes from this server.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Request;
use crate::access::oauth::redirect;
use crate::caller::{Scope, Scopes};
use crate::idempotency::Answer;

/// The style sheet of these pages.
pub const STYLE: &str = include_str!("pages.css");
/// The icon of these pages.
pub const ICON: &str = include_str!("../../../../static/icon.svg");
/// Where it is.
pub const ICON_PATH: &str = "/oauth/icon.svg";
/// Where the style sheet is.
pub const STYLE_PATH: &str = "/oauth/pages.css";

/// The form of every page.
fn page(title: &str, content: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Cadence" }
                link rel="icon" type="image/svg+xml" href=(ICON_PATH);
                link rel="stylesheet" href=(STYLE_PATH);
            }
            body {
                main {
                    p.brand { img src=(ICON_PATH) alt="" width="26" height="26"; "Cadence" }
                    (content)
                }
            }
        }
    }
    .into_string()
}

/// A page as an answer. `target` is where a form on it may lead in the end: browsers apply the
/// policy to the whole chain of redirects.
pub fn answer(status: u16, html: String, target: Option<&str>) -> Answer {
    let mut answer = Answer::bytes(status, "text/html; charset=utf-8", html.into_bytes());
    let target = target.map(redirect::form_target).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {target}; \
        frame-ancestors 'none'; base-uri 'none'"
    );
    answer.headers.push(("Content-Security-Policy", policy));
    answer
        .headers
        .push(("Cache-Control", "no-store".to_owned()));
    answer
}

/// A page that says why nothing goes on here.
pub fn dead_end(status: u16, words: &str, again: Option<&str>) -> Answer {
    let content = html! {
        h1 { "This does not work" }
        p { (words) }
        @if let Some(again) = again {
            p { a.button href=(again) { "Start again" } }
        } @else {
            p.small { "Go back to the app and try again, or ask whoever makes it." }
        }
    };
    answer(status, page("This does not work", &content), None)
}

/// What the sign-in form shows.
#[derive(Debug, Default)]
pub struct SignIn<'p> {
    /// The query of the request that it leads back to.
    pub query: &'p str,
    /// The app that asks, if it is known.
    pub app: Option<&'p str>,
    /// Where the answer goes in the end, if that is known.
    pub target: Option<&'p str>,
    /// What was typed as e-mail.
    pub email: &'p str,
    /// What went wrong.
    pub wrong: Option<&'p str>,
}

/// The sign-in form.
pub fn sign_in(status: u16, shown: &SignIn<'_>) -> Answer {
    let action = format!("/oauth/sign-in?{}", shown.query);
    let content = html! {
        h1 { "Sign in" }
        @if let Some(app) = shown.app {
            p { strong.name { (app) } " wants to use your coaching account. Sign in to decide." }
        }
        @if let Some(wrong) = shown.wrong {
            p.wrong role="alert" { (wrong) }
        }
        form method="post" action=(action) {
            label for="email" { "E-mail" }
            input type="email" id="email" name="email" value=(shown.email) autocomplete="username"
                required autofocus[shown.email.is_empty()];
            label for="password" { "Password" }
            input type="password" id="password" name="password" autocomplete="current-password"
                required autofocus[!shown.email.is_empty()];
            button type="submit" { "Sign in" }
        }
    };
    answer(status, page("Sign in", &content), shown.target)
}

/// What the consent form shows beside the request.
#[derive(Debug)]
pub struct Consent<'p> {
    /// The query of the request.
    pub query: &'p str,
    /// The ticket.
    pub ticket: &'p str,
    /// The person: name and e-mail.
    pub person: (&'p str, &'p str),
    /// Who registered the app: account and workspace.
    pub registrar: (&'p str, &'p str),
    /// The workspaces to choose from: id and name.
    pub workspaces: &'p [(String, String)],
    /// What is asked for.
    pub scopes: Scopes,
    /// What went wrong.
    pub wrong: Option<&'p str>,
}

/// Scopes that reach further than the daily work.
fn is_far_reaching(scope: Scope) -> bool {
    !scope.is_public()
}

fn scopes(shown: &Consent<'_>) -> Markup {
    html! {
        fieldset {
            legend { "What it may do" }
            @for scope in shown.scopes.iter() {
                label.choice {
                    input type="checkbox" name="scope" value=(scope.name()) checked;
                    span {
                        (scope.words())
                        @if is_far_reaching(scope) { " " em.far { "far-reaching" } }
                        br;
                        code { (scope.name()) }
                    }
                }
            }
            p.small { "Untick what you do not want to allow." }
        }
    }
}

fn workspaces(shown: &Consent<'_>, mode: &str) -> Markup {
    let data = PreEscaped(match mode {
        "live" => "<strong>live data</strong>: your real clients",
        _ => "<strong>test data</strong> only: no real client",
    });
    html! {
        @match shown.workspaces {
            [(id, name)] => {
                input type="hidden" name="workspace" value=(id);
                p { "Workspace " strong.name { (name) } ", " (data) "." }
            }
            many => {
                label for="workspace" { "Workspace" }
                select id="workspace" name="workspace" {
                    @for (id, name) in many { option value=(id) { (name) } }
                }
                p { "In it, " (data) "." }
            }
        }
    }
}

/// The consent form.
pub fn consent(status: u16, request: &Request, shown: &Consent<'_>) -> Answer {
    let action = format!("/oauth/authorize?{}", shown.query);
    let other = format!("/oauth/sign-in?{}", shown.query);
    let app = &request.app;
    let destination = redirect::destination(&request.redirect_uri);
    let on_this_computer = redirect::is_on_this_computer(&request.redirect_uri);
    let title = format!("Allow {}?", app.name);
    let content = html! {
        h1 { "Allow " span.name { (app.name) } " to act for you?" }
        dl {
            dt { "App" }
            dd {
                span.name { (app.name) }
                @if let Some(uri) = &app.client_uri {
                    br;
                    a href=(uri) rel="noopener noreferrer nofollow" { (uri) }
                }
            }
            dt { "Registered by" }
            dd { span.name { (shown.registrar.0) } ", " span.name { (shown.registrar.1) } }
            dt { "Goes back to" }
            dd { strong.host { (destination) } }
            dt { "You are" }
            dd {
                span.name { (shown.person.0) } " (" (shown.person.1) ") · "
                a.again href=(other) { "not you?" }
            }
        }
        @if on_this_computer {
            p.warning {
                "The answer goes to a program on this computer. Allow it only if you started that \
                program yourself, just now."
            }
        }
        @if let Some(wrong) = shown.wrong { p.wrong role="alert" { (wrong) } }
        form method="post" action=(action) {
            input type="hidden" name="ticket" value=(shown.ticket);
            (workspaces(shown, app.tenant.mode().name()))
            (scopes(shown))
            div.decision {
                button type="submit" name="decision" value="deny" { "Deny" }
                button type="submit" name="decision" value="allow" { "Allow" }
            }
        }
        p.small {
            "Cadence has not checked this app. You can take your permission back at any time in the \
            dashboard, under Apps with access."
        }
    };
    answer(status, page(&title, &content), Some(&request.redirect_uri))
}
