//! This program as cargo's runner of test programs: it runs them, and records how they went.

use std::env;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use unsnarl_tests::watchdog;

use crate::record::Record;

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
    let start = Instant::now();
    let child = Command::new(&program)
        .args(words)
        .env_remove(VARIABLE)
        .stdout(stdout.try_clone()?)
        .spawn()?;
    let status = watchdog::wait(child, PATIENCE)?;
    let wall = start.elapsed();
    let mut said = Vec::new();
    stdout.rewind()?;
    stdout.read_to_end(&mut said)?;
    let record = Record {
        name: Record::name_of(&program),
        code: status.and_then(|status| status.code()),
        wall,
        cpu: time_of_children()?,
        said: String::from_utf8_lossy(&said).into_owned(),
    };
    record.write(records)?;
    let code = record.code.and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or(FAILED))
}

/// Processor time of the program that has run, and of what it started.
#[cfg(unix)]
fn time_of_children() -> io::Result<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let times = [usage.user_time(), usage.system_time()];
    let micros = times.map(|time| time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64);
    Ok(Duration::from_micros(micros.iter().sum()))
}

/// Not known here.
#[cfg(not(unix))]
fn time_of_children() -> io::Result<Duration> {
    Ok(Duration::ZERO)
}
