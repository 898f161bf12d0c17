//! Reasons in words, as they stand beside a client's name.

use serde_json::Value;

use super::{Reason, ReasonKind};
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use crate::values::{Currency, Date, Money};

fn days(count: i64) -> String {
    match count {
        1 => "1 day".to_owned(),
        count => format!("{count} days"),
    }
}

/// How long ago a time was.
fn ago(since: Timestamp, now: Timestamp) -> String {
    let passed_ms = now.since_ms(since).max(0);
    let (count, unit) = match passed_ms {
        ms if ms >= DAY_MS => (ms / DAY_MS, "day"),
        ms if ms >= HOUR_MS => (ms / HOUR_MS, "hour"),
        ms if ms >= MINUTE_MS => (ms / MINUTE_MS, "minute"),
        _ => return "just now".to_owned(),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}

fn text<'d>(detail: &'d Value, name: &str) -> &'d str {
    detail[name].as_str().unwrap_or_default()
}

/// `back-squat` as people write it.
fn exercise(detail: &Value) -> String {
    text(detail, "exercise").replace('-', " ")
}

fn payment(detail: &Value) -> String {
    let amount = detail["amount"].as_i64().unwrap_or_default();
    let currency = Currency::parse(text(detail, "currency"));
    let amount = currency.map(|currency| Money::new(amount, currency).to_string());
    let amount = amount.unwrap_or_default();
    format!("Payment of {amount} failed. {}", text(detail, "message"))
}

fn program(detail: &Value, today: Date) -> String {
    let name = text(detail, "name");
    let Ok(end) = Date::parse(text(detail, "ends_on")) else {
        return format!("“{name}” has ended, and no other program is followed");
    };
    match today.days_until(end) {
        0 => format!("“{name}” ends today"),
        left if left > 0 => format!("“{name}” ends in {}", days(left)),
        past => format!(
            "“{name}” ended {} ago, and no other program is followed",
            days(-past)
        ),
    }
}

fn record(detail: &Value) -> String {
    let what = exercise(detail);
    let load = format!(
        "{} {}",
        detail["load"]["value"],
        text(&detail["load"], "unit")
    );
    match detail["reps"].as_u64() {
        None | Some(0) => format!("New best: {what}, estimated maximum {load}"),
        Some(reps) => format!("New best: {what}, {load} × {reps}"),
    }
}

impl Reason {
    /// The reason in words, at a time and on the coach's day.
    pub fn words(&self, now: Timestamp, today: Date) -> String {
        match self.kind {
            ReasonKind::PainReported => match exercise(&self.detail) {
                what if what.is_empty() => "Pain reported in a check-in".to_owned(),
                what => format!("Pain in {what}"),
            },
            ReasonKind::CheckinUnreviewed => format!("Check-in sent {}", ago(self.since, now)),
            ReasonKind::MessageWaiting => format!("Wrote {}", ago(self.since, now)),
            ReasonKind::PaymentFailed => payment(&self.detail),
            ReasonKind::CheckinOverdue => match now.since_ms(self.since) / DAY_MS {
                0 => "Check-in overdue since today".to_owned(),
                count => format!("Check-in {} overdue", days(count)),
            },
            ReasonKind::AdherenceDown => format!(
                "Did {} % of the plan in 7 days, {} % in 30",
                self.detail["week"], self.detail["month"]
            ),
            ReasonKind::ProgramEnding => program(&self.detail, today),
            ReasonKind::PersonalRecord => record(&self.detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reasons_are_said_as_a_coach_would_say_them() {
        let now = Timestamp::from_ms(1_780_488_000_000);
        let today = Date::parse("2026-06-03").unwrap();
        let say = |kind, ago_ms: i64, detail: Value| {
            let since = now.plus_ms(-ago_ms);
            let object_id = None;
            let reason = Reason {
                kind,
                since,
                object_id,
                detail,
            };
            reason.words(now, today)
        };

        let kind = ReasonKind::CheckinOverdue;
        assert_eq!(
            say(kind, 3 * DAY_MS + 5, json!({})),
            "Check-in 3 days overdue"
        );
        assert_eq!(
            say(kind, HOUR_MS, json!({})),
            "Check-in overdue since today"
        );
        let kind = ReasonKind::MessageWaiting;
        assert_eq!(say(kind, 2 * HOUR_MS, json!({})), "Wrote 2 hours ago");
        assert_eq!(say(kind, 10, json!({})), "Wrote just now");
        let failed =
            json!({ "amount": 12_001, "currency": "eur", "message": "The card was declined." });
        assert_eq!(
            say(ReasonKind::PaymentFailed, 0, failed),
            "Payment of 120.01 EUR failed. The card was declined."
        );
        let kind = ReasonKind::ProgramEnding;
        let ends = |on: &str| json!({ "name": "Base", "ends_on": on });
        assert_eq!(say(kind, 0, ends("2026-06-04")), "“Base” ends in 1 day");
        assert_eq!(say(kind, 0, ends("2026-06-03")), "“Base” ends today");
        assert_eq!(
            say(kind, 0, ends("2026-06-01")),
            "“Base” ended 2 days ago, and no other program is followed"
        );
        let best = json!({ "exercise": "back-squat", "reps": 5, "load": { "value": 102.5, "unit": "kg" } });
        assert_eq!(
            say(ReasonKind::PersonalRecord, 0, best),
            "New best: back squat, 102.5 kg × 5"
        );
    }
}
