//! What the compiler complains about.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

/// How a path of ours, or the name of our crate, shows in a message. The last one is about `std`, which our `core` brings
/// into crates that do without it.
const OURS: [&str; 6] = [
    "unsnarl::",
    "unsnarl_tokio::",
    "unsnarl_std::",
    "unsnarl_core::",
    "crate `unsnarl`",
    "which `unsnarl_core` depends on",
];

/// The errors that the compiler has written, as JSON lines.
#[derive(Debug)]
pub(super) struct Complaint {
    errors: Vec<Value>,
}

impl Complaint {
    /// Those in this text.
    pub(super) fn read(said: &[u8]) -> Self {
        let said = String::from_utf8_lossy(said);
        let messages = said
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let errors = messages.filter(|message| message["level"] == "error");
        Self {
            errors: errors.collect(),
        }
    }

    /// The first error, in one line.
    pub(super) fn first(&self) -> String {
        let mut texts = self
            .errors
            .iter()
            .filter_map(|error| error["message"].as_str());
        let text = texts.next().unwrap_or("the compiler does not say why");
        text.lines().next().unwrap_or_default().to_owned()
    }

    /// Whether something of ours is where something else was expected, or the other way round.
    pub(super) fn is_about_ours(&self) -> bool {
        self.errors.iter().any(|error| {
            let text = error.to_string();
            OURS.iter().any(|ours| text.contains(ours))
        })
    }

    /// The files that it points to.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let mut files = BTreeSet::new();
        self.errors
            .iter()
            .for_each(|error| collect(error, &mut files));
        files.into_iter().collect()
    }
}

/// Files of a message, and of those below it.
fn collect(message: &Value, files: &mut BTreeSet<PathBuf>) {
    let list = |key: &str| message[key].as_array().into_iter().flatten();
    let names = list("spans").filter_map(|span| span["file_name"].as_str());
    files.extend(names.filter_map(|name| PathBuf::from(name).canonicalize().ok()));
    list("children").for_each(|child| collect(child, files));
}

#[cfg(test)]
mod tests {
    use super::Complaint;

    #[test]
    fn the_first_error_is_the_reason() {
        let said = "{\"level\":\"warning\",\"message\":\"w\"}\n{\"level\":\"error\",\"message\":\"e\\nmore\"}\n";
        assert_eq!(Complaint::read(said.as_bytes()).first(), "e");
        assert!(Complaint::read(b"boom").first().contains("does not say"));
    }

    #[test]
    fn what_is_ours_is_known_by_its_path() {
        let read = |text: &str| {
            let said = format!(
                "{{\"level\":\"error\",\"message\":\"mismatched types\",\"children\":[{{\"message\":\"{text}\"}}]}}"
            );
            Complaint::read(said.as_bytes()).is_about_ours()
        };
        assert!(read("expected `unsnarl_std::sync::Mutex<u8>`"));
        assert!(read("is defined in crate `unsnarl`"));
        assert!(read(
            "the lang item is first defined in crate `std` (which `unsnarl_core` depends on)"
        ));
        assert!(!read("expected `u8`"));
    }
}
