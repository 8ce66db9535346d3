//! The search for cycles that can deadlock.
//!
//! A ring is a cycle of the web with a choice of one passage for each edge, and of a queued writer for each lock at
//! which reader meets reader. Partial rings are tried in order of their length, so the shortest come first, and are
//! given up as soon as two of their threads cannot meet; a tank of fuel bounds the work.

use model::event::Mode;

use crate::order::occurrence::{Party, Passage};
use crate::order::rules::Rules;
use crate::order::web::Web;

/// How many rings one search returns.
const RINGS: usize = 256;

/// One passage of a ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) arc: u32,
    /// Which passage of the edge.
    pub(crate) passage: usize,
    /// Which writer queues at the lock that the passage starts from.
    pub(crate) writer: Option<usize>,
}

/// Where a search begins: one passage of one edge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed {
    pub(crate) arc: u32,
    pub(crate) passage: usize,
    /// The only writer to consider at the end of the passage.
    pub(crate) writer: Option<usize>,
}

/// A ring under construction: its last step, and the rest by reference.
#[derive(Clone, Copy, Debug)]
struct Partial {
    step: Step,
    parent: Option<usize>,
    /// The node it has come to.
    at: u32,
    /// How many steps it has.
    length: usize,
}

/// A search for the rings through one passage.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    web: &'a Web,
    rules: Rules,
    /// The only edges to take, in order.
    route: Option<&'a [u32]>,
    writer: Option<usize>,
    goal: u32,
    partials: Vec<Partial>,
    rings: Vec<Vec<Step>>,
}

impl<'a> Search<'a> {
    /// A search under these rules, with a route only along its edges.
    pub(crate) fn new(web: &'a Web, rules: Rules, route: Option<&'a [u32]>) -> Self {
        Self {
            web,
            rules,
            route,
            writer: None,
            goal: 0,
            partials: Vec::new(),
            rings: Vec::new(),
        }
    }

    /// The rings that begin with this passage. Takes its work from `fuel`.
    pub(crate) fn run(mut self, seed: Seed, fuel: &mut usize) -> Vec<Vec<Step>> {
        let (from, to) = self.web.topology.ends(seed.arc);
        let passage = self.web.edge(seed.arc).passage(seed.passage);
        if self.rules.tries && !passage.blocks() {
            return self.rings;
        }
        self.goal = from;
        self.writer = seed.writer;
        let step = Step {
            arc: seed.arc,
            passage: seed.passage,
            writer: None,
        };
        self.push(None, step, to);
        let mut next = 0;
        while next < self.partials.len()
            && self.rings.len() < RINGS
            && self.extend(next, fuel).is_some()
        {
            next += 1;
        }
        self.rings
    }

    /// Tries every passage out of the end of a partial ring; `None` when the fuel is used up.
    fn extend(&mut self, index: usize, fuel: &mut usize) -> Option<()> {
        let partial = self.partials[index];
        if let Some(route) = self.route {
            return match route.get(partial.length) {
                Some(&arc) => self.follow(index, arc, fuel),
                None => Some(()),
            };
        }
        // The way that closes the ring first: in a large knot the fuel may not last for all others.
        if let Some(arc) = self.web.arc(partial.at, self.goal) {
            self.follow(index, arc, fuel)?;
        }
        for link in self.web.topology.arcs_out(partial.at) {
            spend(fuel)?;
            if link.node != self.goal
                && self.web.topology.together(partial.at, link.node)
                && !self.passes(index, link.node)
            {
                self.follow(index, link.arc, fuel)?;
            }
        }
        Some(())
    }

    /// Tries every passage of an edge.
    fn follow(&mut self, index: usize, arc: u32, fuel: &mut usize) -> Option<()> {
        for (place, passage) in self.web.edge(arc).passages().enumerate() {
            spend(fuel)?;
            let step = Step {
                arc,
                passage: place,
                writer: None,
            };
            if (passage.blocks() || !self.rules.tries)
                && passage.all_parties(|party| self.meets(index, party))
            {
                self.join(index, step, passage);
            }
        }
        Some(())
    }

