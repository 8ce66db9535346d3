//! A thread's own half of the race detector.

use std::cell::Cell;
#[cfg(feature = "explore")]
use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::ptr;
use std::sync::Arc;

use model::id::{LockId, ThreadId};
use model::site::Caller;
use race::aba::Glances;
use race::epoch::Epoch;
use race::local::Local;
#[cfg(feature = "explore")]
use race::stamp::Stamp;

use super::census::{self, Person};
use super::edge::Known;
use super::held::HeldSet;
use super::lessons::Lessons;
use super::lives::Start;
use super::loose::LooseReads;
use super::regions;
use super::tape::{self, Track};
use super::two_steps::Read;
use crate::recorder::inside::enter;
use crate::recorder::options::options;
use crate::recorder::state::{self, Life};

/// What a thread knows.
pub(super) struct Me {
    pub(super) local: Local,
    pub(super) person: Arc<Person>,
    pub(super) edges: Known,
    /// What it held at its last access.
    pub(super) held: HeldSet,
    pub(super) loose: LooseReads,
    pub(super) lessons: Lessons,
    pub(super) glances: Glances<Caller>,
    /// What it has read last, if it has done nothing to an atomic or a lock since.
    pub(super) read: Option<Read>,
    start: Start,
    /// The last moment that was given to whoever joins the thread.
    published: Epoch,
    track: Option<Track>,
    /// The lock that it has just got by trying.
    pub(super) tried: LockId,
    /// Its own code has ended: what its thread-locals' destructors do is published at once, since whoever joins the thread
    /// comes after that too.
    is_ending: bool,
}

thread_local! {
    /// Without a destructor, so that it can be used in the destructors of other thread-locals.
    static ME: Cell<*mut Me> = const { Cell::new(ptr::null_mut()) };
    /// The present moment, for accesses to compare with; 0 while it is not known, or the half is in use.
    static NOW: Cell<u64> = const { Cell::new(0) };
    /// The first moment at which the thread knew what it knows; none that has come while each access has to be looked at.
    static SINCE: Cell<u64> = const { Cell::new(u64::MAX) };
    static STAGE: Cell<Stage> = const { Cell::new(Stage::Fresh) };
    /// Who the controlled thread is that runs, if one does.
    static BIRTH: Cell<*const Birth> = const { Cell::new(ptr::null()) };
}

/// Who a controlled thread is.
pub(super) struct Birth {
    pub(super) id: ThreadId,
    pub(super) name: Arc<str>,
    pub(super) start: Start,
}

/// How far the thread is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It has no half yet.
    Fresh,
    /// It is being introduced.
    Arriving,
    /// It has a half.
    Known,
    /// Its slot was given back; its half is kept for what may still come.
    Gone,
}

/// The present moment of this thread; 0 if it is not known, or its half is in use.
#[inline(always)]
pub(super) fn now() -> u64 {
    NOW.with(Cell::get)
}

/// From which moment on, up to which, the thread has learnt nothing: as words, of which the second is 0 if it is not known.
#[inline(always)]
pub(super) fn present() -> RangeInclusive<u64> {
    SINCE.with(Cell::get)..=NOW.with(Cell::get)
}

/// Whether the thread's half is there and nobody uses it. Makes it at first.
#[inline]
pub(super) fn is_ready() -> bool {
    if STAGE.with(Cell::get) != Stage::Known {
        appear();
    }
    !ME.with(Cell::get).is_null()
}

/// Runs `f` with the thread's own half. Does nothing in a thread that is not watched, or whose half is in use.
#[inline]
pub(super) fn with<R>(f: impl FnOnce(&mut Me) -> R) -> Option<R> {
    if !is_ready() {
        return None;
    }
    let me = ME.with(|me| me.replace(ptr::null_mut()));
    NOW.with(|now| now.set(0));
    // SAFETY: the pointer comes from `Box::into_raw` in `introduce`, belongs to this thread, lives as long as it, and was taken
    // out of its place, so this is the only reference until it is put back.
    let half = unsafe { &mut *me };
    let result = f(half);
    if half.is_ending {
        half.publish();
    }
    ME.with(|place| place.set(me));
    half.show_moment();
    Some(result)
}

