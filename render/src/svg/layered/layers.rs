//! Layers: rows of cells. A cell is a node, or the place where an edge crosses a layer.

use super::acyclic;

/// How much room a node with an edge to itself has on each side.
pub(super) const LOOP: f64 = 30.0;

/// A graph in layers.
pub(super) struct Layers {
    pub(super) cells: Vec<Cell>,
    /// The cells of each layer, in order.
    pub(super) rows: Vec<Vec<usize>>,
    /// The cells of each edge, layer by layer downwards; none for an edge from a node to itself.
    pub(super) chains: Vec<Vec<usize>>,
}

/// A node, or a crossing edge.
pub(super) struct Cell {
    pub(super) is_node: bool,
    pub(super) breadth: f64,
    pub(super) depth: f64,
    /// The cells linked with it in the layer before and after.
    pub(super) before: Vec<usize>,
    pub(super) after: Vec<usize>,
}

impl Layers {
    pub(super) fn new(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Self {
        let order = acyclic::order(sizes.len(), edges);
        let mut place = vec![0; sizes.len()];
        for (at, &node) in order.iter().enumerate() {
            place[node] = at;
        }
        let down = |&(from, to): &(usize, usize)| match place[from] <= place[to] {
            true => (from, to),
            false => (to, from),
        };
        let downward: Vec<(usize, usize)> = edges.iter().map(down).collect();
        let ranks = ranks(&order, &downward);
        let mut layers = Self::with_nodes(sizes, &ranks, &order);
        for &edge in &downward {
            layers.add_chain(edge, &ranks);
        }
        for &(from, to) in edges {
            layers.cells[from].breadth += if from == to { 2.0 * LOOP } else { 0.0 };
        }
        layers
    }

    fn with_nodes(sizes: &[(f64, f64)], ranks: &[usize], order: &[usize]) -> Self {
        let cell = |&(breadth, depth): &(f64, f64)| Cell {
            is_node: true,
            breadth,
            depth,
            before: Vec::new(),
            after: Vec::new(),
        };
        let mut rows = vec![Vec::new(); ranks.iter().max().map_or(0, |last| last + 1)];
        for &node in order {
            rows[ranks[node]].push(node);
        }
        Self {
            cells: sizes.iter().map(cell).collect(),
            rows,
            chains: Vec::new(),
        }
    }

    fn add_chain(&mut self, (from, to): (usize, usize), ranks: &[usize]) {
        let mut chain = Vec::new();
        if from != to {
            chain.push(from);
            for layer in ranks[from] + 1..ranks[to] {
                chain.push(self.add_crossing(layer));
            }
            chain.push(to);
        }
        for link in chain.windows(2) {
            self.cells[link[0]].after.push(link[1]);
            self.cells[link[1]].before.push(link[0]);
        }
        self.chains.push(chain);
    }

    fn add_crossing(&mut self, layer: usize) -> usize {
        self.cells.push(Cell {
            is_node: false,
            breadth: 2.0,
            depth: 0.0,
            before: Vec::new(),
            after: Vec::new(),
        });
        let cell = self.cells.len() - 1;
        self.rows[layer].push(cell);
        cell
    }

    /// Where each cell stands in its row.
    pub(super) fn positions(&self) -> Vec<usize> {
        let mut positions = vec![0; self.cells.len()];
        for row in &self.rows {
            for (at, &cell) in row.iter().enumerate() {
                positions[cell] = at;
            }
        }
        positions
    }
}

/// The layer of each node: as far up as its edges allow, or down if that makes its edges shorter.
fn ranks(order: &[usize], downward: &[(usize, usize)]) -> Vec<usize> {
    let mut ranks = vec![0; order.len()];
    let edges_of = |node: usize| {
        downward
            .iter()
            .filter(move |edge| edge.0 == node && edge.1 != node)
    };
    for &node in order {
        for &(_, to) in edges_of(node) {
            ranks[to] = ranks[to].max(ranks[node] + 1);
        }
    }
    for &node in order.iter().rev() {
        let into = downward
            .iter()
            .filter(|edge| edge.1 == node && edge.0 != node);
        let is_pulled = edges_of(node).count() > into.count();
        let next = edges_of(node).map(|&(_, to)| ranks[to]).min();
        if let Some(next) = next.filter(|_| is_pulled) {
            ranks[node] = next - 1;
        }
    }
    ranks
}
