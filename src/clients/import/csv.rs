//! Comma-separated values: RFC 4180, and what spreadsheets make of it.
//!
//! Lines end with `\n`, `\r\n` or `\r`. A quote inside a cell that did not begin with one is a
//! character like others. A cell in quotes that goes on after its closing quote keeps what follows.

/// A table as text: its records, each with the line on which it begins.
pub type Records = Vec<(u64, Vec<String>)>;

/// Why a text is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A quote that was opened on this line is never closed.
    Unclosed(u64),
    /// There are more records than are taken.
    TooMany,
}

/// What may stand between cells.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// What separates the cells of a table: the candidate of which its first line has most.
pub fn delimiter(text: &str) -> char {
    let mut counts = [0_u32; DELIMITERS.len()];
    let mut quoted = false;
    for c in text.trim_start_matches(['\r', '\n']).chars() {
        match c {
            '"' => quoted = !quoted,
            '\r' | '\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(at) = DELIMITERS.iter().position(|delimiter| *delimiter == c) {
                    counts[at] += 1;
                }
            }
        }
    }
    let mut best = 0;
    for at in 1..counts.len() {
        if counts[at] > counts[best] {
            best = at;
        }
    }
    DELIMITERS[best]
}

/// Reads a table of at most so many records; those without any text are left out.
pub fn read(text: &str, delimiter: char, most: usize) -> Result<Records, Fault> {
    let mut reader = Reader {
        records: Vec::new(),
        record: Vec::new(),
        cell: String::new(),
        begun_at: 1,
        line: 1,
    };
    let mut chars = text.chars().peekable();
    let mut at_start = true;
    while let Some(c) = chars.next() {
        if c == '"' && at_start {
            let opened_at = reader.line;
            loop {
                match chars.next() {
                    None => return Err(Fault::Unclosed(opened_at)),
                    Some('"') if chars.peek() == Some(&'"') => {
                        chars.next();
                        reader.cell.push('"');
                    }
                    Some('"') => break,
                    Some(c) => {
                        if c == '\n' || (c == '\r' && chars.peek() != Some(&'\n')) {
                            reader.line += 1;
                        }
                        reader.cell.push(c);
                    }
                }
            }
            at_start = false;
        } else if c == delimiter {
            reader.end_cell();
            at_start = true;
        } else if c == '\n' || c == '\r' {
            if c == '\r' && chars.peek() == Some(&'\n') {
                chars.next();
            }
            reader.end_record(most)?;
            at_start = true;
        } else {
            reader.cell.push(c);
            // Spaces before a quote are no part of the cell.
            at_start = at_start && c == ' ';
            if at_start && chars.peek() == Some(&'"') {
                reader.cell.clear();
            }
        }
    }
    reader.end_record(most)?;
    Ok(reader.records)
}

struct Reader {
    records: Records,
    record: Vec<String>,
    cell: String,
    begun_at: u64,
    line: u64,
}

impl Reader {
    fn end_cell(&mut self) {
        self.record.push(std::mem::take(&mut self.cell));
    }

    fn end_record(&mut self, most: usize) -> Result<(), Fault> {
        self.end_cell();
        let record = std::mem::take(&mut self.record);
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            if self.records.len() == most {
                return Err(Fault::TooMany);
            }
            self.records.push((self.begun_at, record));
        }
        self.line += 1;
        self.begun_at = self.line;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let records = read(text, delimiter(text), 100).expect("a table");
        records.into_iter().map(|(_, cells)| cells).collect()
    }

    #[test]
    fn cells_in_quotes_hold_delimiters_quotes_and_line_breaks() {
        assert_eq!(
            cells("a,b\r\n\"x, y\",\"say \"\"hi\"\"\nthen go\"\r\n"),
            [["a", "b"], ["x, y", "say \"hi\"\nthen go"]]
        );
    }

    #[test]
    fn lines_are_counted_through_quoted_breaks() {
        let records = read("a\n\"1\n2\r\n3\"\n\nb\rc", ',', 100).expect("a table");
        let lines: Vec<u64> = records.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 6, 7]);
    }

    #[test]
    fn the_delimiter_is_what_the_first_line_has_most_of() {
        assert_eq!(delimiter("a;b;c,d\n1,2,3,4,5"), ';');
        assert_eq!(delimiter("a\tb"), '\t');
        assert_eq!(delimiter("\"a;b;c\",d"), ',');
        assert_eq!(delimiter("email"), ',');
    }

    #[test]
    fn a_quote_in_the_middle_is_a_character() {
        assert_eq!(cells("5' 10\",x\n"), [["5' 10\"", "x"]]);
        assert_eq!(cells("a, \"b, c\" ,d"), [["a", "b, c ", "d"]]);
    }

    #[test]
    fn an_unclosed_quote_is_told_with_its_line() {
        assert_eq!(read("a\nb\n\"c\nd\n", ',', 9), Err(Fault::Unclosed(3)));
    }

    #[test]
    fn records_without_text_are_left_out_and_the_others_are_bounded() {
        assert_eq!(cells("a,b\n\n , \n,\n1,2"), [["a", "b"], ["1", "2"]]);
        assert_eq!(read("a\nb\nc", ',', 2), Err(Fault::TooMany));
    }
}
