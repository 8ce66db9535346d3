//! What remains of a destroyed lock: the orders that led through it.

use model::event::Mode;

use crate::order::occurrence::{Leg, Party, Passage, Write};
use crate::order::ring::spend;
use crate::order::rules::Rules;
use crate::order::web::Web;

/// How many steps a path through destroyed locks may have.
const LEGS: usize = 8;

/// How many pairs of passages are tried for one lock.
const PAIRS: usize = 256;

/// Forgets the lock at a node, and keeps the paths that led through it.
///
/// No new cycle comes of it: whatever a path closes, its parts closed before.
pub(crate) fn retire(web: &mut Web, node: u32) {
    for (from, to, path) in paths(web, node) {
        let arc = web.arc_or_new(from, to);
        web.edge_mut(arc).add_path(path);
    }
    web.remove(node);
}

fn paths(web: &Web, node: u32) -> Vec<(u32, u32, Box<[Leg]>)> {
    let mut fuel = PAIRS;
    let mut paths = Vec::new();
    for into in web.topology.arcs_into(node) {
        for out in web.topology.arcs_out(node) {
            if into.node == node || out.node == node {
                continue;
            }
            for first in web.edge(into.arc).passages() {
                for second in web.edge(out.arc).passages() {
                    if spend(&mut fuel).is_none() {
                        return paths;
                    }
                    for path in joined(web, (into.node, first), (node, second)) {
                        paths.push((into.node, out.node, path));
                    }
                }
            }
        }
    }
    paths
}

/// Two passages one after the other, if their threads can be in the middle of them at the same time; where reader
/// meets reader, once for each writer that can queue between.
fn joined(
    web: &Web,
    (start, first): (u32, Passage<'_>),
    (middle, second): (u32, Passage<'_>),
) -> Vec<Box<[Leg]>> {
    let meets_both = |party: Party<'_>| {
        let meets = |other| Rules::ALL.meet(other, party);
        first.all_parties(meets) && second.all_parties(meets)
    };
    let meet = first.all_parties(|one| second.all_parties(|other| Rules::ALL.meet(one, other)));
    let length = first.length() + second.length();
    if !meet || !first.blocks() || !second.blocks() || length > LEGS {
        return Vec::new();
    }
    let (one, other) = (legs(web, start, first), legs(web, middle, second));
    let with = |writer: Option<&Write>| {
        let mut legs = [one.as_slice(), &other].concat();
        legs[one.len()].writer = writer.cloned();
        legs.into_boxed_slice()
    };
    if (first.asked(), second.held()) == (Mode::Shared, Mode::Shared) {
        let writes = web.writes(middle).iter();
        let writers = writes.filter(|write| meets_both(write.party()));
        writers.map(|write| with(Some(write))).collect()
    } else {
        vec![with(None)]
    }
}

fn legs(web: &Web, from: u32, passage: Passage<'_>) -> Vec<Leg> {
    match passage {
        Passage::Through(legs) => legs.to_vec(),
        Passage::Direct(occurrence) => vec![Leg {
            from: *web.lock(from),
            occurrence: occurrence.clone(),
            writer: None,
        }],
    }
}
