//! Whether a browser sent a request from another origin (CSRF).
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site`, which a page cannot set; over plain
//! http off loopback they leave it out and `Origin` has to do. A request that says neither is no
//! browser's, or an old one's: without a cookie it passes, with one it is refused.

/// What a request says of where it comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Says<'r> {
    /// `Sec-Fetch-Site`; more than one line is [`Says::MANY`].
    pub fetch_site: Option<&'r str>,
    /// `Origin`, likewise.
    pub origin: Option<&'r str>,
    /// Whether it brings a cookie of ours, valid or not.
    pub has_cookie: bool,
}

impl Says<'_> {
    /// Stands for a header that was sent more than once: it equals nothing that is accepted.
    pub const MANY: &'static str = "?";
}

/// True if an unsafe request may be carried out. `own` are the origins of this server: the public
/// one, and the one under which the request came.
pub fn is_own(says: Says<'_>, own: &[&str]) -> bool {
    match (says.fetch_site, says.origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => own.contains(&origin),
        (None, None) => !says.has_cookie,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_says_of_the_site_decides_and_then_the_origin() {
        let own = ["https://coach.example", "http://localhost:4780"];
        let sites = [
            (None, None),
            (Some("same-origin"), Some(true)),
            (Some("none"), Some(true)),
            (Some("same-site"), Some(false)),
            (Some("cross-site"), Some(false)),
            (Some(Says::MANY), Some(false)),
            (Some("Same-Origin"), Some(false)),
        ];
        let origins = [
            (None, None),
            (Some("https://coach.example"), Some(true)),
            (Some("http://localhost:4780"), Some(true)),
            (Some("http://coach.example"), Some(false)),
            (Some("https://coach.example:444"), Some(false)),
            (Some("https://coach.example.evil.example"), Some(false)),
            (Some("null"), Some(false)),
            (Some(Says::MANY), Some(false)),
        ];
        for (fetch_site, by_site) in sites {
            for (origin, by_origin) in origins {
                for has_cookie in [false, true] {
                    let says = Says {
                        fetch_site,
                        origin,
                        has_cookie,
                    };
                    let expected = by_site.or(by_origin).unwrap_or(!has_cookie);
                    assert_eq!(is_own(says, &own), expected, "{says:?}");
                }
            }
        }
    }
}
