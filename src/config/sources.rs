//! Flags, environment and file, and which of them gave each value.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use toml::Value;

use crate::secrets::Secret;

/// What the command line can set.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--data`
    pub data: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--public-url`
    pub public_url: Option<String>,
}

/// A value, and where it came from.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// `section.key`
    pub name: String,
    /// The value as text; secrets are masked.
    pub value: String,
    /// Where it came from.
    pub origin: String,
}

/// Variables with our prefix that are no settings of the server.
const NOT_SETTINGS: &[&str] = &["CADENCE_API_KEY", "CADENCE_BASE_URL"];

pub(super) struct Sources {
    pub(super) data: PathBuf,
    flags: Flags,
    environment: BTreeMap<String, String>,
    file: toml::Table,
    asked: BTreeSet<String>,
    settings: Vec<Setting>,
}

impl Sources {
    pub(super) fn gather(flags: Flags) -> anyhow::Result<Self> {
        let environment = std::env::vars()
            .filter(|(name, _)| name.starts_with("CADENCE_"))
            .collect::<BTreeMap<_, _>>();
        let data = data_directory(&flags, &environment)?;
        let path = data.join("cadence.toml");
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => text
                .parse()
                .with_context(|| format!("config: {}", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => toml::Table::new(),
            Err(error) => return Err(error).with_context(|| format!("config: {}", path.display())),
        };
        Self::of(flags, environment, file)
    }

    pub(super) fn of(
        flags: Flags,
        environment: BTreeMap<String, String>,
        file: toml::Table,
    ) -> anyhow::Result<Self> {
        let data = data_directory(&flags, &environment)?;
        let mut sources = Self {
            data,
            flags,
            environment,
            file,
            asked: BTreeSet::new(),
            settings: Vec::new(),
        };
        let origin = if sources.flags.data.is_some() {
            "flag --data"
        } else if sources.environment.contains_key("CADENCE_DATA") {
            "environment CADENCE_DATA"
        } else {
            "default"
        };
        sources.asked.insert("CADENCE_DATA".to_owned());
        sources.note("data", &sources.data.display().to_string(), origin);
        Ok(sources)
    }

    fn note(&mut self, name: &str, value: &str, origin: &str) {
        self.settings.push(Setting {
            name: name.to_owned(),
            value: value.to_owned(),
            origin: origin.to_owned(),
        });
    }

    /// Where a value that was read came from.
    pub(super) fn origin_of(&self, name: &str) -> &str {
        let found = self.settings.iter().find(|setting| setting.name == name);
        found.map_or("", |setting| &setting.origin)
    }

    /// The raw value of a setting and its origin. An empty section means the top level.
    fn find(&mut self, section: &str, key: &str) -> anyhow::Result<Option<(String, String)>> {
        let (name, variable) = names(section, key);
        self.asked.insert(variable.clone());
        self.asked.insert(name.clone());
        let flag = match name.as_str() {
            "listen" => self
                .flags
                .listen
                .clone()
                .map(|value| (value, "flag --listen")),
            "public_url" => self
                .flags
                .public_url
                .clone()
                .map(|value| (value, "flag --public-url")),
            _ => None,
        };
        if let Some((value, origin)) = flag {
            return Ok(Some((value, origin.to_owned())));
        }
        if let Some(value) = self.environment.get(&variable) {
            return Ok(Some((value.clone(), format!("environment {variable}"))));
        }
        let value = match section {
            "" => self.file.get(key),
            section => self.file.get(section).and_then(|table| table.get(key)),
        };
        let text = match value {
            None => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Boolean(flag)) => flag.to_string(),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().context("each item must be a string"))
                .collect::<anyhow::Result<Vec<_>>>()
                .with_context(|| format!("config: `{name}`"))?
                .join(","),
            Some(_) => bail!("config: `{name}` must be a string, a number, true or false"),
        };
        Ok(Some((text, "cadence.toml".to_owned())))
    }

    pub(super) fn text(&mut self, section: &str, key: &str) -> anyhow::Result<Option<String>> {
        let found = self.find(section, key)?;
        let (name, _) = names(section, key);
        if let Some((value, origin)) = found {
            self.note(&name, &value, &origin);
            Ok(Some(value))
        } else {
            self.note(&name, "", "default");
            Ok(None)
        }
    }

    /// A setting that is shown only where it is set.
    pub(super) fn hidden(&mut self, section: &str, key: &str) -> anyhow::Result<Option<String>> {
        let Some((value, origin)) = self.find(section, key)? else {
            return Ok(None);
        };
        self.note(&names(section, key).0, &value, &origin);
        Ok(Some(value))
    }

    /// Where a setting that was read came from.
    pub(super) fn origin(&self, name: &str) -> Option<&str> {
        let setting = self.settings.iter().find(|setting| setting.name == name);
        setting.map(|setting| setting.origin.as_str())
    }

    pub(super) fn text_or(
        &mut self,
        section: &str,
        key: &str,
        default: &str,
    ) -> anyhow::Result<String> {
        let found = self.find(section, key)?;
        let (value, origin) = found.unwrap_or_else(|| (default.to_owned(), "default".to_owned()));
        self.note(&names(section, key).0, &value, &origin);
        Ok(value)
    }

    pub(super) fn number(&mut self, section: &str, key: &str) -> anyhow::Result<Option<u32>> {
        let name = names(section, key).0;
        let Some(text) = self.text(section, key)? else {
            return Ok(None);
        };
        let number = text.parse();
        Ok(Some(number.with_context(|| {
            format!("config: `{name}` is `{text}`; set a whole number")
        })?))
    }

    pub(super) fn list(&mut self, section: &str, key: &str) -> anyhow::Result<Vec<String>> {
        let text = self.text(section, key)?.unwrap_or_default();
        Ok(text
            .split(',')
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect())
    }

    /// A secret: from the environment, from the file that `…_FILE` names, or from the file.
    pub(super) fn secret(&mut self, section: &str, key: &str) -> anyhow::Result<Option<Secret>> {
        let (name, variable) = names(section, key);
        let by_file = format!("{variable}_FILE");
        self.asked.insert(by_file.clone());
        let found = match self.environment.get(&by_file) {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("config: {by_file} names {path}"))?;
                Some((text.trim_end().to_owned(), format!("environment {by_file}")))
            }
            None => self.find(section, key)?,
        };
        self.asked.extend([variable, name.clone()]);
        let (secret, origin) = match found {
            Some((value, origin)) => (Some(Secret::new(value)), origin),
            None => (None, "default".to_owned()),
        };
        self.note(
            &name,
            if secret.is_some() {
                "(set, not shown)"
            } else {
                ""
            },
            &origin,
        );
        Ok(secret)
    }

    /// The tables under a section, such as `[plans.studio]`.
    pub(super) fn tables(&mut self, section: &str) -> anyhow::Result<Vec<(String, toml::Table)>> {
        let Some(value) = self.file.get(section) else {
            return Ok(Vec::new());
        };
        let tables = value
            .as_table()
            .with_context(|| format!("config: `[{section}]`"))?
            .clone();
        self.asked.insert(section.to_owned());
        tables
            .into_iter()
            .map(|(name, value)| match value {
                Value::Table(table) => Ok((name, table)),
                Value::String(_)
                | Value::Integer(_)
                | Value::Float(_)
                | Value::Boolean(_)
                | Value::Datetime(_)
                | Value::Array(_) => bail!("config: `[{section}.{name}]` must be a table"),
            })
            .collect()
    }

    pub(super) fn note_plan(&mut self, name: &str, value: &str, origin: &str) {
        self.note(&format!("plans.{name}"), value, origin);
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) -> anyhow::Result<Vec<Setting>> {
        for variable in self.environment.keys() {
            let known =
                NOT_SETTINGS.contains(&variable.as_str()) || variable.starts_with("CADENCE_TEST_");
            if !self.asked.contains(variable) && !known {
                bail!("the environment variable {variable} is no setting; remove or correct it");
            }
        }
        for (key, value) in &self.file {
            if self.asked.contains(key) {
                continue;
            }
            let Value::Table(table) = value else {
                bail!("`{key}` in cadence.toml is no setting; remove or correct it");
            };
            for inner in table.keys() {
                let name = format!("{key}.{inner}");
                if !self.asked.contains(&name) {
                    bail!("`{name}` in cadence.toml is no setting; remove or correct it");
                }
            }
        }
        Ok(self.settings)
    }
}

/// A variable of the environment that is no setting of the server.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::vars()
        .find(|(other, value)| other == name && !value.is_empty())
        .map(|(_, value)| value)
}

fn names(section: &str, key: &str) -> (String, String) {
    if section.is_empty() {
        return (key.to_owned(), format!("CADENCE_{}", key.to_uppercase()));
    }
    let variable = format!("CADENCE_{}_{}", section.to_uppercase(), key.to_uppercase());
    (format!("{section}.{key}"), variable)
}

fn data_directory(
    flags: &Flags,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<PathBuf> {
    let chosen = match (&flags.data, environment.get("CADENCE_DATA")) {
        (Some(flag), _) => flag.clone(),
        (None, Some(variable)) => PathBuf::from(variable),
        (None, None) => Path::new("cadence-data").to_owned(),
    };
    std::path::absolute(&chosen).with_context(|| format!("config: data {}", chosen.display()))
}
