//! The source tree as text: what is code, what is a comment, what is a string.
//!
//! A small lexer and no parser: the rules that are checked on it speak of names and of order, and
//! reading them must not depend on how the code is formatted.

#![expect(
    clippy::expect_used,
    reason = "a test that finds nothing to check must fail"
)]

use std::ops::Range;
use std::path::{Path, PathBuf};

/// A file of `src`, without what stands under `#[cfg(test)]`.
pub(crate) struct File {
    /// Its path below `src`.
    pub(crate) path: String,
    /// The file as it is.
    pub(crate) text: String,
    /// The file with everything blank but code: comments, strings and tests are spaces.
    pub(crate) code: String,
    /// Its string literals, unescaped, with the place at which each begins.
    pub(crate) literals: Vec<(usize, String)>,
}

/// Where the package is.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of `src`, in order of their paths.
pub(crate) fn files() -> Vec<File> {
    let src = root().join("src");
    let mut paths = Vec::new();
    walk(&src, &mut paths);
    paths.sort();
    let files: Vec<File> = paths.iter().map(|path| read(&src, path)).collect();
    assert!(files.len() > 20, "the source tree was not found");
    files
}

fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            found.push(path);
        }
    }
}

fn read(src: &Path, path: &Path) -> File {
    let text = std::fs::read_to_string(path).expect("a source file");
    let relative = path.strip_prefix(src).expect("a path below src");
    let (mut code, mut literals) = lex(&text);
    for tests in test_items(&code) {
        literals.retain(|(at, _)| !tests.contains(at));
        blank(&mut code, tests);
    }
    File {
        path: relative.to_string_lossy().replace('\\', "/"),
        text,
        code: String::from_utf8(code).expect("blanking keeps characters whole"),
        literals,
    }
}

impl File {
    /// The places at which code says `word`, as whole words.
    pub(crate) fn places(&self, word: &str) -> Vec<usize> {
        let inside = |byte: Option<&u8>| byte.is_some_and(|byte| is_name(*byte));
        let bytes = self.code.as_bytes();
        let (starts, ends) = (
            inside(word.as_bytes().first()),
            inside(word.as_bytes().last()),
        );
        self.code
            .match_indices(word)
            .map(|(at, _)| at)
            .filter(|at| {
                let joined_before = starts && *at > 0 && inside(bytes.get(at - 1));
                let joined_after = ends && inside(bytes.get(at + word.len()));
                !joined_before && !joined_after
            })
            .collect()
    }

    /// Whether code says `word`.
    pub(crate) fn says(&self, word: &str) -> bool {
        !self.places(word).is_empty()
    }

    /// What follows `prefix`, which ends in `::`: a name, or the names of a group in braces.
    pub(crate) fn named_after(&self, prefix: &str) -> Vec<(usize, String)> {
        let mut names = Vec::new();
        for at in self.places(prefix) {
            let rest = &self.code[at + prefix.len()..];
            if rest.starts_with('{') {
                names.extend(group(rest).into_iter().map(|name| (at, name)));
            } else {
                names.push((at, leading_name(rest)));
            }
        }
        names
    }

    /// The line of a place, for messages.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.text[..at].split('\n').count()
    }

    /// How many lines the file has.
    pub(crate) fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// The name of the file alone.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn leading_name(text: &str) -> String {
    text.bytes()
        .take_while(|byte| is_name(*byte))
        .map(char::from)
        .collect()
}

/// The first name of each member of a group such as `{a, b::{c, d}}`.
fn group(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut awaited = true;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 1 => awaited = true,
            _ if awaited && depth == 1 && is_name(byte) => {
                names.push(leading_name(&text[at..]));
                awaited = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn blank(code: &mut [u8], range: Range<usize>) {
    for byte in &mut code[range] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

/// The items under `#[cfg(test)]`: up to their closing brace or semicolon.
fn test_items(code: &[u8]) -> Vec<Range<usize>> {
    let text = String::from_utf8_lossy(code);
    let items = text.match_indices("#[cfg(test)]").map(|(start, mark)| {
        let mut depth = 0;
        let body = code.iter().enumerate().skip(start + mark.len());
        for (at, byte) in body {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && matches!(byte, b'}' | b';') {
                return start..at + 1;
            }
        }
        start..code.len()
    });
    items.collect()
}

/// Splits a file into its code, all else blank, and its string literals.
fn lex(text: &str) -> (Vec<u8>, Vec<(usize, String)>) {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let after_name = at > 0 && is_name(bytes[at - 1]);
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => comment_end(bytes, at),
            b'r' if !after_name => match raw_string(text, at) {
                Some((end, literal)) => {
                    literals.push((at, literal));
                    end
                }
                None => at,
            },
            b'"' => {
                let end = string_end(bytes, at);
                literals.push((at, unescape(&text[at + 1..end - 1])));
                end
            }
            b'\'' => character_end(text, at),
            _ => at,
        };
        if end == at {
            at += 1;
        } else {
            blank(&mut code, at..end);
            at = end;
        }
    }
    (code, literals)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let length = bytes[at..].iter().position(|byte| *byte == b'\n');
    length.map_or(bytes.len(), |length| at + length)
}

fn comment_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0;
    let mut at = start;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn raw_string(text: &str, start: usize) -> Option<(usize, String)> {
    let rest = &text[start + 1..];
    let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
    let body = rest[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&close)?;
    let end = start + 1 + hashes + 1 + length + close.len();
    Some((end, body[..length].to_owned()))
}

/// The end of a character literal; a lifetime has none.
fn character_end(text: &str, at: usize) -> usize {
    let rest = &text[at + 1..];
    if rest.starts_with('\\') {
        // The escaped character may itself be a quote.
        let close = rest.get(2..).and_then(|rest| rest.find('\''));
        return close.map_or(at, |close| at + 1 + 2 + close + 1);
    }
    let mut characters = rest.char_indices();
    let _character = characters.next();
    match characters.next() {
        Some((length, '\'')) => at + 1 + length + 1,
        _ => at,
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('\n') => while characters.next_if(|next| next.is_whitespace()).is_some() {},
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

#[test]
fn strings_comments_and_tests_are_no_code() {
    let text = r##"use a::b; // use c::d
/* outer /* inner */ use e::f */
const G: &str = "use h::i \" '"; fn j<'k>(l: char) -> bool { l == '"' || l == '\'' }
const M: &str = r#"raw " text"#;
#[cfg(test)]
mod tests { use n::o; const P: &str = "test"; }
use q::{r, s::{t, u}, v};
"##;
    let (mut code, mut literals) = lex(text);
    for tests in test_items(&code) {
        literals.retain(|(at, _)| !tests.contains(at));
        blank(&mut code, tests);
    }
    let file = File {
        path: "x.rs".to_owned(),
        text: text.to_owned(),
        code: String::from_utf8(code).expect("text"),
        literals,
    };
    let found: Vec<&str> = file
        .literals
        .iter()
        .map(|(_, text)| text.as_str())
        .collect();

    assert_eq!(found, ["use h::i \" '", "raw \" text"]);
    assert!(file.says("a::b") && file.says("fn j") && file.says("bool"));
    assert!(
        !["c::d", "e::f", "h::i", "n::o"]
            .iter()
            .any(|word| file.says(word))
    );
    let names: Vec<String> = file
        .named_after("q::")
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    assert_eq!(names, ["r", "s", "v"]);
    assert_eq!(file.line(file.places("q::")[0]), 7);
}
