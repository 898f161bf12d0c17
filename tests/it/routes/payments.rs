//! `/v1/clients/{client_id}/payments` and `/v1/payments`

use std::sync::Barrier;

use cadence::clock::{HOUR_MS, MINUTE_MS};
use cadence::payments::simulated::FORCED;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server, until};

struct Till {
    server: Server,
    key: Caller,
    client: String,
}

impl Till {
    fn open() -> Self {
        let server = Server::start();
        let key = server.key(server.coach("coach@example.com"), &[]);
        let client = client(&key, "ana@example.com");
        Self {
            server,
            key,
            client,
        }
    }

    fn path(&self) -> String {
        format!("/v1/clients/{}/payments", self.client)
    }

    fn pay(&self, amount: i64) -> Answer {
        let body = json!({ "amount": amount, "currency": "eur" });
        self.key.post(&self.path(), &body)
    }

    fn read(&self, id: &str) -> Value {
        self.key
            .get(&format!("/v1/payments/{id}"))
            .expect(200)
            .json()
    }

    /// The types of the events of payments, oldest first.
    fn events(&self) -> Vec<String> {
        let events = self.key.get("/v1/events?type=payment.*&limit=100");
        let mut types = events.expect(200).column("type");
        types.reverse();
        types
    }
}

fn client(key: &Caller, email: &str) -> String {
    let new = json!({ "name": "Ana", "email": email, "send_invite": false });
    key.post("/v1/clients", &new).expect(201).member("id")
}

#[test]
fn a_payment_by_hand_has_succeeded_once_it_is_recorded() {
    let till = Till::open();
    let body = json!({
        "amount": 12_001, "currency": "EUR", "method": "manual",
        "description": "June", "metadata": { "invoice": "7" },
    });

    let paid = till.key.post(&till.path(), &body).expect(201);

    let shown = paid.json();
    assert_eq!(shown["object"], "payment");
    assert_eq!(shown["livemode"], false);
    assert_eq!(shown["client_id"], till.client.as_str());
    assert_eq!(shown["amount"], 12_001);
    assert_eq!(shown["currency"], "eur");
    assert_eq!(shown["status"], "succeeded");
    assert_eq!(shown["method"], "manual");
    assert_eq!(shown["description"], "June");
    assert_eq!(shown["metadata"], json!({ "invoice": "7" }));
    assert_eq!(shown["failure_code"], Value::Null);
    assert_eq!(shown["refunds"], json!([]));
    assert_eq!(shown["succeeded_at"], "2026-06-03T12:00:00.000Z");
    let location = paid.header("location").expect("a location");
    assert_eq!(till.key.get(location).expect(200).json(), shown);
    assert_eq!(till.events(), ["payment.succeeded"]);
}

#[test]
fn each_ending_of_a_test_amount_forces_its_outcome() {
    let till = Till::open();

    for forced in FORCED {
        let paid = till.pay(12_000 + forced.ending).expect(201).json();

        assert_eq!(paid["method"], "simulated", "{}", forced.words);
        assert_eq!(paid["status"], forced.status(), "{}", forced.words);
        let code = forced.failure_code().map_or(Value::Null, Value::from);
        assert_eq!(paid["failure_code"], code, "{}", forced.words);
        assert_eq!(paid["failure_message"].is_null(), code.is_null());
        assert_eq!(paid["failed_at"].is_null(), code.is_null());
    }
    assert_eq!(till.pay(12_007).expect(201).member("status"), "succeeded");
    let codes: Vec<_> = FORCED
        .iter()
        .filter_map(cadence::payments::simulated::Forced::failure_code)
        .collect();
    let expected = [
        "card_declined",
        "insufficient_funds",
        "authentication_required",
        "processing_error",
    ];
    assert_eq!(codes, expected);
    let failed = ["payment.failed"; 4];
    let events = till.events();
    assert_eq!(events[..4], failed);
    assert_eq!(events[4..], ["payment.succeeded"; 2]);
}

#[test]
fn a_decline_tells_why_in_its_event() {
    let till = Till::open();
    let declined = till.pay(5_001).expect(201).json();

    let events = till
        .key
        .get("/v1/events?type=payment.failed")
        .expect(200)
        .json();

    assert_eq!(events["data"][0]["data"]["object"], declined);
    assert_eq!(declined["failure_message"], "The card was declined.");
    assert_eq!(declined["succeeded_at"], Value::Null);
}

