//! CSV of what is exported: RFC 4180, and safe to open in a spreadsheet.

use std::borrow::Cow;

use serde_json::Value;

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table of a kind.
pub struct Table {
    /// What its file is called, without the ending.
    pub name: &'static str,
    /// The head of each column, and where in a row its value stands (RFC 6901).
    pub columns: &'static [(&'static str, &'static str)],
    /// The rows that an object has.
    pub rows: fn(&Value) -> Vec<Value>,
}

impl Table {
    /// Writes the first row.
    pub fn head(&self, out: &mut String) {
        line(out, self.columns.iter().map(|(head, _)| Cow::from(*head)));
    }

    /// Writes the rows of an object.
    pub fn write(&self, out: &mut String, object: &Value) {
        for row in (self.rows)(object) {
            line(out, self.cells(&row));
        }
    }

    /// Writes the first row of a table of many: whose a row is comes first.
    pub fn head_of_many(&self, out: &mut String, whose: &'static str) {
        let columns = self.columns.iter().map(|(head, _)| Cow::from(*head));
        line(out, std::iter::once(Cow::from(whose)).chain(columns));
    }

    /// Writes the rows of an object in a table of many.
    pub fn write_of_many(&self, out: &mut String, whose: &str, object: &Value) {
        for row in (self.rows)(object) {
            let whose = std::iter::once(Cow::from(whose));
            line(out, whose.chain(self.cells(&row)));
        }
    }

    fn cells<'v>(&self, row: &'v Value) -> impl Iterator<Item = Cow<'v, str>> {
        let values = self.columns.iter().map(|(_, at)| row.pointer(at));
        values.map(|value| value.map_or(Cow::from(""), cell))
    }
}

/// A value as a cell. Text that would be a formula gets an apostrophe before it; a number is none.
fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::from(""),
        Value::String(text) if text.starts_with(FORMULA) => Cow::from(format!("'{text}")),
        Value::String(text) => Cow::from(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Cow::from(value.to_string())
        }
    }
}

fn line<'c>(out: &mut String, cells: impl Iterator<Item = Cow<'c, str>>) {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            out.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_is_neither_a_formula_nor_more_than_one_cell() {
        let table = Table {
            name: "things",
            columns: &[("a", "/a"), ("b", "/b/c"), ("none", "/d")],
            rows: |object| vec![object.clone()],
        };
        let mut out = String::new();
        table.head(&mut out);
        for (a, b) in [
            (json!("=1+1"), json!("said \"no\"")),
            (json!("@SUM(A1), and\nmore"), json!(-3)),
            (json!("\tx"), json!(true)),
            (json!("-2 kg"), json!(["1", "2"])),
            (json!("\r+"), json!(null)),
        ] {
            table.write(&mut out, &json!({ "a": a, "b": { "c": b } }));
        }

        let expected = [
            "a,b,none\r\n",
            "'=1+1,\"said \"\"no\"\"\",\r\n",
            "\"'@SUM(A1), and\nmore\",-3,\r\n",
            "'\tx,true,\r\n",
            "'-2 kg,\"[\"\"1\"\",\"\"2\"\"]\",\r\n",
            "\"'\r+\",,\r\n",
        ];
        assert_eq!(out, expected.concat());
    }
}
