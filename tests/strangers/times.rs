//! How long something takes, plain and watched.

use std::io;
use std::time::{Duration, Instant};

use crate::record::Record;

/// Less than this is mostly starting and ending programs; what one is to another then says nothing.
const SHORT: Duration = Duration::from_millis(100);

/// How long something took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Time {
    /// By the clock.
    pub(crate) wall: Duration,
    /// The processors', in the program and the kernel, with all that was started.
    pub(crate) cpu: Duration,
}

impl Time {
    /// That of the test programs of a run together.
    pub(crate) fn of(records: &[Record]) -> Self {
        Self {
            wall: records.iter().map(|record| record.time.wall).sum(),
            cpu: records.iter().map(|record| record.time.cpu).sum(),
        }
    }

    /// That of a call in which child processes do all the work.
    pub(crate) fn of_children<T>(call: impl FnOnce() -> T) -> io::Result<(T, Self)> {
        let (start, before) = (Instant::now(), cpu_of_children()?);
        let result = call();
        let time = Self {
            wall: start.elapsed(),
            cpu: cpu_of_children()? - before,
        };
        Ok((result, time))
    }

    /// The least of some, each clock by itself: whatever else the machine does only adds to them.
    pub(crate) fn least(times: impl Iterator<Item = Self> + Clone) -> Self {
        Self {
            wall: times
                .clone()
                .map(|time| time.wall)
                .min()
                .unwrap_or_default(),
            cpu: times.map(|time| time.cpu).min().unwrap_or_default(),
        }
    }
}

/// Processor time of all child processes that have ended, and of what they started.
#[cfg(unix)]
fn cpu_of_children() -> io::Result<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let times = [usage.user_time(), usage.system_time()];
    let micros = times.map(|time| time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64);
    Ok(Duration::from_micros(micros.iter().sum()))
}

/// Not known here.
#[cfg(not(unix))]
fn cpu_of_children() -> io::Result<Duration> {
    Ok(Duration::ZERO)
}

/// The same thing twice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// Without us.
    pub(crate) plain: Time,
    /// With us.
    pub(crate) watched: Time,
}

impl Times {
    /// The cell of processor time.
    pub(crate) fn cpu(&self) -> String {
        cell(self.plain.cpu, self.watched.cpu)
    }

    /// The cell of time by the clock.
    pub(crate) fn wall(&self) -> String {
        cell(self.plain.wall, self.watched.wall)
    }
}

/// `12.10 → 13.31, × 1.10`, in seconds.
fn cell(plain: Duration, watched: Duration) -> String {
    let (from, to) = (plain.as_secs_f64(), watched.as_secs_f64());
    if plain < SHORT && watched < SHORT {
        return format!("{from:.2} → {to:.2}");
    }
    format!("{from:.2} → {to:.2}, × {:.2}", to / from)
}
