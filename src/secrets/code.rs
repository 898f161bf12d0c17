//! Codes that people read in one place and type in another: eight characters.
//!
//! The alphabet is Crockford's base32: no I, L, O and U, and whoever reads a zero as an O is
//! understood. Eight characters are 40 bits. Six digits would be 20: with five tries a code, somebody
//! who asks for the codes of many people gets into some account by luck, and the throttle would have
//! to be tighter than people can bear.
//!
//! A code always has a letter, so that one that is written somewhere can be told from a year or a number
//! and masked: see [`find_shown`].
//!
//! A code is no credential by itself, since 40 bits can be guessed from a digest in minutes. It counts
//! only together with what is long: see [`digest_of`].

use zeroize::Zeroizing;

use super::{Digest, Secret, digest_parts, random};
use crate::error::Result;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code.
const LENGTH: usize = 8;
/// The longest text that is read as one: people put spaces and hyphens in between.
const TYPED_MAX: usize = 40;

/// Draws a code, as [`read`] gives one.
pub fn draw() -> Result<Secret> {
    loop {
        let drawn = Zeroizing::new(random::bytes::<LENGTH>()?);
        // 256 is a multiple of 32: no character comes more often than another.
        let characters = drawn.iter().map(|byte| ALPHABET[usize::from(byte % 32)]);
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.extend(characters.map(char::from));
        if has_letter(text.as_bytes()) {
            return Ok(Secret::new(std::mem::take(&mut *text)));
        }
    }
}

fn has_letter(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_alphabetic)
}

/// Reads what somebody typed: capitals or not, with spaces and hyphens or without. None if it can be
/// no code.
pub fn read(typed: &str) -> Option<Secret> {
    if typed.len() > TYPED_MAX {
        return None;
    }
    let mut text = String::with_capacity(LENGTH);
    for character in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let character = match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let known = u8::try_from(character).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known || text.len() == LENGTH {
            return None;
        }
        text.push(character);
    }
    (text.len() == LENGTH).then(|| Secret::new(text))
}

/// A code as people read it: `K7QM-2XPA`.
pub fn shown(code: &Secret) -> String {
    let (first, second) = code.reveal().split_at(LENGTH / 2);
    format!("{first}-{second}")
}

/// Where in a text something stands that has the form of [`shown`], and how many bytes it has.
pub(super) fn find_shown(text: &str) -> Option<(usize, usize)> {
    let (bytes, half) = (text.as_bytes(), LENGTH / 2);
    let mut hyphens = text.match_indices('-').map(|(at, _)| at);
    let start = hyphens.find_map(|hyphen| {
        let start = hyphen.checked_sub(half)?;
        let end = start + LENGTH + 1;
        let (first, second) = (bytes.get(start..hyphen)?, bytes.get(hyphen + 1..end)?);
        let known = |half: &[u8]| half.iter().all(|byte| ALPHABET.contains(byte));
        let ends = |byte: Option<&u8>| {
            byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-')
        };
        let alone = ends(start.checked_sub(1).and_then(|at| bytes.get(at))) && ends(bytes.get(end));
        let letter = has_letter(first) || has_letter(second);
        (alone && letter && known(first) && known(second)).then_some(start)
    });
    start.map(|start| (start, LENGTH + 1))
}

/// What is kept of a code: its digest together with a long secret that is not kept.
pub fn digest_of(code: &Secret, beside: &Secret) -> Digest {
    digest_parts(&[
        b"code",
        beside.reveal().as_bytes(),
        code.reveal().as_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(typed: &str) -> Option<String> {
        read(typed).map(|code| code.reveal().to_owned())
    }

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = draw().unwrap();
        let text = shown(&code);

        assert_eq!(text.len(), 9);
        for typed in [
            text.clone(),
            text.to_lowercase(),
            text.replace('-', ""),
            format!(" {} ", text.replace('-', " ")),
            text.replace('0', "o").replace('1', "l"),
            text.replace('0', "O").replace('1', "I"),
        ] {
            assert_eq!(read_text(&typed).as_deref(), Some(code.reveal()), "{typed}");
        }
    }

    #[test]
    fn what_can_be_no_code_is_none() {
        for typed in [
            "",
            "K7QM-2XP",
            "K7QM-2XPAA",
            "K7QM-2XPU",
            "K7QM_2XPA",
            "K7QM-2XPÄ",
        ] {
            assert_eq!(read_text(typed), None, "{typed}");
        }
        assert_eq!(read_text(&"-".repeat(1_000)), None);
    }

    #[test]
    fn a_code_is_found_in_a_text_and_nothing_else_is() {
        let code = draw().unwrap();
        let text = format!("Type {} here", shown(&code));

        assert_eq!(find_shown(&text), Some((5, 9)));
        assert_eq!(find_shown(&shown(&code)), Some((0, 9)));
        for other in [
            "2026-2027",
            "ABCD-12",
            "ABCD-12345",
            "XABCD-1234",
            "ABCD-1234-EFGH",
            "abcd-efgh",
            "HULL-CITY",
            "é-ABCD",
            "-",
        ] {
            assert_eq!(find_shown(other), None, "{other}");
        }
    }

    #[test]
    fn the_digest_is_another_with_another_secret_beside() {
        let code = draw().unwrap();
        let [one, two] = ["one", "two"].map(|text| Secret::new(text.to_owned()));

        assert!(digest_of(&code, &one).ct_eq(&digest_of(&code, &one)));
        assert!(!digest_of(&code, &one).ct_eq(&digest_of(&code, &two)));
    }
}
