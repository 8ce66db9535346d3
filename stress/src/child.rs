//! One run: a child process under a watchdog, with its output kept to a bound.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::fault;
use crate::rounds::{self, Round};
use crate::stacks::{self, Stack};
use crate::standstill::Standstill;
use crate::system;

/// Between two looks at a child, at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(5);
const SHORTEST_PAUSE: Duration = Duration::from_micros(200);

/// How long a thread may take to say where it is, before the next one is asked.
const TO_ANSWER: Duration = Duration::from_millis(3);

/// Between the two looks that tell whether a thread moves.
const TO_MOVE: Duration = Duration::from_millis(30);

/// What to run, and how long at most.
#[derive(Clone, Debug)]
pub struct Order {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// The folder it runs in.
    pub dir: PathBuf,
    /// Variables that are set for it.
    pub variables: Vec<(OsString, OsString)>,
    /// How long it may take.
    pub limit: Duration,
    /// The folder to which its threads would write where they are, if they can be asked, and where it keeps its rounds. With
    /// it how long it may take holds for each of these, and it is ended as soon as all its threads wait for each other.
    pub folder: Option<PathBuf>,
    /// How much of each output is kept from its beginning, and as much from its end, in bytes.
    pub kept: usize,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// By itself, or by us.
    pub how: How,
    /// The number of its process.
    pub process: u32,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

/// How a child process ended.
#[derive(Debug, PartialEq, Eq)]
pub enum How {
    /// With this exit code.
    Exited(i32),
    /// By this signal, which we did not send.
    Signalled(i32),
    /// By us, because it took too long; these were its threads then.
    TooLong(Vec<Sighting>),
    /// By us, because none of its threads, these, could ever go on.
    Still(Vec<Sighting>),
    /// By us, because the campaign was stopped.
    Stopped,
}

/// A thread of a process, as the operating system saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The operating system's number for it.
    pub id: u32,
    /// Its name, cut off after fifteen characters by the system.
    pub name: String,
    /// Whether it sleeps.
    pub sleeps: bool,
    /// How many ticks of a processor it has used, and how often it was given one: grows when it moves.
    pub moves: u64,
    /// Where it is, as far as it says so.
    pub stack: Stack,
}

/// Runs a child process to its end, or ends it when it takes too long or the campaign stops.
///
/// # Errors
///
/// If it cannot be started.
pub fn run(order: &Order, stop: &dyn Fn() -> bool) -> io::Result<Ended> {
    let start = Instant::now();
    let mut child = start_group(order)?;
    let stdout = child.stdout.take().map(|output| keep(output, order.kept));
    let stderr = child.stderr.take().map(|output| keep(output, order.kept));
    let how = watch(&mut child, order, start, stop)?;
    // What it has started goes with it; otherwise its output might never end.
    system::kill_group(child.id());
    let text = |kept: Option<JoinHandle<Kept>>| {
        let kept = kept.and_then(|kept| kept.join().ok());
        kept.map(Kept::into_text).unwrap_or_default()
    };
    Ok(Ended {
        how,
        process: child.id(),
        stdout: text(stdout),
        stderr: text(stderr),
        took: start.elapsed(),
    })
}

impl Ended {
    /// The rounds that it has kept in this folder.
    #[must_use]
    pub fn rounds(&self, folder: &Path) -> Vec<Round> {
        let bytes = fs::read(folder.join(rounds::file_name(self.process)));
        Round::read(&bytes.unwrap_or_default())
    }

