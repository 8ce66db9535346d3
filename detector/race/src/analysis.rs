//! A whole trace, through every engine that was asked for.

use model::finding::{Certainty, Finding, Label, Object, Role, Step};
use model::site::Site;
use model::slug;
use rustc_hash::FxHashMap;

use crate::discipline::{Discipline, Matters};
use crate::error::Error;
use crate::event::{Event, Op};
use crate::finding::{DataRace, Side};
use crate::happens_before::{HappensBefore, Place};
use crate::lockset::LockSets;
use crate::predict::deadlocks::{self, Deadlock, Request};
use crate::predict::history::History;
use crate::predict::races;
use crate::shadow::{Does, Order, Race};
use crate::source::Source;
use crate::std_format::Dictionary;

/// One way to look at a trace.
#[derive(Debug)]
#[non_exhaustive]
pub struct Engine {
    /// The name that users give it.
    pub name: &'static str,
    /// What it counts.
    pub counts: &'static str,
    /// What it finds, in one line.
    pub meaning: &'static str,
}

const HB: &str = "hb";
const SHB: &str = "shb";
const SYNCP: &str = "syncp";
const DEADLOCK: &str = "deadlock";
const LOCKSET: &str = "lockset";

/// Every engine, in the order in which results are shown.
pub const ENGINES: &[Engine] = &[
    Engine {
        name: HB,
        counts: "accesses",
        meaning: "accesses unordered by happens-before; only the first is sure to be a race",
    },
    Engine {
        name: SHB,
        counts: "accesses",
        meaning: "accesses unordered by schedulable happens-before; every one is a race",
    },
    Engine {
        name: SYNCP,
        counts: "accesses",
        meaning: "accesses that race in a reordering which keeps the order of critical sections",
    },
    Engine {
        name: DEADLOCK,
        counts: "deadlocks",
        meaning: "deadlocks in a reordering which keeps the order of critical sections",
    },
    Engine {
        name: LOCKSET,
        counts: "values",
        meaning: "values that no lock protects throughout; a hint, not a finding",
    },
];

/// What came of a trace.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Analysis {
    /// How many events were read.
    pub events: u64,
    /// How many threads, values and locks they name.
    pub threads: usize,
    /// See `threads`.
    pub values: usize,
    /// See `threads`.
    pub locks: usize,
    /// Per engine that ran, by name, what it counted.
    pub counts: Vec<(&'static str, u64)>,
    /// Races and deadlocks, one for each pair of places.
    pub findings: Vec<Finding>,
    /// The names of values that no lock protects throughout.
    pub bare: Vec<String>,
    /// Whether the search for deadlocks was cut short.
    pub is_cut: bool,
    /// Why the trace was not read to its end.
    pub error: Option<Error>,
}

impl Analysis {
    /// That of a trace of which nothing can be read.
    #[must_use]
    pub fn failed(error: Error) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }
}

/// Reads a trace and tells what its events say to these engines, by name. What comes before an error is analysed.
///
/// `file` is what places in the trace are named by.
#[must_use]
pub fn analyse(mut source: impl Source, file: &str, engines: &[&str]) -> Analysis {
    let mut run = Run::new(engines);
    let error = run.read(&mut source).err();
    let names = source.names();
    let mut analysis = run.finish(&Words { names, file });
    analysis.threads = names.threads.len();
    analysis.values = names.values.len();
    analysis.locks = names.locks.len();
    analysis.error = error;
    analysis
}

/// The engines at work.
struct Run {
    events: u64,
    discipline: Discipline,
    hb: Option<Counter>,
    shb: Option<Counter>,
    lockset: Option<LockSets>,
    history: Option<History>,
    wants_races: bool,
    wants_deadlocks: bool,
    races: Races,
    families: Option<Families>,
}

/// Which threads descend from the same one.
#[derive(Debug, Default)]
struct Families {
    parents: FxHashMap<u32, u32>,
}

impl Families {
    fn observe(&mut self, event: &Event) {
        if let Op::Fork(child) = event.op {
            let root = self.root(event.thread);
            self.parents.insert(child, root);
        }
    }

    fn root(&self, thread: u32) -> u32 {
        self.parents.get(&thread).copied().unwrap_or(thread)
    }

    fn are_one(&self, one: u32, other: u32) -> bool {
        self.root(one) == self.root(other)
    }
}

/// An engine, and how many accesses it found to race.
struct Counter {
    engine: HappensBefore,
    accesses: u64,
}

impl Counter {
    fn new(order: Order) -> Self {
        Self {
            engine: HappensBefore::new(order),
            accesses: 0,
        }
    }

    #[inline]
    fn observe(&mut self, event: &Event, mut tell: impl FnMut(Race<Place>)) {
        let mut is_racy = false;
        self.engine.observe(event, |race| {
            is_racy = true;
            tell(race);
        });
        if is_racy {
            self.accesses += 1;
        }
    }
}

