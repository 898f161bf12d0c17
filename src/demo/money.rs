//! The part of the sample data that tells of payments: one a month and client; one that failed, one
//! that is pending, some that were given back.

use super::home;
use super::seed::{PlannedClient, Seed};
use super::stories::STORIES;
use crate::caller::{PaymentsWrite, Tenant};
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{ClientId, PaymentId, RefundId};
use crate::payments::actions::{Occasion, begin, refund, settle};
use crate::payments::{Failure, Method, NewRefund, Outcome, Payment, Status};

/// What a client pays a month: address, amount, currency, how.
const FEES: &[(&str, i64, &str, Method)] = &[
    (
        "mira.okafor@sample.example",
        11_000,
        "gbp",
        Method::Simulated,
    ),
    (
        "tomas.leal@sample.example",
        12_900,
        "eur",
        Method::Simulated,
    ),
    (
        "ingrid.solheim@sample.example",
        150_000,
        "nok",
        Method::Manual,
    ),
    (
        "dario.conti@sample.example",
        18_900,
        "eur",
        Method::Simulated,
    ),
    (
        "yuki.tanabe@sample.example",
        14_000,
        "jpy",
        Method::Simulated,
    ),
    (
        "ben.achterberg@sample.example",
        8_900,
        "eur",
        Method::Simulated,
    ),
    (
        "aaliyah.haddad@sample.example",
        16_900,
        "usd",
        Method::Simulated,
    ),
    (
        "petr.novotny@sample.example",
        9_900,
        "eur",
        Method::Simulated,
    ),
    (
        "grace.muthoni@sample.example",
        990_000,
        "kes",
        Method::Simulated,
    ),
    (
        "luca.ferri@sample.example",
        12_900,
        "eur",
        Method::Simulated,
    ),
    (
        "noor.vandijk@sample.example",
        14_900,
        "eur",
        Method::Simulated,
    ),
    (
        "elena.petrova@sample.example",
        9_900,
        "eur",
        Method::Simulated,
    ),
];

/// The one whose card was declined, so many days ago.
const DECLINED: (&str, i64) = ("grace.muthoni@sample.example", 3);
/// The one whose payment has not come through yet.
const PENDING: &str = "dario.conti@sample.example";
/// Who was given something back, how many days ago, how much of a hundred, and why.
const REFUNDS: &[(&str, i64, i64, &str)] = &[
    ("luca.ferri@sample.example", 6, 50, "On hold for the exams."),
    (
        "petr.novotny@sample.example",
        10,
        100,
        "The season began before the month did.",
    ),
];

/// What a card that is declined is answered with.
pub(super) const CARD_DECLINED: Failure = Failure {
    code: "card_declined",
    message: "The card was declined.",
};

fn payment(
    client_id: ClientId,
    (amount, currency, method): (i64, &str, Method),
    at: Timestamp,
) -> Payment {
    let by_hand = method == Method::Manual;
    Payment {
        id: PaymentId::new(at),
        client_id,
        amount,
        currency: currency.to_owned(),
        amount_refunded: 0,
        status: if by_hand {
            Status::Succeeded
        } else {
            Status::Pending
        },
        method,
        description: Some("Coaching, one month".to_owned()),
        failure_code: None,
        failure_message: None,
        metadata: Vec::new(),
        refunds: Vec::new(),
        succeeded_at: by_hand.then_some(at),
        failed_at: None,
        version: 1,
        created_at: at,
        updated_at: at,
    }
}

/// Begins a payment and says at once what came of it.
fn pay(seed: &mut Seed<'_>, new: Payment, outcome: Outcome) -> Result<()> {
    let (at, server_now) = (new.created_at, seed.app.clock.now());
    let permit = seed.permit::<PaymentsWrite>(at)?;
    seed.filled.payments += 1;
    seed.at(at, move |tx| {
        begin(tx, &permit, &new, None, server_now)?;
        come_of(tx, (permit.tenant(), new.id), (at, server_now), outcome)
    });
    Ok(())
}

fn come_of(
    tx: &Tx<'_>,
    (tenant, id): (Tenant, PaymentId),
    (at, server_now): (Timestamp, Timestamp),
    outcome: Outcome,
) -> Result<()> {
    let origin = home::origin(at);
    let occasion = Occasion {
        origin: &origin,
        server_now,
    };
    settle(tx, tenant, occasion, id, outcome).map(drop)
}

/// A payment for each month in which a client was coached.
pub(super) fn payments(seed: &mut Seed<'_>) -> Result<()> {
    let planned: Vec<_> = STORIES.iter().zip(seed.clients.clone()).collect();
    for (email, amount, currency, method) in FEES {
        let client = planned.iter().find(|(story, _)| story.email == *email);
        let Some((_, client)) = client else {
            continue;
        };
        months(seed, client, (email, *amount, currency, *method))?;
    }
    Ok(())
}

fn months(
    seed: &mut Seed<'_>,
    client: &PlannedClient,
    (email, amount, currency, method): (&str, i64, &str, Method),
) -> Result<()> {
    let id = client.client.id;
    let fee = (amount, currency, method);
    let mut last = None;
    for month in 0..5 {
        let at = client.added_at.plus_ms(month * 30 * DAY_MS + 2 * HOUR_MS);
        let gone = client.archived_at.is_some_and(|gone| at >= gone);
        let near = email == DECLINED.0 && at > seed.ago(DECLINED.1 + 20, 0);
        // In a break nobody pays.
        let break_of = email.starts_with("yuki") && (1..4).contains(&month);
        if at >= seed.now || gone || near || break_of {
            continue;
        }
        let new = payment(id, fee, at);
        last = Some((new.id, new.amount, at));
        pay(seed, new, Outcome::Succeeded)?;
    }
    if email == DECLINED.0 {
        let at = seed.ago(DECLINED.1, 2);
        pay(seed, payment(id, fee, at), Outcome::Failed(CARD_DECLINED))?;
    }
    if email == PENDING {
        let at = seed.now.plus_ms(-7 * MINUTE_MS);
        let new = Payment {
            description: Some("Meet preparation, extra".to_owned()),
            ..payment(id, (6_005, currency, method), at)
        };
        pay(seed, new, Outcome::Pending(at.plus_ms(HOUR_MS)))?;
    }
    if let Some((_, days, percent, reason)) = REFUNDS.iter().find(|(whose, ..)| *whose == email)
        && let Some((id, amount, paid_at)) = last
    {
        let at = seed.ago(*days, 1).max(paid_at.plus_ms(HOUR_MS));
        let permit = seed.permit::<PaymentsWrite>(at)?;
        let new = NewRefund {
            amount: Some(amount * percent / 100),
            reason: Some((*reason).to_owned()),
        };
        seed.at(at, move |tx| {
            refund(tx, &permit, id, RefundId::new(at), new).map(drop)
        });
    }
    Ok(())
}

/// A payment of the present that fails, for the demo.
pub(super) fn decline(
    tx: &Tx<'_>,
    permit: &crate::caller::Permit<PaymentsWrite>,
    (client, now): (ClientId, Timestamp),
) -> Result<PaymentId> {
    let new = payment(client, (12_901, "eur", Method::Simulated), now);
    begin(tx, permit, &new, None, now)?;
    come_of(
        tx,
        (permit.tenant(), new.id),
        (now, now),
        Outcome::Failed(CARD_DECLINED),
    )?;
    Ok(new.id)
}
