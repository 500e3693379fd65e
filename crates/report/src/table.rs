//! Plain tables: columns aligned by their widest cell.

/// Rows of a plain table; the first row is the head.
pub struct Table {
    rows: Vec<Vec<String>>,
    /// Columns set to the right.
    right: &'static [usize],
}

impl Table {
    /// A table with its head and the columns that are set to the right.
    pub fn new<const N: usize>(head: [&str; N], right: &'static [usize]) -> Self {
        Self { rows: vec![head.iter().map(|word| (*word).to_owned()).collect()], right }
    }
    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }
    /// The rows, head first.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }
    /// As aligned text, two blanks between columns.
    pub fn text(&self) -> String {
        let columns = self.rows[0].len();
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let pad = " ".repeat(widths[column] - cell.chars().count());
                if column > 0 {
                    line.push_str("  ");
                }
                if self.right.contains(&column) {
                    line.push_str(&pad);
                    line.push_str(cell);
                } else {
                    line.push_str(cell);
                    line.push_str(&pad);
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
    /// As a Markdown table.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for (place, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
            if place == 0 {
                let rule: Vec<&str> = (0..row.len()).map(|column| if self.right.contains(&column) { "---:" } else { "---" }).collect();
                out.push_str(&format!("| {} |\n", rule.join(" | ")));
            }
        }
        out
    }
}

/// A word that Markdown and HTML inside it leave alone.
pub fn escape(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for letter in word.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

/// Text in which no name from elsewhere steers the reader's terminal or turns the line around.
///
/// Control characters except the line break and the overrides of the direction
/// of writing become U+FFFD, so that they are seen.
pub fn tame(text: &str) -> String {
    let steers =
        |letter: char| (letter.is_control() && letter != '\n') || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace(steers, "\u{fffd}")
}

/// A word cut to a width, with an ellipsis in the middle so that both ends can be told.
pub fn shorten(word: &str, width: usize) -> String {
    let clean = tame(&word.replace('\n', " "));
    let length = clean.chars().count();
    if length <= width {
        return clean;
    }
    let head = (width - 1) / 3;
    let tail = width - 1 - head;
    let start: String = clean.chars().take(head).collect();
    let end: String = clean.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

/// Text broken into lines of at most `width`, every line after the first indented.
pub fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let letters = word.chars().count();
        if length > 0 && length + 1 + letters > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            length = indent;
        } else if length > 0 {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += letters;
    }
    out
}
