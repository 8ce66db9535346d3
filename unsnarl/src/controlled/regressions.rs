//! Schedules that failed once, kept beside the package's tests: one file for each test, one token in each line.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use explore::token::Token;

/// The folder, in that of the package.
const FOLDER: &str = "unsnarl-regressions";

/// The schedules of a test that failed before. Lines that cannot be read are left out.
pub(super) fn read(test: &str) -> Vec<Token> {
    let text = file(test).and_then(|path| fs::read_to_string(path).ok());
    let text = text.unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Keeps a schedule that fails.
pub(super) fn write(test: &str, token: &Token) {
    let Some(path) = file(test).filter(|_| !read(test).contains(token)) else {
        return;
    };
    let folder = path.parent().map(fs::create_dir_all);
    let file = fs::OpenOptions::new().create(true).append(true).open(&path);
    let written = folder
        .transpose()
        .and(file)
        .and_then(|mut file| writeln!(file, "{token}"));
    if let Err(error) = written {
        let message = format!("unsnarl: cannot write `{}`: {error}\n", path.display());
        // Nothing is left to try if stderr is closed as well.
        let _ = std::io::stderr().write_all(message.as_bytes());
    }
}

/// The file of a test; none where cargo does not say where the package is, or the thread is no test.
fn file(test: &str) -> Option<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")?;
    let name: String = test
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "_-".contains(c) {
                c
            } else {
                '.'
            }
        })
        .collect();
    (test != "main").then(|| {
        PathBuf::from(package)
            .join(FOLDER)
            .join(format!("{name}.txt"))
    })
}
