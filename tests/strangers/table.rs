//! The rows of `docs/strangers.md`.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::sandbox::{Result, at};

/// Set to anything, rows are put into the document.
const WRITE: &str = "STRANGERS_WRITE";

/// Prints a row: what it is about, and all its cells, that one first.
pub(crate) fn print(cells: &[String]) -> Result<()> {
    writeln!(io::stdout().lock(), "{}", row(cells)).map_err(|error| error.to_string())
}

fn row(cells: &[String]) -> String {
    format!("| {} |", cells.join(" | "))
}

/// Prints a row, and puts it into the document if that is wished.
pub(crate) fn tell(cells: &[String]) -> Result<()> {
    print(cells)?;
    let row = row(cells);
    if env::var_os(WRITE).is_none() {
        return Ok(());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/strangers.md");
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let text = with_row(&text, &row)
        .ok_or_else(|| format!("{} has no such row: {row}", path.display()))?;
    fs::write(&path, text).map_err(at(&path))
}

/// The text with this row in the place of the one about the same thing, whatever its version.
fn with_row(text: &str, row: &str) -> Option<String> {
    let old = text.lines().find(|line| subject(line) == subject(row))?;
    Some(text.replacen(old, row, 1))
}

/// The first word of a row.
fn subject(row: &str) -> Option<&str> {
    row.strip_prefix("| ")?.split(' ').next()
}
