//! Places: where each cell stands in its layer, and where the layers lie.

use crate::svg::point::{Point, Rect};

use super::layers::{Cell, Layers};

/// How often places are improved, down and up in turn.
const SWEEPS: usize = 30;

/// The room between two cells, by how many of them are nodes.
const GAPS: [f64; 3] = [14.0, 18.0, 26.0];

/// How strongly linked cells draw each other, by how many of them are nodes: long edges shall be straight.
const PULLS: [f64; 3] = [8.0, 2.0, 1.0];

/// The least and the most room between layers.
const LAYER_GAP: (f64, f64) = (46.0, 150.0);

/// How much of the longest way that an edge goes across is added to the room between layers.
const SLANT: f64 = 0.16;

/// The places of all cells.
pub(super) struct Places {
    /// The middle of each cell, across the layers.
    pub(super) across: Vec<f64>,
    pub(super) breadth: f64,
    pub(super) depth: f64,
    bands: Vec<Band>,
    layers: Vec<usize>,
}

/// From where to where a layer reaches.
#[derive(Clone, Copy)]
pub(super) struct Band {
    pub(super) start: f64,
    pub(super) end: f64,
}

/// Which neighbours draw a cell.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Before,
    After,
    Both,
}

impl Band {
    pub(super) fn middle(self) -> f64 {
        f64::midpoint(self.start, self.end)
    }
}

impl Places {
    pub(super) fn new(layers: &Layers) -> Self {
        let mut across = packed(layers);
        for sweep in 0..SWEEPS {
            let side = match (sweep + 6 > SWEEPS, sweep % 2 == 0) {
                (true, _) => Side::Both,
                (false, true) => Side::Before,
                (false, false) => Side::After,
            };
            improve(layers, &mut across, side, sweep % 2 == 0);
        }
        let breadth = shift_to_origin(layers, &mut across);
        let bands = bands(layers, &across);
        let mut of_cell = vec![0; layers.cells.len()];
        for (layer, row) in layers.rows.iter().enumerate() {
            row.iter().for_each(|&cell| of_cell[cell] = layer);
        }
        Self {
            across,
            breadth,
            depth: bands.last().map_or(0.0, |band| band.end),
            bands,
            layers: of_cell,
        }
    }

    /// The band of a cell's layer.
    pub(super) fn band(&self, cell: usize) -> Band {
        self.bands[self.layers[cell]]
    }

    /// The boxes of the nodes.
    pub(super) fn boxes(&self, sizes: &[(f64, f64)]) -> Vec<Rect> {
        let nodes = sizes.iter().enumerate();
        let boxes = nodes.map(|(node, &(width, height))| Rect {
            middle: Point::new(self.across[node], self.band(node).middle()),
            width,
            height,
        });
        boxes.collect()
    }
}

/// Each row closely packed, around a common middle.
fn packed(layers: &Layers) -> Vec<f64> {
    let mut across = vec![0.0; layers.cells.len()];
    for row in &layers.rows {
        let offsets = offsets(layers, row);
        let half = offsets.last().map_or(0.0, |last| last / 2.0);
        for (&cell, offset) in row.iter().zip(&offsets) {
            across[cell] = offset - half;
        }
    }
    across
}

/// Where the cells of a row stand if they are packed, the first at 0.
fn offsets(layers: &Layers, row: &[usize]) -> Vec<f64> {
    let mut at = 0.0;
    let mut offsets = Vec::with_capacity(row.len());
    for (number, &cell) in row.iter().enumerate() {
        if number > 0 {
            at += distance(&layers.cells[row[number - 1]], &layers.cells[cell]);
        }
        offsets.push(at);
    }
    offsets
}

fn distance(a: &Cell, b: &Cell) -> f64 {
    let gap = GAPS[usize::from(a.is_node) + usize::from(b.is_node)];
    f64::midpoint(a.breadth, b.breadth) + gap
}

