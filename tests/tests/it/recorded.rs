//! Recorded runs of fixtures, analysed: what their bugs show in one run is found, and their cured twins are silent.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use fixtures::fixtures::{FIXTURES, Variant};
use race::analysis::{self, Analysis, ENGINES};
use race::tape_reader::TapeReader;
use unsnarl_tests::watchdog;

const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a fixture to its end, and analyses what was recorded.
fn record(id: &str, variant: Variant) -> Analysis {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("run.trace");
    let child = Command::new(env!("CARGO_BIN_EXE_fixture"))
        .args(["run", id, &variant.to_string()])
        .env("UNSNARL_RECORD", &trace)
        .env("UNSNARL_ON_FINDING", "record")
        .env_remove("UNSNARL")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = watchdog::wait(child, PATIENCE).unwrap();
    assert!(status.is_some(), "{id} {variant} hangs");
    let reader = TapeReader::new(File::open(&trace).unwrap());
    let reader = reader.unwrap_or_else(|error| panic!("{id} {variant}: {error}"));
    let engines: Vec<&str> = ENGINES.iter().map(|engine| engine.name).collect();
    analysis::analyse(reader, "run.trace", &engines)
}

#[test]
fn cured_twins_are_silent() {
    for fixture in FIXTURES {
        let analysis = record(fixture.id, Variant::Fixed);
        let error = analysis.error.map(|error| error.to_string());
        assert_eq!(error, None, "{}", fixture.id);
        assert!(
            analysis.findings.is_empty(),
            "{}: {:#?}",
            fixture.id,
            analysis.findings
        );
    }
}

#[test]
fn races_are_found_in_the_recording_too() {
    let with_races = FIXTURES.iter().filter(|fixture| {
        let slugs = fixture.slugs(Variant::Buggy);
        slugs.contains(&model::slug::DATA_RACE)
    });
    for fixture in with_races {
        let analysis = record(fixture.id, Variant::Buggy);
        assert!(analysis.error.is_none(), "{}", fixture.id);
        let slugs: Vec<&str> = analysis.findings.iter().map(|one| &*one.slug).collect();
        assert!(!slugs.is_empty(), "{}", fixture.id);
        assert!(
            slugs.iter().all(|&slug| slug == model::slug::DATA_RACE),
            "{}: {slugs:?}",
            fixture.id
        );
    }
}
