//! Randomness of the operating system, for secrets.

use crate::error::{Error, Result};

/// Fills a buffer with random bytes.
#[expect(clippy::disallowed_methods, reason = "this is the place that may draw")]
pub fn fill(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer).map_err(Error::internal)
}

/// Random bytes. A machine that has none to give is a fault, never a weaker secret.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(bytes::<32>().unwrap(), bytes::<32>().unwrap());
    }
}