/// Where the thread is recorded. Controlled ones are not: other schedules are tried, not predicted.
fn track(person: &Person) -> Option<Track> {
    let is_controlled = !BIRTH.with(Cell::get).is_null();
    (!is_controlled).then(|| tape::track(person.id, &person.name))?
}

impl Me {
    /// Where the thread is recorded, as long as its own code runs.
    #[inline]
    pub(super) fn recorded(&self) -> Option<&Track> {
        self.track.as_ref().filter(|_| !self.is_ending)
    }

    /// The last moment that was given to whoever joins the thread.
    #[cfg(feature = "explore")]
    pub(super) fn published(&self) -> Epoch {
        self.published
    }

    /// Puts the moment where accesses look for it. Where regions are declared, they must not find it; and none may be
    /// passed over whose moment has to be published.
    #[inline]
    fn show_moment(&self) {
        let now = match regions::are_used() {
            true => 0,
            false => self.local.epoch().to_bits(),
        };
        let since = match self.is_ending {
            true => u64::MAX,
            false => self.local.since().to_bits(),
        };
        NOW.with(|place| place.set(now));
        SINCE.with(|place| place.set(since));
    }

    /// Whoever joins the thread comes after what it has done so far.
    fn publish(&mut self) {
        self.published = self.local.epoch();
        let stamp = self.local.release();
        self.start.set_last(stamp);
    }
}

/// The thread's own code has ended.
pub(super) fn finish() {
    if STAGE.with(Cell::get) == Stage::Known {
        with(|me| me.is_ending = true);
    }
}

/// The thread comes to its end: its slot may go to another. Should it still do something, it gets a new one.
pub(super) fn end() {
    finish();
    let me = ME.with(Cell::get);
    if STAGE.with(Cell::get) == Stage::Known && !me.is_null() {
        STAGE.with(|stage| stage.set(Stage::Gone));
        NOW.with(|now| now.set(0));
        // SAFETY: as in `with`: the half is in its place, so there is no other reference.
        let me = unsafe { &*me };
        census::census().slots.end(me.published);
        regions::end(me.person.id);
    }
}

#[cold]
fn appear() {
    let stage = STAGE.with(|stage| stage.replace(Stage::Arriving));
    let is_there = match stage {
        Stage::Fresh => introduce(),
        Stage::Gone => come_back(),
        Stage::Arriving | Stage::Known => return,
    };
    STAGE.with(|place| place.set(if is_there { Stage::Known } else { stage }));
}

/// A thread does its first operation since there is something to watch. Returns whether it is to be watched.
fn introduce() -> bool {
    let Some((person, start)) = person() else {
        return false;
    };
    let mut census = census::census();
    let first = census.slots.begin(person.id, start.stamp());
    let person = census.add(person);
    drop(census);
    let local = Local::new(first, start.stamp());
    let track = track(&person);
    // Never freed, but for controlled threads: destructors of thread-locals may come here at any time.
    let me = put(Me {
        local,
        person,
        edges: Known::default(),
        held: HeldSet::default(),
        loose: LooseReads::default(),
        lessons: Lessons::default(),
        glances: Glances::default(),
        read: None,
        start,
        published: Epoch::NONE,
        track,
        tried: LockId::NONE,
        is_ending: false,
    });
    ME.with(|place| place.set(me));
    true
}

#[cfg(not(feature = "explore"))]
fn put(me: Me) -> *mut Me {
    Box::into_raw(Box::new(me))
}

#[cfg(feature = "explore")]
fn put(me: Me) -> *mut Me {
    let is_controlled = !BIRTH.with(Cell::get).is_null();
    let spare = is_controlled.then(|| SPARE.with_borrow_mut(Vec::pop));
    let Some(mut place) = spare.flatten() else {
        return Box::into_raw(Box::new(me));
    };
    let lessons = std::mem::take(&mut place.lessons);
    *place = Me { lessons, ..me };
    Box::into_raw(place)
}

