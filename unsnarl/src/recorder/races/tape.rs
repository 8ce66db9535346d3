//! Recording: with `UNSNARL_RECORD=FILE` everything that the race detector hears of is written down, in the format of
//! [`race::tape`], for `cargo unsnarl analyze`.
//!
//! Each thread fills a block of its own. When one is full, the blocks of all threads are written, so that a process that is
//! killed has written everything up to a short time before.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use model::event::Mode;
use model::id::{LockId, ThreadId};
use model::site::{Caller, Origin, Site};
use race::event::Op;
use race::tape::{Block, Kind, MAGIC, VERSION};
use rustc_hash::FxHashMap;

use super::me::{self, Me};
use super::{is_watching, regions, watch};
use crate::recorder::attention::{self, Looker};
use crate::recorder::options::options;
use crate::recorder::state;

/// How long a block may grow, in bytes.
const FULL: usize = 1 << 15;

/// The recording of this process.
#[derive(Debug)]
struct Tape {
    file: Mutex<File>,
    /// The place of the next event.
    place: AtomicU64,
    tracks: Mutex<Vec<Track>>,
    sites: Mutex<FxHashMap<usize, u32>>,
    /// Locks whose names are written already.
    named: Mutex<FxHashMap<u32, ()>>,
}

/// One thread's part of it.
pub(super) type Track = Arc<Mutex<Block>>;

static TAPE: OnceLock<Tape> = OnceLock::new();

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts to record, if that is asked for. Called before any thread does something that is watched.
pub(crate) fn start() {
    let Some(path) = &options().record else {
        return;
    };
    let path = place(path);
    let file = File::create(&path).and_then(|mut file| {
        file.write_all(MAGIC)?;
        file.write_all(&[VERSION])?;
        Ok(file)
    });
    match file {
        Ok(file) => {
            let tape = Tape {
                file: Mutex::new(file),
                place: AtomicU64::new(0),
                tracks: Mutex::default(),
                sites: Mutex::default(),
                named: Mutex::default(),
            };
            if TAPE.set(tape).is_ok() {
                attention::pay(Looker::Values);
                watch();
            }
        }
        Err(error) => {
            let warning = format!("unsnarl: cannot record to `{}`: {error}\n", path.display());
            // Nothing is lost if stderr is closed.
            let _ = std::io::stderr().write_all(warning.as_bytes());
        }
    }
}

/// The file; in a folder each process has its own.
fn place(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join(format!("{}.trace", std::process::id()))
    } else {
        path.to_owned()
    }
}

/// Writes what was recorded so far.
pub(crate) fn flush() {
    let Some(tape) = TAPE.get() else { return };
    let mut file = lock(&tape.file);
    lock(&tape.tracks).retain(|track| {
        let mut block = lock(track);
        if !block.is_empty() {
            // What cannot be written is missed by whoever reads the file.
            let _ = file.write_all(&block.take());
        }
        drop(block);
        Arc::strong_count(track) > 1
    });
}

/// Whether the run is recorded.
#[inline]
pub(super) fn is_on() -> bool {
    TAPE.get().is_some()
}

/// A thread that is to be recorded.
pub(super) fn track(thread: ThreadId, name: &str) -> Option<Track> {
    let tape = TAPE.get()?;
    let mut block = Block::new(u64::from(thread.0));
    block.name(Kind::Thread, u64::from(thread.0), name);
    let track = Arc::new(Mutex::new(block));
    lock(&tape.tracks).push(Arc::clone(&track));
    Some(track)
}

/// The current thread starts another.
pub(crate) fn forked(child: ThreadId, site: Caller) {
    if is_watching() {
        me::with(|me| {
            regions::fork(me.person.id, child);
            me.note(Op::Fork(child.0), Some(site));
        });
    }
}

/// The current thread has seen another end.
pub(crate) fn joined(child: ThreadId) {
    if is_watching() {
        me::with(|me| me.note(Op::Join(child.0), None));
    }
}

