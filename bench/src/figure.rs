//! Figures: what was measured, as lines that the table is made of.

use std::fmt;

use crate::column::Column;

/// How the harness was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    Release,
    Debug,
}

impl Build {
    /// The build that this is.
    pub(crate) const THIS: Self = if cfg!(debug_assertions) {
        Self::Debug
    } else {
        Self::Release
    };

    fn word(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Debug => "debug",
        }
    }
}

/// One figure, or a word why there is none.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) build: Build,
    pub(crate) row: String,
    pub(crate) column: Column,
    pub(crate) value: Result<f64, String>,
}

impl Figure {
    /// A figure of this build.
    pub(crate) fn new(row: &str, column: Column, value: Result<f64, String>) -> Self {
        Self {
            build: Build::THIS,
            row: row.to_owned(),
            column,
            value,
        }
    }

    /// Reads a line; `None` if it is not a figure, but for instance a peer's banner.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let build = match fields.next()? {
            "release" => Build::Release,
            "debug" => Build::Debug,
            _ => return None,
        };
        let (row, column, value) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Self {
            build,
            row: row.to_owned(),
            column: Column::of_word(column)?,
            value: value.parse().map_err(|_| value.to_owned()),
        })
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (build, row, column) = (self.build.word(), &self.row, self.column.word());
        write!(f, "{build}\t{row}\t{column}\t")?;
        match &self.value {
            Ok(value) => write!(f, "{value}"),
            Err(why) => f.write_str(why),
        }
    }
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
