//! How a webhook is shown: the one shape that answers and events share.

use serde::Serialize;
use utoipa::ToSchema;

use super::Webhook;
use super::deliveries::store::Recent;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::{AppId, WebhookId};

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookBody {
    /// The webhook's id.
    #[schema(value_type = String, example = "wh_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: WebhookId,
    /// Always `webhook`.
    object: &'static str,
    /// True if it belongs to the live tenant.
    livemode: bool,
    /// Where it is told.
    url: String,
    /// What its maker wrote of it.
    description: Option<String>,
    /// Types and patterns.
    events: Vec<String>,
    /// The app that made it, if one did: it is told only what that may read.
    #[schema(value_type = Option<String>)]
    app_id: Option<AppId>,
    /// `enabled`, `paused` or `disabled`.
    status: &'static str,
    /// Of a disabled one: `failing` (three days of nothing but failure) or `gone` (it answered 410).
    disabled_reason: Option<String>,
    /// Its first failure since it last took something; null while it is well.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// While it fails: nothing is tried before.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_try_at: Option<Timestamp>,
    /// Of one that was disabled: give this to a replay to make up for what it missed. It is the time of
    /// its first failure, or of the oldest event that waited.
    #[schema(value_type = Option<String>, format = DateTime)]
    replay_since: Option<Timestamp>,
    /// After a rotation: until when the former secret signs as well.
    #[schema(value_type = Option<String>, format = DateTime)]
    former_secret_until: Option<Timestamp>,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl WebhookBody {
    /// The webhook of a tenant.
    pub fn of(tenant: Tenant, webhook: &Webhook) -> Self {
        let fails = webhook.health.failing_since.is_some();
        Self {
            id: webhook.id,
            object: "webhook",
            livemode: tenant.mode().is_live(),
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            events: webhook.events.clone(),
            app_id: webhook.app.map(|(app, _)| app),
            status: webhook.status.name(),
            disabled_reason: webhook.disabled_reason.clone(),
            failing_since: webhook.health.failing_since,
            next_try_at: webhook.health.hold_until.filter(|_| fails),
            replay_since: webhook.replay_since,
            former_secret_until: webhook.former.as_ref().map(|(_, until)| *until),
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// How the tries of the last 24 hours went.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentTriesBody {
    /// Tries of the last 24 hours, of the last hundred deliveries.
    tries: u32,
    /// Those that the receiver took: by `tries`, the success rate.
    delivered: u32,
    /// How long the slowest of the fastest 95 % took, in milliseconds; null without tries.
    p95_ms: Option<i64>,
}

/// How the last hundred deliveries of a webhook stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentDeliveriesBody {
    /// Taken by the receiver.
    delivered: u32,
    /// Given up or cancelled.
    failed: u32,
    /// Waiting or under way.
    pending: u32,
    /// When one of them was last tried; null if none was.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_try_at: Option<Timestamp>,
    /// Their tries of the last 24 hours.
    last_day: RecentTriesBody,
}

/// A webhook with how it fares.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeenWebhookBody {
    /// The webhook.
    #[serde(flatten)]
    webhook: WebhookBody,
    /// How its last hundred deliveries stand.
    recent: RecentDeliveriesBody,
}

/// The value that 95 of 100 do not exceed.
fn p95(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let place = (values.len() * 95).div_ceil(100);
    values.get(place.checked_sub(1)?).copied()
}

impl SeenWebhookBody {
    /// The webhook of a tenant, and how its last deliveries went.
    pub fn of(tenant: Tenant, webhook: &Webhook, recent: &Recent) -> Self {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let tries = &recent.tries;
        Self {
            webhook: WebhookBody::of(tenant, webhook),
            recent: RecentDeliveriesBody {
                delivered: recent.delivered,
                failed: recent.failed,
                pending: recent.pending,
                last_try_at: recent.last_try_at,
                last_day: RecentTriesBody {
                    tries: count(tries.len()),
                    delivered: count(tries.iter().filter(|one| one.delivered).count()),
                    p95_ms: p95(tries.iter().map(|one| one.duration_ms).collect()),
                },
            },
        }
    }
}

/// A webhook with its secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecretWebhookBody {
    /// The webhook.
    #[serde(flatten)]
    webhook: WebhookBody,
    /// `whsec_` and 24 bytes in base64: what deliveries are signed with.
    secret: String,
}

impl SecretWebhookBody {
    /// The webhook of a tenant with its secret.
    pub fn of(tenant: Tenant, webhook: &Webhook, secret: &str) -> Self {
        Self {
            webhook: WebhookBody::of(tenant, webhook),
            secret: secret.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_five_of_a_hundred_are_no_slower_than_the_p95() {
        assert_eq!(p95(Vec::new()), None);
        assert_eq!(p95(vec![7]), Some(7));
        assert_eq!(p95((1..=20).rev().collect()), Some(19));
        assert_eq!(p95((1..=100).collect()), Some(95));
    }
}