impl Run {
    fn new(engines: &[&str]) -> Self {
        let wants = |name| engines.contains(&name);
        let wants_history = wants(SYNCP) || wants(DEADLOCK);
        Self {
            events: 0,
            discipline: Discipline::default(),
            hb: wants(HB).then(|| Counter::new(Order::HappensBefore)),
            shb: wants(SHB).then(|| Counter::new(Order::Schedulable)),
            lockset: wants(LOCKSET).then(LockSets::default),
            history: wants_history.then(History::default),
            wants_races: wants(SYNCP),
            wants_deadlocks: wants(DEADLOCK),
            races: Races::default(),
            families: None,
        }
    }

    fn read(&mut self, reader: &mut impl Source) -> Result<(), Error> {
        self.families = reader.is_partial().then(Families::default);
        while let Some(event) = reader.next_event()? {
            self.events += 1;
            if self.discipline.observe(&event, reader.names())? == Matters::Yes {
                self.observe(&event);
            }
        }
        Ok(())
    }

    #[inline]
    fn observe(&mut self, event: &Event) {
        if let Some(families) = &mut self.families {
            families.observe(event);
        }
        if let Some(hb) = &mut self.hb {
            hb.observe(event, |_| {});
        }
        if let Some(shb) = &mut self.shb {
            let (races, families) = (&mut self.races, self.families.as_ref());
            shb.observe(event, |race| races.observed(event, &race, families));
        }
        if let Some(lockset) = &mut self.lockset {
            lockset.observe(event);
        }
        if let Some(history) = &mut self.history {
            history.observe(event);
        }
    }

    fn finish(mut self, words: &Words<'_>) -> Analysis {
        let mut analysis = Analysis {
            events: self.events,
            ..Analysis::default()
        };
        let mut count = |name, number| analysis.counts.push((name, number));
        let by_order = [(HB, &self.hb), (SHB, &self.shb)];
        for (name, counter) in by_order {
            if let Some(counter) = counter {
                count(name, counter.accesses);
            }
        }
        let mut deadlocks = deadlocks::Outcome::default();
        if let Some(history) = &self.history {
            if self.wants_races {
                count(SYNCP, self.races.predict(history, self.families.as_ref()));
            }
            if self.wants_deadlocks {
                deadlocks = deadlocks::predict(history);
                count(DEADLOCK, deadlocks.deadlocks.len() as u64);
                analysis.is_cut = !deadlocks.is_complete;
            }
        }
        if let Some(lockset) = &self.lockset {
            let bare = lockset.finish();
            analysis.counts.push((LOCKSET, bare.len() as u64));
            let bare = bare.iter().map(|bare| words.names.values.name(bare.value));
            analysis.bare = bare.collect();
        }
        analysis.findings = self.races.findings(words);
        let deadlocks = deadlocks.deadlocks.iter();
        analysis
            .findings
            .extend(deadlocks.map(|deadlock| words.deadlock(deadlock)));
        analysis
    }
}

/// Races by the pair of places that they are between.
#[derive(Debug, Default)]
struct Races {
    pairs: FxHashMap<Pair, Seen>,
}

/// A value, and who does what to it where, the smaller place in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Pair {
    value: u32,
    places: [(u32, Does); 2],
}

/// The first race of a pair, and how many there are.
#[derive(Debug)]
struct Seen {
    race: races::Predicted,
    certainty: Certainty,
    count: u64,
}

impl Races {
    #[cold]
    fn observed(&mut self, event: &Event, race: &Race<Place>, families: Option<&Families>) {
        let (Op::Read(value) | Op::Write(value)) = event.op else {
            return;
        };
        let side = |place: Place, does| races::Side {
            line: place.line,
            thread: place.thread,
            does,
            site: place.site,
        };
        let race = races::Predicted {
            value,
            earlier: side(race.earlier.site, race.earlier_does),
            later: side(race.later.site, race.later_does),
        };
        self.add(race, Certainty::Observed, families);
    }

    fn predict(&mut self, history: &History, families: Option<&Families>) -> u64 {
        let mut accesses = Vec::new();
        races::predict(history, |race| {
            accesses.push(race.later.line);
            self.add(race, Certainty::Potential, families);
        });
        accesses.sort_unstable();
        accesses.dedup();
        accesses.len() as u64
    }

    fn add(&mut self, race: races::Predicted, certainty: Certainty, families: Option<&Families>) {
        let (one, other) = (race.earlier.thread, race.later.thread);
        if families.is_some_and(|families| !families.are_one(one, other)) {
            return;
        }
        let mut places = [race.earlier, race.later].map(|side| (side.site, side.does));
        places.sort_unstable();
        let value = race.value;
        let seen = self.pairs.entry(Pair { value, places }).or_insert(Seen {
            race,
            certainty,
            count: 0,
        });
        if seen.certainty == certainty {
            seen.count += 1;
        }
    }

