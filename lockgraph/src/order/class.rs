//! Cycles between classes of locks that no single test shows.
//!
//! # Follows
//!
//! The class view of the Linux kernel's lockdep, restricted to what the analysis by instance cannot see: the steps of
//! a cycle must come from at least two tests. Strongly connected components first, then shortest cycles.
//!
//! # Finds
//!
//! One test takes a lock of class A and then one of class B, another test the opposite.
//!
//! # Misses
//!
//! Cycles within one class; longer cycles through two classes that also have a shorter one; occurrences beyond those
//! that an edge keeps; reader against reader with a writer between.
//!
//! # False alarms
//!
//! Tests whose code never runs in one program, or whose locks of one class are never the same lock. That is why it is a
//! warning.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use model::finding::{Certainty, Finding, Label, Object, Role, Severity, Step};
use model::graph::{Edge, Graph, Occurrence};
use model::site::Site;
use model::slug::{LOCK_CLASS_CYCLE, LOCK_ORDER_CYCLE};

use crate::components::components;
use crate::order::ring::spend;

/// How many cycles are told.
const FINDINGS: usize = 100;

/// How many classes a cycle may have.
const LENGTH: usize = 8;

/// How many edges all searches for paths may look at together.
const VISITS: usize = 1_000_000;

/// How many choices of occurrences are tried for a cycle.
const CHOICES: usize = 4096;

/// The cycles between different classes that take at least two tests and are not covered by a known finding.
#[must_use]
pub fn class_cycles(graph: &Graph, known: &[Finding]) -> Vec<Finding> {
    let known: Vec<BTreeSet<&Site>> = known
        .iter()
        .filter(|finding| finding.slug == LOCK_ORDER_CYCLE)
        .map(primary_sites)
        .collect();
    let mut paths = Paths::new(graph);
    let mut seen = HashSet::new();
    let mut findings = Vec::new();
    for edge in paths.inner_edges() {
        if findings.len() == FINDINGS {
            break;
        }
        let chain = paths.cycles(edge).into_iter().find_map(|cycle| {
            let mut key = cycle.clone();
            key.sort_unstable();
            seen.insert(key).then(|| choose(graph, &cycle)).flatten()
        });
        if let Some(chain) = chain
            && !is_covered(&chain, &known)
        {
            findings.push(finding(graph, &chain));
        }
    }
    findings
}

/// One step of a cycle: an edge, and the occurrence chosen for it.
type Link<'a> = (&'a Edge, &'a Occurrence);

fn primary_sites(finding: &Finding) -> BTreeSet<&Site> {
    let labels = finding.labels.iter();
    let primary = labels.filter(|label| label.role == Role::Primary);
    primary.map(|label| &label.site).collect()
}

/// Whether an instance finding has told of these places.
fn is_covered(chain: &[Link<'_>], known: &[BTreeSet<&Site>]) -> bool {
    let sites: BTreeSet<&Site> = chain.iter().map(|(_, seen)| &seen.acquired).collect();
    known.contains(&sites)
}

/// The edges between different classes, and the ways back along them.
struct Paths<'a> {
    graph: &'a Graph,
    by_ends: HashMap<(usize, usize), usize>,
    out: Vec<Vec<usize>>,
    component: Vec<usize>,
    fuel: usize,
}

impl<'a> Paths<'a> {
    fn new(graph: &'a Graph) -> Self {
        let count = graph.classes.len();
        let mut out = vec![Vec::new(); count];
        let mut by_ends = HashMap::new();
        let mut next = vec![Vec::new(); count];
        for (index, edge) in graph.edges.iter().enumerate() {
            let blocks = edge.occurrences.iter().any(|seen| !seen.tried);
            if blocks && edge.from != edge.to && edge.from.max(edge.to) < count {
                next[edge.from].push(edge.to);
                by_ends.insert((edge.from, edge.to), index);
                out[edge.from].push(index);
            }
        }
        let mut component = vec![0; count];
        for (number, members) in components(&next).into_iter().enumerate() {
            for member in members {
                component[member] = number;
            }
        }
        Self {
            graph,
            by_ends,
            out,
            component,
            fuel: VISITS,
        }
    }

    /// The edges that lie on cycles.
    fn inner_edges(&self) -> Vec<usize> {
        let mut edges: Vec<usize> = self.by_ends.values().copied().collect();
        edges.retain(|&index| self.is_inner(index));
        edges.sort_unstable();
        edges
    }

    fn is_inner(&self, edge: usize) -> bool {
        let edge = &self.graph.edges[edge];
        self.component[edge.from] == self.component[edge.to]
    }

