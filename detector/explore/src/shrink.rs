//! A failing schedule, made small: fewer points at which it leaves its policy, fewer preemptions, and fewer choices that
//! are not left at their defaults.
//!
//! **Follows** delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), with a
//! few guesses before and after: schedules of one and two decisions, to which leaving out some of many does not lead.

mod guess;

use crate::token::{Deviation, Path, Token};

/// What following a token led to, if it was the same failure.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The schedule that was really followed: decisions that did not fit are not in it.
    pub token: Token,
    /// The same schedule, as the other policy sees it.
    pub other: Token,
    /// How often a thread that could have gone on did not.
    pub preemptions: usize,
    /// How many choices besides the next thread were not left at their defaults.
    pub picks: usize,
    /// Each thread, and how many operations it began.
    pub threads: Vec<(Path, u32)>,
    /// The thread that took the last step: most likely the one that fails.
    pub last: Path,
}

impl Failure {
    fn cost(&self) -> (usize, usize) {
        (self.preemptions + self.picks, self.token.deviations.len())
    }
}

/// Reduces a failure with at most `budget` calls of `replay`, which follows a token and says whether the same failure
/// came of it.
pub fn shrink(
    first: Failure,
    mut budget: usize,
    replay: &mut dyn FnMut(&Token) -> Option<Failure>,
) -> Failure {
    let mut guesses = guess::schedules(&first);
    let mut best = try_each(first, &mut guesses, budget / 3, &mut budget, replay);
    loop {
        let before = best.cost();
        best = reduce(
            spare_threads(best, &mut budget, replay),
            &mut budget,
            replay,
        );
        let other = spare_threads(swapped(&best), &mut budget, replay);
        let other = reduce(other, &mut budget, replay);
        if other.cost() < best.cost() {
            best = other;
        }
        if budget == 0 || best.cost() >= before {
            let rest = budget;
            return try_each(best, &mut guesses, rest, &mut budget, replay);
        }
    }
}

/// Tries at most so many guesses, until one is good.
fn try_each(
    best: Failure,
    guesses: &mut dyn Iterator<Item = Token>,
    most: usize,
    budget: &mut usize,
    replay: &mut dyn FnMut(&Token) -> Option<Failure>,
) -> Failure {
    if best.cost() <= (1, 1) {
        return best;
    }
    for guess in guesses.take(most.min(*budget)) {
        *budget -= 1;
        if let Some(failure) = replay(&guess).filter(|failure| failure.cost() < best.cost()) {
            return failure;
        }
    }
    best
}

/// The same failure, told from the other policy.
fn swapped(failure: &Failure) -> Failure {
    Failure {
        token: failure.other.clone(),
        other: failure.token.clone(),
        preemptions: failure.preemptions,
        picks: failure.picks,
        threads: failure.threads.clone(),
        last: failure.last.clone(),
    }
}

/// Leaves out all decisions about ever smaller groups of threads, as long as the failure stays.
fn spare_threads(
    first: Failure,
    budget: &mut usize,
    replay: &mut dyn FnMut(&Token) -> Option<Failure>,
) -> Failure {
    let mut best = first;
    let mut size = best.threads.len() / 2;
    while size > 0 {
        let threads: Vec<Path> = best.threads.iter().map(|(path, _)| path.clone()).collect();
        let mut was_spared = false;
        for group in threads.chunks(size) {
            let is_about = |deviation: &&Deviation| {
                let mut threads = deviation.threads();
                threads.any(|thread| group.contains(thread))
            };
            let rest: Vec<_> = best
                .token
                .deviations
                .iter()
                .filter(|deviation| !is_about(deviation))
                .cloned()
                .collect();
            if rest.len() == best.token.deviations.len() {
                continue;
            }
            if *budget == 0 {
                return best;
            }
            *budget -= 1;
            let token = Token {
                policy: best.token.policy,
                deviations: rest,
            };
            if let Some(failure) = replay(&token).filter(|failure| failure.cost() < best.cost()) {
                best = failure;
                was_spared = true;
            }
        }
        if !was_spared {
            size /= 2;
        }
    }
    best
}

/// Leaves out ever smaller parts of the decisions, as long as the failure stays.
fn reduce(
    first: Failure,
    budget: &mut usize,
    replay: &mut dyn FnMut(&Token) -> Option<Failure>,
) -> Failure {
    let mut best = first;
    let mut size = best.token.deviations.len().div_ceil(2);
    while size > 0 && *budget > 0 {
        match leave_out(&best, size, budget, replay) {
            Some(smaller) => {
                best = smaller;
                size = size.min(best.token.deviations.len().div_ceil(2));
            }
            None => size /= 2,
        }
    }
    best
}

fn leave_out(
    best: &Failure,
    size: usize,
    budget: &mut usize,
    replay: &mut dyn FnMut(&Token) -> Option<Failure>,
) -> Option<Failure> {
    let deviations = &best.token.deviations;
    // Late decisions first: what they lead to depends on the early ones.
    let starts: Vec<usize> = (0..deviations.len()).step_by(size).collect();
    for &start in starts.iter().rev() {
        *budget = budget.checked_sub(1)?;
        let rest = deviations[..start]
            .iter()
            .chain(deviations.iter().skip(start + size));
        let shorter = Token {
            policy: best.token.policy,
            deviations: rest.cloned().collect(),
        };
        let failure = replay(&shorter).filter(|failure| failure.cost() < best.cost());
        if failure.is_some() {
            return failure;
        }
    }
    None
}