#[test]
fn a_payment_that_stays_pending_succeeds_when_its_time_has_come() {
    let till = Till::open();
    let id = till.pay(9_905).expect(201).member("id");
    assert_eq!(till.read(&id)["status"], "pending");

    till.server.advance_ms(HOUR_MS - MINUTE_MS);
    till.server.run_jobs();
    assert_eq!(till.read(&id)["status"], "pending");
    till.server.advance_ms(MINUTE_MS);
    till.server.run_jobs();

    let paid = till.read(&id);
    assert_eq!(paid["status"], "succeeded");
    assert_eq!(paid["succeeded_at"], "2026-06-03T13:00:00.000Z");
    assert_eq!(till.events(), ["payment.succeeded"]);
    till.server.advance_ms(24 * HOUR_MS);
    till.server.run_jobs();
    assert_eq!(till.events(), ["payment.succeeded"]);
}

#[test]
fn the_moved_test_clock_settles_what_is_pending() {
    let till = Till::open();
    let id = till.pay(9_905).expect(201).member("id");

    let to = json!({ "to": "2026-06-03T14:00:00Z" });
    till.key.post("/v1/test/clock/advance", &to).expect(200);
    till.server.run_jobs();

    assert_eq!(
        till.read(&id)["succeeded_at"],
        "2026-06-03T13:00:00.000Z",
        "as of the hour at which it was due"
    );
}

#[test]
fn under_one_idempotency_key_a_client_is_charged_once() {
    let till = Till::open();
    let body = json!({ "amount": 12_000, "currency": "eur" });
    let pay = || till.key.post_once(&till.path(), "june", &body);
    let first = pay().expect(201);

    for _ in 0..3 {
        let again = pay().expect(201);
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }

    assert_eq!(till.server.rows("payments"), 1);
    assert_eq!(till.server.rows("saved_steps"), 0);
    assert_eq!(till.events(), ["payment.succeeded"]);
    let other = json!({ "amount": 12_100, "currency": "eur" });
    till.key
        .post_once(&till.path(), "june", &other)
        .refused(409, "idempotency_key_reused");
}

#[test]
fn a_decision_against_it_is_replayed_too() {
    let till = Till::open();
    till.key
        .act(&format!("/v1/clients/{}/archive", till.client))
        .expect(200);
    let body = json!({ "amount": 12_000, "currency": "eur" });
    let pay = || till.key.post_once(&till.path(), "june", &body);

    let first = pay().refused(409, "state_conflict");
    let again = pay().refused(409, "state_conflict");

    assert_eq!(again.body, first.body);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(till.server.rows("payments"), 0);
}

#[test]
fn while_a_processor_is_asked_its_key_is_in_progress() {
    let till = Till::open();
    let body = json!({ "amount": 9_906, "currency": "eur" });
    let pay = || till.key.post_once(&till.path(), "june", &body);

    let (first, meanwhile) = std::thread::scope(|scope| {
        let first = scope.spawn(pay);
        until("the intent", || till.server.rows("payments") == 1);
        let meanwhile = pay();
        (first.join().expect("an answer"), meanwhile)
    });

    let meanwhile = meanwhile.refused(409, "idempotency_in_progress");
    assert_eq!(meanwhile.header("retry-after"), Some("1"));
    assert_eq!(meanwhile.header("x-should-retry"), Some("true"));
    let first = first.expect(201);
    assert_eq!(first.member("status"), "succeeded");
    assert_eq!(pay().expect(201).body, first.body);
    assert_eq!(till.server.rows("payments"), 1);
}