    /// Short cycles through an edge: straight back, and the shortest way round.
    fn cycles(&mut self, edge: usize) -> Vec<Vec<usize>> {
        let Edge { from, to, .. } = self.graph.edges[edge];
        let back = self.by_ends.get(&(to, from)).copied();
        let mut cycles = Vec::new();
        cycles.extend(back.map(|back| vec![edge, back]));
        cycles.extend(self.way_round(edge, back));
        cycles
    }

    /// The shortest cycle through an edge that does not take the straight way back.
    fn way_round(&mut self, edge: usize, without: Option<usize>) -> Option<Vec<usize>> {
        let Edge { from, to, .. } = self.graph.edges[edge];
        let mut came_by = HashMap::from([(to, edge)]);
        let mut queue = VecDeque::from([(to, 1)]);
        while let Some((class, length)) = queue.pop_front() {
            for &next in &self.out[class] {
                spend(&mut self.fuel)?;
                let end = self.graph.edges[next].to;
                if Some(next) == without || !self.is_inner(next) || came_by.contains_key(&end) {
                    continue;
                }
                came_by.insert(end, next);
                if end == from {
                    return Some(self.walk_back(&came_by, from, edge));
                }
                if length + 1 < LENGTH {
                    queue.push_back((end, length + 1));
                }
            }
        }
        None
    }

    fn walk_back(&self, came_by: &HashMap<usize, usize>, end: usize, first: usize) -> Vec<usize> {
        let mut edges = vec![came_by[&end]];
        while let Some(&last) = edges.last()
            && last != first
        {
            edges.push(came_by[&self.graph.edges[last].from]);
        }
        edges.reverse();
        edges
    }
}

/// Chooses occurrences along a cycle that could meet, from at least two tests.
fn choose<'a>(graph: &'a Graph, cycle: &[usize]) -> Option<Vec<Link<'a>>> {
    let mut edges: Vec<&Edge> = cycle.iter().map(|&index| &graph.edges[index]).collect();
    let first = (0..edges.len()).min_by_key(|&place| edges[place].from)?;
    edges.rotate_left(first);
    let mut fuel = CHOICES;
    let mut chain = Vec::new();
    extend(&edges, &mut chain, &mut fuel).then_some(chain)
}

fn extend<'a>(edges: &[&'a Edge], chain: &mut Vec<Link<'a>>, fuel: &mut usize) -> bool {
    let Some(&edge) = edges.get(chain.len()) else {
        return is_ring(chain);
    };
    for seen in edge.occurrences.iter().filter(|seen| !seen.tried) {
        if spend(fuel).is_none() {
            return false;
        }
        let link = (edge, seen);
        let follows = chain.last().is_none_or(|&last| blocks(last, link));
        if follows && chain.iter().all(|&other| meet(other, link)) {
            chain.push(link);
            if extend(edges, chain, fuel) {
                return true;
            }
            chain.pop();
        }
    }
    false
}

