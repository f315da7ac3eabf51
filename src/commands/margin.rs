//! Text broken at the margin, for people: as wide as the terminal, within reason; eighty columns where there is none, so
//! that a page looks the same in a file, in a ticket and in a chat. Tables and their cells are never broken.

use std::sync::atomic::{AtomicUsize, Ordering};

use terminal_size::{Width, terminal_size_of};
use unicode_width::UnicodeWidthStr as _;

/// So wide is a page that no terminal shows.
pub const WIDTH: usize = 80;
/// Beyond these no terminal is followed.
const NARROWEST: usize = 40;
const WIDEST: usize = 100;

static PAGE: AtomicUsize = AtomicUsize::new(WIDTH);

/// So wide is a page.
pub fn width() -> usize {
    PAGE.load(Ordering::Relaxed)
}

/// Fits the pages of this process to the terminal on standard output, where there is one.
pub fn fit() {
    PAGE.store(fitting(terminal_size_of(std::io::stdout()).map(|(Width(width), _)| width)), Ordering::Relaxed);
}

/// The width of a page in a terminal of so many columns.
fn fitting(columns: Option<u16>) -> usize {
    columns.map_or(WIDTH, |columns| usize::from(columns).clamp(NARROWEST, WIDEST))
}

/// `text` in lines that begin with `indent`, the first with `first` in its place; a word is never broken, so a long one may
/// stand out.
pub fn wrapped(first: &str, indent: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut bare = true;
    for word in text.split_whitespace() {
        if !bare && line.width() + 1 + word.width() > width() {
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

/// `text` behind `head`, the lines after the first under its first word.
pub fn hanging(head: &str, text: &str) -> String {
    wrapped(head, &" ".repeat(head.width()), text).trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_wide_as_the_terminal_within_reason_and_eighty_columns_without_one() {
        assert_eq!([None, Some(60), Some(0), Some(300)].map(fitting), [80, 60, 40, 100]);
    }

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

    #[test]
    fn a_long_sentence_hangs_behind_its_head_and_no_line_is_too_long() {
        let text = hanging("  Mon 2 Nov 10:00  ", &"every word counts ".repeat(12));
        assert!(text.starts_with("  Mon 2 Nov 10:00  every word counts"));
        assert!(text.lines().skip(1).all(|line| line.starts_with(&" ".repeat(19)) && !line[19..].starts_with(' ')));
        assert!(text.lines().all(|line| line.width() <= WIDTH && line == line.trim_end()));
        assert_eq!(hanging("  ", ""), "\n");
    }
}