    fn findings(&self, words: &Words<'_>) -> Vec<Finding> {
        let mut seen: Vec<&Seen> = self.pairs.values().collect();
        seen.sort_unstable_by_key(|seen| (seen.race.later.line, seen.race.earlier.line));
        seen.into_iter().map(|seen| words.race(seen)).collect()
    }
}

/// How things of the trace are named.
struct Words<'a> {
    names: &'a Dictionary,
    file: &'a str,
}

impl Words<'_> {
    fn race(&self, seen: &Seen) -> Finding {
        let (earlier, later) = (self.side(&seen.race.earlier), self.side(&seen.race.later));
        let used = vec![earlier.site.clone(), later.site.clone()];
        let object = object("value", self.names.values.name(seen.race.value), used);
        let race = DataRace::new(vec![object], earlier, later, seen.certainty);
        let mut finding = race.into_finding();
        finding.count = seen.count;
        if seen.certainty == Certainty::Potential {
            let note = "the order of two critical sections kept them apart; both can come next together when each \
                        thread runs only as far as it must";
            finding.notes.push(note.to_owned());
        }
        finding
    }

    fn side(&self, side: &races::Side) -> Side {
        let thread = self.names.threads.name(side.thread);
        let mut words = Side::new(
            thread,
            side.does,
            self.site(side.site, side.line, side.thread),
        );
        words.place = self.place(side.site);
        words
    }

    fn deadlock(&self, deadlock: &Deadlock) -> Finding {
        let requests = &deadlock.requests;
        let objects = requests.iter().map(|request| {
            let used = vec![self.site(request.site, request.line, request.thread)];
            object("lock", self.names.locks.name(request.lock), used)
        });
        let threads = requests
            .iter()
            .map(|request| format!("`{}`", self.names.threads.name(request.thread)));
        let threads: Vec<String> = threads.collect();
        let message = format!(
            "threads {} can wait for each other for ever",
            threads.join(", ")
        );
        let mut finding = Finding::new(slug::DEADLOCK, Certainty::Potential, message);
        finding.objects = objects.collect();
        for (number, request) in requests.iter().enumerate() {
            // What the request before it in the ring asks for.
            let held = (number + requests.len() - 1) % requests.len();
            let site = self.site(request.site, request.line, request.thread);
            let text = format!(
                "thread `{}` asks for {{{number}}} here{} while it holds {{{held}}}",
                self.names.threads.name(request.thread),
                self.place(request.site)
            );
            finding.labels.push(Label::new(Role::Primary, site, text));
        }
        finding.steps = self.steps(requests);
        finding
            .helps
            .push("take the locks in one order in all threads".to_owned());
        finding.with_fingerprint()
    }

    fn steps(&self, requests: &[Request]) -> Vec<Step> {
        let thread = |request: &Request| self.names.threads.name(request.thread);
        let hold = requests.iter().enumerate().map(|(number, request)| {
            let held = (number + requests.len() - 1) % requests.len();
            let site = self.site(request.holds_since, request.held_line, request.thread);
            Step::new(thread(request), site, format!("takes {{{held}}}"))
        });
        let ask = requests.iter().enumerate().map(|(number, request)| {
            let site = self.site(request.site, request.line, request.thread);
            Step::new(thread(request), site, format!("waits for {{{number}}}"))
        });
        hold.chain(ask).collect()
    }

    /// The place in the source, if the trace says it as `file:line:column`; else the operation in the trace.
    fn site(&self, site: u32, line: u64, thread: u32) -> Site {
        source_site(&self.names.sites.name(site)).unwrap_or_else(|| {
            let column = self.names.threads.name(thread).chars().count() + 2;
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            Site::new(self.file, line, column as u32)
        })
    }

    /// The trace's own name for a place that is not in a source file.
    fn place(&self, site: u32) -> String {
        let name = self.names.sites.name(site);
        match source_site(&name) {
            None if !name.is_empty() => format!(" (location {name})"),
            _ => String::new(),
        }
    }
}

/// An object of this name, which may be the place that made it.
fn object(kind: &str, name: String, used: Vec<Site>) -> Object {
    match source_site(&name) {
        Some(created) => Object::new(kind, None, Some(created), used),
        None => Object::new(kind, Some(name), None, used),
    }
}

/// `file:line` or `file:line:column`.
fn source_site(name: &str) -> Option<Site> {
    let (rest, last) = name.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    let with_column = rest.rsplit_once(':').and_then(|(file, line)| {
        let line: u32 = line.parse().ok()?;
        Some(Site::new(file, line, last))
    });
    Some(with_column.unwrap_or_else(|| Site::new(rest, last, 1)))
}
