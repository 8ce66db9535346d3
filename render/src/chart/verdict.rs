//! Verdicts: which orders belong to a cycle that was reported, and which to an innocent one.

use std::collections::{HashMap, HashSet};

use model::finding::Finding;
use model::graph::{Class, Edge};
use model::report::Report;
use model::site::Site;
use model::slug::{LOCK_CLASS_CYCLE, LOCK_ORDER_CYCLE};

use super::rank::Ranking;

/// Findings that are cycles of the graph.
pub(crate) const CYCLES: &[&str] = &[LOCK_ORDER_CYCLE, LOCK_CLASS_CYCLE];

/// What an order is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// No cycle that anybody spoke of.
    Plain,
    /// A cycle that cannot deadlock.
    Innocent,
    /// A cycle that was reported.
    Guilty,
}

/// The verdict on each edge.
pub(crate) fn of(report: &Report, edges: &[&Edge], ranking: &Ranking) -> Vec<Verdict> {
    let innocent = innocent(report);
    let verdict = |edge: &&Edge| match innocent.contains(&(edge.from, edge.to)) {
        true => Verdict::Innocent,
        false => Verdict::Plain,
    };
    let mut verdicts: Vec<Verdict> = edges.iter().map(verdict).collect();
    let index = Index::new(edges, ranking);
    let cycles = report.findings.iter();
    for finding in cycles.filter(|finding| CYCLES.contains(&finding.slug.as_str())) {
        for guilty in index.steps(finding, &report.graph.classes) {
            verdicts[guilty] = Verdict::Guilty;
        }
    }
    verdicts
}

/// The pairs of neighbours around the innocent cycles.
fn innocent(report: &Report) -> HashSet<(usize, usize)> {
    let cycles = report.graph.innocent.iter();
    let pairs = cycles.flat_map(|cycle| {
        let next = cycle.classes.iter().cycle().skip(1);
        cycle.classes.iter().copied().zip(next.copied())
    });
    pairs.collect()
}

/// The edges that are in cycles, by where their second lock is asked for.
struct Index<'a> {
    edges: Vec<(usize, &'a Edge)>,
    by_site: HashMap<&'a Site, Vec<(usize, &'a Site)>>,
}

impl<'a> Index<'a> {
    fn new(edges: &[&'a Edge], ranking: &Ranking) -> Self {
        let numbered = edges.iter().copied().enumerate();
        let edges: Vec<(usize, &Edge)> = numbered
            .filter(|(_, edge)| ranking.is_in_cycle(edge))
            .collect();
        let mut by_site: HashMap<&Site, Vec<(usize, &Site)>> = HashMap::new();
        for &(number, edge) in &edges {
            for one in &edge.occurrences {
                let known = by_site.entry(&one.acquired).or_default();
                known.push((number, &one.held));
            }
        }
        Self { edges, by_site }
    }

    /// The edges that a cycle speaks of: those of its sites, else those between its classes.
    fn steps(&self, finding: &Finding, classes: &[Class]) -> Vec<usize> {
        let used = finding.objects.iter().flat_map(|object| &object.used);
        let sites = finding.labels.iter().map(|label| &label.site);
        let sites: HashSet<&Site> = sites.chain(used).collect();
        let asked = sites.iter().filter_map(|site| self.by_site.get(*site));
        let held = asked.flatten().filter(|(_, held)| sites.contains(held));
        let steps: Vec<usize> = held.map(|&(number, _)| number).collect();
        if steps.is_empty() {
            return self.between(finding, classes);
        }
        steps
    }

    fn between(&self, finding: &Finding, classes: &[Class]) -> Vec<usize> {
        let is_meant = |class: &Class| {
            finding.objects.iter().any(|object| {
                let is_made_there = object.created.is_some() && object.created == class.created;
                is_made_there || (object.name.is_some() && object.name == class.name)
            })
        };
        let meant: Vec<bool> = classes.iter().map(is_meant).collect();
        let edges = self.edges.iter();
        let steps = edges.filter(|(_, edge)| meant[edge.from] && meant[edge.to]);
        steps.map(|&(number, _)| number).collect()
    }
}

#[cfg(test)]
mod tests {
    use model::finding::{Certainty, Finding, Label, Role};
    use model::graph::{Class, Edge, Innocent, Occurrence};
    use model::report::Report;
    use model::site::Site;
    use model::slug::LOCK_ORDER_CYCLE;

    use super::Verdict;
    use crate::chart::Chart;

    /// Edges between classes as `(from, to)`; edge n holds at line 10n and asks at line 10n + 1.
    fn check(pairs: &[(usize, usize)], lines: &[u32], innocent: &[usize], verdicts: &[Verdict]) {
        let site = |line: u32| Site::new("x.rs", line, 1);
        let mut report = Report::new();
        report.graph.classes = vec![Class::default(); 4];
        for (number, &(from, to)) in (0..).zip(pairs) {
            let mut edge = Edge::new(from, to);
            let mut one = Occurrence::default();
            (one.held, one.acquired) = (site(10 * number), site(10 * number + 1));
            edge.occurrences = vec![one];
            report.graph.edges.push(edge);
        }
        let mut finding = Finding::new(LOCK_ORDER_CYCLE, Certainty::Potential, "");
        finding.labels = lines
            .iter()
            .map(|&line| Label::new(Role::Primary, site(line), ""))
            .collect();
        report.findings.push(finding);
        let cycle = Innocent::new(innocent.to_vec(), "", vec![]);
        report.graph.innocent.push(cycle);
        let chart = Chart::new(&report);
        let found: Vec<Verdict> = chart.arrows.iter().map(|arrow| arrow.verdict).collect();
        assert_eq!(found, verdicts);
    }

    use Verdict::{Guilty, Innocent as Harmless, Plain};

    #[test]
    fn an_order_is_guilty_if_a_cycle_names_both_its_sites() {
        check(
            &[(0, 1), (1, 0), (1, 2)],
            &[0, 1, 10, 11, 20, 21],
            &[],
            &[Guilty, Guilty, Plain],
        );
        check(&[(0, 1), (1, 0)], &[0, 1, 10], &[], &[Guilty, Plain]);
    }

    #[test]
    fn an_innocent_cycle_closes_at_its_first_class() {
        check(
            &[(0, 1), (1, 2), (2, 0), (0, 2)],
            &[],
            &[0, 1, 2],
            &[Harmless, Harmless, Harmless, Plain],
        );
        check(&[(3, 3)], &[], &[3], &[Harmless]);
    }

    #[test]
    fn orders_between_classes_that_are_not_there_are_left_out() {
        check(&[(0, 9), (0, 1)], &[], &[], &[Plain]);
    }
}
