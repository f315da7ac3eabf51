//! What is printed: text, one JSON document, aligned columns. Styles leave where standard output is no terminal; a reader
//! that has stopped reading is no fault.

use std::io::Write as _;

use anstyle::Style;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

/// Writes to standard output.
pub fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    // Whoever has closed the pipe has read enough.
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Writes one JSON document.
pub fn print_json(document: &impl Serialize) {
    let text = serde_json::to_string_pretty(document);
    print(&text.map_or_else(|fault| format!("{{\"error\": \"{fault}\"}}\n"), |text| escaped(&text) + "\n"));
}

/// A JSON document in which nothing stands as it is that a terminal would obey, or by which it would turn what it shows: JSON
/// itself asks for that only of the first 32 characters. Such a character can only stand in a text.
fn escaped(document: &str) -> String {
    let obeyed = |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        match obeyed(c) {
            true => out += &format!("\\u{:04x}", u32::from(c)),
            false => out.push(c),
        }
    }
    out
}

/// A table under construction.
pub struct Table {
    columns: Vec<(&'static str, Side)>,
    rows: Vec<(Style, Vec<String>)>,
}

/// On which side a column is aligned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

impl Table {
    /// A table of these columns.
    pub fn new(columns: &[(&'static str, Side)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row; its cells are of one line each.
    pub fn row(&mut self, style: Style, cells: Vec<String>) {
        self.rows.push((style, cells));
    }

    /// The whole table, its head in bold.
    pub fn show(&self) -> String {
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|(_, cells)| cells.get(column)).map(|cell| cell.width());
            cells.chain(self.columns.get(column).map(|(name, _)| name.width())).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(widest).collect();
        let head = self.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let head = (Style::new().bold(), head);
        std::iter::once(&head).chain(&self.rows).map(|(style, cells)| self.line(*style, cells, &widths)).collect()
    }

    fn line(&self, style: Style, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, side)) in cells.iter().zip(widths).zip(&self.columns) {
            let pad = " ".repeat(width.saturating_sub(cell.width()));
            let between = if line.is_empty() { "" } else { "  " };
            line += &match side {
                Side::Left => format!("{between}{cell}{pad}"),
                Side::Right => format!("{between}{pad}{cell}"),
            };
        }
        format!("{style}{}{style:#}\n", line.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_holds_nothing_that_a_terminal_obeys() {
        let text = "a\u{9b}31m\u{7f}\u{202e}\u{2028}é\u{1b}";
        let written = escaped(&serde_json::to_string(text).unwrap());
        assert_eq!(written, r#""a\u009b31m\u007f\u202e\u2028é\u001b""#);
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }

    #[test]
    fn columns_stand_under_each_other_in_any_script() {
        let mut table = Table::new(&[("CUSTOMER", Side::Left), ("VALUE", Side::Right), ("ID", Side::Left)]);
        table.row(Style::new(), vec!["富士通".into(), "€80k".into(), "0b9f".into()]);
        table.row(Style::new(), vec!["Győri Kft.".into(), "1.2M HUF".into(), "17aa".into()]);
        let plain = anstream::adapter::strip_str(&table.show()).to_string();
        assert_eq!(
            plain,
            "CUSTOMER       VALUE  ID\n\
             富士通          €80k  0b9f\n\
             Győri Kft.  1.2M HUF  17aa\n"
        );
    }
}
