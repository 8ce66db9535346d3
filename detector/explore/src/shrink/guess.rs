//! Schedules of one and two decisions that a failure may well come down to: those about the thread that fails. Choices
//! besides the next thread are left as they were.

use super::Failure;
use crate::token::{Deviation, Path, Policy, Token};

/// How many other threads stand for all of them at first.
const OTHERS: usize = 2;

/// Another thread goes on.
#[derive(Clone)]
struct Turning {
    after: Path,
    step: u32,
    next: Path,
}

impl Turning {
    fn deviation(self) -> Deviation {
        let Self { after, step, next } = self;
        Deviation::Turn { after, step, next }
    }
}

/// The likeliest first: the failing thread comes in between one of a few others, or is held up by it; then both; then any
/// single decision.
pub(super) fn schedules(failure: &Failure) -> impl Iterator<Item = Token> + use<> {
    let last = failure.last.clone();
    let others = failure.threads.iter().map(|(path, _)| path);
    let few: Vec<Path> = others
        .filter(|path| **path != last)
        .take(OTHERS)
        .cloned()
        .collect();
    let comes_in = |turning: &Turning| turning.next == last && few.contains(&turning.after);
    let is_held_up = |turning: &Turning| turning.after == last && few.contains(&turning.next);
    let picks: Vec<Deviation> = failure
        .token
        .deviations
        .iter()
        .filter(|deviation| deviation.is_pick())
        .cloned()
        .collect();
    let all = singles(&failure.threads);
    let (into, rest): (Vec<Turning>, Vec<Turning>) = all.into_iter().partition(comes_in);
    let (out, rest): (Vec<Turning>, Vec<Turning>) = rest.into_iter().partition(is_held_up);
    // In a long execution these are very many, of which few are looked at.
    let (firsts, seconds) = (into.clone(), out.clone());
    let pair = move |number: usize| {
        let (first, second) = (number / seconds.len(), number % seconds.len());
        vec![firsts[first].clone(), seconds[second].clone()]
    };
    let pairs = (0..into.len() * out.len()).map(pair);
    let single = |turning: Turning| vec![turning];
    let likely = into.into_iter().chain(out).map(single);
    let all = likely.chain(pairs).chain(rest.into_iter().map(single));
    all.map(move |turnings| Token {
        policy: Policy::Oldest,
        deviations: turnings
            .into_iter()
            .map(Turning::deviation)
            .chain(picks.iter().cloned())
            .collect(),
    })
}

/// Every single decision, the early ones first.
fn singles(threads: &[(Path, u32)]) -> Vec<Turning> {
    let most = threads.iter().map(|(_, steps)| *steps).max().unwrap_or(0);
    let mut turnings = Vec::new();
    for step in 1..=most {
        for (after, _) in threads.iter().filter(|(_, steps)| *steps >= step) {
            for (next, _) in threads.iter().filter(|(next, _)| next != after) {
                turnings.push(Turning {
                    after: after.clone(),
                    step,
                    next: next.clone(),
                });
            }
        }
    }
    turnings
}
