//! What of the project is not watched, and why.

use std::fmt;

use super::note::{Note, Why};
use crate::error::list;

/// Packages that make their own locks, and what is not seen for that.
pub(crate) const UNSEEN: [(&str, &str); 1] = [(
    "parking_lot_core",
    "locks of `parking_lot`, which are not made of `std`'s",
)];

/// A note in words; of those that somebody asked for, nothing needs to be said.
pub(super) struct Words<'a>(pub(super) &'a Note);

impl Words<'_> {
    /// Whether nobody asked for it to be so.
    pub(super) fn is_news(&self) -> bool {
        !matches!(self.0.why, Why::NotAsked | Why::Excluded)
    }

    /// What to do about it, knowing the notes about other crates.
    pub(super) fn help(&self, others: &[Note]) -> Option<String> {
        let Why::Meets { with, .. } = &self.0.why else {
            return None;
        };
        let package = &self.0.package;
        let of_with = |why: &Why| {
            let mut notes = others.iter();
            notes.find(|note| note.why == *why && with.contains(&note.package))
        };
        if let Some(Note { package: other, .. }) = of_with(&Why::Excluded) {
            return Some(format!(
                "in `.config/unsnarl.toml`, put `{package}` under `exclude` too, or take `{other}` out of it"
            ));
        }
        let Note { package: other, .. } = of_with(&Why::NotAsked)?;
        Some(format!(
            "watch `{other}` too: with `--shim all`, or under `include` in `.config/unsnarl.toml`"
        ))
    }
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Note {
            package,
            version,
            name,
            why,
            ..
        } = self.0;
        if let Why::Tasks { error } = why {
            return write!(
                f,
                "tasks are not watched in `{name}` of {package} {version}, which does not build with watched ones: {error}"
            );
        }
        write!(f, "not watched: `{name}` of {package} {version}, ")?;
        match why {
            Why::NotAsked => f.write_str("which was not asked for"),
            Why::Excluded => f.write_str("which the settings exclude"),
            Why::Fails { error } => {
                write!(f, "which does not build with watched locks: {error}")
            }
            Why::Meets { error, with } => write!(
                f,
                "which shares types of `std` with {}, so that they have to go together: {error}",
                list(with)
            ),
            Why::Tasks { .. } => Ok(()),
            Why::Apart => {
                f.write_str("which shares types of `std` with others that are not watched")
            }
        }
    }
}
