//! One source file, and the places in it.

use std::fmt;
use std::ops::Range;

use model::site::Site;

/// The text of a file and where its lines begin.
///
/// Like the compiler, it drops a byte order mark and reads `\r\n` as `\n`, so that columns mean the same.
pub(crate) struct SourceFile {
    text: String,
    starts: Vec<usize>,
}

impl SourceFile {
    pub(crate) fn new(text: String) -> Self {
        let text = text
            .strip_prefix('\u{feff}')
            .unwrap_or(&text)
            .replace("\r\n", "\n");
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Self { text, starts }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The byte at which a site begins; a column beyond the line is its end, a line beyond the file is nowhere.
    pub(crate) fn offset(&self, site: &Site) -> Option<usize> {
        let line = usize::try_from(site.line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(line)?;
        let column = usize::try_from(site.column).ok()?.saturating_sub(1);
        let text = self.text[start..].split('\n').next()?;
        let inside = text.char_indices().nth(column);
        Some(start + inside.map_or(text.len(), |(at, _)| at))
    }

    /// The bytes of the path, macro name or single character at a site.
    pub(crate) fn token(&self, site: &Site) -> Option<Range<usize>> {
        let start = self.offset(site)?;
        let rest = &self.text[start..];
        let length = match path_length(rest) {
            0 => rest
                .chars()
                .next()
                .filter(|&c| c != '\n')
                .map_or(0, char::len_utf8),
            length if is_macro(&rest[length..]) => length + 1,
            length => length,
        };
        Some(start..start + length)
    }

    /// The bytes between two sites, the second exclusive.
    #[cfg(feature = "names")]
    pub(crate) fn between(&self, from: &Site, to: &Site) -> Option<&str> {
        self.text.get(self.offset(from)?..self.offset(to)?)
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceFile({} lines)", self.starts.len())
    }
}

/// Whether a character may be part of an identifier.
pub(crate) fn is_identifier(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of the path (`lock`, `Mutex::lock`) that a text begins with.
pub(crate) fn path_length(text: &str) -> usize {
    let first = identifier_length(text);
    let mut length = first;
    while let Some(rest) = text[length..].strip_prefix("::") {
        let next = identifier_length(rest);
        if length == 0 || next == 0 {
            break;
        }
        length += 2 + next;
    }
    length
}

fn identifier_length(text: &str) -> usize {
    text.find(|c| !is_identifier(c)).unwrap_or(text.len())
}

fn is_macro(rest: &str) -> bool {
    rest.starts_with('!') && !rest.starts_with("!=")
}

#[cfg(test)]
mod tests {
    use model::site::Site;

    use super::SourceFile;

    fn check(text: &str, line: u32, column: u32, token: Option<&str>) {
        let file = SourceFile::new(text.into());
        let found = file.token(&Site::new("x.rs", line, column));
        assert_eq!(found.map(|range| &file.text()[range]), token);
    }

    #[test]
    fn a_method_name_is_a_token() {
        check("let g = x.lock();", 1, 11, Some("lock"));
    }

    #[test]
    fn a_path_and_a_macro_are_tokens() {
        check("Mutex::lock(&x)", 1, 1, Some("Mutex::lock"));
        check("select!(x)", 1, 1, Some("select!"));
        check("a != b", 1, 1, Some("a"));
    }

    #[test]
    fn columns_count_characters_and_tabs_as_one() {
        check("\té.lock()", 1, 4, Some("lock"));
    }

    #[test]
    fn line_ends_do_not_count() {
        check("a\r\nb.lock()\r\n", 2, 3, Some("lock"));
        check("\u{feff}b.lock()", 1, 3, Some("lock"));
    }

    #[test]
    fn a_column_beyond_the_line_is_its_end_and_a_line_beyond_the_file_is_nowhere() {
        check("ab\ncd", 1, 99, Some(""));
        check("ab\ncd", 3, 1, None);
        check("ab", 0, 0, None);
        check("", 1, 1, Some(""));
        check("ab", 1, 0, Some("ab"));
    }
}
