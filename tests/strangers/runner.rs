//! This program as cargo's runner of test programs: it runs them, and records how they went.

use std::env;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use unsnarl_tests::watchdog;

use crate::record::Record;
use crate::times::Time;

/// The variable with the folder of records.
pub(crate) const VARIABLE: &str = "STRANGERS_RECORDS";

/// More than the slowest of them takes, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(900);
const FAILED: u8 = 101;

/// Runs a test program, if cargo called this program for that.
pub(crate) fn run() -> Option<ExitCode> {
    let records = PathBuf::from(env::var_os(VARIABLE)?);
    let code = run_into(&records).unwrap_or_else(|error| {
        // Nobody would see it otherwise: a record that is missing fails the test.
        panic!("cannot run a test program: {error}")
    });
    Some(ExitCode::from(code))
}

fn run_into(records: &Path) -> io::Result<u8> {
    let mut words = env::args_os().skip(1);
    let program = PathBuf::from(words.next().expect("cargo names the program"));
    let mut stdout = tempfile::tempfile()?;
    let mut test = Command::new(&program);
    test.args(words)
        .env_remove(VARIABLE)
        .stdout(stdout.try_clone()?);
    let (status, time) = Time::of_children(|| watchdog::wait(test.spawn()?, PATIENCE))?;
    let status = status?;
    let mut said = Vec::new();
    stdout.rewind()?;
    stdout.read_to_end(&mut said)?;
    let record = Record {
        name: Record::name_of(&program),
        code: status.and_then(|status| status.code()),
        time,
        said: String::from_utf8_lossy(&said).into_owned(),
    };
    record.write(records)?;
    let code = record.code.and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or(FAILED))
}
