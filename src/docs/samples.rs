//! An operation as a program would call it, in the languages of the documentation.
//!
//! The address and the key come from the environment, as the `.env` file of a new key holds them.
//! Strings are written as JSON strings, which all these languages read alike: JSON's escapes are a
//! part of JavaScript's, Python's and of Ruby's, where `#` is escaped in addition.

use serde_json::Value;

/// A call to show.
pub(super) struct Call<'c> {
    pub(super) method: &'c str,
    /// The path with values in it.
    pub(super) path: &'c str,
    pub(super) body: Option<Body<'c>>,
    /// Whether a key is sent.
    pub(super) authenticated: bool,
}

/// The body of a call.
pub(super) enum Body<'c> {
    Json(&'c Value),
    Form(&'c Value),
}

impl Call<'_> {
    /// Label, name for `data-language` and text of each sample.
    pub(super) fn samples(&self) -> [(&'static str, &'static str, String); 4] {
        [
            ("curl", "curl", self.curl()),
            ("Python", "python", self.python()),
            ("JavaScript", "javascript", self.javascript()),
            ("Ruby", "ruby", self.ruby()),
        ]
    }

    /// A POST is safe to send again with a key of its own.
    fn is_once(&self) -> bool {
        self.method == "POST" && self.authenticated
    }

    fn json(&self) -> Option<String> {
        match &self.body {
            Some(Body::Json(value)) => Some(super::pretty(value)),
            Some(Body::Form(_)) | None => None,
        }
    }

    fn form(&self) -> Vec<(String, String)> {
        let Some(Body::Form(Value::Object(fields))) = &self.body else {
            return Vec::new();
        };
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        fields
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    }

    fn curl(&self) -> String {
        let method = match self.method {
            "GET" => String::new(),
            other => format!("-X {other} "),
        };
        let mut lines = vec![format!("curl {method}\"$CADENCE_BASE_URL{}\"", self.path)];
        if self.authenticated {
            lines.push("-H \"Authorization: Bearer $CADENCE_API_KEY\"".to_owned());
        }
        if self.is_once() {
            lines.push("-H \"Idempotency-Key: $(uuidgen)\"".to_owned());
        }
        if let Some(json) = self.json() {
            lines.push("-H \"Content-Type: application/json\"".to_owned());
            lines.push(format!("-d '{}'", json.replace('\'', "'\\''")));
        }
        for (name, value) in self.form() {
            lines.push(format!("-d {name}='{}'", value.replace('\'', "'\\''")));
        }
        lines.join(" \\\n  ")
    }

    fn python(&self) -> String {
        let mut lines = vec!["import os".to_owned()];
        if self.is_once() {
            lines.push("import uuid".to_owned());
        }
        lines.extend(["import requests".to_owned(), String::new()]);
        lines.push("answer = requests.request(".to_owned());
        lines.push(format!("    {},", quoted(self.method)));
        lines.push(format!(
            "    os.environ[\"CADENCE_BASE_URL\"] + {},",
            quoted(self.path)
        ));
        let mut headers = Vec::new();
        if self.authenticated {
            headers
                .push("        \"Authorization\": \"Bearer \" + os.environ[\"CADENCE_API_KEY\"],");
        }
        if self.is_once() {
            headers.push("        \"Idempotency-Key\": str(uuid.uuid4()),");
        }
        if !headers.is_empty() {
            lines.push("    headers={".to_owned());
            lines.extend(headers.into_iter().map(str::to_owned));
            lines.push("    },".to_owned());
        }
        if let Some(Body::Json(value)) = &self.body {
            lines.push(format!(
                "    json={},",
                indented(&literal(value, &PYTHON), 4)
            ));
        }
        if let Some(Body::Form(value)) = &self.body {
            lines.push(format!(
                "    data={},",
                indented(&literal(value, &PYTHON), 4)
            ));
        }
        lines.extend([")", "print(answer.status_code, answer.text)"].map(str::to_owned));
        lines.join("\n")
    }

    fn javascript(&self) -> String {
        let mut lines = vec![format!(
            "const answer = await fetch(process.env.CADENCE_BASE_URL + {}, {{",
            quoted(self.path)
        )];
        lines.push(format!("  method: {},", quoted(self.method)));
        let mut headers = Vec::new();
        if self.authenticated {
            headers.push("    Authorization: `Bearer ${process.env.CADENCE_API_KEY}`,");
        }
        if self.is_once() {
            headers.push("    \"Idempotency-Key\": crypto.randomUUID(),");
        }
        if self.json().is_some() {
            headers.push("    \"Content-Type\": \"application/json\",");
        }
        if !headers.is_empty() {
            lines.push("  headers: {".to_owned());
            lines.extend(headers.into_iter().map(str::to_owned));
            lines.push("  },".to_owned());
        }
        match &self.body {
            Some(Body::Json(value)) => {
                let value = indented(&literal(value, &JAVASCRIPT), 2);
                lines.push(format!("  body: JSON.stringify({value}),"));
            }
            Some(Body::Form(value)) => {
                let value = indented(&literal(value, &JAVASCRIPT), 2);
                lines.push(format!("  body: new URLSearchParams({value}),"));
            }
            None => {}
        }
        lines.push("});".to_owned());
        lines.push("console.log(answer.status, await answer.text());".to_owned());
        lines.join("\n")
    }

    fn ruby(&self) -> String {
        let class = match self.method {
            "GET" => "Get",
            "PATCH" => "Patch",
            "DELETE" => "Delete",
            "PUT" => "Put",
            _ => "Post",
        };
        let mut lines = vec![
            "require \"net/http\"".to_owned(),
            "require \"json\"".to_owned(),
        ];
        if self.is_once() {
            lines.push("require \"securerandom\"".to_owned());
        }
        lines.push(String::new());
        lines.push(format!(
            "uri = URI(ENV.fetch(\"CADENCE_BASE_URL\") + {})",
            quoted(self.path)
        ));
        lines.push(format!("request = Net::HTTP::{class}.new(uri)"));
        if self.authenticated {
            lines.push(
                "request[\"Authorization\"] = \"Bearer #{ENV.fetch(\"CADENCE_API_KEY\")}\""
                    .to_owned(),
            );
        }
        if self.is_once() {
            lines.push("request[\"Idempotency-Key\"] = SecureRandom.uuid".to_owned());
        }
        match &self.body {
            Some(Body::Json(value)) => {
                lines.push("request[\"Content-Type\"] = \"application/json\"".to_owned());
                lines.push(format!(
                    "request.body = JSON.generate({})",
                    literal(value, &RUBY)
                ));
            }
            Some(Body::Form(value)) => {
                lines.push(format!("request.set_form_data({})", literal(value, &RUBY)));
            }
            None => {}
        }
        lines.push(
            "answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == \"https\") { |http| http.request(request) }"
                .to_owned(),
        );
        lines.push("puts answer.code, answer.body".to_owned());
        lines.join("\n")
    }
}