/// Moves each row as near to its neighbours as order and room allow.
fn improve(layers: &Layers, across: &mut [f64], side: Side, is_down: bool) {
    let count = layers.rows.len();
    for step in 0..count {
        let row = &layers.rows[if is_down { step } else { count - 1 - step }];
        let offsets = offsets(layers, row);
        let wishes = row.iter().zip(&offsets).map(|(&cell, offset)| {
            let (wish, weight) = wish(layers, cell, across, side);
            (wish - offset, weight)
        });
        let wishes: Vec<(f64, f64)> = wishes.collect();
        for ((&cell, offset), place) in row.iter().zip(&offsets).zip(isotonic(&wishes)) {
            across[cell] = place + offset;
        }
    }
}

/// Where a cell would like to be, and how much.
fn wish(layers: &Layers, cell: usize, across: &[f64], side: Side) -> (f64, f64) {
    let this = &layers.cells[cell];
    let before = this.before.iter().filter(|_| side != Side::After);
    let after = this.after.iter().filter(|_| side != Side::Before);
    let (mut sum, mut weight) = (0.0, 0.0);
    for &linked in before.chain(after) {
        let nodes = usize::from(this.is_node) + usize::from(layers.cells[linked].is_node);
        sum += across[linked] * PULLS[nodes];
        weight += PULLS[nodes];
    }
    if weight == 0.0 {
        return (across[cell], 0.05);
    }
    (sum / weight, weight)
}

/// The rising sequence that is nearest to the wishes (value, weight), by pooling adjacent violators.
fn isotonic(wishes: &[(f64, f64)]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for &(value, weight) in wishes {
        let mut pool = (value, weight, 1);
        while let Some(last) = pools.pop_if(|last| last.0 > pool.0) {
            let weight = last.1 + pool.1;
            let value = (last.0 * last.1 + pool.0 * pool.1) / weight;
            pool = (value, weight, last.2 + pool.2);
        }
        pools.push(pool);
    }
    let places = pools.iter().map(|&(value, _, count)| vec![value; count]);
    places.flatten().collect()
}

/// Moves everything so that it begins at 0, and says how far it reaches.
fn shift_to_origin(layers: &Layers, across: &mut [f64]) -> f64 {
    let cells = || layers.cells.iter().zip(across.iter());
    let start = cells().map(|(cell, at)| at - cell.breadth / 2.0);
    let start = start.fold(f64::INFINITY, f64::min);
    let end = cells().map(|(cell, at)| at + cell.breadth / 2.0);
    let end = end.fold(f64::NEG_INFINITY, f64::max);
    across.iter_mut().for_each(|at| *at -= start);
    (end - start).max(0.0)
}

/// The bands of the layers, with more room between those whose edges go far across.
fn bands(layers: &Layers, across: &[f64]) -> Vec<Band> {
    let mut start = 0.0;
    let mut bands = Vec::with_capacity(layers.rows.len());
    for row in &layers.rows {
        let depth = row.iter().map(|&cell| layers.cells[cell].depth);
        let end = start + depth.fold(0.0, f64::max);
        bands.push(Band { start, end });
        let ways = row.iter().flat_map(|&cell| {
            let after = layers.cells[cell].after.iter();
            after.map(move |&next| (across[next] - across[cell]).abs())
        });
        let longest = ways.fold(0.0, f64::max);
        start = end + (LAYER_GAP.0 + longest * SLANT).min(LAYER_GAP.1);
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::isotonic;

    #[test]
    fn wishes_in_order_come_true_and_others_meet_in_the_middle() {
        assert_eq!(isotonic(&[(1.0, 1.0), (2.0, 1.0)]), [1.0, 2.0]);
        assert_eq!(
            isotonic(&[(4.0, 1.0), (1.0, 2.0), (5.0, 1.0)]),
            [2.0, 2.0, 5.0]
        );
    }
}