/// Whether a chain of all edges closes, and takes more than one test.
fn is_ring(chain: &[Link<'_>]) -> bool {
    let (Some(&first), Some(&last)) = (chain.first(), chain.last()) else {
        return false;
    };
    let families = chain.iter().map(|(_, seen)| (&seen.process, &seen.test));
    let families: BTreeSet<_> = families.collect();
    blocks(last, first) && families.len() > 1
}

/// Whether the modes in which a lock is asked for and held keep the asker waiting.
fn blocks((_, asker): Link<'_>, (_, holder): Link<'_>) -> bool {
    !(asker.acquired_shared && holder.held_shared)
}

/// Whether two steps could be taken by two threads at the same time, if their locks were the same.
fn meet((one_edge, one): Link<'_>, (other_edge, other): Link<'_>) -> bool {
    let actor = |seen: &Occurrence| (seen.process.clone(), seen.test.clone(), seen.thread.clone());
    let is_gate = |gate: &usize| other.gates.contains(gate) || *gate == other_edge.from;
    actor(one) != actor(other)
        && !one.gates.iter().any(is_gate)
        && !other.gates.contains(&one_edge.from)
}

fn finding(graph: &Graph, chain: &[Link<'_>]) -> Finding {
    let mut finding = Finding::new(LOCK_CLASS_CYCLE, Certainty::Potential, message(chain.len()));
    finding.severity = Severity::Warning;
    finding.objects = objects(graph, chain);
    // Which tests it was may differ in another run, and the fingerprint must not depend on it.
    finding.labels = labels(chain, |_| "a test".to_owned());
    let mut finding = finding.with_fingerprint();
    finding.labels = labels(chain, |seen| format!("`{}`", seen.test));
    finding.notes = vec![
        "potential, by class: no test takes these locks in both orders, and nobody has seen the tests share locks"
            .to_owned(),
    ];
    finding.helps = vec![
        "decide which comes first and keep to it in both places".to_owned(),
        "if the two places can never share their locks, name the locks of one of them with `named`"
            .to_owned(),
    ];
    finding.steps = steps(chain);
    finding
}

fn message(count: usize) -> String {
    if count == 2 {
        return "different tests lock {0} and {1} in opposite orders".to_owned();
    }
    let all: Vec<String> = (0..count - 1).map(|index| format!("{{{index}}}")).collect();
    format!(
        "different tests lock {} and {{{}}} in orders that form a ring",
        all.join(", "),
        count - 1
    )
}

fn objects(graph: &Graph, chain: &[Link<'_>]) -> Vec<Object> {
    let before = chain.iter().cycle().skip(chain.len() - 1);
    let pairs = chain.iter().zip(before);
    pairs
        .map(|((edge, seen), (_, before))| {
            let class = &graph.classes[edge.from];
            let mut used = vec![seen.held.clone(), before.acquired.clone()];
            used.dedup();
            Object::new(
                class.kind.clone(),
                class.name.clone(),
                class.created.clone(),
                used,
            )
        })
        .collect()
}

fn labels(chain: &[Link<'_>], who: impl Fn(&Occurrence) -> String) -> Vec<Label> {
    let mut labels = Vec::new();
    for (from, (_, seen)) in chain.iter().enumerate() {
        let (who, to) = (who(seen), (from + 1) % chain.len());
        labels.push(Label::new(
            Role::Primary,
            seen.acquired.clone(),
            format!("{who} asks for {{{to}}} here while it holds {{{from}}}"),
        ));
        labels.push(Label::new(
            Role::Secondary,
            seen.held.clone(),
            format!("{who} locks {{{from}}} here"),
        ));
    }
    labels
}

fn steps(chain: &[Link<'_>]) -> Vec<Step> {
    let hold = chain.iter().enumerate().map(|(from, (_, seen))| {
        Step::new(&seen.thread, seen.held.clone(), format!("locks {{{from}}}"))
    });
    let wait = chain.iter().enumerate().map(|(from, (_, seen))| {
        let to = (from + 1) % chain.len();
        Step::new(
            &seen.thread,
            seen.acquired.clone(),
            format!("waits for {{{to}}}"),
        )
    });
    hold.chain(wait).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use model::finding::{Certainty, Finding, Label, Role};
    use model::graph::{Class, Edge, Graph, Occurrence};
    use model::site::Site;

    use super::class_cycles;

    /// Reads a graph from lines `test/thread: a > b`, with `/r` after what is read, `?` before what is tried, and the
    /// gates behind `under`; every edge is asked for in a line of its own.
    fn graph(text: &str) -> Graph {
        let mut graph = Graph::default();
        for (line, text) in (1..).zip(text.split(';')) {
            let (who, what) = text.trim().split_once(": ").unwrap();
            let (what, gates) = what.split_once(" under ").unwrap_or((what, ""));
            let (held, asked) = what.split_once(" > ").unwrap();
            let mut seen = Occurrence::default();
            let (test, thread) = who.split_once('/').unwrap_or((who, "t"));
            (seen.test, seen.thread) = (test.into(), thread.into());
            seen.held_shared = held.ends_with("/r");
            seen.acquired_shared = asked.ends_with("/r");
            seen.tried = asked.starts_with('?');
            seen.held = Site::new("held.rs", line, 1);
            seen.acquired = Site::new("asked.rs", line, 1);
            let name = |text: &str| text.trim_matches('?').trim_end_matches("/r").to_owned();
            let from = class(&mut graph, &name(held));
            let to = class(&mut graph, &name(asked));
            seen.gates = gates
                .split_whitespace()
                .map(|gate| class(&mut graph, gate))
                .collect();
            edge(&mut graph, from, to).occurrences.push(seen);
        }
        graph
    }

    fn class(graph: &mut Graph, name: &str) -> usize {
        let mut classes = graph.classes.iter();
        classes
            .position(|class| class.name.as_deref() == Some(name))
            .unwrap_or_else(|| {
                graph
                    .classes
                    .push(Class::new("Mutex", Some(name.into()), None, None));
                graph.classes.len() - 1
            })
    }

    fn edge(graph: &mut Graph, from: usize, to: usize) -> &mut Edge {
        let mut edges = graph.edges.iter();
        let place = edges.position(|edge| (edge.from, edge.to) == (from, to));
        let place = place.unwrap_or_else(|| {
            graph.edges.push(Edge::new(from, to));
            graph.edges.len() - 1
        });
        &mut graph.edges[place]
    }

    fn check_beside(known: &[Finding], text: &str, expected: Expect) {
        let lines: Vec<String> = class_cycles(&graph(text), known)
            .iter()
            .map(|finding| finding.fill(&finding.message))
            .collect();
        expected.assert_eq(&lines.join("\n"));
    }

    fn check(text: &str, expected: Expect) {
        check_beside(&[], text, expected);
    }

    #[test]
    fn two_tests_that_show_one_order_each_make_a_cycle() {
        check(
            "x: a > b; y: b > a",
            expect!["different tests lock `a` and `b` in opposite orders"],
        );
    }

    #[test]
    fn one_test_alone_is_left_to_the_analysis_by_instance() {
        check("x/1: a > b; x/2: b > a", expect![""]);
    }

    #[test]
    fn a_second_test_with_the_same_order_makes_the_cycle() {
        check(
            "x/1: a > b; x/2: b > a; y: a > b",
            expect!["different tests lock `a` and `b` in opposite orders"],
        );
    }

    #[test]
    fn a_class_with_itself_is_no_cycle() {
        check("x: a > a; y: a > a", expect![""]);
    }

    #[test]
    fn three_tests_make_a_ring_of_three() {
        check(
            "x: a > b; y: b > c; z: c > a",
            expect!["different tests lock `a`, `b` and `c` in orders that form a ring"],
        );
    }

    #[test]
    fn one_thread_cannot_take_two_steps() {
        check("x: a > b; x: b > c; y: c > a", expect![""]);
        check(
            "x/1: a > b; x/2: b > c; y: c > a",
            expect!["different tests lock `a`, `b` and `c` in orders that form a ring"],
        );
    }

    #[test]
    fn a_common_gate_is_silent() {
        check("x: a > b under g; y: b > a under g", expect![""]);
        check(
            "x: a > b under g; y: b > a under h",
            expect!["different tests lock `a` and `b` in opposite orders"],
        );
        check(
            "x: a > b under g; y: b > c under h; z: c > a under h",
            expect![""],
        );
    }

    #[test]
    fn a_gate_that_is_the_other_steps_lock_is_silent() {
        check("x: a > b under c; y: b > c; z: c > a", expect![""]);
        check("x: a > b; y: b > c; z: c > a under b", expect![""]);
    }

    #[test]
    fn a_try_is_silent() {
        check("x: a > b; y: b > ?a", expect![""]);
        check("x: a > b; y: b > ?a; x/2: b > a", expect![""]);
        check(
            "x: a > b; y: b > ?a; z: b > a",
            expect!["different tests lock `a` and `b` in opposite orders"],
        );
    }

    #[test]
    fn a_try_does_not_hide_a_longer_way() {
        check(
            "s: a > b; t: b > d; u: d > c; v: c > a; w: a > ?d; x: b > ?c; y: d > ?a; z: c > ?b",
            expect!["different tests lock `a`, `b`, `d` and `c` in orders that form a ring"],
        );
    }

    #[test]
    fn ways_back_that_are_gated_do_not_hide_the_ring() {
        check(
            "u: a > b under g; v: b > a under g; w: b > c under h; x: c > b under h; y: c > a under i; z: a > c under i",
            expect![[r#"
                different tests lock `a`, `b` and `c` in orders that form a ring
                different tests lock `a`, `c` and `b` in orders that form a ring"#]],
        );
    }

    #[test]
    fn readers_are_silent_where_they_meet() {
        check("x: a/r > b; y: b > a/r", expect![""]);
        check(
            "x: a/r > b; y: b > a",
            expect!["different tests lock `a` and `b` in opposite orders"],
        );
        check("x: a > b/r; y: b/r > a", expect![""]);
    }

    #[test]
    fn a_way_round_is_tried_where_the_way_back_is_gated() {
        check(
            "x: a > b under g; y: b > a under g; y: b > c; z: c > a",
            expect!["different tests lock `a`, `b` and `c` in orders that form a ring"],
        );
    }

    #[test]
    fn what_an_instance_finding_told_is_not_told_again() {
        let mut known = Finding::new("lock-order-cycle", Certainty::Potential, "");
        let label = |line| Label::new(Role::Primary, Site::new("asked.rs", line, 1), "");
        known.labels = vec![label(1), label(2)];
        check_beside(&[known], "x: a > b; y: b > a", expect![""]);
    }

    #[test]
    fn a_large_knot_ends_in_bounded_time() {
        let mut graph = Graph::default();
        graph.classes = vec![Class::default(); 1000];
        for from in 0..1000 {
            for step in 1..=100 {
                let edge = edge_of(from, (from + 5 * step) % 1000);
                graph.edges.push(edge);
            }
        }
        assert!(!class_cycles(&graph, &[]).is_empty());
    }

    /// An edge seen once, in a test of its own.
    fn edge_of(from: usize, to: usize) -> Edge {
        let mut edge = Edge::new(from, to);
        let mut seen = Occurrence::default();
        seen.test = format!("{from} {to}");
        edge.occurrences.push(seen);
        edge
    }
}
