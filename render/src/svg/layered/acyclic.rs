//! An order of the nodes against which few edges run.

/// The nodes from first to last: sources in front, sinks at the back, between them what has most edges out.
pub(super) fn order(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..nodes).collect();
    let (mut front, mut back) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let degrees = degrees(nodes, edges, &left);
        let sink = left.iter().position(|&node| degrees[node].1 == 0);
        let source = left.iter().position(|&node| degrees[node].0 == 0);
        match (sink, source) {
            (Some(at), _) => back.push(left.remove(at)),
            (None, Some(at)) => front.push(left.remove(at)),
            (None, None) => {
                let surplus = |node: usize| degrees[node].1 - degrees[node].0;
                let best = (0..left.len()).rev().max_by_key(|&at| surplus(left[at]));
                front.push(left.remove(best.unwrap_or(0)));
            }
        }
    }
    back.reverse();
    front.extend(back);
    front
}

/// For each node how many edges lead in and out, among the nodes that are left.
fn degrees(nodes: usize, edges: &[(usize, usize)], left: &[usize]) -> Vec<(i64, i64)> {
    let mut is_left = vec![false; nodes];
    left.iter().for_each(|&node| is_left[node] = true);
    let mut degrees = vec![(0, 0); nodes];
    for &(from, to) in edges {
        if from != to && is_left[from] && is_left[to] {
            degrees[from].1 += 1;
            degrees[to].0 += 1;
        }
    }
    degrees
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn an_acyclic_graph_is_ordered_with_its_edges() {
        assert_eq!(order(4, &[(2, 1), (1, 0), (2, 0), (3, 3)]), [3, 2, 1, 0]);
    }

    #[test]
    fn one_edge_of_a_ring_runs_against_the_order() {
        let ring = [(0, 1), (1, 2), (2, 3), (3, 0)];
        let order = order(4, &ring);
        let at = |node| order.iter().position(|&one| one == node);
        let against = ring.iter().filter(|&&(from, to)| at(from) > at(to));
        assert_eq!(against.count(), 1);
    }
}
