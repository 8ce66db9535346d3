//! The file that keeps the report of this process.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use model::report::Report;

/// Writes the report of the process into this folder: to a temporary file, which is then renamed. Says once if it cannot.
pub(crate) fn save(dir: &Path, report: &Report) {
    if let Err((path, error)) = write(dir, report) {
        complain(&path, &error);
    }
}

fn write(dir: &Path, report: &Report) -> Result<(), (PathBuf, io::Error)> {
    /// Writers take turns, so that the file that is renamed last is the newest.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let [path, temporary] = ["json", "json.tmp"]
        .map(|suffix| dir.join(format!("{}-{}.{suffix}", executable(), std::process::id())));
    let text = render::json::to_string(report);
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(&temporary, text));
    written
        .and_then(|()| fs::rename(&temporary, &path))
        .map_err(|error| (path, error))
}

/// Says once that the report cannot be written.
fn complain(path: &Path, error: &io::Error) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let message = format!("unsnarl: cannot write `{}`: {error}\n", path.display());
        // Nothing is left to try if stderr is closed as well.
        let _ = io::stderr().write_all(message.as_bytes());
    });
}

/// The name of the executable without its folder, its extension and cargo's hash.
pub(crate) fn executable() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    match stem.rsplit_once('-') {
        Some((name, hash))
            if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            name.to_owned()
        }
        _ => stem,
    }
}
