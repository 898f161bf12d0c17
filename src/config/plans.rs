//! Plans: how much an account may call, and whether at all.

use std::collections::BTreeMap;

use anyhow::{Context, bail};

use super::sources::Sources;
use crate::caller::Plan;

/// The plan of an account for which none is named.
pub const DEFAULT: &str = "studio";

const BURST_PERCENT: u32 = 10;

fn built_in() -> BTreeMap<String, Plan> {
    [
        ("studio", 2_500, true),
        ("agency", 10_000, true),
        ("coach", 2_500, false),
    ]
    .into_iter()
    .map(|(name, requests_per_hour, api_access)| {
        let name = name.to_owned();
        let burst_percent = BURST_PERCENT;
        (
            name.clone(),
            Plan {
                name,
                requests_per_hour,
                burst_percent,
                api_access,
            },
        )
    })
    .collect()
}

pub(super) fn read(
    from: &mut Sources,
    requests_per_hour: Option<u32>,
) -> anyhow::Result<BTreeMap<String, Plan>> {
    let mut plans = built_in();
    let mut origins: BTreeMap<String, &str> = BTreeMap::new();
    for (name, table) in from.tables("plans")? {
        let mut plan = plans.get(&name).cloned().unwrap_or(Plan {
            name: name.clone(),
            requests_per_hour: 2_500,
            burst_percent: BURST_PERCENT,
            api_access: true,
        });
        for (key, value) in table {
            let number = || -> anyhow::Result<u32> {
                let number = value
                    .as_integer()
                    .and_then(|number| u32::try_from(number).ok());
                number
                    .with_context(|| format!("config: `plans.{name}.{key}` must be a whole number"))
            };
            match key.as_str() {
                "requests_per_hour" => plan.requests_per_hour = number()?,
                "burst_percent" => plan.burst_percent = number()?,
                "api_access" => {
                    plan.api_access = value.as_bool().with_context(|| {
                        format!("config: `plans.{name}.api_access` must be true or false")
                    })?;
                }
                _ => bail!("config: `plans.{name}.{key}` in cadence.toml is no setting"),
            }
        }
        origins.insert(name.clone(), "cadence.toml");
        plans.insert(name, plan);
    }
    for plan in plans.values_mut() {
        plan.requests_per_hour = requests_per_hour.unwrap_or(plan.requests_per_hour);
    }
    for (name, plan) in &plans {
        let access = if plan.api_access {
            "API access"
        } else {
            "no API access"
        };
        let value = format!(
            "{} requests an hour, burst {} %, {access}",
            plan.requests_per_hour, plan.burst_percent
        );
        from.note_plan(
            name,
            &value,
            origins.get(name).copied().unwrap_or("default"),
        );
    }
    Ok(plans)
}
