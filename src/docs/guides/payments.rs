//! Payments: recording, the outcomes that test amounts force, refunds, and what happens when
//! something ends in the middle.

use maud::{Markup, html};

use crate::docs::{Draft, code};
use crate::payments::simulated::FORCED;
use crate::payments::{AMOUNT_MAX, REFUNDS_MAX};

const TAKE: &str = "curl -X POST \"$CADENCE_BASE_URL/v1/clients/$CLIENT_ID/payments\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -H \"Idempotency-Key: june-2026-ana\" \\\n  -d '{\"amount\": 12001, \"currency\": \"eur\", \"description\": \"June\"}'";

const DECLINED: &str = "HTTP/1.1 201 Created\n\n{\"object\": \"payment\", \"status\": \"failed\", \"failure_code\": \"card_declined\", …}";

pub(in crate::docs) fn page() -> Draft {
    Draft {
        path: "/docs/guides/payments".to_owned(),
        title: "Payments".to_owned(),
        content: html! {
            h1 { "Payments" }
            p.lead { "Cadence keeps what clients pay and moves no money of its own: cash and transfers are recorded by hand, and test mode has a processor that pretends." }
            (take())
            (forced())
            (once())
            (refunds())
        },
    }
}

fn take() -> Markup {
    html! {
        h2 #take { "Take a payment" }
        p { code { "amount" } " is in the minor unit of the currency, 1 to " (AMOUNT_MAX) ": 12000 of " code { "eur" } " are 120.00 euros, 12000 of " code { "jpy" } " are 12,000 yen. " code { "currency" } " is a code of ISO 4217 in any case, and is shown in lower case." }
        p { "In live mode the one method is " code { "manual" } ", which has succeeded once it is recorded. In test mode the default is " code { "simulated" } "." }
        (code("A payment that is declined", "sh", TAKE))
        (code("The answer", "http", DECLINED))
        p { "A decline is an outcome and no error: 201, " code { "status: failed" } ", a " code { "failure_code" } " that never changes and a " code { "failure_message" } " for people. The event is " code { "payment.failed" } ", or " code { "payment.succeeded" } "." }
    }
}

fn forced() -> Markup {
    html! {
        h2 #test-amounts { "Test amounts" }
        p { "The last two digits of a simulated amount choose what happens. Any other amount succeeds at once." }
        table {
            thead { tr { th scope="col" { "Amount" } th scope="col" { code { "status" } } th scope="col" { code { "failure_code" } } th scope="col" { "What it stands for" } } }
            tbody {
                @for forced in FORCED {
                    tr {
                        td { code { "…" (format!("{:02}", forced.ending)) } }
                        td { code { (forced.status()) } }
                        td { @if let Some(failure) = forced.failure_code() { code { (failure) } } @else { "–" } }
                        td { (crate::docs::markdown::inline(forced.words)) }
                    }
                }
            }
        }
        p { "What is pending is settled by a job: move the test clock with " code { "POST /v1/test/clock/advance" } " instead of waiting." }
    }
}

fn once() -> Markup {
    html! {
        h2 #once { "Once, whatever ends in the middle" }
        p { "Send an " code { "Idempotency-Key" } " with each payment, and repeat the request with the same key whenever you have no answer. The payment is written as " code { "pending" } " before its processor is asked, and the processor is asked by the payment's own id; so a server that ended in between asks again and nothing is taken twice. While a request with the key still runs, another is answered 409 " code { "idempotency_in_progress" } " with " code { "Retry-After" } ". A payment that nobody comes back for is settled within a minute or so." }
    }
}

fn refunds() -> Markup {
    html! {
        h2 #refunds { "Give back" }
        p { code { "POST /v1/payments/{payment_id}/refund" } " gives back all that is left, or " code { "amount" } " of it; up to " (REFUNDS_MAX) " times. More than is left is 409 " code { "state_conflict" } ", also when two refunds come at once. The payment becomes " code { "partially_refunded" } ", then " code { "refunded" } "; the event is " code { "payment.refunded" } "." }
    }
}
