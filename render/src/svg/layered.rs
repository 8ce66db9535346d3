//! A layout in layers, after Sugiyama, Tagawa and Toda 1981.
//!
//! 1. Few edges are turned around so that none is part of a cycle (`acyclic`; Eades, Lin and Smyth 1993).
//! 2. Nodes get layers by the longest way, and edges cells in the layers that they cross (`layers`).
//! 3. Cells are ordered within their layers so that few edges cross (`crossing`; barycentres, then swaps).
//! 4. Cells get places near their neighbours, as near as order and room allow (`place`; isotonic regression).
//! 5. Edges run straight through layers and curve in the gaps between them, so they never meet a box (`route`).

mod acyclic;
mod crossing;
mod layers;
mod place;
mod route;

use self::layers::Layers;
use super::layout::Layout;
use super::point::{Point, Rect};

/// Layers from top to bottom.
pub(super) fn down(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layout {
    let mut layers = Layers::new(sizes, edges);
    crossing::reduce(&mut layers);
    let places = place::Places::new(&layers);
    let boxes = places.boxes(sizes);
    let lines = route::lines(&layers, &places, &boxes, edges);
    Layout {
        boxes,
        lines,
        width: places.breadth,
        height: places.depth,
    }
}

/// Layers from left to right: the same, flipped. Boxes grow where many edges would meet at their side.
pub(super) fn right(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layout {
    let sizes = sizes.iter().enumerate();
    let flipped = sizes.map(|(node, &(width, height))| (height.max(side(node, edges)), width));
    let flipped: Vec<(f64, f64)> = flipped.collect();
    let layout = down(&flipped, edges);
    Layout {
        boxes: layout.boxes.into_iter().map(Rect::flipped).collect(),
        lines: layout
            .lines
            .iter()
            .map(|line| line.map(Point::flipped))
            .collect(),
        width: layout.height,
        height: layout.width,
    }
}

/// How long the side of a box should be for the edges that end there.
fn side(node: usize, edges: &[(usize, usize)]) -> f64 {
    let out = edges.iter().filter(|edge| edge.0 == node).count();
    let into = edges.iter().filter(|edge| edge.1 == node).count();
    (0..out.max(into)).fold(0.0, |side, _| side + route::LEAST_PORT)
}