#[test]
fn what_is_given_back_is_never_more_than_was_paid() {
    let till = Till::open();
    let id = till.pay(12_000).expect(201).member("id");
    let refund = |body: &Value| till.key.post(&format!("/v1/payments/{id}/refund"), body);

    let part = refund(&json!({ "amount": 5_000, "reason": "A session fell out" }));
    let part = part.expect(200).json();
    assert_eq!(part["status"], "partially_refunded");
    assert_eq!(part["amount_refunded"], 5_000);
    assert_eq!(part["refunds"][0]["amount"], 5_000);
    assert_eq!(part["refunds"][0]["reason"], "A session fell out");
    let refused = refund(&json!({ "amount": 7_001 })).refused(409, "state_conflict");
    assert_eq!(refused.json()["error"]["amount_refunded"], 5_000);
    let rest = refund(&json!({})).expect(200).json();
    assert_eq!(rest["status"], "refunded");
    assert_eq!(rest["amount_refunded"], 12_000);
    assert_eq!(rest["refunds"][1]["amount"], 7_000);
    refund(&json!({ "amount": 1 })).refused(409, "state_conflict");

    assert_eq!(till.read(&id), rest);
    let expected = ["payment.succeeded", "payment.refunded", "payment.refunded"];
    assert_eq!(till.events(), expected);
}

#[test]
fn what_was_not_paid_cannot_be_given_back() {
    let till = Till::open();
    for amount in [9_901, 9_905] {
        let id = till.pay(amount).expect(201).member("id");
        till.key
            .act(&format!("/v1/payments/{id}/refund"))
            .refused(409, "state_conflict");
    }
    assert_eq!(till.server.rows("refunds"), 0);
}

#[test]
fn refunds_at_once_never_exceed_the_payment() {
    let till = Till::open();
    let id = till.pay(10_000).expect(201).member("id");
    let path = format!("/v1/payments/{id}/refund");
    let start = Barrier::new(16);

    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let send = || {
            start.wait();
            till.key.post(&path, &json!({ "amount": 3_000 }))
        };
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(send)).collect();
        let threads = threads.into_iter();
        threads
            .map(|thread| thread.join().expect("an answer"))
            .collect()
    });

    let of = |status: u16| {
        let of = answers.iter().filter(|answer| answer.status == status);
        of.count()
    };
    assert_eq!(of(200), 3);
    assert_eq!(of(409), 13);
    let payment = till.read(&id);
    assert_eq!(payment["amount_refunded"], 9_000);
    assert_eq!(payment["refunds"].as_array().expect("refunds").len(), 3);
}

#[test]
fn wrong_fields_are_told_all_at_once() {
    let till = Till::open();
    let body = json!({ "amount": 0, "currency": "xxx", "method": "stripe" });

    let faults = till.key.post(&till.path(), &body).expect(400).faults();

    let expected = [
        ("/amount", "out_of_range"),
        ("/currency", "invalid_currency"),
        ("/method", "method_unavailable"),
    ];
    let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
    assert_eq!(faults, expected);
    for amount in [json!(100_000_000), json!(12.5), json!("12")] {
        let body = json!({ "amount": amount, "currency": "eur" });
        let faults = till.key.post(&till.path(), &body).expect(400).faults();
        assert_eq!(faults.len(), 1, "{amount}");
    }
    till.pay(99_999_999).expect(201);
    assert_eq!(till.server.rows("payments"), 1);
}

#[test]
fn live_payments_are_recorded_by_hand_and_never_simulated() {
    let server = Server::start();
    let key = server.live_key(server.coach("coach@example.com"));
    let path = format!("/v1/clients/{}/payments", client(&key, "ana@example.com"));

    let paid = key.post(&path, &json!({ "amount": 12_001, "currency": "usd" }));

    let paid = paid.expect(201).json();
    assert_eq!(paid["method"], "manual");
    assert_eq!(paid["status"], "succeeded");
    assert_eq!(paid["livemode"], true);
    let simulated = json!({ "amount": 12_000, "currency": "usd", "method": "simulated" });
    let faults = key.post(&path, &simulated).expect(400).faults();
    let expected = ("/method".to_owned(), "method_unavailable".to_owned());
    assert_eq!(faults, [expected]);
    assert_eq!(server.rows("payments"), 1);
}

