//! The finding that a chain makes.

use model::event::Mode;
use model::finding::{Certainty, Finding, Label, Object, Role, Step};
use model::id::LockId;
use model::kind::Kind;
use model::slug::LOCK_ORDER_CYCLE;

use crate::order::acquisition::{BacktraceId, Found};
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
    finding.labels = labels(links);
    let mut finding = finding.with_fingerprint();
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

fn labels(links: &[Link<'_>]) -> Vec<Label> {
    let thread = |actor: &Actor| actor.who.words();
    let mut labels = Vec::new();
    for (from, to, link) in numbered(links) {
        let occurrence = link.occurrence;
        let who = thread(&occurrence.actor);
        let locks = locks(link.lock.kind, occurrence.source.1, from);
        let asks = asks(wanted(links, to), occurrence.asked, to);
        let meanwhile = match from == to {
            true => "again".to_owned(),
            false => format!("while it holds {{{from}}}"),
        };
        labels.push(Label::new(
            Role::Primary,
            occurrence.acquire.into(),
            format!("{who} {asks} here {meanwhile}"),
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
        (Kind::RwLock | Kind::AsyncRwLock, Mode::Shared) => format!("locks {{{lock}}} to read"),
        (Kind::RwLock | Kind::AsyncRwLock, Mode::Exclusive) => format!("locks {{{lock}}} to write"),
        (Kind::Once | Kind::OnceLock | Kind::LazyLock, _) => format!("initialises {{{lock}}}"),
        _ => format!("locks {{{lock}}}"),
    }
}

/// What a thread that wants a lock does.
fn asks(kind: Kind, mode: Mode, lock: usize) -> String {
    match (kind, mode) {
        (Kind::RwLock | Kind::AsyncRwLock, Mode::Shared) => format!("asks to read {{{lock}}}"),
        (Kind::RwLock | Kind::AsyncRwLock, Mode::Exclusive) => format!("asks to write {{{lock}}}"),
        _ => format!("asks for {{{lock}}}"),
    }
}

fn notes(web: &Web, links: &[Link<'_>], objects: &mut Vec<Object>) -> Vec<String> {
    let mut notes: Vec<String> = note_on_class(links).into_iter().collect();
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
        .map(|link| link.occurrence.actor.who.words())
        .collect();
    if holders.len() > 1 {
        return format!("{{{number}}} is only read meanwhile, which keeps nobody apart");
    }
    let holder = holders.pop().unwrap_or_default();
    format!("only {holder} holds {{{number}}} meanwhile, so it keeps nobody apart")
}

fn note_on_tests(links: &[Link<'_>]) -> Option<String> {
    if common_test(links).is_some() {
        return None;
    }
    let parts: Vec<String> = links
        .iter()
        .map(|link| &link.occurrence.actor.who)
        .map(|who| format!("{} belongs to `{}`", who.words(), who.test))
        .collect();
    Some(parts.join(", "))
}

/// The test that all steps were made in.
fn common_test(links: &[Link<'_>]) -> Option<String> {
    let mut tests = links
        .iter()
        .map(|link| link.occurrence.actor.who.test_name());
    let first = tests.next()??;
    tests
        .all(|test| test == Some(first))
        .then(|| first.to_owned())
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
            (Kind::RwLock | Kind::AsyncRwLock, Mode::Shared) => format!("waits to read {{{to}}}"),
            (Kind::RwLock | Kind::AsyncRwLock, Mode::Exclusive) => {
                format!("waits to write {{{to}}}")
            }
            _ => format!("waits for {{{to}}}"),
        };
        step(&occurrence.actor, occurrence.acquire.into(), text)
    });
    hold.chain(queue).chain(wait).collect()
}

fn step(actor: &Actor, site: model::site::Site, text: String) -> Step {
    Step::new(actor.who.label(), site, text)
}

fn backtraces(links: &[Link<'_>]) -> Vec<(String, BacktraceId)> {
    numbered(links)
        .filter_map(|(from, to, link)| {
            let occurrence = link.occurrence;
            let who = occurrence.actor.who.words();
            let title = format!("{who} asks for {{{to}}} while it holds {{{from}}}");
            Some((title, occurrence.backtrace?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::Arc;

    use expect_test::{Expect, expect};
    use model::clock::Segment;
    use model::event::{Attempt, Mode};
    use model::finding::Finding;
    use model::id::{LockId, ThreadId};
    use model::kind::Kind;
    use model::site::{Caller, Origin};

    use crate::held::Held;
    use crate::order::{Acquisition, BacktraceId, Found, Order, Who};

    /// Places in the source, told apart by their columns.
    #[rustfmt::skip]
    const SITES: [Caller; 4] = [Location::caller(), Location::caller(), Location::caller(), Location::caller()];

    const MADE: Caller = Location::caller();

    fn lock(number: u32, site: usize, origin: Origin) -> Held {
        Held {
            chain: 0,
            site: SITES[site],
            origin,
            lock: LockId(number),
            mode: Mode::Exclusive,
            kind: Kind::Mutex,
        }
    }

    fn read(number: u32, site: usize) -> Held {
        Held {
            mode: Mode::Shared,
            kind: Kind::RwLock,
            ..lock(number, site, Origin::Named("map"))
        }
    }

    fn write(number: u32, site: usize) -> Held {
        Held {
            mode: Mode::Exclusive,
            ..read(number, site)
        }
    }

    /// Plays one acquisition, by a thread of this number and name.
    fn acquire(order: &mut Order, thread: u32, held: &[Held], wanted: Held) -> Vec<Found> {
        acquire_with(order, thread, held, wanted, &mut || {
            Some(BacktraceId(thread))
        })
    }

    fn acquire_with(
        order: &mut Order,
        thread: u32,
        held: &[Held],
        wanted: Held,
        capture: &mut dyn FnMut() -> Option<BacktraceId>,
    ) -> Vec<Found> {
        let who = Who::new(format!("t{thread}").into(), Arc::from("moves_money"));
        let acquisition = Acquisition {
            wanted,
            attempt: Attempt::Blocking,
            held,
            segment: &Segment::root(ThreadId(thread)),
            who: &who,
        };
        order.acquire(&acquisition, capture)
    }

    /// Two threads that transfer between the same two accounts, in opposite directions.
    fn transfers(threads: [u32; 2]) -> Found {
        let mut order = Order::default();
        let made = Origin::Created(MADE);
        for (thread, locks) in threads.into_iter().zip([[1, 2], [2, 1]]) {
            let found = acquire(
                &mut order,
                thread,
                &[lock(locks[0], 0, made)],
                lock(locks[1], 1, made),
            );
            if let Some(found) = found.into_iter().next() {
                return found;
            }
        }
        panic!("nothing found");
    }

    fn check(finding: &Finding, expected: Expect) {
        let column = |site: &model::site::Site| {
            let site_of = |caller: &Caller| caller.column() == site.column;
            SITES.iter().position(site_of).unwrap()
        };
        let mut lines = vec![finding.message.clone()];
        let labels = finding.labels.iter();
        lines.extend(
            labels.map(|label| format!("{} {}: {}", label.role, column(&label.site), label.text)),
        );
        lines.extend(finding.notes.iter().map(|note| format!("note: {note}")));
        lines.extend(finding.helps.iter().map(|help| format!("help: {help}")));
        let steps = finding.steps.iter();
        lines.extend(steps.map(|step| format!("step: {} {}", step.thread, step.text)));
        let objects = finding.objects.iter();
        lines.extend(objects.map(|object| {
            format!(
                "object: {} used at {:?}",
                object.kind,
                object.used.iter().map(column).collect::<Vec<_>>()
            )
        }));
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn a_transfer_beside_a_transfer_back() {
        check(
            &transfers([1, 2]).finding,
            expect![[r#"
                {0} and {1} are locked in opposite orders
                primary 1: thread `t1` asks for {1} here while it holds {0}
                secondary 0: thread `t1` locks {0} here
                primary 1: thread `t2` asks for {0} here while it holds {1}
                secondary 0: thread `t2` locks {1} here
                note: {0} and {1} are two locks that are made at the same place or share a name
                help: lock the two in an order that both threads agree on, such as by id or by address
                help: or hold one further lock around both in every thread
                step: t1 locks {0}
                step: t2 locks {1}
                step: t1 waits for {1}
                step: t2 waits for {0}
                object: Mutex used at [0, 1]
                object: Mutex used at [0, 1]"#]],
        );
    }

    #[test]
    fn a_recursive_read_names_the_writer() {
        let mut order = Order::default();
        acquire(&mut order, 1, &[read(1, 0)], read(1, 1));
        let found = acquire(&mut order, 2, &[], write(1, 2));
        check(
            &found[0].finding,
            expect![[r#"
                {0} is read again while it is read, and a writer may queue between
                primary 1: thread `t1` asks to read {0} here again
                secondary 0: thread `t1` locks {0} to read here
                secondary 2: thread `t2` asks to write {0} here; while it queues, readers that come later queue behind it
                note: readers of {0} queue behind a waiting writer, so a read can wait for another read
                help: keep the first read guard and pass on what it guards, instead of reading {0} again
                step: t1 locks {0} to read
                step: t2 waits to write {0}
                step: t1 waits to read {0}
                object: RwLock used at [0, 1, 2]"#]],
        );
    }

    #[test]
    fn a_gate_of_one_thread_is_mentioned() {
        let mut order = Order::default();
        let [a, b, g] = ["a", "b", "g"].map(Origin::Named);
        acquire(
            &mut order,
            1,
            &[lock(3, 3, g), lock(1, 0, a)],
            lock(2, 1, b),
        );
        let found = acquire(&mut order, 2, &[lock(2, 2, b)], lock(1, 3, a));
        check(
            &found[0].finding,
            expect![[r#"
                {0} and {1} are locked in opposite orders
                primary 1: thread `t1` asks for {1} here while it holds {0}
                secondary 0: thread `t1` locks {0} here
                primary 3: thread `t2` asks for {0} here while it holds {1}
                secondary 2: thread `t2` locks {1} here
                note: only thread `t1` holds {2} meanwhile, so it keeps nobody apart
                help: take {0} before {1} in both threads, or release the first lock before asking for the second
                help: or hold one further lock around both in every thread
                step: t1 locks {0}
                step: t2 locks {1}
                step: t1 waits for {1}
                step: t2 waits for {0}
                object: Mutex used at [0, 3]
                object: Mutex used at [2, 1]
                object: Mutex used at []"#]],
        );
    }

    #[test]
    fn the_fingerprint_does_not_depend_on_threads_nor_on_who_came_last() {
        let fingerprint = |threads| transfers(threads).finding.fingerprint;
        assert_eq!(fingerprint([1, 2]), fingerprint([7, 3]));
        let mut order = Order::default();
        let [a, b] = ["a", "b"].map(Origin::Named);
        acquire(&mut order, 1, &[lock(1, 0, a)], lock(2, 1, b));
        let one = acquire(&mut order, 2, &[lock(2, 2, b)], lock(1, 3, a));
        let mut order = Order::default();
        acquire(&mut order, 1, &[lock(2, 2, b)], lock(1, 3, a));
        let other = acquire(&mut order, 2, &[lock(1, 0, a)], lock(2, 1, b));
        assert_eq!(one[0].finding.fingerprint, other[0].finding.fingerprint);
    }

    #[test]
    fn each_step_has_its_backtrace_and_all_one_test() {
        let found = transfers([1, 2]);
        let ids: Vec<u32> = found.backtraces.iter().map(|(_, id)| id.0).collect();
        assert_eq!(ids, [1, 2]);
        assert_eq!(found.finding.test.as_deref(), Some("moves_money"));
    }

    #[test]
    fn a_backtrace_is_captured_once_for_new_edges_only() {
        let mut order = Order::default();
        let made = Origin::Created(MADE);
        let held = [lock(1, 0, made), lock(2, 1, made)];
        let mut count = 0;
        for thread in [1, 1, 2] {
            acquire_with(&mut order, thread, &held, lock(3, 2, made), &mut || {
                count += 1;
                None
            });
        }
        assert_eq!(count, 1);
    }

    #[test]
    fn of_very_many_locks_only_rings_have_backtraces() {
        let mut order = Order::default();
        let [hub, made] = [Origin::Named("hub"), Origin::Created(MADE)];
        let last = 10_000;
        let mut count = 0;
        let mut capture = || {
            count += 1;
            Some(BacktraceId(count))
        };
        for number in 2..=last {
            let (held, wanted) = ([lock(1, 0, hub)], lock(number, 1, made));
            acquire_with(&mut order, 1, &held, wanted, &mut capture);
        }
        let (held, wanted) = ([lock(last, 2, made)], lock(1, 3, hub));
        let found = acquire_with(&mut order, 2, &held, wanted, &mut capture);
        assert_eq!(found[0].backtraces.len(), 1);
        assert!((100..1_000).contains(&count), "{count}");
    }

    #[test]
    fn what_is_found_again_is_counted() {
        let mut order = Order::default();
        let made = Origin::Created(MADE);
        let mut found = Vec::new();
        for (thread, locks) in [[1, 2], [2, 1], [3, 4], [4, 3]].into_iter().enumerate() {
            let thread = u32::try_from(thread).unwrap();
            found.extend(acquire(
                &mut order,
                thread,
                &[lock(locks[0], 0, made)],
                lock(locks[1], 1, made),
            ));
        }
        assert_eq!(found.len(), 1);
        assert_eq!(order.repeats(&found[0].finding.fingerprint), 1);
    }

    #[test]
    fn a_longer_ring_of_known_steps_is_not_told() {
        let mut order = Order::default();
        let made = Origin::Created(MADE);
        let mut found = Vec::new();
        let steps = [
            [1, 2, 0, 1],
            [2, 1, 2, 3],
            [3, 4, 0, 1],
            [4, 5, 2, 3],
            [5, 3, 1, 0],
        ];
        for (thread, [from, to, hold, ask]) in (1..).zip(steps) {
            let held = [lock(from, hold as usize, made)];
            found.extend(acquire(
                &mut order,
                thread,
                &held,
                lock(to, ask as usize, made),
            ));
        }
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn locks_of_one_place_are_one_class_and_outlive_their_locks() {
        let mut order = Order::default();
        let [a, b] = [Origin::Named("a"), Origin::Created(MADE)];
        for number in [1, 3, 5] {
            acquire(&mut order, 1, &[lock(number, 0, a)], lock(number + 1, 1, b));
            order.retire(LockId(number));
            order.retire(LockId(number + 1));
        }
        let graph = order.graph("p");
        let names: Vec<_> = graph
            .classes
            .iter()
            .map(|class| class.name.as_deref())
            .collect();
        let edges: Vec<_> = graph
            .edges
            .iter()
            .map(|edge| (edge.from, edge.to, edge.count))
            .collect();
        assert_eq!(names, [Some("a"), None]);
        assert_eq!(edges, [(0, 1, 3)]);
        assert_eq!(graph.edges[0].occurrences.len(), 1);
        assert_eq!(graph.edges[0].occurrences[0].process, "p");
    }
}