    /// Whether a partial ring has come through a node, its start not counted.
    fn passes(&self, index: usize, node: u32) -> bool {
        self.chain(index).any(|partial| partial.at == node)
    }

    /// Adds a passage to a partial ring, once for each writer that makes it block.
    fn join(&mut self, index: usize, step: Step, passage: Passage<'a>) {
        let (_, to) = self.web.topology.ends(step.arc);
        let partial = self.partials[index];
        if !self.needs_writer(partial.step, passage) {
            if self.forced(&partial).is_none() {
                self.push(Some(index), step, to);
            }
            return;
        }
        let writers: Vec<usize> = self
            .writers(index)
            .filter(|&(_, party)| passage.all_parties(|other| self.rules.meet(other, party)))
            .map(|(place, _)| place)
            .collect();
        for place in writers {
            let writer = Some(place);
            self.push(Some(index), Step { writer, ..step }, to);
        }
    }

    /// Adds a partial ring, or a whole one where it has come to its start.
    fn push(&mut self, parent: Option<usize>, step: Step, at: u32) {
        let length = parent.map_or(0, |parent| self.partials[parent].length) + 1;
        self.partials.push(Partial {
            step,
            parent,
            at,
            length,
        });
        if at == self.goal {
            self.close(self.partials.len() - 1);
            self.partials.pop();
        }
    }

    /// Keeps a ring whose last passage has come to its start, if it blocks there too.
    fn close(&mut self, last: usize) {
        let end = self.partials[last].step;
        let mut steps: Vec<Step> = self.chain(last).map(|partial| partial.step).collect();
        steps.reverse();
        if self.needs_writer(end, self.passage(steps[0])) {
            match self.writers(last).next() {
                Some((place, _)) => steps[0].writer = Some(place),
                None => return,
            }
        } else if self.forced(&self.partials[last]).is_some() {
            return;
        }
        self.rings.push(steps);
    }

    /// Whether reader meets reader where a passage follows a step, so that only a queued writer makes it block.
    fn needs_writer(&self, step: Step, next: Passage<'_>) -> bool {
        let modes = (self.passage(step).asked(), next.held());
        self.rules.modes && modes == (Mode::Shared, Mode::Shared)
    }

    /// The writers that can queue at the end of a partial ring, with their places.
    fn writers(&self, index: usize) -> impl Iterator<Item = (usize, Party<'a>)> {
        let partial = &self.partials[index];
        let forced = self.forced(partial);
        let writes = self.web.writes(partial.at).iter().enumerate();
        writes
            .map(|(place, write)| (place, write.party()))
            .filter(move |&(place, party)| {
                forced.is_none_or(|forced| forced == place) && self.meets(index, party)
            })
    }

    /// The only writer to consider at the end of a partial ring.
    fn forced(&self, partial: &Partial) -> Option<usize> {
        self.writer.filter(|_| partial.parent.is_none())
    }

    /// Whether a thread can be in the middle of its acquisition together with all of a partial ring.
    fn meets(&self, index: usize, party: Party<'_>) -> bool {
        self.chain(index).all(|partial| {
            let step = partial.step;
            let (from, _) = self.web.topology.ends(step.arc);
            let writer = step.writer.map(|place| &self.web.writes(from)[place]);
            self.passage(step)
                .all_parties(|other| self.rules.meet(other, party))
                && writer.is_none_or(|writer| self.rules.meet(writer.party(), party))
        })
    }

    fn passage(&self, step: Step) -> Passage<'a> {
        self.web.edge(step.arc).passage(step.passage)
    }

    /// The steps of a partial ring, the last first.
    fn chain(&self, index: usize) -> impl Iterator<Item = &Partial> {
        std::iter::successors(Some(&self.partials[index]), |partial| {
            partial.parent.map(|parent| &self.partials[parent])
        })
    }
}

/// Takes a drop of fuel, if there is any.
pub(crate) fn spend(fuel: &mut usize) -> Option<()> {
    *fuel = fuel.checked_sub(1)?;
    Some(())
}