#[test]
fn payments_are_listed_newest_first_and_by_status_and_client() {
    let till = Till::open();
    let other = client(&till.key, "rui@example.com");
    let first = till.pay(1_000).expect(201).member("id");
    let declined = till.pay(1_001).expect(201).member("id");
    let body = json!({ "amount": 2_000, "currency": "usd" });
    let others = till
        .key
        .post(&format!("/v1/clients/{other}/payments"), &body);
    let others = others.expect(201).member("id");
    let ids = |path: &str| till.key.get(path).expect(200).column("id");

    assert_eq!(
        ids("/v1/payments"),
        [&others, &declined, &first].map(Clone::clone)
    );
    assert_eq!(ids(&till.path()), [declined.clone(), first.clone()]);
    assert_eq!(
        ids("/v1/payments?status=failed"),
        std::slice::from_ref(&declined)
    );
    assert_eq!(
        ids(&format!("/v1/payments?client_id={other}")),
        std::slice::from_ref(&others)
    );
    let both = format!("/v1/payments?client_id={}&status=succeeded", till.client);
    assert_eq!(ids(&both), std::slice::from_ref(&first));
    let page = till.key.get("/v1/payments?limit=2").expect(200);
    let cursor = page.next_cursor().expect("a further page");
    assert_eq!(
        ids(&format!("/v1/payments?limit=2&cursor={cursor}")),
        [first]
    );
    till.key
        .get("/v1/payments?client_id=nobody")
        .refused(400, "invalid_parameter");
}

#[test]
fn a_client_seen_whole_shows_the_last_ten_payments() {
    let till = Till::open();
    let path = format!("/v1/clients/{}", till.client);
    let before = till.key.get(&path).expect(200);
    assert_eq!(before.json()["payment_history"], json!([]));
    let ids: Vec<String> = (0..11)
        .map(|count| till.pay(1_100 + 100 * count).expect(201).member("id"))
        .collect();

    let whole = till.key.get(&path).expect(200);

    let history = whole.json()["payment_history"].clone();
    let shown: Vec<&str> = history
        .as_array()
        .expect("payments")
        .iter()
        .filter_map(|payment| payment["id"].as_str())
        .collect();
    let newest: Vec<&str> = ids.iter().rev().take(10).map(String::as_str).collect();
    assert_eq!(shown, newest);
    assert_eq!(history[0], till.read(&ids[10]));
    assert_ne!(whole.header("etag"), before.header("etag"));
}

#[test]
fn what_is_said_of_a_payment_can_be_changed_and_nothing_else() {
    let till = Till::open();
    let paid = till.pay(12_000).expect(201);
    let path = format!("/v1/payments/{}", paid.member("id"));
    let patch = json!({ "description": "July", "metadata": { "invoice": "8" } });

    let changed = till.key.patch(&path, &patch).expect(200);

    assert_eq!(changed.member("description"), "July");
    assert_eq!(changed.json()["metadata"], json!({ "invoice": "8" }));
    assert_ne!(changed.header("etag"), paid.header("etag"));
    let stale = paid.header("etag").expect("a tag");
    till.key
        .send("PATCH", &path, &[("If-Match", stale)], Some("{}"))
        .refused(412, "etag_mismatch");
    let amount = till.key.patch(&path, &json!({ "amount": 1 })).expect(400);
    assert_eq!(amount.faults()[0].1, "unknown_field");
}

#[test]
fn payments_of_another_tenant_are_not_found() {
    let till = Till::open();
    let id = till.pay(12_000).expect(201).member("id");
    let other = till.server.key(till.server.coach("other@example.com"), &[]);

    other
        .get(&format!("/v1/payments/{id}"))
        .refused(404, "not_found");
    other
        .act(&format!("/v1/payments/{id}/refund"))
        .refused(404, "not_found");
    other
        .post(&till.path(), &json!({ "amount": 1_000, "currency": "eur" }))
        .refused(404, "not_found");
    assert_eq!(other.get("/v1/payments").expect(200).column("id"), [""; 0]);
    assert_eq!(till.server.rows("payments"), 1);
}

#[test]
fn a_reset_of_the_test_tenant_takes_payments_along() {
    let till = Till::open();
    let id = till.pay(12_000).expect(201).member("id");
    till.pay(9_905).expect(201);
    let refund = json!({ "amount": 100 });
    till.key
        .post(&format!("/v1/payments/{id}/refund"), &refund)
        .expect(200);

    till.key.act("/v1/test/reset").expect(200);

    assert_eq!(till.server.rows("payments"), 0);
    assert_eq!(till.server.rows("refunds"), 0);
    till.server.advance_ms(2 * HOUR_MS);
    till.server.run_jobs();
    assert_eq!(till.server.rows("payments"), 0);
}
