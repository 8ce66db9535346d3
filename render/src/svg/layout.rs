//! Layout: where the boxes and lines of a graph go.

use super::point::{Line, Rect};

/// A graph that has its place: boxes by node, lines by edge.
pub(super) struct Layout {
    pub(super) boxes: Vec<Rect>,
    pub(super) lines: Vec<Line>,
    pub(super) width: f64,
    pub(super) height: f64,
}
