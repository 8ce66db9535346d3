//! Choosing names so that no two things share one.

use std::collections::{HashMap, HashSet};

/// One name for each list of candidates: its first that is still free; those left without a free one are numbered.
pub(super) fn choose(candidates: &[Vec<String>]) -> Vec<Option<String>> {
    let mut taken: HashSet<&str> = HashSet::new();
    let mut chosen = Vec::with_capacity(candidates.len());
    for names in candidates {
        let free = names.iter().find(|name| !taken.contains(name.as_str()));
        taken.extend(free.map(String::as_str));
        chosen.push(free.cloned());
    }
    number(chosen, candidates)
}

/// Gives those without a free name their first one, and numbers all that then share it.
fn number(mut chosen: Vec<Option<String>>, candidates: &[Vec<String>]) -> Vec<Option<String>> {
    let mut shared: HashMap<&str, usize> = HashMap::new();
    for (name, names) in chosen.iter().zip(candidates) {
        if let (None, Some(first)) = (name, names.first()) {
            shared.insert(first, 0);
        }
    }
    for (name, names) in chosen.iter_mut().zip(candidates) {
        let base = name.as_deref().or(names.first().map(String::as_str));
        if let Some((base, number)) = base.and_then(|base| Some((base, shared.get_mut(base)?))) {
            *number += 1;
            *name = Some(format!("{base} ({number})"));
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::choose;

    fn check(candidates: &[&[&str]], names: &[Option<&str>]) {
        let owned = |names: &&[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let candidates: Vec<Vec<String>> = candidates.iter().map(owned).collect();
        let chosen = choose(&candidates);
        let chosen: Vec<Option<&str>> = chosen.iter().map(Option::as_deref).collect();
        assert_eq!(chosen, names);
    }

    #[test]
    fn the_first_free_name_wins() {
        check(&[&["a", "b"], &["a", "b"]], &[Some("a"), Some("b")]);
    }

    #[test]
    fn names_without_alternative_are_numbered() {
        check(
            &[&["a"], &["b"], &["a"], &["a"]],
            &[Some("a (1)"), Some("b"), Some("a (2)"), Some("a (3)")],
        );
    }

    #[test]
    fn what_has_no_name_gets_none() {
        check(&[&[], &["a"]], &[None, Some("a")]);
    }
}
