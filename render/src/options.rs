//! How a report is shown.

use crate::source::Sources;

/// What a format may look up, and how much it shows.
///
/// ```
/// # use unsnarl_render as render;
/// use render::options::{Colour, Options};
/// use render::source::Sources;
///
/// let options = Options::new(Sources::new()).with_colour(Colour::Styled);
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Where source files are found.
    pub sources: Sources,
    /// Whether text is coloured.
    pub colour: Colour,
    /// How much of a finding is shown.
    pub detail: Detail,
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// Plain characters only.
    #[default]
    Plain,
    /// With the escape sequences of a terminal.
    Styled,
}

/// How much of a finding is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// The labelled source, notes and helps.
    Short,
    /// Also the steps of the interleaving that shows it.
    #[default]
    Steps,
    /// Also the backtraces.
    Full,
}

impl Options {
    /// Plain text with steps, from these sources.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        Self {
            sources,
            ..Self::default()
        }
    }

    /// The same with or without colour.
    #[must_use]
    pub fn with_colour(mut self, colour: Colour) -> Self {
        self.colour = colour;
        self
    }

    /// The same with this much detail.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }
}
