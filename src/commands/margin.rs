//! Text broken at the margin, for people: eighty columns wherever it is read, so that a page looks the same in a terminal,
//! in a ticket and in a chat.

use unicode_width::UnicodeWidthStr as _;

/// So wide is a page.
pub const WIDTH: usize = 80;

/// `text` in lines that begin with `indent`, the first with `first` in its place; a word is never broken, so a long one may
/// stand out.
pub fn wrapped(first: &str, indent: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut bare = true;
    for word in text.split_whitespace() {
        if !bare && line.width() + 1 + word.width() > WIDTH {
            lines += &line;
            lines.push('\n');
            line = indent.to_owned();
            bare = true;
        }
        if !bare {
            line.push(' ');
        }
        line += word;
        bare = false;
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_the_margin_and_no_word_is_broken() {
        let text = wrapped("  Do: ", "      ", &"four ".repeat(40));
        assert!(text.lines().all(|line| line.width() <= WIDTH), "{text}");
        assert!(
            text.starts_with("  Do: four four") && text.lines().nth(1).unwrap().starts_with("      four"),
            "{text}"
        );
        assert_eq!(wrapped("- ", "  ", &"x".repeat(90)), format!("- {}\n", "x".repeat(90)));
        assert_eq!(wrapped("- ", "  ", ""), "- \n");
    }
}
