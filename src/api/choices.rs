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
