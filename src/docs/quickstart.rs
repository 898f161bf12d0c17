//! `/docs`: from nothing to an answer.

use maud::html;

use super::{Draft, code};

/// The commands of the page, in their order: label and text. A test runs them.
pub(super) const COMMANDS: &[(&str, &str)] = &[
    (
        "1. The address and the key",
        "export CADENCE_BASE_URL=http://localhost:4780\nexport CADENCE_API_KEY=cdnsk_test_…",
    ),
    (
        "2. Ask who you are",
        "curl \"$CADENCE_BASE_URL/v1/whoami\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\"",
    ),
    (
        "Add a client, once however often it is sent",
        "curl -X POST \"$CADENCE_BASE_URL/v1/clients\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\" \\\n  -H \"Idempotency-Key: my-first-client\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"name\": \"Ana Prado\", \"email\": \"ana@example.com\"}'",
    ),
    (
        "Find her again",
        "curl \"$CADENCE_BASE_URL/v1/clients?email=ana@example.com\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\"",
    ),
    (
        "Import a whole list; first see what would happen",
        "printf 'First Name,Last Name,E-mail\\nRui,Costa,rui@example.com\\n' | \\\ncurl -X POST \"$CADENCE_BASE_URL/v1/clients/import?dry_run=true\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\" \\\n  -H \"Content-Type: text/csv\" \\\n  --data-binary @-",
    ),
    (
        "See what happened",
        "curl \"$CADENCE_BASE_URL/v1/events\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\"",
    ),
    (
        "Make a mistake, and see what it says",
        "curl -X POST \"$CADENCE_BASE_URL/v1/clients\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"name\": \"Rui\", \"emial\": \"rui@example.com\"}'",
    ),
];

fn command(number: usize) -> maud::Markup {
    html! {
        @if let Some((label, text)) = COMMANDS.get(number) { (code(label, "sh", text)) }
    }
}

pub(super) fn page() -> Draft {
    Draft {
        path: "/docs".to_owned(),
        title: "Quickstart".to_owned(),
        content: html! {
            h1 { "Quickstart" }
            p.lead { "Clients, messages, events and keys of a coaching business, as JSON over HTTP. From nothing to an answer takes a minute." }
            h2 #auth { "Auth in 60 seconds" }
            p { "Make a test key: in the dashboard under " a href="/dashboard/api-keys" { "API keys" } ", or with " code { "cadence key create --mode test" } " on the server's machine. Test mode is a world of its own: it sends no mail, and nothing in it is anybody's." }
            (command(0))
            (command(1))
            p { "The answer names your account, the workspace and the mode. " code { "401" } " says in its body what is wrong with the key." }
            h2 #first { "The first client" }
            (command(2))
            (command(3))
            p { "Send an " code { "Idempotency-Key" } " with each POST: run the first command again and you get the same answer, not a second client." }
            (command(4))
            h2 #events { "What happened" }
            (command(5))
            p { "Every change is an event; " a href="/docs/events" { "all types" } " are listed with a sample." }
            h2 #errors { "When something is wrong" }
            (command(6))
            p { "All faults are told at once, each with a stable code and what to do. " a href="/docs/errors" { "Every code" } " has a command that forces it in test mode, so that you can see your program handle it." }
            h2 #next { "And then" }
            ul {
                li { a href="/docs/guides/coaching" { "From a new client to a running program" } ": the loop that a coach lives in, a call a step." }
                li { a href="/docs/api" { "The reference" } ": every call with its fields, errors, samples in four languages and a console to try it." }
                li { a href="/openapi.json" { "openapi.json" } ": the same as data, for a generated client." }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::COMMANDS;

    #[test]
    fn no_command_holds_a_key() {
        let whole = |text: &str| text.contains("cdnsk_") && !text.contains("cdnsk_test_…");
        assert!(COMMANDS.iter().all(|(_, text)| !whole(text)));
    }
}
