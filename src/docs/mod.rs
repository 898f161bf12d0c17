//! The documentation: `/docs`, made of the program's own tables.
//!
//! The reference is made of the OpenAPI document, the errors of the table of codes, the events of
//! the table of event types. Every page can be read without a script; `static/docs/docs.js` adds the
//! filter, the choice of a language and the console in which calls are tried.
//!
//! Pages are made once, when the first is asked for, and hold nothing of anybody.

mod errors;
mod events;
mod guides;
mod markdown;
mod quickstart;
mod reference;
mod samples;
mod schema;

use std::sync::OnceLock;

use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use crate::api::route::Route;
use crate::dashboard::{self, Found, Page};
use crate::openapi;

pub use guides::OAUTH_EXAMPLE;

/// Every page by its path.
pub struct Docs(Vec<(String, Page)>);

/// A page before it is put into the frame.
struct Draft {
    path: String,
    title: String,
    content: Markup,
}

impl Docs {
    /// The pages of an API with these routes.
    pub fn new(routes: &[Route]) -> Self {
        // The document is our own: what it does not hold is not shown.
        let document: Value = serde_json::from_str(&openapi::document(routes)).unwrap_or_default();
        let mut drafts = vec![
            quickstart::page(),
            errors::page(),
            events::page(),
            guides::coaching(),
            guides::oauth(),
            guides::webhooks(),
            guides::payments(),
            reference::overview(&document),
        ];
        drafts.extend(reference::parts(&document));
        let contents = reference::contents(&document);
        let pages = drafts.into_iter().map(|draft| {
            let page = Page::new(&frame(&draft, &contents).into_string());
            (draft.path, page)
        });
        Self(pages.collect())
    }
}

/// What the documentation of these routes has for a path.
pub fn page(path: &str, routes: fn() -> Vec<Route>) -> Option<Found> {
    static DOCS: OnceLock<Docs> = OnceLock::new();
    if path == "/cadence/integrations" {
        // Where the first documentation of this API sent people for the list of events.
        return Some(Found::Moved("/docs/events"));
    }
    if !path.starts_with("/docs") {
        return None;
    }
    if path == "/docs/" {
        return Some(Found::Elsewhere("/docs"));
    }
    let docs = DOCS.get_or_init(|| Docs::new(&routes()));
    let found = docs.0.iter().find(|(own, _)| own == path);
    found.map(|(_, page)| Found::Page(page))
}

/// A part of the reference, as the contents list it.
struct Part {
    path: String,
    title: String,
    /// Anchor, method and summary of each operation.
    operations: Vec<(String, String, String)>,
}

fn frame(draft: &Draft, contents: &[Part]) -> Markup {
    let assets = dashboard::assets().trim_end_matches('/');
    let current = |path: &str| (path == draft.path).then_some("page");
    let pages = [
        ("/docs", "Quickstart"),
        ("/docs/api", "API reference"),
        ("/docs/errors", "Errors"),
        ("/docs/events", "Events"),
        ("/docs/guides/coaching", "A client’s program"),
        ("/docs/guides/oauth", "Apps and OAuth"),
        ("/docs/guides/webhooks", "Webhooks"),
        ("/docs/guides/payments", "Payments"),
    ];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (draft.title) " · Cadence" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                script src={ (assets) "/theme.js" } {}
                link rel="icon" type="image/svg+xml" href={ (assets) "/icon.svg" };
                @for style in ["styles/tokens.css", "styles/base.css", "styles/components.css", "docs/docs.css"] {
                    link rel="stylesheet" href={ (assets) "/" (style) };
                }
                script type="module" src={ (assets) "/docs/docs.js" } {}
            }
            body.docs {
                a.skip href="#content" { "Skip to the content" }
                header.docs-top {
                    a.docs-brand href="/docs" { "Cadence " span { "docs" } }
                    a.docs-out href="/openapi.json" { "openapi.json" }
                    a.docs-out href="/dashboard/" { "Dashboard" }
                }
                div.docs-frame {
                    nav.docs-nav aria-label="Documentation" {
                        details.docs-menu open {
                            summary { "Contents" }
                            div.docs-contents {
                                ul {
                                    @for (path, title) in pages {
                                        li { a href=(path) aria-current=[current(path)] { (title) } }
                                    }
                                }
                                @for part in contents {
                                    details open[part.path == draft.path] {
                                        summary { (part.title) }
                                        ul {
                                            li { a href=(part.path) aria-current=[current(&part.path)] { "Overview" span.unseen { " of " (part.title) } } }
                                            @for (anchor, method, summary) in &part.operations {
                                                li {
                                                    a href={ (part.path) "#" (anchor) } {
                                                        span.method data-method=(method) { (method) }
                                                        " " (summary)
                                                    }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                    main #content tabindex="-1" { (draft.content) }
                }
            }
        }
    }
}

/// A block of code with a name.
fn code(label: &str, language: &str, text: &str) -> Markup {
    html! {
        figure.sample data-language=(language) {
            figcaption { (label) }
            pre tabindex="0" role="group" aria-label=(label) { code { (text) } }
        }
    }
}

/// JSON as people read it.
fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
