//! Chains: a ring step by step, with the locks that have since been destroyed, as findings tell it.

use model::site::{Caller, Origin};

use crate::order::occurrence::{Lock, Occurrence, Passage, Write};
use crate::order::ring::Step;
use crate::order::web::Web;

/// One step of a chain: a thread that holds a lock and asks for the lock of the next link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    /// The lock held.
    pub(crate) lock: Lock,
    pub(crate) occurrence: &'a Occurrence,
    /// Who queues to write the lock held, where reader meets reader.
    pub(crate) writer: Option<&'a Write>,
    /// Whether the lock held still exists.
    pub(crate) is_live: bool,
}

/// What makes two steps the same for whoever reads about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Sign {
    from: (Origin, model::kind::Kind),
    hold: Caller,
    acquire: Caller,
    to: (Origin, model::kind::Kind),
}

/// The links of a ring, beginning with the one that comes first by its places, so that it does not depend on which
/// step was seen last; `None` if it passes a destroyed lock twice: there is a shorter one then.
pub(crate) fn links<'a>(web: &'a Web, ring: &[Step]) -> Option<Vec<Link<'a>>> {
    let mut links: Vec<Link<'a>> = ring.iter().flat_map(|&step| of_step(web, step)).collect();
    let mut locks: Vec<_> = links.iter().map(|link| link.lock.id).collect();
    locks.sort_unstable();
    if locks.windows(2).any(|pair| pair[0] == pair[1]) {
        return None;
    }
    let signs = signs(&links);
    let first = (0..links.len()).min_by_key(|&start| {
        let mut turned = signs.clone();
        turned.rotate_left(start);
        (turned, links[start].occurrence.actor.segment.thread())
    })?;
    links.rotate_left(first);
    Some(links)
}

/// The signs of the links, in order.
pub(crate) fn signs(links: &[Link<'_>]) -> Vec<Sign> {
    let next = links.iter().cycle().skip(1);
    let pairs = links.iter().zip(next);
    pairs
        .map(|(link, next)| Sign {
            from: (link.lock.origin, link.lock.kind),
            hold: link.occurrence.hold,
            acquire: link.occurrence.acquire,
            to: (next.lock.origin, next.lock.kind),
        })
        .collect()
}

fn of_step(web: &Web, step: Step) -> Vec<Link<'_>> {
    let (from, _) = web.topology.ends(step.arc);
    let writer = step.writer.map(|place| &web.writes(from)[place]);
    match web.edge(step.arc).passage(step.passage) {
        Passage::Direct(occurrence) => vec![Link {
            lock: *web.lock(from),
            occurrence,
            writer,
            is_live: true,
        }],
        Passage::Through(legs) => legs
            .iter()
            .map(|leg| Link {
                lock: leg.from,
                occurrence: &leg.occurrence,
                writer: leg
                    .writer
                    .as_ref()
                    .or(writer.filter(|_| leg.from.id == web.lock(from).id)),
                is_live: web.find(leg.from.id).is_some(),
            })
            .collect(),
    }
}
