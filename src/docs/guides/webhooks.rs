//! `/docs/guides/webhooks`: how to be told, and how to know who tells.

use maud::{Markup, html};

use super::super::{Draft, code};

/// The same check in four languages, which need nothing but their own library: name and text.
const VERIFY: &[(&str, &str, &str)] = &[
    ("Python", "python", include_str!("verify.py")),
    ("JavaScript", "javascript", include_str!("verify.mjs")),
    ("Ruby", "ruby", include_str!("verify.rb")),
    ("Go", "go", include_str!("verify.go")),
];

const REGISTER: &str = "curl -X POST \"$CADENCE_BASE_URL/v1/webhooks\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"url\": \"https://example.com/webhooks\", \"events\": [\"client.*\"]}'";

const DELIVERY: &str = "POST /webhooks HTTP/1.1\nhost: example.com\nuser-agent: Cadence/0.1.0\ncontent-type: application/json\nwebhook-id: evt_01jwtq3xg0e8k9c3v5r7t9w1y3\nwebhook-timestamp: 1780488000\nwebhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n\n{\"type\":\"client.created\",\"timestamp\":\"2026-06-03T12:00:00.000Z\",\"data\":{\"object\":{…}},\n \"id\":\"evt_01jwtq3xg0e8k9c3v5r7t9w1y3\",\"object\":\"event\",\"livemode\":true,\n \"created_at\":\"2026-06-03T12:00:00.000Z\",\"sequence\":42,\"endpoint_sequence\":17,\n \"request\":{\"id\":\"req_01jwtq3xg0e8k9c3v5r7t9w1y5\",\"idempotency_key\":null}}";

const LISTEN: &str = "export CADENCE_BASE_URL=http://localhost:4780\nexport CADENCE_API_KEY=cdnsk_test_…\ncadence listen --forward-to localhost:3000/webhooks\n\n# elsewhere\ncadence trigger client.created";

const VECTOR: &str = "secret     whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nid         msg_p5jXN8AQM9LWM0D4loKWxJek\ntimestamp  1614265330\nbody       {\"test\": 2432232314}\nsignature  v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

pub(in crate::docs) fn page() -> Draft {
    Draft {
        path: "/docs/guides/webhooks".to_owned(),
        title: "Webhooks".to_owned(),
        content: html! {
            h1 { "Webhooks" }
            p.lead { "A webhook is an address of yours that is told what happens, as it happens. Deliveries follow the Standard Webhooks specification: they are signed, tried until they are taken, and logged." }
            (begin())
            (verify())
            (deliver())
            (develop())
        },
    }
}

fn begin() -> Markup {
    html! {
        h2 #register { "Register" }
        (code("Register a webhook", "sh", REGISTER))
        p { "The answer holds " code { "secret" } ", which is shown this once. " code { "events" } " takes types, such as " code { "client.created" } ", patterns, such as " code { "client.*" } ", and " code { "*" } " for all that the caller may read; " a href="/docs/events" { "Events" } " lists them. The webhook keeps the scopes that its maker held when " code { "events" } " was last set, whatever becomes of the key. At most 50 in each mode; nothing is sent on registration." }
        p { "The address must be https and on the public internet: it is checked when it is saved and again at each connection, and redirects are not followed. A test webhook may also be http to this very machine, as long as the server listens on loopback alone and nobody comes to it through a proxy." }
        h2 #delivery { "What is sent" }
        (code("A delivery", "http", DELIVERY))
        p { code { "webhook-id" } " is the event's id, the same at each try: keep the ids that you have dealt with, since an event can come twice. " code { "endpoint_sequence" } " counts what this webhook is sent, without holes: whoever saw 7 and 9 has missed 8. Order is not guaranteed." }
    }
}

fn verify() -> Markup {
    html! {
        h2 #verify { "Verify the signature" }
        p { "Anybody can post to your address; only Cadence and you know the secret. Hash the bytes as they came, before any parsing, and compare in constant time. A time more than five minutes off is a delivery that somebody recorded." }
        @for (name, language, text) in VERIFY { (code(name, language, text)) }
        p { "The signed text is " code { "id.timestamp.body" } ", the key is what follows " code { "whsec_" } " in base64. To check an implementation:" }
        (code("A known signature", "text", VECTOR))
        p { "After " code { "POST /v1/webhooks/{id}/rotate-secret" } " deliveries bear both signatures, separated by a space, for " code { "grace_seconds" } " (a day if left out)." }
    }
}

fn deliver() -> Markup {
    html! {
        h2 #answer { "Answer" }
        p { "2xx within 15 seconds is success, anything else is not. Answer first and work afterwards. 410 disables the webhook. " code { "Retry-After" } " is heeded, up to a day. Of an answer 64 KiB are read and 4 KiB kept for the log." }
        h2 #retries { "When it fails" }
        p { "A delivery is tried again after 5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours, each 20 % more or less. While your receiver takes nothing at all, one delivery tries it in each five minutes and the rest wait; the first that is taken releases all of them, in order. A backlog that would take longer than half a minute one by one is sent up to eight at a time." }
        p { "After three days of nothing but failure the webhook is disabled: what waited is cancelled and " code { "webhook.disabled" } " is recorded. Enable it again with " code { "PATCH" } ", and make up for what it missed with " code { "POST /v1/webhooks/{id}/replay" } " and its " code { "replay_since" } "." }
        p { code { "GET /v1/webhooks/{id}/deliveries" } " is the log; " code { "GET /v1/deliveries/{id}" } " shows what was sent and each try with its answer; " code { "POST /v1/deliveries/{id}/retry" } " tries it at once. Events and their deliveries are kept for 90 days (" code { "events.keep_days" } ")." }
    }
}

fn develop() -> Markup {
    html! {
        h2 #develop { "On your machine" }
        p { "No webhook has to be registered and no port opened: " code { "cadence listen" } " follows the stream of events and posts each to a program of yours, signed with a secret that stays the same as long as the key does." }
        (code("Forward events", "sh", LISTEN))
        p { "Or look at deliveries without any receiver: each test workspace has an inbox at the address that " code { "GET /v1/test/inbox" } " gives. Register it as a webhook, and " code { "GET /v1/test/inbox/messages" } " shows headers, body and whether the signature is valid; " code { "PATCH /v1/test/inbox" } " makes it answer 500, 410 or too late." }
        h2 #stream { "Without a webhook" }
        p { code { "GET /v1/events/stream" } " is the same feed as server-sent events; " code { "Last-Event-ID" } " goes on where it ended. " code { "GET /v1/events?after=" } " reads it page by page." }
    }
}
