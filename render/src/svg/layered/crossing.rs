//! Crossings: the order of the cells in each layer.

use super::layers::{Cell, Layers};

/// How often all layers are sorted, down and up in turn.
const SWEEPS: usize = 24;

/// How often neighbours are swapped, as long as it helps.
const ROUNDS: usize = 12;

/// Orders the cells so that few edges cross.
pub(super) fn reduce(layers: &mut Layers) {
    let mut best = (count(layers), layers.rows.clone());
    for sweep in 0..SWEEPS {
        sort(layers, sweep % 2 == 0);
        swap(layers);
        let crossings = count(layers);
        if crossings < best.0 {
            best = (crossings, layers.rows.clone());
        }
    }
    layers.rows = best.1;
}

/// Sorts each layer by the middle of its neighbours in the layer before (or after).
fn sort(layers: &mut Layers, is_down: bool) {
    let mut positions = layers.positions();
    let count = layers.rows.len();
    for step in 0..count {
        let layer = if is_down { step } else { count - 1 - step };
        let mut row = std::mem::take(&mut layers.rows[layer]);
        row.sort_by(|&a, &b| {
            let middle = |cell: usize| {
                let linked = links(&layers.cells[cell], is_down);
                middle(linked, &positions).unwrap_or(as_f64(positions[cell]))
            };
            middle(a).total_cmp(&middle(b))
        });
        for (at, &cell) in row.iter().enumerate() {
            positions[cell] = at;
        }
        layers.rows[layer] = row;
    }
}

fn links(cell: &Cell, is_down: bool) -> &[usize] {
    if is_down { &cell.before } else { &cell.after }
}

fn middle(cells: &[usize], positions: &[usize]) -> Option<f64> {
    let sum: usize = cells.iter().map(|&cell| positions[cell]).sum();
    (!cells.is_empty()).then(|| as_f64(sum) / as_f64(cells.len()))
}

#[expect(clippy::cast_precision_loss, reason = "a picture has few cells")]
fn as_f64(number: usize) -> f64 {
    number as f64
}

/// Swaps neighbours where that saves crossings.
fn swap(layers: &mut Layers) {
    let mut positions = layers.positions();
    for _ in 0..ROUNDS {
        let mut has_helped = false;
        for row in &mut layers.rows {
            for at in 1..row.len() {
                let (a, b) = (row[at - 1], row[at]);
                let cells = &layers.cells;
                let now = between(&cells[a], &cells[b], &positions);
                if between(&cells[b], &cells[a], &positions) < now {
                    row.swap(at - 1, at);
                    positions.swap(a, b);
                    has_helped = true;
                }
            }
        }
        if !has_helped {
            break;
        }
    }
}

/// How often the edges of two cells cross if the first stands before the second.
fn between(first: &Cell, second: &Cell, positions: &[usize]) -> usize {
    let crossed = |left: &[usize], right: &[usize]| -> usize {
        let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
        pairs
            .filter(|(a, b)| positions[**a] > positions[**b])
            .count()
    };
    crossed(&first.before, &second.before) + crossed(&first.after, &second.after)
}

/// How many edges cross in all.
fn count(layers: &Layers) -> usize {
    let positions = layers.positions();
    layers
        .rows
        .iter()
        .map(|row| below(layers, row, &positions))
        .sum()
}

/// How many edges cross below a layer: the pairs in wrong order among their lower ends.
fn below(layers: &Layers, row: &[usize], positions: &[usize]) -> usize {
    let mut seen: Vec<usize> = Vec::new();
    let mut crossings = 0;
    for &cell in row {
        let after = layers.cells[cell].after.iter().map(|&next| positions[next]);
        let mut ends: Vec<usize> = after.collect();
        ends.sort_unstable();
        crossings += ends
            .iter()
            .map(|end| seen.len() - seen.partition_point(|one| one <= end))
            .sum::<usize>();
        seen.extend(ends);
        seen.sort_unstable();
    }
    crossings
}

#[cfg(test)]
mod tests {
    use super::{Layers, count, reduce};

    #[test]
    fn edges_that_need_not_cross_do_not() {
        let edges = [(0, 4), (1, 3), (2, 5), (0, 3), (2, 4)];
        let mut layers = Layers::new(&[(10.0, 10.0); 6], &edges);
        reduce(&mut layers);
        assert_eq!(count(&layers), 0);
    }
}