/// The current thread, which has this lock so, does something to the value that it protects. Another order of the run is only
/// one of the same program where each thread finds there what it has found. Who has the value for himself may change it
/// even through a shared reference.
#[inline]
pub fn touched(lock: LockId, mode: Mode, site: Caller) {
    if is_on() {
        me::with(|me| me.note_protected(lock, mode, site));
    }
}

impl Me {
    /// Records something that the thread has done, or is about to do, whichever order it makes.
    #[inline]
    pub(super) fn note(&mut self, op: Op, site: Option<Caller>) {
        if let (Some(tape), Some(track)) = (TAPE.get(), self.recorded()) {
            tape.write(track, op, None, site);
        }
    }

    /// The same of an atomic at this address.
    #[inline]
    pub(super) fn note_atomic(&mut self, op: Op, address: usize, site: Caller) {
        if let (Some(tape), Some(track)) = (TAPE.get(), self.recorded()) {
            tape.write(track, op, Some(address as u64), Some(site));
        }
    }

    /// The same of the value that a lock protects.
    #[cold]
    fn note_protected(&mut self, lock: LockId, mode: Mode, site: Caller) {
        let (Some(tape), Some(track)) = (TAPE.get(), self.recorded()) else {
            return;
        };
        // Those of cells are 32 bits wide.
        let value = 1 << 32 | u64::from(lock.0);
        tape.write(track, Op::Read(0), Some(value), Some(site));
        if mode == Mode::Exclusive {
            tape.write(track, Op::Write(0), Some(value), Some(site));
        }
    }

    /// Records that the thread has got a lock, the last one that it holds.
    #[inline]
    pub(super) fn note_acquisition(&mut self, op: Op) {
        if let (Some(tape), Some(track)) = (TAPE.get(), self.recorded()) {
            tape.write_acquisition(track, op);
        }
    }

    /// Records an access to the value of this number, which is made here if it is 0.
    #[inline]
    pub(super) fn note_access(
        &mut self,
        number: &mut u32,
        created: Caller,
        op: fn(u32) -> Op,
        site: Caller,
    ) {
        let (Some(tape), Some(track)) = (TAPE.get(), self.recorded()) else {
            return;
        };
        if *number == 0 {
            static NEXT: AtomicU32 = AtomicU32::new(1);
            // Relaxed: numbers only need to be different.
            *number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = Site::from(created).to_string();
            lock(track).name(Kind::Value, u64::from(*number), &name);
        }
        tape.write(track, op(*number), None, Some(site));
    }
}

impl Tape {
    #[cold]
    fn write(&self, track: &Track, op: Op, key: Option<u64>, site: Option<Caller>) {
        let site = site.map_or(0, |site| self.site(track, site));
        let mut block = lock(track);
        // Relaxed: the order of events is that of the operations that they belong to, and each is numbered while its
        // operation keeps those out that come after it.
        let place = self.place.fetch_add(1, Ordering::Relaxed);
        block.event(place, op, key, site);
        if block.len() >= FULL {
            drop(block);
            flush();
        }
    }

    #[cold]
    fn write_acquisition(&self, track: &Track, op: Op) {
        let held = state::with(|thread| thread.held.held().last().copied());
        if let (
            Some(held),
            Op::Acquire(number) | Op::AcquireTry(number) | Op::AcquireShared(number),
        ) = (&held, op)
            && held.lock.0 == number
            && lock(&self.named).insert(number, ()).is_none()
        {
            let name = match held.origin {
                Origin::Named(name) => name.to_owned(),
                Origin::Created(created) => Site::from(created).to_string(),
            };
            lock(track).name(Kind::Lock, u64::from(number), &name);
        }
        self.write(track, op, None, held.map(|held| held.site));
    }

    /// The number of a place in the source, from 1.
    fn site(&self, track: &Track, site: Caller) -> u32 {
        let mut sites = lock(&self.sites);
        let next = u32::try_from(sites.len() + 1).unwrap_or(u32::MAX);
        let address = std::ptr::from_ref(site).addr();
        *sites.entry(address).or_insert_with(|| {
            let name = Site::from(site).to_string();
            lock(track).name(Kind::Site, u64::from(next), &name);
            next
        })
    }
}