    /// The faults that it has kept in this folder: those that have struck in its last round.
    #[must_use]
    pub fn faults(&self, folder: &Path) -> BTreeSet<String> {
        let text = fs::read_to_string(folder.join(fault::file_name(self.process)));
        text.unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

/// Starts it as the leader of a group of its own, which the terminal's Ctrl-C does not reach.
fn start_group(order: &Order) -> io::Result<Child> {
    let mut command = Command::new(&order.program);
    command
        .args(&order.args)
        .current_dir(&order.dir)
        .envs(order.variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

fn watch(
    child: &mut Child,
    order: &Order,
    start: Instant,
    stop: &dyn Fn() -> bool,
) -> io::Result<How> {
    let mut patience = Patience::new(child.id(), order);
    let mut standstill = Standstill::new(child.id());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(how(status));
        }
        let elapsed = start.elapsed();
        let is_stopped = stop();
        let is_still =
            !is_stopped && order.folder.is_some() && standstill.is_certain(patience.rest());
        if is_stopped || is_still || patience.is_over() {
            let threads = match (is_stopped, is_still) {
                (true, _) => Vec::new(),
                (_, true) => ask(child.id(), order, system::threads(child.id())),
                _ => look(child.id(), order),
            };
            // It may have ended in the meantime; then its end counts.
            let late = child.try_wait()?;
            system::kill_group(child.id());
            let _ = child.kill();
            let _ = child.wait();
            return Ok(match late {
                Some(status) => how(status),
                None if is_stopped => How::Stopped,
                None if is_still => How::Still(threads),
                None => How::TooLong(threads),
            });
        }
        thread::sleep((elapsed / 16).clamp(SHORTEST_PAUSE, LONGEST_PAUSE));
    }
}

/// How long a run has been going on, or a round of it.
struct Patience {
    since: Instant,
    limit: Duration,
    rounds: Option<PathBuf>,
    kept: u64,
}

impl Patience {
    fn new(process: u32, order: &Order) -> Self {
        let folder = order.folder.as_deref();
        Self {
            since: Instant::now(),
            limit: order.limit,
            rounds: folder.map(|folder| folder.join(rounds::file_name(process))),
            kept: 0,
        }
    }

    /// How much longer it may take.
    fn rest(&self) -> Duration {
        self.limit.saturating_sub(self.since.elapsed())
    }

    /// Whether it takes too long, without another round that came to its end.
    fn is_over(&mut self) -> bool {
        if self.since.elapsed() <= self.limit {
            return false;
        }
        let kept = self
            .rounds
            .as_ref()
            .and_then(|path| fs::metadata(path).ok());
        let kept = kept.map_or(0, |file| file.len());
        if kept > self.kept {
            (self.kept, self.since) = (kept, Instant::now());
        }
        kept == 0 || self.since.elapsed() > self.limit
    }
}

/// Looks twice at the threads: one that moved in between does not sleep. Then asks each where it is.
fn look(process: u32, order: &Order) -> Vec<Sighting> {
    let before = system::threads(process);
    thread::sleep(TO_MOVE);
    let mut threads = system::threads(process);
    for thread in &mut threads {
        let was = before.iter().find(|before| before.id == thread.id);
        thread.sleeps &= was.is_some_and(|was| was.sleeps && was.moves == thread.moves);
    }
    ask(process, order, threads)
}

/// Asks each thread where it is.
fn ask(process: u32, order: &Order, mut threads: Vec<Sighting>) -> Vec<Sighting> {
    let Some(folder) = order.folder.as_ref().filter(|_| system::listens(process)) else {
        return threads;
    };
    for sighting in &threads {
        system::ask_for_stack(process, sighting.id);
        thread::sleep(TO_ANSWER);
    }
    let start = Instant::now();
    let mut stacks = stacks::read(folder, process, &order.program);
    while stacks.len() < threads.len() && start.elapsed() < TO_MOVE {
        thread::sleep(TO_ANSWER);
        stacks = stacks::read(folder, process, &order.program);
    }
    for sighting in &mut threads {
        let answer = stacks.iter().find(|stack| stack.thread == sighting.id);
        sighting.stack = answer.cloned().unwrap_or_default();
    }
    threads
}

#[cfg(unix)]
fn how(status: ExitStatus) -> How {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => How::Exited(code),
        (None, signal) => How::Signalled(signal.unwrap_or_default()),
    }
}

#[cfg(not(unix))]
fn how(status: ExitStatus) -> How {
    How::Exited(status.code().unwrap_or(-1))
}

/// The beginning and the end of an output.
struct Kept {
    limit: usize,
    head: Vec<u8>,
    tail: Vec<u8>,
    dropped: usize,
}

fn keep(mut output: impl Read + Send + 'static, limit: usize) -> JoinHandle<Kept> {
    thread::spawn(move || {
        let mut kept = Kept {
            limit,
            head: Vec::new(),
            tail: Vec::new(),
            dropped: 0,
        };
        let mut piece = [0; 8 * 1024];
        while let Ok(length @ 1..) = output.read(&mut piece) {
            kept.add(&piece[..length]);
        }
        kept
    })
}

impl Kept {
    fn add(&mut self, piece: &[u8]) {
        let room = self.limit - self.head.len();
        let (head, tail) = piece.split_at(piece.len().min(room));
        self.head.extend_from_slice(head);
        self.tail.extend_from_slice(tail);
        if self.tail.len() > 2 * self.limit {
            let spare = self.tail.len() - self.limit;
            self.tail.drain(..spare);
            self.dropped += spare;
        }
    }

