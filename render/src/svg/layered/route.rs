//! Routes: the lines of the edges, from port to port.

use super::layers::{LOOP, Layers};
use super::place::Places;
use crate::svg::point::{Line, Point, Rect};

/// How far apart edges end on the same side of a box, if there is room.
const PORT: f64 = 16.0;

/// How far apart edges should end at least.
pub(super) const LEAST_PORT: f64 = 12.0;

/// How much of a side may have ports.
const USED: f64 = 0.8;

/// Where a line leaves or enters a box, across the layers.
struct Ports {
    /// By edge: at its upper end, and at its lower end.
    ends: Vec<(f64, f64)>,
}

/// One line for each edge, in the direction of the edge.
pub(super) fn lines(
    layers: &Layers,
    places: &Places,
    boxes: &[Rect],
    edges: &[(usize, usize)],
) -> Vec<Line> {
    let ports = Ports::new(layers, places, boxes);
    let line = |(number, &(from, to)): (usize, &(usize, usize))| {
        let chain = &layers.chains[number];
        if from == to {
            return ring(&boxes[from]);
        }
        let line = downward(chain, places, boxes, ports.ends[number]);
        if chain[0] == from {
            line
        } else {
            line.reversed()
        }
    };
    edges.iter().enumerate().map(line).collect()
}

/// A line from a box to itself, on its side.
fn ring(rect: &Rect) -> Line {
    let x = rect.middle.x + rect.width / 2.0;
    let y = rect.middle.y;
    let bow = (rect.height / 2.0 - 4.0).min(16.0);
    let mut line = Line::new(Point::new(x, y - bow * 0.6));
    let out = x + LOOP * 1.15;
    let end = Point::new(x, y + bow * 0.6);
    let parts = [
        Point::new(out, y - bow * 1.4),
        Point::new(out, y + bow * 1.4),
        end,
    ];
    line.parts.push(parts);
    line
}

/// A line along a chain: straight through layers, curved between them.
fn downward(chain: &[usize], places: &Places, boxes: &[Rect], ports: (f64, f64)) -> Line {
    let (first, last) = (chain[0], chain[chain.len() - 1]);
    let mut line = Line::new(Point::new(
        ports.0,
        boxes[first].top() + boxes[first].height,
    ));
    line.straight(Point::new(ports.0, places.band(first).end));
    for &cell in &chain[1..chain.len() - 1] {
        let band = places.band(cell);
        line.curve(Point::new(places.across[cell], band.start));
        line.straight(Point::new(places.across[cell], band.end));
    }
    line.curve(Point::new(ports.1, places.band(last).start));
    line.straight(Point::new(ports.1, boxes[last].top()));
    line
}

impl Ports {
    fn new(layers: &Layers, places: &Places, boxes: &[Rect]) -> Self {
        let mut ends = vec![(0.0, 0.0); layers.chains.len()];
        for (node, rect) in boxes.iter().enumerate() {
            let mut upper = Vec::new();
            let mut lower = Vec::new();
            for (edge, chain) in layers.chains.iter().enumerate() {
                if chain.first() == Some(&node) {
                    upper.push((places.across[chain[1]], edge));
                }
                if chain.last() == Some(&node) {
                    lower.push((places.across[chain[chain.len() - 2]], edge));
                }
            }
            for (edge, at) in spread(upper, rect) {
                ends[edge].0 = at;
            }
            for (edge, at) in spread(lower, rect) {
                ends[edge].1 = at;
            }
        }
        Self { ends }
    }
}

/// Ports for edges, in the order of where they lead.
fn spread(mut edges: Vec<(f64, usize)>, rect: &Rect) -> Vec<(usize, f64)> {
    edges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut steps = 0.0;
    for _ in 1..edges.len() {
        steps += 1.0;
    }
    let gap = PORT.min(rect.width * USED / f64::max(steps, 1.0));
    let mut at = rect.middle.x - steps * gap / 2.0;
    let mut ports = Vec::with_capacity(edges.len());
    for (_, edge) in edges {
        ports.push((edge, at));
        at += gap;
    }
    ports
}