#[cfg(feature = "explore")]
thread_local! {
    /// Halves of controlled threads that are over, for their memory: each execution needs some.
    #[allow(clippy::vec_box, reason = "their places stay where they are")]
    static SPARE: RefCell<Vec<Box<Me>>> = const { RefCell::new(Vec::new()) };
}

/// How many are kept.
#[cfg(feature = "explore")]
const MOST_SPARE: usize = 64;

/// Nobody needs this half of a controlled thread any more.
#[cfg(feature = "explore")]
pub(super) fn discard(mut half: Box<Me>) {
    half.lessons.clear();
    SPARE.with_borrow_mut(|spare| {
        if spare.len() < MOST_SPARE {
            spare.push(half);
        }
    });
}

/// Who the current thread is; `None` if it is inside the recorder, or nothing is watched.
fn person() -> Option<(Person, Start)> {
    // SAFETY: whoever runs a controlled thread keeps it until it takes it out again.
    if let Some(birth) = unsafe { BIRTH.with(Cell::get).as_ref() } {
        let person = Person {
            id: birth.id,
            name: Arc::clone(&birth.name),
            root: Arc::clone(birth.start.root()),
            started: birth.start.site(),
        };
        return Some((person, birth.start.clone()));
    }
    if let Some(inside) = enter() {
        let identity = inside.identity();
        let person = Person {
            id: identity.id,
            name: Arc::clone(&identity.who.thread),
            root: Arc::clone(identity.start.root()),
            started: identity.start.site(),
        };
        return Some((person, identity.start.clone()));
    }
    // In the destructors of a thread's last thread-locals nobody knows any more who it was.
    let is_late = state::with(|thread| thread.life) == Life::Over && !options().is_off;
    is_late.then(|| {
        let id = state::fresh_thread();
        let person = Person {
            id,
            name: id.to_string().into(),
            root: Arc::default(),
            started: None,
        };
        (person, Start::default())
    })
}

/// A thread whose slot was given back does something more, in the destructor of a thread-local.
fn come_back() -> bool {
    let me = ME.with(Cell::get);
    // SAFETY: as in `with`; while the stage is `Arriving` nobody else takes the half.
    let half = unsafe { &mut *me };
    let last = half.start.last();
    let first = census::census().slots.begin(half.person.id, &last);
    half.local = Local::new(first, &last);
    true
}

/// What is in place for one thread, while another is.
#[cfg(any(feature = "explore", feature = "tasks"))]
pub(super) struct Image {
    me: *mut Me,
    stage: Stage,
}

#[cfg(any(feature = "explore", feature = "tasks"))]
impl Image {
    /// Nothing is in place yet.
    pub(super) const FRESH: Self = Self {
        me: ptr::null_mut(),
        stage: Stage::Fresh,
    };
}

/// Puts this in place, and returns what was.
#[cfg(any(feature = "explore", feature = "tasks"))]
pub(super) fn exchange(image: Image, birth: *const Birth) -> (Image, *const Birth) {
    // SAFETY: as in `with`: the half belongs to this thread, and nobody uses it.
    match unsafe { image.me.as_ref() } {
        Some(me) => me.show_moment(),
        None => NOW.with(|now| now.set(0)),
    }
    let outer = Image {
        me: ME.with(|me| me.replace(image.me)),
        stage: STAGE.with(|stage| stage.replace(image.stage)),
    };
    (outer, BIRTH.with(|place| place.replace(birth)))
}

/// What a thread that is not in place has done; `None` if nothing that is watched.
#[cfg(feature = "explore")]
pub(super) fn publish(image: &Image) -> Option<Stamp> {
    // SAFETY: as in `exchange`.
    let me = unsafe { image.me.as_mut() }?;
    me.publish();
    Some(me.start.last())
}

/// The half of a thread that is over.
#[cfg(any(feature = "explore", feature = "tasks"))]
pub(super) fn take(image: Image) -> Option<Box<Me>> {
    // SAFETY: the pointer comes from `Box::into_raw` in `introduce`, and the image that held it is gone.
    (!image.me.is_null()).then(|| unsafe { Box::from_raw(image.me) })
}
