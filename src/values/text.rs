//! Text that people write: names, notes, tags, metadata.
//!
//! Lengths are counted in Unicode scalar values, after white space at both ends is taken away.
//! Control characters are refused and not taken away, so that nothing reads differently from how
//! it was sent: C0, DEL and C1, the line and paragraph separators, and the characters that turn the
//! direction of writing, with which one text passes for another.

use super::Invalid;

/// Longest tag, in characters.
pub const TAG_MAX: usize = 40;
/// Most tags of one object.
pub const TAGS_MAX: usize = 50;
/// Longest key of a metadata pair, in characters.
pub const METADATA_KEY_MAX: usize = 40;
/// Longest value of a metadata pair, in characters.
pub const METADATA_VALUE_MAX: usize = 500;
/// Most metadata pairs of one object.
pub const METADATA_PAIRS_MAX: usize = 50;

/// One line of `min` to `max` characters, trimmed. Line breaks and tabs count as control characters.
pub fn line(text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    refuse_control_characters(text, |_| false)?;
    trimmed(text, min, max)
}

/// Text of `min` to `max` characters, trimmed, in which `\n`, `\r\n` and `\t` may stand.
pub fn paragraphs(text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    refuse_control_characters(text, |rest| {
        rest.starts_with(['\n', '\t']) || rest.starts_with("\r\n")
    })?;
    trimmed(text, min, max)
}

/// A tag: one line of 1 to 40 characters, trimmed.
pub fn tag(text: &str) -> Result<String, Invalid> {
    line(text, 1, TAG_MAX)
}

/// Checks one metadata pair: the key is a line of 1 to 40 characters, the value has at most 500.
///
/// Neither is trimmed, since both must read back as they were sent; a key with white space at an end
/// is refused instead, because it could not be told from its neighbour.
pub fn metadata_pair(key: &str, value: &str) -> Result<(), Invalid> {
    if line(key, 1, METADATA_KEY_MAX)?.len() != key.len() {
        return Err(Invalid::new(
            "invalid_metadata_key",
            "The key begins or ends with a space.",
        )
        .fix("Send the key without it."));
    }
    paragraphs(value, 0, METADATA_VALUE_MAX)?;
    // What was trimmed away above counts here, as it is kept.
    refuse_too_long(value, METADATA_VALUE_MAX)
}

/// Checks how many items a list or map has; `noun` names them in the plural.
pub fn at_most(count: usize, max: usize, noun: &str) -> Result<(), Invalid> {
    if count > max {
        return Err(Invalid::new(
            "too_many",
            format!("{count} {noun}; at most {max} are allowed."),
        ));
    }
    Ok(())
}

fn trimmed(text: &str, min: usize, max: usize) -> Result<String, Invalid> {
    let text = text.trim();
    refuse_too_long(text, max)?;
    if min > 0 {
        if text.is_empty() {
            return Err(Invalid::new("required", "This is required."));
        }
        if text.chars().take(min).count() < min {
            let message = format!("Shorter than {min} characters.");
            return Err(Invalid::new("too_short", message));
        }
    }
    Ok(text.to_owned())
}

fn refuse_too_long(text: &str, max: usize) -> Result<(), Invalid> {
    // A character has at least one byte, so most texts need no counting.
    if text.len() <= max {
        return Ok(());
    }
    let count = text.chars().count();
    if count <= max {
        return Ok(());
    }
    Err(Invalid::new(
        "too_long",
        format!("{count} characters; at most {max} are allowed."),
    ))
}

/// Finds what must not stand in any text, but for what `allowed` says of the text from there on.
fn refuse_control_characters(text: &str, allowed: impl Fn(&str) -> bool) -> Result<(), Invalid> {
    let mut after_return = false;
    for (at, c) in text.char_indices() {
        // The second half of an allowed `\r\n` is allowed by the first.
        let second_half = std::mem::replace(&mut after_return, c == '\r') && c == '\n';
        if is_control(c) && !second_half && !allowed(&text[at..]) {
            let message = format!("Has the control character U+{:04X}.", u32::from(c));
            return Err(Invalid::new("control_character", message).fix("Send the text without it."));
        }
    }
    Ok(())
}

fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T>(result: Result<T, Invalid>) -> Result<T, &'static str> {
        result.map_err(|invalid| invalid.code)
    }

    #[test]
    fn white_space_at_the_ends_is_taken_away() {
        assert_eq!(line("  Jane Doe\u{a0}", 1, 200).as_deref(), Ok("Jane Doe"));
        assert_eq!(
            paragraphs("\n\tone\r\n\r\ntwo\n", 1, 200).as_deref(),
            Ok("one\r\n\r\ntwo")
        );
    }

    #[test]
    fn nothing_but_white_space_is_nothing() {
        assert_eq!(code(line("", 1, 10)), Err("required"));
        assert_eq!(code(line("   ", 1, 10)), Err("required"));
        assert_eq!(code(paragraphs("\n \n", 1, 10)), Err("required"));
        assert_eq!(line("  ", 0, 10).as_deref(), Ok(""));
    }

    #[test]
    fn length_is_counted_in_characters_and_not_in_bytes() {
        assert!(line(&"é".repeat(10), 1, 10).is_ok());
        assert_eq!(code(line(&"é".repeat(11), 1, 10)), Err("too_long"));
        assert!(line(&format!("  {}  ", "x".repeat(10)), 1, 10).is_ok());
        assert_eq!(code(line("é", 2, 10)), Err("too_short"));
    }

    #[test]
    fn control_characters_are_refused_wherever_they_stand() {
        for c in "\0\u{1b}\n\r\t\u{7f}\u{85}\u{9b}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}"
            .chars()
        {
            for text in [format!("a{c}b"), format!("{c}ab"), format!("ab{c}")] {
                assert_eq!(
                    code(line(&text, 1, 10)),
                    Err("control_character"),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn paragraphs_may_break_lines_but_not_return_alone() {
        assert!(paragraphs("one\ntwo\r\nthree\tfour", 1, 100).is_ok());
        assert_eq!(
            code(paragraphs("one\rtwo", 1, 100)),
            Err("control_character")
        );
        assert_eq!(
            code(paragraphs("one\r\r\ntwo", 1, 100)),
            Err("control_character")
        );
        assert_eq!(
            code(paragraphs("one\0two", 1, 100)),
            Err("control_character")
        );
        assert_eq!(
            code(paragraphs("one\u{202e}two", 1, 100)),
            Err("control_character")
        );
    }

    #[test]
    fn writing_of_every_direction_and_joined_emoji_are_text() {
        for text in ["שלום", "مرحبا", "👩‍👩‍👧", "नमस्ते", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]
        {
            assert_eq!(line(text, 1, 20).as_deref(), Ok(text));
        }
    }

    #[test]
    fn tags_are_short_lines() {
        assert_eq!(tag(" vip ").as_deref(), Ok("vip"));
        assert_eq!(code(tag(&"x".repeat(41))), Err("too_long"));
        assert_eq!(code(tag("a\nb")), Err("control_character"));
    }

    #[test]
    fn metadata_is_kept_as_it_was_sent() {
        assert!(metadata_pair("crm_id", "").is_ok());
        assert!(metadata_pair("crm_id", " two\nlines ").is_ok());
        assert_eq!(code(metadata_pair("", "x")), Err("required"));
        assert_eq!(code(metadata_pair(" id", "x")), Err("invalid_metadata_key"));
        assert_eq!(code(metadata_pair(&"k".repeat(41), "x")), Err("too_long"));
        assert_eq!(code(metadata_pair("id", &" ".repeat(501))), Err("too_long"));
        assert_eq!(code(metadata_pair("id", "\0")), Err("control_character"));
    }

    #[test]
    fn lists_have_an_end() {
        assert!(at_most(50, TAGS_MAX, "tags").is_ok());
        let invalid = at_most(51, TAGS_MAX, "tags").unwrap_err();
        assert_eq!(invalid.message, "51 tags; at most 50 are allowed.");
    }
}
