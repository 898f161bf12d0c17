//! Joining by the install link, at `/app/join`.
//!
//! The link's secret is in the fragment, which browsers keep to themselves: a script reads it and
//! sends it when the client has agreed. So a mail scanner that opens the link changes nothing, and no
//! log on the way has the secret. Without a script the page says so.
//!
//! The page holds nothing of anybody. The words of the consents come from the one table that their
//! versions stand in.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, html};

use crate::clients::sessions::CONSENTS;
use crate::dashboard::{self, Found, Page};

static JOIN: LazyLock<Page> = LazyLock::new(|| framed("Join your coach", "client/join.js", join()));

/// What there is at a path.
pub fn page(path: &str) -> Option<Found> {
    match path {
        "/app/join" => Some(Found::Page(&JOIN)),
        "/app" => Some(Found::Elsewhere("/app/")),
        _ => None,
    }
}

fn framed(title: &str, script: &str, content: Markup) -> Page {
    let assets = dashboard::assets().trim_end_matches('/');
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                meta name="referrer" content="no-referrer";
                link rel="icon" type="image/svg+xml" href={ (assets) "/icon.svg" };
                @for style in ["styles/tokens.css", "styles/base.css", "styles/components.css", "client/client.css"] {
                    link rel="stylesheet" href={ (assets) "/" (style) };
                }
                script type="module" src={ (assets) "/" (script) } {}
            }
            body.client { main #content { (content) } }
        }
    };
    Page::new(&html.into_string())
}

/// A state of a page: the script shows one of them.
fn state(name: &str, title: &str, content: Markup) -> Markup {
    html! {
        section hidden data-state=(name) { h1 tabindex="-1" { (title) } (content) }
    }
}

fn needs_script(what: &str) -> Markup {
    html! {
        noscript {
            h1 { "JavaScript is switched off" }
            p { (what) }
            p { "Switch JavaScript on for this page, or open the link in another browser." }
        }
    }
}

/// Every way in which a link does not work, and what to do.
fn dead_ends() -> Markup {
    let ask =
        "Ask your coach for a new link. It takes them a moment, and nothing of yours is lost.";
    let again = html! {
        p { "Have you used the app before? " a href="/app/sign-in" { "Come back by a code" } "." }
    };
    html! {
        (state("broken", "This link is not whole", html! {
            p { "Part of it is missing. That happens when a link is copied by hand or broken over two lines." }
            p { "Go back to the message it came in and tap it there, or copy all of it." }
        }))
        (state("expired", "This link has expired", html! { p { "A link works for 14 days." } p { (ask) } (again) }))
        (state("used", "This link does not work any more", html! {
            p { "It was used already, or your coach has sent a newer one." }
            p { (ask) }
            (again)
            p data-already hidden { "You are signed in on this device: " a href="/app/" { "open the app" } "." }
        }))
    }
}

fn join() -> Markup {
    html! {
        (needs_script("The secret of your link stays on your device: a small program on this page sends it when you agree. It cannot do that now."))
        (state("ask", "Join your coach", html! {
            p.lead { "You were invited to be coached here. Before you begin, please read what you agree to." }
            form #join novalidate {
                fieldset {
                    legend { "I agree" }
                    @for consent in CONSENTS {
                        @let id = format!("consent-{}", consent.kind);
                        div.consent {
                            label for=(id) {
                                input type="checkbox" id=(id) name=(consent.kind) required[consent.required]
                                    aria-describedby=[consent.required.then(|| format!("{id}-fault"))];
                                span {
                                    (consent.words)
                                    @if !consent.required { " " span.muted { "(optional)" } }
                                }
                            }
                            @if consent.required {
                                p.consent-fault id={ (id) "-fault" } hidden { "Nobody can join without this." }
                            }
                        }
                    }
                }
                p.form-fault role="alert" hidden data-fault {}
                button.button.primary.wide type="submit" { "Join" }
                p.muted.small { "You stay signed in on this device. You can sign out at any time." }
            }
        }))
        (dead_ends())
    }
}
