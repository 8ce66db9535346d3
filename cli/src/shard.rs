//! The part of the work that this machine does.

use std::env;

use stress::shard::Shard;

use crate::error::{Error, ErrorKind};

/// Reads what `--shard` says; all of the work if it says nothing.
pub(crate) fn read(word: Option<&str>) -> Result<Shard, Error> {
    let variable = |name: &str| env::var(name).ok();
    let read = |word| Shard::read(word, &variable);
    let shard = word.map_or(Ok(Shard::default()), read);
    shard.map_err(|error| {
        let said = error.to_string();
        ErrorKind::Shard { said }.into()
    })
}
