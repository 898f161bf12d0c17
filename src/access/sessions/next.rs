//! Where to go after signing in: a path of this server, or nowhere (no open redirect).

/// The path that `next=` names, if it is one of this origin.
///
/// It begins with one `/` and goes on with neither `/` nor `\`, which browsers read as another host,
/// and has no control characters and no backslash anywhere, which some strip or turn before they look.
pub fn path(next: &str) -> Option<&str> {
    let rest = next.strip_prefix('/')?;
    let elsewhere = rest.starts_with('/') || next.contains('\\');
    let plain = next.chars().all(|c| !c.is_control() && !c.is_whitespace());
    (!elsewhere && plain && next.len() <= 2_048).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_origin_is_followed() {
        for good in [
            "/",
            "/dashboard",
            "/oauth/authorize?client_id=a&state=%2F%2F",
            "/a//b",
        ] {
            assert_eq!(path(good), Some(good));
        }
        for evil in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a\\b",
            "/\u{0}",
            " /dashboard",
            "/ /evil.example",
            ".//evil",
            "/\u{85}/evil.example",
        ] {
            assert_eq!(path(evil), None, "{evil:?}");
        }
    }
}
