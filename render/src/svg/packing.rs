//! Packing: each connected part of a graph is laid out by itself, then all are packed.

use super::layered;
use super::layout::Layout;
use super::point::{Line, Rect};

/// The room between parts.
const GAP: f64 = 36.0;

/// How much wider than high a picture should be.
const ASPECT: f64 = 1.5;

/// A connected part of a graph: its nodes and edges by their numbers in the whole.
struct Part {
    nodes: Vec<usize>,
    edges: Vec<usize>,
    layout: Layout,
}

/// Lays out nodes of these sizes (width, height) and edges between them.
pub(super) fn layout(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layout {
    let mut parts = parts(sizes, edges);
    parts.sort_by(|a, b| b.layout.height.total_cmp(&a.layout.height));
    let limit = limit(&parts);
    let mut whole = Whole::new(sizes.len(), edges.len());
    let (mut x, mut y, mut row) = (0.0_f64, 0.0_f64, 0.0_f64);
    for part in &parts {
        if x > 0.0 && x + part.layout.width > limit {
            (x, y, row) = (0.0, y + row + GAP, 0.0);
        }
        whole.add(part, x, y);
        x += part.layout.width + GAP;
        row = row.max(part.layout.height);
    }
    whole.finish()
}

/// How wide a row of parts may be.
fn limit(parts: &[Part]) -> f64 {
    let area: f64 = parts
        .iter()
        .map(|part| (part.layout.width + GAP) * (part.layout.height + GAP))
        .sum();
    let widest = parts.iter().map(|part| part.layout.width);
    widest.fold((area * ASPECT).sqrt(), f64::max)
}

fn parts(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Vec<Part> {
    let numbers = part_numbers(sizes.len(), edges);
    let mut parts = Vec::new();
    for number in 0..sizes.len() {
        let of = |list: Vec<usize>, node: &dyn Fn(usize) -> usize| -> Vec<usize> {
            let mine = list.into_iter().filter(|&one| numbers[node(one)] == number);
            mine.collect()
        };
        let nodes = of((0..sizes.len()).collect(), &|node| node);
        if nodes.is_empty() {
            continue;
        }
        let own = of((0..edges.len()).collect(), &|edge| edges[edge].0);
        let layout = lay_out_part(&nodes, &own, sizes, edges);
        parts.push(Part {
            nodes,
            edges: own,
            layout,
        });
    }
    parts
}

fn lay_out_part(
    nodes: &[usize],
    own: &[usize],
    sizes: &[(f64, f64)],
    edges: &[(usize, usize)],
) -> Layout {
    let place = |node| {
        nodes
            .binary_search(&node)
            .expect("an edge stays in its part")
    };
    let sizes: Vec<(f64, f64)> = nodes.iter().map(|&node| sizes[node]).collect();
    let edges: Vec<(usize, usize)> = own
        .iter()
        .map(|&edge| (place(edges[edge].0), place(edges[edge].1)))
        .collect();
    better(
        layered::down(&sizes, &edges),
        layered::right(&sizes, &edges),
    )
}

/// The layout that fits better on a screen.
fn better(first: Layout, second: Layout) -> Layout {
    let size = |layout: &Layout| (layout.width / ASPECT).max(layout.height);
    if size(&first) <= size(&second) {
        first
    } else {
        second
    }
}

/// For each node the number of its part: the least node that is connected with it.
fn part_numbers(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..nodes).collect();
    loop {
        let mut is_settled = true;
        for &(from, to) in edges {
            let least = numbers[from].min(numbers[to]);
            is_settled &= numbers[from] == numbers[to];
            (numbers[from], numbers[to]) = (least, least);
        }
        if is_settled {
            return numbers;
        }
    }
}

/// The parts that have their place so far.
struct Whole {
    boxes: Vec<Option<Rect>>,
    lines: Vec<Option<Line>>,
    width: f64,
    height: f64,
}

impl Whole {
    fn new(nodes: usize, edges: usize) -> Self {
        Self {
            boxes: vec![None; nodes],
            lines: vec![None; edges],
            width: 0.0,
            height: 0.0,
        }
    }

    fn add(&mut self, part: &Part, x: f64, y: f64) {
        for (&node, rect) in part.nodes.iter().zip(&part.layout.boxes) {
            self.boxes[node] = Some(rect.moved(x, y));
        }
        for (&edge, line) in part.edges.iter().zip(&part.layout.lines) {
            self.lines[edge] = Some(line.map(|point| point.moved(x, y)));
        }
        self.width = self.width.max(x + part.layout.width);
        self.height = self.height.max(y + part.layout.height);
    }

    fn finish(self) -> Layout {
        Layout {
            boxes: self.boxes.into_iter().flatten().collect(),
            lines: self.lines.into_iter().flatten().collect(),
            width: self.width,
            height: self.height,
        }
    }
}
