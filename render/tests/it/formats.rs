//! One snapshot for each format.

use std::path::PathBuf;

use expect_test::expect_file;
use unsnarl_render::formats::FORMATS;
use unsnarl_render::options::Detail;
use unsnarl_render::{graph, names};

use crate::sample;

fn snapshot(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/snapshots")
        .join(file)
}

#[test]
fn every_format_renders_the_sample() {
    let options = sample::options();
    let mut report = sample::report();
    names::resolve(&mut report, &options.sources);
    for format in FORMATS {
        let file = snapshot(&format!("report.{}", format.extension));
        expect_file![file].assert_eq(&(format.render)(&report, &options));
    }
}

#[test]
fn the_graph_is_text_too() {
    let options = sample::options().with_detail(Detail::Full);
    let mut report = sample::report();
    names::resolve(&mut report, &options.sources);
    expect_file![snapshot("graph.txt")].assert_eq(&graph::text(&report, &options));
}

#[test]
fn names_and_extensions_are_distinct() {
    for (number, format) in FORMATS.iter().enumerate() {
        let clash = FORMATS[..number]
            .iter()
            .find(|other| other.name == format.name || other.extension == format.extension);
        assert!(clash.is_none(), "{}", format.name);
    }
}
