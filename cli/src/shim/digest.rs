//! Short names for long things.

use std::hash::{DefaultHasher, Hasher};

/// A name that is another one for other bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{:016x}", hasher.finish())
}