/// How a language writes what JSON has.
struct Language {
    nothing: &'static str,
    yes: &'static str,
    no: &'static str,
    arrow: &'static str,
    escapes_hash: bool,
}

const PYTHON: Language = Language {
    nothing: "None",
    yes: "True",
    no: "False",
    arrow: ": ",
    escapes_hash: false,
};
const JAVASCRIPT: Language = Language {
    nothing: "null",
    yes: "true",
    no: "false",
    arrow: ": ",
    escapes_hash: false,
};
const RUBY: Language = Language {
    nothing: "nil",
    yes: "true",
    no: "false",
    arrow: " => ",
    escapes_hash: true,
};

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A value as a language writes it, over several lines.
fn literal(value: &Value, language: &Language) -> String {
    match value {
        Value::Null => language.nothing.to_owned(),
        Value::Bool(true) => language.yes.to_owned(),
        Value::Bool(false) => language.no.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if language.escapes_hash => quoted(text).replace('#', "\\#"),
        Value::String(text) => quoted(text),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| format!("  {},\n", indented(&literal(item, language), 2)));
            format!("[\n{}]", items.collect::<String>())
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let value = indented(&literal(value, language), 2);
                format!("  {}{}{value},\n", quoted(name), language.arrow)
            });
            format!("{{\n{}}}", members.collect::<String>())
        }
    }
}

/// The lines but the first, moved in.
fn indented(text: &str, spaces: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(spaces)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written_as_each_language_writes_them() {
        let value = json!({ "a": [true, null], "b": "#{x} \"y\"" });

        assert_eq!(
            literal(&value, &PYTHON),
            "{\n  \"a\": [\n    True,\n    None,\n  ],\n  \"b\": \"#{x} \\\"y\\\"\",\n}"
        );
        assert!(literal(&value, &RUBY).contains("\"a\" => [\n    true,\n    nil,"));
        assert!(literal(&value, &RUBY).contains("\"\\#{x} \\\"y\\\"\""));
    }

    #[test]
    fn a_quote_ends_no_argument_of_the_shell() {
        let body = json!({ "name": "O'Neil" });
        let call = Call {
            method: "POST",
            path: "/v1/clients",
            body: Some(Body::Json(&body)),
            authenticated: true,
        };

        assert!(call.curl().contains("\"O'\\''Neil\""), "{}", call.curl());
    }
}
