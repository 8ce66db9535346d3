//! Choosing names so that no two things share one.

use std::collections::{HashMap, HashSet};

/// What something may be called, the best name first.
pub(super) enum Candidates {
    /// Its maker named it: nothing else will do.
    Given(String),
    /// What the source calls it in different places.
    Found(Vec<String>),
}

impl Candidates {
    fn names(&self) -> &[String] {
        match self {
            Self::Given(name) => std::slice::from_ref(name),
            Self::Found(names) => names,
        }
    }
}

/// One name for each: its first that is still free; those left without a free one are numbered.
pub(super) fn choose(candidates: &[Candidates]) -> Vec<Option<String>> {
    let mut taken: HashSet<&str> = HashSet::new();
    let mut chosen = vec![None; candidates.len()];
    let numbered = candidates.iter().enumerate();
    let (given, found): (Vec<_>, Vec<_>) =
        numbered.partition(|(_, one)| matches!(one, Candidates::Given(_)));
    for (number, one) in given.into_iter().chain(found) {
        let free = one
            .names()
            .iter()
            .find(|name| !taken.contains(name.as_str()));
        taken.extend(free.map(String::as_str));
        chosen[number] = free.cloned();
    }
    number(chosen, candidates)
}

/// Gives those without a free name their first one, and numbers all that then share it.
fn number(mut chosen: Vec<Option<String>>, candidates: &[Candidates]) -> Vec<Option<String>> {
    let mut shared: HashMap<&str, usize> = HashMap::new();
    for (name, names) in chosen.iter().zip(candidates) {
        if let (None, Some(first)) = (name, names.names().first()) {
            shared.insert(first, 0);
        }
    }
    for (name, names) in chosen.iter_mut().zip(candidates) {
        let base = name
            .as_deref()
            .or(names.names().first().map(String::as_str));
        if let Some((base, number)) = base.and_then(|base| Some((base, shared.get_mut(base)?))) {
            *number += 1;
            *name = Some(format!("{base} ({number})"));
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::{Candidates, choose};

    fn check(candidates: &[Candidates], names: &[Option<&str>]) {
        let chosen = choose(candidates);
        let chosen: Vec<Option<&str>> = chosen.iter().map(Option::as_deref).collect();
        assert_eq!(chosen, names);
    }

    fn found(names: &[&str]) -> Candidates {
        Candidates::Found(names.iter().map(|&name| name.to_owned()).collect())
    }

    fn given(name: &str) -> Candidates {
        Candidates::Given(name.to_owned())
    }

    #[test]
    fn the_first_free_name_wins() {
        check(
            &[found(&["a", "b"]), found(&["a", "b"])],
            &[Some("a"), Some("b")],
        );
    }

    #[test]
    fn names_without_alternative_are_numbered() {
        check(
            &[found(&["a"]), found(&["b"]), found(&["a"]), found(&["a"])],
            &[Some("a (1)"), Some("b"), Some("a (2)"), Some("a (3)")],
        );
        check(&[given("a"), given("a")], &[Some("a (1)"), Some("a (2)")]);
    }

    #[test]
    fn a_given_name_goes_before_one_that_was_found() {
        check(&[found(&["a", "b"]), given("a")], &[Some("b"), Some("a")]);
    }

    #[test]
    fn what_has_no_name_gets_none() {
        check(&[found(&[]), found(&["a"])], &[None, Some("a")]);
    }
}
