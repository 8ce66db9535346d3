//! A table, laid out for a terminal or as Markdown.

/// On which side the cells of a column begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A table with a title.
#[derive(Debug)]
pub(super) struct Table {
    title: &'static str,
    columns: &'static [(&'static str, Side)],
    rows: Vec<Vec<String>>,
    /// How many rows are left out.
    hidden: usize,
}

impl Table {
    pub(super) fn new(
        title: &'static str,
        columns: &'static [(&'static str, Side)],
        rows: Vec<Vec<String>>,
        hidden: usize,
    ) -> Self {
        Self {
            title,
            columns,
            rows,
            hidden,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Columns with two spaces between them, and an empty line at the end.
    pub(super) fn text(&self) -> String {
        let heads: Vec<String> = self
            .columns
            .iter()
            .map(|(head, _)| (*head).to_owned())
            .collect();
        let lines: Vec<&Vec<String>> = [&heads].into_iter().chain(&self.rows).collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                let cells = lines.iter().map(|cells| cells[column].chars().count());
                cells.max().unwrap_or(0)
            })
            .collect();
        let mut text = format!("{}\n", self.title);
        for cells in lines {
            let cells = cells.iter().zip(self.columns).zip(&widths);
            let cells: Vec<String> = cells
                .map(|((cell, (_, side)), &width)| match side {
                    Side::Left => format!("{cell:width$}"),
                    Side::Right => format!("{cell:>width$}"),
                })
                .collect();
            text.push_str(format!("  {}", cells.join("  ")).trim_end());
            text.push('\n');
        }
        text.push_str(&self.rest());
        text.push('\n');
        text
    }

    /// The same as Markdown; what is on the left is code, since it may have characters that mean something.
    #[cfg(feature = "ci")]
    pub(super) fn markdown(&self) -> String {
        let heads: String = self
            .columns
            .iter()
            .map(|(head, _)| format!(" {head} |"))
            .collect();
        let sides = self.columns.iter().map(|(_, side)| match side {
            Side::Left => "---|",
            Side::Right => "--:|",
        });
        let sides: String = sides.collect();
        let rows: String = self
            .rows
            .iter()
            .map(|cells| self.markdown_row(cells))
            .collect();
        let rest = self.rest();
        format!("\n### {}\n\n|{heads}\n|{sides}\n{rows}{rest}", self.title)
    }

    #[cfg(feature = "ci")]
    fn markdown_row(&self, cells: &[String]) -> String {
        let cells = cells.iter().zip(self.columns).map(|(text, (_, side))| {
            let text = text.replace('`', "'").replace('|', "\\|");
            match side {
                Side::Left if !text.is_empty() => format!(" `{text}` |"),
                _ => format!(" {text} |"),
            }
        });
        format!("|{}\n", cells.collect::<String>())
    }

    fn rest(&self) -> String {
        match self.hidden {
            0 => String::new(),
            more => format!("\n  and {more} more; the report has them all\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Side, Table};

    fn table() -> Table {
        let columns = &[("name", Side::Left), ("µs", Side::Right)];
        let row = |name: &str, time: &str| vec![name.to_owned(), time.to_owned()];
        Table::new("times", columns, vec![row("a|b", "7"), row("c", "12")], 1)
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let expected = "times\n  name  µs\n  a|b    7\n  c     12\n\n  and 1 more; the report has them all\n\n";
        assert_eq!(table().text(), expected);
    }

    #[cfg(feature = "ci")]
    #[test]
    fn markdown_minds_bars_in_cells() {
        let markdown = table().markdown();
        assert!(
            markdown.contains("| name | µs |\n|---|--:|\n| `a\\|b` | 7 |\n"),
            "{markdown}"
        );
    }
}
