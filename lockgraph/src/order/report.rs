//! The finding that a chain makes.

use model::event::Mode;
use model::finding::{Certainty, Finding, Label, Object, Role, Step};
use model::id::LockId;
use model::kind::Kind;
use model::slug::LOCK_ORDER_CYCLE;

use crate::order::Found;
use crate::order::chain::Link;
use crate::order::merged::split;
use crate::order::occurrence::{Actor, Lock, Write};
use crate::order::web::Web;

/// How many locks that keep nobody apart a finding mentions.
const GATES: usize = 2;

/// Tells a chain.
pub(crate) fn found(web: &Web, links: &[Link<'_>]) -> Found {
    let mut finding = Finding::new(LOCK_ORDER_CYCLE, Certainty::Potential, message(links.len()));
    finding.objects = objects(links);
    // Threads may be numbered differently in another run, and the fingerprint must not depend on it.
    finding.labels = labels(links, |_| "a thread".to_owned());
    let mut finding = finding.with_fingerprint();
    finding.labels = labels(links, |actor| format!("thread `{}`", actor.who.thread));
    finding.notes = notes(web, links, &mut finding.objects);
    finding.helps = helps(links);
    finding.steps = steps(links);
    finding.test = common_test(links);
    Found {
        finding,
        backtraces: backtraces(links),
    }
}

fn message(count: usize) -> String {
    match count {
        1 => "{0} is read again while it is read, and a writer may queue between".to_owned(),
        2 => "{0} and {1} are locked in opposite orders".to_owned(),
        _ => {
            let all: Vec<String> = (0..count - 1).map(|index| format!("{{{index}}}")).collect();
            format!(
                "{} and {{{}}} are locked in a ring",
                all.join(", "),
                count - 1
            )
        }
    }
}

/// One object for each lock of the chain: where it is held first, then where it is asked for.
fn objects(links: &[Link<'_>]) -> Vec<Object> {
    let before = links.iter().cycle().skip(links.len() - 1);
    let pairs = links.iter().zip(before);
    pairs
        .map(|(link, before)| {
            let mut used = vec![
                link.occurrence.hold.into(),
                before.occurrence.acquire.into(),
            ];
            used.extend(link.writer.map(|writer| writer.site.into()));
            used.dedup();
            object(&link.lock, used)
        })
        .collect()
}

fn object(lock: &Lock, used: Vec<model::site::Site>) -> Object {
    let (name, created) = split(lock.origin);
    Object::new(lock.kind.word(), name, created, used)
}

/// Each step with the numbers of the lock held and of the lock asked for.
fn numbered<'a, 'b>(links: &'b [Link<'a>]) -> impl Iterator<Item = (usize, usize, &'b Link<'a>)> {
    let count = links.len();
    let all = links.iter().enumerate();
    all.map(move |(index, link)| (index, (index + 1) % count, link))
}

/// The kind of the lock that a step asks for.
fn wanted(links: &[Link<'_>], to: usize) -> Kind {
    links[to].lock.kind
}

fn labels(links: &[Link<'_>], thread: impl Fn(&Actor) -> String) -> Vec<Label> {
    let mut labels = Vec::new();
    for (from, to, link) in numbered(links) {
        let occurrence = link.occurrence;
        let who = thread(&occurrence.actor);
        let locks = locks(link.lock.kind, occurrence.source.1, from);
        let asks = asks(wanted(links, to), occurrence.asked, to);
        labels.push(Label::new(
            Role::Primary,
            occurrence.acquire.into(),
            format!("{who} {asks} here while it holds {{{from}}}"),
        ));
        labels.push(Label::new(
            Role::Secondary,
            occurrence.hold.into(),
            format!("{who} {locks} here"),
        ));
    }
    for (from, _, link) in numbered(links) {
        labels.extend(link.writer.map(|writer| {
            let who = thread(&writer.actor);
            Label::new(
                Role::Secondary,
                writer.site.into(),
                format!("{who} asks to write {{{from}}} here; while it queues, readers that come later queue behind it"),
            )
        }));
    }
    labels
}

/// What a thread that takes a lock does.
fn locks(kind: Kind, mode: Mode, lock: usize) -> String {
    match (kind, mode) {
        (Kind::RwLock, Mode::Shared) => format!("locks {{{lock}}} to read"),
        (Kind::RwLock, Mode::Exclusive) => format!("locks {{{lock}}} to write"),
        (Kind::Once | Kind::OnceLock | Kind::LazyLock, _) => format!("initialises {{{lock}}}"),
        _ => format!("locks {{{lock}}}"),
    }
}

/// What a thread that wants a lock does.
fn asks(kind: Kind, mode: Mode, lock: usize) -> String {
    match (kind, mode) {
        (Kind::RwLock, Mode::Shared) => format!("asks to read {{{lock}}}"),
        (Kind::RwLock, Mode::Exclusive) => format!("asks to write {{{lock}}}"),
        _ => format!("asks for {{{lock}}}"),
    }
}

fn notes(web: &Web, links: &[Link<'_>], objects: &mut Vec<Object>) -> Vec<String> {
    let mut notes = vec![
        "potential: nothing went wrong in this run; another timing of these threads deadlocks"
            .to_owned(),
    ];
    notes.extend(note_on_class(links));
    let queued = numbered(links).filter(|(_, _, link)| link.writer.is_some());
    notes.extend(queued.map(|(from, ..)| {
        format!("readers of {{{from}}} queue behind a waiting writer, so a read can wait for another read")
    }));
    notes.extend(notes_on_gates(web, links, objects));
    let dropped = numbered(links).filter(|(_, _, link)| !link.is_live);
    notes.extend(dropped.map(|(from, ..)| format!("{{{from}}} has been dropped since")));
    notes.extend(note_on_tests(links));
    notes
}

/// Locks of one class have one name in the source; say that they are different locks.
fn note_on_class(links: &[Link<'_>]) -> Option<String> {
    let [one, other] = links else {
        return None;
    };
    (one.lock.class == other.lock.class).then(|| {
        "{0} and {1} are two locks that are made at the same place or share a name".to_owned()
    })
}

/// Locks that look like gates and are none, because one side does not hold them, or all only read them.
fn notes_on_gates(web: &Web, links: &[Link<'_>], objects: &mut Vec<Object>) -> Vec<String> {
    let in_ring = |lock: LockId| links.iter().any(|link| link.lock.id == lock);
    let mut gates: Vec<LockId> = links
        .iter()
        .flat_map(|link| link.occurrence.party().holds)
        .map(|&(lock, _)| lock)
        .filter(|&lock| !in_ring(lock))
        .collect();
    gates.sort_unstable();
    gates.dedup();
    let live = gates.into_iter().filter_map(|lock| web.find(lock));
    live.take(GATES)
        .map(|node| {
            let number = objects.len();
            let lock = web.lock(node);
            objects.push(object(lock, Vec::new()));
            note_on_gate(links, lock.id, number)
        })
        .collect()
}

fn note_on_gate(links: &[Link<'_>], gate: LockId, number: usize) -> String {
    let holds = |link: &&Link<'_>| {
        let party = link.occurrence.party();
        party.holds.iter().any(|&(lock, _)| lock == gate)
    };
    let mut holders: Vec<String> = links
        .iter()
        .filter(holds)
        .map(|link| format!("`{}`", link.occurrence.actor.who.thread))
        .collect();
    if holders.len() > 1 {
        return format!("{{{number}}} is only read meanwhile, which keeps nobody apart");
    }
    let holder = holders.pop().unwrap_or_default();
    format!("only thread {holder} holds {{{number}}} meanwhile, so it keeps nobody apart")
}

fn note_on_tests(links: &[Link<'_>]) -> Option<String> {
    if common_test(links).is_some() {
        return None;
    }
    let parts: Vec<String> = links
        .iter()
        .map(|link| &link.occurrence.actor.who)
        .map(|who| format!("thread `{}` belongs to `{}`", who.thread, who.test))
        .collect();
    Some(parts.join(", "))
}

/// The test that all steps were made in.
fn common_test(links: &[Link<'_>]) -> Option<String> {
    let mut tests = links.iter().map(|link| &*link.occurrence.actor.who.test);
    let first = tests.next()?;
    tests.all(|test| test == first).then(|| first.to_owned())
}

fn helps(links: &[Link<'_>]) -> Vec<String> {
    let mut helps = match links {
        [_] => vec!["keep the first read guard and pass on what it guards, instead of reading {0} again".to_owned()],
        [one, other] if one.lock.class == other.lock.class => vec![
            "lock the two in an order that both threads agree on, such as by id or by address".to_owned(),
        ],
        [_, _] => vec![
            "take {0} before {1} in both threads, or release the first lock before asking for the second".to_owned(),
        ],
        _ => vec![format!(
            "take the {} locks in one order in every thread, or release each before asking for the next",
            links.len()
        )],
    };
    if links.len() > 1 {
        helps.push("or hold one further lock around both in every thread".to_owned());
    }
    helps
}

/// The interleaving: all take their first lock, writers queue, then all wait.
fn steps(links: &[Link<'_>]) -> Vec<Step> {
    let hold = numbered(links).map(|(from, _, link)| {
        let occurrence = link.occurrence;
        let text = locks(link.lock.kind, occurrence.source.1, from);
        step(&occurrence.actor, occurrence.hold.into(), text)
    });
    let queue = numbered(links).filter_map(|(from, _, link)| {
        let Write { actor, site, .. } = link.writer?;
        let text = format!("waits to write {{{from}}}");
        Some(step(actor, (*site).into(), text))
    });
    let wait = numbered(links).map(|(_, to, link)| {
        let occurrence = link.occurrence;
        let text = match (wanted(links, to), occurrence.asked) {
            (Kind::RwLock, Mode::Shared) => format!("waits to read {{{to}}}"),
            (Kind::RwLock, Mode::Exclusive) => format!("waits to write {{{to}}}"),
            _ => format!("waits for {{{to}}}"),
        };
        step(&occurrence.actor, occurrence.acquire.into(), text)
    });
    hold.chain(queue).chain(wait).collect()
}

fn step(actor: &Actor, site: model::site::Site, text: String) -> Step {
    Step::new(&*actor.who.thread, site, text)
}

fn backtraces(links: &[Link<'_>]) -> Vec<(String, crate::order::BacktraceId)> {
    numbered(links)
        .filter_map(|(from, to, link)| {
            let occurrence = link.occurrence;
            let thread = &occurrence.actor.who.thread;
            let title = format!("thread `{thread}` asks for {{{to}}} while it holds {{{from}}}");
            Some((title, occurrence.backtrace?))
        })
        .collect()
}
