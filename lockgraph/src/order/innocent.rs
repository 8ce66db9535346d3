//! Why a cycle cannot deadlock.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::order::occurrence::{Lock, Party};
use crate::order::ring::{Search, Seed, Step, spend};
use crate::order::rules::{Rules, gate};
use crate::order::web::Web;

/// Why a cycle cannot deadlock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reason {
    /// One thread makes all steps.
    Thread,
    /// One thread makes several steps.
    Threads,
    /// A lock keeps two steps apart; it is told if it still exists.
    Gate(Option<Lock>),
    /// Starting or joining a thread puts one step before another.
    Order,
    /// A step only tries.
    Try,
    /// Only readers meet, and no writer can queue between them.
    Readers,
}

/// One of the rules, to be turned off.
type Fact = fn(&mut Rules) -> &mut bool;

/// The facts in the order in which they are tried as the reason, each with the rules without it.
const FACTS: [(Reason, Fact); 5] = [
    (Reason::Thread, |rules| &mut rules.threads),
    (Reason::Gate(None), |rules| &mut rules.gates),
    (Reason::Order, |rules| &mut rules.order),
    (Reason::Try, |rules| &mut rules.tries),
    (Reason::Readers, |rules| &mut rules.modes),
];

/// A shortest cycle through an edge, as its edges in order beginning with it.
pub(crate) fn shortest_cycle(web: &Web, arc: u32, fuel: &mut usize) -> Option<Vec<u32>> {
    let (from, to) = web.topology.ends(arc);
    if from == to {
        return Some(vec![arc]);
    }
    if let Some(back) = web.arc(to, from) {
        return Some(vec![arc, back]);
    }
    let mut came_by = FxHashMap::from_iter([(to, arc)]);
    let mut queue = VecDeque::from([to]);
    while let Some(node) = queue.pop_front() {
        for link in web.topology.arcs_out(node) {
            spend(fuel)?;
            if web.topology.together(from, link.node) && !came_by.contains_key(&link.node) {
                came_by.insert(link.node, link.arc);
                queue.push_back(link.node);
            }
        }
        if came_by.contains_key(&from) {
            return Some(walk_back(web, &came_by, from, arc));
        }
    }
    None
}

/// The edges that led to a node, beginning with the first of all.
fn walk_back(web: &Web, came_by: &FxHashMap<u32, u32>, end: u32, first: u32) -> Vec<u32> {
    let mut arcs = vec![came_by[&end]];
    while let Some(&last) = arcs.last()
        && last != first
    {
        arcs.push(came_by[&web.topology.ends(last).0]);
    }
    arcs.reverse();
    arcs
}

/// Why the cycle along these edges cannot deadlock: the first fact without which it could. Where it takes several, the
/// last of them.
pub(crate) fn reason(web: &Web, cycle: &[u32], fuel: &mut usize) -> Option<Reason> {
    for (reason, fact) in FACTS {
        let mut rules = Rules::ALL;
        *fact(&mut rules) = false;
        if let Some(ring) = ring_under(web, cycle, rules, fuel) {
            return Some(in_detail(web, &ring, reason));
        }
    }
    let mut rules = Rules::ALL;
    for (reason, fact) in FACTS {
        *fact(&mut rules) = false;
        if let Some(ring) = ring_under(web, cycle, rules, fuel) {
            return Some(in_detail(web, &ring, reason));
        }
    }
    None
}

fn ring_under(web: &Web, cycle: &[u32], rules: Rules, fuel: &mut usize) -> Option<Vec<Step>> {
    let passages = web.edge(cycle[0]).passages().count();
    (0..passages).find_map(|passage| {
        let seed = Seed {
            arc: cycle[0],
            passage,
            writer: None,
        };
        let rings = Search::new(web, rules, Some(cycle)).run(seed, fuel);
        rings.into_iter().next()
    })
}

/// Says more of the reason, with the ring that it keeps from being one.
fn in_detail(web: &Web, ring: &[Step], reason: Reason) -> Reason {
    let parties = parties(web, ring);
    match reason {
        Reason::Thread => {
            let mut threads = parties.iter().map(|party| party.actor.segment.thread());
            let first = threads.next();
            let is_one = threads.all(|thread| Some(thread) == first);
            if is_one { reason } else { Reason::Threads }
        }
        Reason::Gate(_) => Reason::Gate(gate_among(web, &parties)),
        _ => reason,
    }
}

/// Everybody who takes part in a ring.
fn parties<'a>(web: &'a Web, ring: &[Step]) -> Vec<Party<'a>> {
    let mut parties = Vec::new();
    for step in ring {
        let passage = web.edge(step.arc).passage(step.passage);
        passage.all_parties(|party| {
            parties.push(party);
            true
        });
        let (from, _) = web.topology.ends(step.arc);
        let writer = step.writer.map(|place| web.writes(from)[place].party());
        parties.extend(writer);
    }
    parties
}

/// A lock that keeps two of these apart, if it still exists.
fn gate_among(web: &Web, parties: &[Party<'_>]) -> Option<Lock> {
    let mut pairs = parties.iter().enumerate();
    let (lock, _) = pairs.find_map(|(index, &one)| {
        let mut later = parties[index + 1..].iter();
        later.find_map(|&other| gate(one, other))
    })?;
    web.find(lock).map(|node| *web.lock(node))
}

impl Reason {
    /// The reason in words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Thread => "one thread makes every step".to_owned(),
            Self::Threads => "one thread makes several of the steps".to_owned(),
            Self::Gate(Some(gate)) => {
                format!("{} keeps the steps apart (a gate)", gate.words())
            }
            Self::Gate(None) => {
                "a lock that has since been dropped keeps the steps apart (a gate)".to_owned()
            }
            Self::Order => "starting or joining a thread puts one step before the other".to_owned(),
            Self::Try => "a step only tries, and gives up at once".to_owned(),
            Self::Readers => "only readers meet, and no writer can queue between them".to_owned(),
        }
    }
}
