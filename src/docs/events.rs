//! `/docs/events`: every type of event with a sample.

use maud::html;
use serde_json::Value;

use super::{Draft, code, pretty};
use crate::events::EventType;
use crate::events::samples::sample;
use crate::openapi;

/// An event of a type whose object is shown whole where the reference has an example of it.
fn whole_sample(kind: EventType) -> Value {
    let mut event = sample(kind);
    let schema = match event["data"]["object"]["object"].as_str() {
        Some("client") => "ClientBody",
        Some("message") => "MessageBody",
        Some("api_key") => "KeyBody",
        Some("rate_limit") => "RateLimitBody",
        _ => return event,
    };
    if let Some(mut object) = openapi::example(schema) {
        object["livemode"] = event["livemode"].clone();
        event["data"]["object"] = object;
    }
    event
}

pub(super) fn page() -> Draft {
    Draft {
        path: "/docs/events".to_owned(),
        title: "Events".to_owned(),
        content: html! {
            h1 { "Events" }
            p.lead { "Whatever happens is recorded in the transaction in which it happens: there is no event for what was undone, and none is missing." }
            p { "Read them with " code { "GET /v1/events" } "; " code { "sequence" } " counts per workspace and mode, in the order of commits, so " code { "after" } " reads the feed without a gap or a repeat. Each type belongs to a scope: a credential sees the types whose scope it holds. " code { "data.previous" } " has the former values of what a change changed." }
            ul.jump {
                @for kind in EventType::ALL { li { a href={ "#" (kind.name()) } { (kind.name()) } } }
            }
            @for kind in EventType::ALL {
                section.error id=(kind.name()) aria-labelledby={ (kind.name()) "-title" } {
                    h2 id={ (kind.name()) "-title" } { a.anchor href={ "#" (kind.name()) } { (kind.name()) } }
                    p { (kind.words()) }
                    p.field-limits { "Scope " code { (kind.scope().name()) } }
                    details { summary { "Sample" } (code("Sample", "answer", &pretty(&whole_sample(*kind)))) }
                }
            }
        },
    }
}
