//! Closed vocabularies: the words that a parameter or a field is limited to. The reader and the
//! documentation take them from the same table, so the two cannot differ.

/// Gives the words of a vocabulary.
pub type Vocabulary = fn() -> Vec<String>;

/// The words of a table of choices, in its order.
pub fn words<T>(choices: &[(&'static str, T)]) -> Vec<String> {
    choices.iter().map(|(word, _)| (*word).to_owned()).collect()
}

/// What a parameter is limited to.
#[derive(Clone, Copy, Debug)]
pub enum Choices {
    /// To no vocabulary.
    Any,
    /// To one word of it.
    One(Vocabulary),
    /// To some words of it, separated by commas.
    Some(Vocabulary),
}

/// The known name that differs least, if it differs by two letters at most.
pub fn closest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    if name.len() > 64 {
        return None;
    }
    let near = known
        .iter()
        .map(|candidate| (distance(name, candidate), *candidate))
        .min()?;
    (near.0 <= 2).then_some(near.1)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
