//! Reports to render, and the source they speak of.

use std::path::PathBuf;

use model::finding::{Backtrace, Certainty, Finding, Frame, Label, Object, Role, Severity, Step};
use model::graph::{Class, Edge, Graph, Innocent, Occurrence};
use model::owner::{Owner, Whose};
use model::profile::{Blocked, Histogram, Line, LockUse, Place, Population, Profile, Queue, Why};
use model::report::{Process, Report, Test};
use model::site::Site;
use unsnarl_render::options::Options;
use unsnarl_render::source::Sources;

/// The folder of the source that samples speak of.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/source")
}

pub(crate) fn options() -> Options {
    Options::new(Sources::with_root(folder()))
}

pub(crate) fn bank(line: u32, column: u32) -> Site {
    Site::new("bank.rs", line, column)
}

fn audit(line: u32, column: u32) -> Site {
    Site::new("audit.rs", line, column)
}

/// A report in which every record has its place.
pub(crate) fn report() -> Report {
    let mut report = Report::new();
    report.version = "0.0.0".into();
    let mut process = Process::new("bank", 4711);
    (process.ended, process.threads, process.locks) = (true, 3, 12);
    report.processes = vec![process, Process::new("it", 4712)];
    report.findings = vec![class_cycle(), cycle(), note()];
    report.graph = graph();
    report.profile = Some(profile());
    report.tests = vec![hit_test(), Test::new("it", "tests::quiet")];
    report
}

/// A profile with a row in each table.
fn profile() -> Profile {
    let mut profile = Profile::new();
    let class = Object::new("Mutex", None, Some(bank(30, 9)), vec![bank(9, 27)]);
    let mut lock = LockUse::new(class, bank(9, 27), false);
    (lock.acquired, lock.contended, lock.asleep) = (200, 1, 40_000);
    lock.wait = Histogram::new(5_000_000, 5_000_000, [(5_000_000, 1)]);
    lock.hold = Histogram::new(300_000, 100_000, [(1_000, 199), (100_000, 1)]);
    profile.locks = vec![lock];
    let waits = Histogram::new(5_000_000, 5_000_000, [(5_000_000, 1)]);
    profile.blocked = vec![Blocked::new(bank(9, 27), Why::Lock, "Mutex", waits)];
    let mut population = Population::new(4 << 20, 1 << 20, vec![1, 3, 2, 1], vec![0, 0, 4, 0]);
    (population.process, population.pid) = ("bank".into(), 4711);
    profile.populations = vec![population];
    let mut place = Place::new(Some(bank(3, 5)), false);
    (place.started, place.most, place.left) = (3, 2, 1);
    profile.places = vec![place, Place::new(None, true)];
    let channel = Object::new("channel", None, Some(bank(1, 1)), vec![]);
    let mut queue = Queue::new(channel, Some(8));
    (queue.channels, queue.put, queue.taken) = (1, 10, 9);
    queue.depth = Histogram::new(20, 8, [(1, 9), (8, 1)]);
    profile.queues = vec![queue];
    let mut line = Line::new(vec![bank(9, 27), audit(3, 1)], true);
    (line.threads, line.writes, line.time) = (2, 1_000, 1 << 24);
    profile.lines = vec![line];
    profile
}

/// A test that was run over and over, with a hit in the fortieth run.
fn hit_test() -> Test {
    let mut test = Test::new("bank", "tests::transfers");
    (test.runs, test.hits, test.millis) = (120, 3, 1_500);
    (test.first_hit, test.first_hit_millis) = (Some(40), Some(510));
    test
}

