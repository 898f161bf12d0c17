//! The little of Markdown that descriptions use: paragraphs, headings, lists, code and links.

use maud::{Markup, html};

/// A text as HTML. What is no mark of these is text.
pub(super) fn render(text: &str) -> Markup {
    let mut blocks = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(super::code("Example", language, &code.join("\n")));
        } else if let Some(title) = line.strip_prefix("## ") {
            blocks.push(html! { h2 { (title) } });
        } else if line.starts_with("- ") {
            let mut items = vec![line];
            while let Some(next) = lines.next_if(|next| next.starts_with("- ")) {
                items.push(next);
            }
            blocks.push(html! { ul { @for item in items { li { (inline(&item[2..])) } } } });
        } else if !line.trim().is_empty() {
            let mut paragraph = line.to_owned();
            while let Some(next) = lines.next_if(|next| is_text(next)) {
                paragraph.push(' ');
                paragraph.push_str(next);
            }
            blocks.push(html! { p { (inline(&paragraph)) } });
        }
    }
    html! { @for block in blocks { (block) } }
}

fn is_text(line: &str) -> bool {
    !line.trim().is_empty()
        && !["```", "## ", "- "]
            .iter()
            .any(|mark| line.starts_with(mark))
}

/// A line with code between backticks.
pub(super) fn inline(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    // A lone backtick is text.
    let whole = parts.len() % 2 == 1;
    html! {
        @for (at, part) in parts.iter().enumerate() {
            @if at % 2 == 1 && (whole || at + 1 < parts.len()) { code { (part) } }
            @else if at % 2 == 1 { "`" (part) }
            @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_elements_and_the_rest_is_text() {
        let html =
            render("## A <b>\n\none `<i>`\ntwo\n\n- x\n- y\n\n```sh\ncurl <z>\n```").into_string();

        assert!(
            html.starts_with("<h2>A &lt;b&gt;</h2><p>one <code>&lt;i&gt;</code> two</p>"),
            "{html}"
        );
        assert!(html.contains("<ul><li>x</li><li>y</li></ul>"), "{html}");
        assert!(html.contains("<code>curl &lt;z&gt;</code>"), "{html}");
    }

    #[test]
    fn a_lone_backtick_is_text() {
        assert_eq!(inline("a `b").into_string(), "a `b");
    }
}
