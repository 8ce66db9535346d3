//! Selection: what of a large graph is drawn.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::chart::{Arrow, Chart};

/// How many classes a picture shows.
const MOST_NODES: usize = 60;

/// How many orders a picture shows.
const MOST_ARROWS: usize = 150;

/// The classes and orders that are drawn, as indices into the chart.
pub(super) struct Selection {
    pub(super) nodes: Vec<usize>,
    pub(super) arrows: Vec<usize>,
}

impl Selection {
    /// Reported cycles first, then innocent ones, then what was seen most often, as far as there is room.
    pub(super) fn new(chart: &Chart<'_>) -> Self {
        let mut ordered: Vec<(usize, &Arrow<'_>)> = chart.arrows.iter().enumerate().collect();
        ordered.sort_by_key(|(_, arrow)| (Reverse(arrow.verdict), Reverse(arrow.edge.count)));
        let (mut nodes, mut arrows) = (BTreeSet::new(), Vec::new());
        for (number, arrow) in ordered {
            let ends = BTreeSet::from([arrow.edge.from, arrow.edge.to]);
            let has_room = nodes.len() + ends.difference(&nodes).count() <= MOST_NODES;
            if has_room && arrows.len() < MOST_ARROWS {
                nodes.extend(ends);
                arrows.push(number);
            }
        }
        let room = MOST_NODES - nodes.len();
        let others = (0..chart.nodes.len()).filter(|node| !nodes.contains(node));
        let others: Vec<usize> = others.take(room).collect();
        arrows.sort_unstable();
        nodes.extend(others);
        let nodes = nodes.into_iter().collect();
        Self { nodes, arrows }
    }

    /// What the picture leaves out, in words.
    pub(super) fn left_out(&self, chart: &Chart<'_>) -> Option<String> {
        let (nodes, arrows) = (chart.nodes.len(), chart.arrows.len());
        let is_cut = self.nodes.len() < nodes || self.arrows.len() < arrows;
        is_cut.then(|| {
            format!(
                "drawn: {} of {nodes} classes, {} of {arrows} orders, reported cycles first; text and DOT show all",
                self.nodes.len(),
                self.arrows.len()
            )
        })
    }
}