/// Two accounts in opposite orders.
pub(crate) fn cycle() -> Finding {
    let mut finding = Finding::new(
        "lock-order-cycle",
        Certainty::Potential,
        "two threads take {0} and {1} in opposite orders",
    );
    let (from, to) = (bank(9, 27), bank(10, 25));
    let object = |used: [&Site; 2]| {
        Object::new(
            "Mutex",
            None,
            Some(bank(30, 9)),
            used.map(Site::clone).to_vec(),
        )
    };
    finding.objects = vec![object([&from, &to]), object([&from, &to])];
    finding.labels = vec![
        Label::new(Role::Primary, to.clone(), "thread `a` asks for {1} here"),
        Label::new(
            Role::Secondary,
            from.clone(),
            "while it holds {0}, taken here",
        ),
    ];
    finding.labels[1].owner = Some(Owner::package(Whose::Dependency, "vault", "1.2.0"));
    finding.owner = Some(Owner::package(Whose::Workspace, "bank", "0.1.0"));
    finding.notes = vec!["thread `b` does the same the other way round".into()];
    finding.helps = vec!["take the locks in one order, by address".into()];
    finding.steps = vec![
        Step::new("a", from.clone(), "locks {0}"),
        Step::new("b", from, "locks {1}"),
        Step::new("a", to.clone(), "waits for {1}"),
        Step::new("b", to.clone(), "waits for {0}"),
    ];
    let frames = vec![
        Frame::new("bank::transfer", Some(to)),
        Frame::new("core::ops::function::FnOnce::call_once", None),
    ];
    finding.backtraces = vec![Backtrace::new("how thread `a` came to {1}", frames)];
    finding.test = Some("tests::transfers".into());
    finding.replay = Some("cargo unsnarl test tests::transfers".into());
    finding.count = 2;
    finding.with_fingerprint()
}

/// A cycle by class, through two files.
fn class_cycle() -> Finding {
    let mut finding = Finding::new(
        "lock-class-cycle",
        Certainty::Potential,
        "`accounts` and {0} are taken in opposite orders by different tests",
    );
    finding.severity = Severity::Warning;
    finding.objects = vec![Object::new("RwLock", None, None, vec![audit(3, 35)])];
    finding.labels = vec![
        Label::new(
            Role::Primary,
            audit(4, 38),
            "test `audits` asks for `accounts` here",
        ),
        Label::new(Role::Secondary, audit(3, 35), "while it holds {0}"),
        Label::new(
            Role::Primary,
            bank(19, 14),
            "test `closes` asks for {0} here",
        ),
        Label::new(Role::Secondary, bank(17, 38), "while it holds `accounts`"),
    ];
    finding.with_fingerprint()
}

/// A finding whose source is not there.
fn note() -> Finding {
    let mut finding = Finding::new("leaked-guard", Certainty::Observed, "{0} is held for ever");
    finding.severity = Severity::Note;
    let site = Site::new("/nowhere/pool.rs", 7, 9);
    finding.objects = vec![Object::new("Mutex", Some("pool".into()), None, vec![])];
    finding.labels = vec![Label::new(Role::Primary, site, "{0} is locked here")];
    finding.accepted = Some("the pool lives as long as the process".into());
    finding.with_fingerprint()
}

fn graph() -> Graph {
    let mut graph = Graph::default();
    let class = |kind: &str, name: Option<&str>, line: u32, used: Option<Site>| {
        Class::new(kind, name.map(str::to_owned), Some(bank(line, 9)), used)
    };
    graph.classes = vec![
        class("Mutex", None, 30, Some(bank(9, 27))),
        class("RwLock", Some("ledger <\"main\">"), 31, None),
        class("Mutex", None, 32, None),
        class("Mutex", Some("log"), 33, None),
    ];
    graph.edges = vec![
        edge(0, 0, bank(9, 27), bank(10, 25)),
        edge(0, 1, bank(17, 38), bank(19, 14)),
        edge(1, 0, audit(3, 35), audit(4, 38)),
        edge(1, 2, bank(50, 5), bank(51, 5)),
        edge(2, 3, bank(60, 5), bank(61, 5)),
        edge(3, 2, bank(70, 5), bank(71, 5)),
    ];
    let reason = "one lock is held around it: `gate`";
    graph.innocent = vec![Innocent::new(
        vec![2, 3],
        reason,
        vec![bank(61, 5), bank(71, 5)],
    )];
    graph
}

fn edge(from: usize, to: usize, held: Site, acquired: Site) -> Edge {
    let mut one = Occurrence::default();
    one.held_shared = held.file == "audit.rs";
    (one.held, one.acquired) = (held, acquired);
    one.thread = "a".into();
    one.test = "tests::transfers".into();
    one.process = "bank".into();
    one.gates = if from == 2 { vec![0] } else { vec![] };
    let mut edge = Edge::new(from, to);
    edge.occurrences = vec![one];
    edge.count = 14;
    edge
}
