//! `cargo unsnarl explain SLUG`.

use model::slug;

use crate::args::ExplainArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::shell::Shell;

/// Explains one kind of finding, or lists all.
pub(crate) fn run(args: &ExplainArgs, shell: Shell) -> Result<Exit, Error> {
    let row = args.slug.as_deref().and_then(slug::find);
    shell.result(row.map_or_else(render::explain::all, render::explain::slug))?;
    Ok(Exit::Clean)
}
