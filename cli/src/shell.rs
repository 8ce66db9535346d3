//! What is said to the person at the terminal: results on stdout, everything else on stderr, in cargo's colours.

use std::env;
use std::fmt::Display;
use std::io::{self, Write};

use anstream::ColorChoice;
use anstyle::Style;
use clap_cargo::style::{ERROR, HEADER, TRANSIENT, WARN};

use crate::error::{Error, ErrorKind};

/// How much is said, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Status, warnings and results.
    Normal,
    /// Warnings and results.
    Quiet,
}

/// The terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shell {
    verbosity: Verbosity,
}

impl Shell {
    /// A shell that colours as `--color` says, else `CARGO_TERM_COLOR`, else `NO_COLOR`, else as the terminal can.
    pub(crate) fn new(verbosity: Verbosity, color: Option<clap::ColorChoice>) -> Self {
        color
            .or_else(from_environment)
            .map(choice)
            .unwrap_or(ColorChoice::Auto)
            .write_global();
        Self { verbosity }
    }

    /// Whether status lines are left out.
    pub(crate) fn is_quiet(self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    /// Whether results on stdout are coloured.
    pub(crate) fn colors_stdout(self) -> bool {
        anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never
    }

    /// Prints a result.
    pub(crate) fn result(self, text: impl Display) -> Result<(), Error> {
        let mut out = anstream::stdout().lock();
        match write!(out, "{text}").and_then(|()| out.flush()) {
            // Whoever reads us has seen enough (`| head`).
            Err(source) if source.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(|source| ErrorKind::Print { source }.into()),
        }
    }

    /// Says what is being done, unless quiet.
    pub(crate) fn status(self, verb: &str, text: impl Display) {
        if !self.is_quiet() {
            say(HEADER, &format!("{verb:>12}"), " ", text);
        }
    }

    /// Says that something is not as it should be.
    pub(crate) fn warn(self, text: impl Display) {
        say(WARN, "warning", ": ", text);
    }

    /// Says what to do.
    pub(crate) fn help(self, text: impl Display) {
        say(TRANSIENT, "help", ": ", text);
    }

    /// Says why it cannot go on.
    pub(crate) fn error(self, error: &Error) {
        say(ERROR, "error", ": ", error.full());
        if let Some(help) = error.help() {
            self.help(help);
        }
    }

    /// Passes on what the compiler said, which ends with a newline and may be coloured.
    pub(crate) fn pass_on(self, text: &str) {
        let _ = write!(anstream::stderr(), "{text}");
    }
}

/// A failing stderr leaves nobody to tell.
fn say(style: Style, head: &str, separator: &str, text: impl Display) {
    let _ = writeln!(
        anstream::stderr(),
        "{style}{head}{style:#}{separator}{text}"
    );
}

fn from_environment() -> Option<clap::ColorChoice> {
    match env::var("CARGO_TERM_COLOR").ok()?.as_str() {
        "always" => Some(clap::ColorChoice::Always),
        "never" => Some(clap::ColorChoice::Never),
        _ => None,
    }
}

fn choice(color: clap::ColorChoice) -> ColorChoice {
    match color {
        clap::ColorChoice::Auto => ColorChoice::Auto,
        clap::ColorChoice::Always => ColorChoice::Always,
        clap::ColorChoice::Never => ColorChoice::Never,
    }
}
