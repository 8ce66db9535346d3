//! The formats, one row each.

use model::report::Report;

use crate::options::Options;
#[cfg(feature = "graph")]
use crate::{dot, svg};
#[cfg(feature = "ci")]
use crate::{github, junit, markdown, sarif};
use crate::{json, text};

/// One way to show a report.
#[derive(Debug)]
#[non_exhaustive]
pub struct Format {
    /// The name that users give it.
    pub name: &'static str,
    /// The ending of its files, without the dot.
    pub extension: &'static str,
    /// What it is, in a few words.
    pub meaning: &'static str,
    /// Makes it.
    pub render: fn(&Report, &Options) -> String,
}

/// Every format, as far as the crate's features have them.
pub const FORMATS: &[Format] = &[
    Format {
        name: "text",
        extension: "txt",
        meaning: "findings with their source, as the compiler shows errors",
        render: text::report,
    },
    Format {
        name: "json",
        extension: "json",
        meaning: "everything, for programs",
        render: |report, _| json::to_string(report),
    },
    #[cfg(feature = "graph")]
    Format {
        name: "dot",
        extension: "dot",
        meaning: "the lock-order graph for Graphviz",
        render: |report, _| dot::graph(report),
    },
    #[cfg(feature = "graph")]
    Format {
        name: "svg",
        extension: "svg",
        meaning: "the lock-order graph as a picture",
        render: |report, _| svg::graph(report),
    },
    #[cfg(feature = "ci")]
    Format {
        name: "junit",
        extension: "xml",
        meaning: "one test case per test, for CI systems",
        render: junit::report,
    },
    #[cfg(feature = "ci")]
    Format {
        name: "sarif",
        extension: "sarif",
        meaning: "SARIF 2.1.0, for code scanning",
        render: |report, _| sarif::report(report),
    },
    #[cfg(feature = "ci")]
    Format {
        name: "github",
        extension: "annotations",
        meaning: "annotations, as GitHub Actions reads them from the output of a job",
        render: |report, _| github::report(report),
    },
    #[cfg(feature = "ci")]
    Format {
        name: "markdown",
        extension: "md",
        meaning: "a job summary in Markdown",
        render: markdown::report,
    },
];

/// Formats that show only the lock-order graph.
pub const OF_GRAPH: &[&str] = &["dot", "svg"];

/// The row of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
