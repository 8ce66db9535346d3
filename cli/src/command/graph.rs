//! `cargo unsnarl graph`.

use render::formats;

use crate::args::GraphArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use crate::saved::{find, load};
use crate::shell::Shell;
use crate::view::options;

/// Shows the lock-order graph of a report.
pub(crate) fn run(args: &GraphArgs, shell: Shell) -> Result<Exit, Error> {
    let place = find(args.report.as_deref())?;
    let report = load(&place, shell)?;
    let options = options(&place.root, args.output.as_deref(), shell);
    let text = match args.format.as_str() {
        // The text of a whole report is its findings.
        "text" => render::graph::text(&report, &options),
        name => (formats::find(name)
            .expect("clap takes only known formats")
            .render)(&report, &options),
    };
    output::write_or_print(args.output.as_deref(), &text, shell)?;
    Ok(Exit::Clean)
}