    fn into_text(self) -> String {
        let mut text = String::from_utf8_lossy(&self.head).into_owned();
        if self.dropped > 0 {
            let _ = write!(text, "\n… {} bytes are left out …\n", self.dropped);
        }
        text.push_str(&String::from_utf8_lossy(&self.tail));
        text
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::PathBuf;
    use std::thread;
    use std::time::Duration;

    use super::{Ended, How, Order, run};

    const KEPT: usize = 32 * 1024;

    fn shell(script: &str, limit: Duration, stop: bool) -> Ended {
        start("sh".into(), &["-c", script], limit, stop)
    }

    /// Runs an ignored test of this program.
    fn test(name: &str, limit: Duration) -> Ended {
        let name = format!("child::tests::{name}");
        let program = std::env::current_exe().unwrap();
        start(
            program,
            &["--exact", &name, "--ignored", "--test-threads=2"],
            limit,
            false,
        )
    }

    fn start(program: PathBuf, args: &[&str], limit: Duration, stop: bool) -> Ended {
        let order = Order {
            program,
            args: args.iter().map(Into::into).collect(),
            dir: ".".into(),
            variables: Vec::new(),
            limit,
            folder: Some(std::env::temp_dir()),
            kept: KEPT,
        };
        run(&order, &|| stop).unwrap()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn an_end_is_told_by_its_kind() {
        assert_eq!(shell("exit 7", LONG, false).how, How::Exited(7));
        assert_eq!(shell("kill -SEGV $$", LONG, false).how, How::Signalled(11));
        assert_eq!(shell("sleep 60", LONG, true).how, How::Stopped);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn who_takes_too_long_is_looked_at_and_ended_with_all_it_started() {
        let ended = shell("sleep 60 & wait", Duration::from_millis(50), false);
        let How::TooLong(threads) = ended.how else {
            panic!("{ended:?}")
        };
        assert_eq!(threads.len(), 1);
        assert!(threads[0].sleeps);
        let ended = shell("while :; do :; done", Duration::from_millis(50), false);
        assert!(matches!(ended.how, How::TooLong(threads) if !threads[0].sleeps));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn who_only_sleeps_does_not_stand_still() {
        assert_eq!(shell("sleep 0.3", LONG, false).how, How::Exited(0));
        assert_eq!(
            shell("(sleep 0.3; echo) | read line", LONG, false).how,
            How::Exited(0)
        );
    }

    #[test]
    #[ignore = "another test runs it in a process of its own"]
    fn stands_still() {
        let _never = thread::spawn(thread::park).join();
    }

    #[test]
    #[ignore = "another test runs it in a process of its own"]
    fn stands_still_and_is_looked_at() {
        let monitor = thread::Builder::new().name("unsnarl-monitor".to_owned());
        let looks = || loop {
            thread::sleep(Duration::from_millis(50));
        };
        let _looking = monitor.spawn(looks).unwrap();
        thread::park();
    }

    #[test]
    #[ignore = "another test runs it in a process of its own"]
    fn is_woken_in_time() {
        let parked = thread::current();
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            parked.unpark();
        });
        thread::park();
        other.join().unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn who_waits_for_nobody_else_stands_still() {
        // The harness waits too, for a minute at a time.
        let ended = test("stands_still", Duration::from_secs(30));
        assert!(
            matches!(&ended.how, How::Still(threads) if threads.len() == 3),
            "{ended:?}"
        );
        let ended = test("stands_still_and_is_looked_at", Duration::from_secs(30));
        assert!(matches!(ended.how, How::Still(_)), "{ended:?}");
        assert_eq!(test("is_woken_in_time", LONG).how, How::Exited(0));
    }

    #[test]
    fn a_flood_is_kept_to_its_ends() {
        let flood = "echo first; yes | head -c 3000000; echo last";
        let ended = shell(flood, LONG, false);
        assert!(ended.stdout.starts_with("first\n") && ended.stdout.ends_with("last\n"));
        assert!(ended.stdout.contains("bytes are left out"));
        assert!(ended.stdout.len() < 4 * KEPT);
    }
}
