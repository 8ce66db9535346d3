//! How reports are shown: with which sources, and in which colours.

use std::path::Path;

use render::options::{Colour, Options};
use render::source::Sources;

use crate::shell::Shell;

/// How to show it: coloured where it is read by eyes.
pub(crate) fn options(root: &Path, output: Option<&Path>, shell: Shell) -> Options {
    let is_coloured = output.is_none() && shell.colors_stdout();
    let colour = if is_coloured {
        Colour::Styled
    } else {
        Colour::Plain
    };
    Options::new(Sources::with_root(root)).with_colour(colour)
}
