//! `cadence config`: every setting, its value and where that came from.

use std::process::ExitCode;

use serde_json::json;

use super::Out;
use crate::config::Config;

pub(super) fn run(config: &Config, out: Out) -> anyhow::Result<ExitCode> {
    let data = json!({ "settings": config.settings });
    out.print(&data, |_| {
        let width = config.settings.iter().map(|setting| setting.name.len());
        let width = width.max().unwrap_or(0);
        let lines: Vec<String> = config
            .settings
            .iter()
            .map(|setting| {
                let value = match setting.value.as_str() {
                    "" => "(not set)",
                    value => value,
                };
                format!("{:width$}  {value}  ({})", setting.name, setting.origin)
            })
            .collect();
        lines.join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}
