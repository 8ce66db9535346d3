//! The explorer: what an execution costs beside shuttle's, and how many schedules it takes to find a bug, or to see all.

mod finds;
mod ours;
mod spaces;
mod theirs;
mod times;

/// A table, by the word that asks for it. What follows the word are names of strategies, if not all are meant.
type Part = (&'static str, fn(&[&str]));

const PARTS: &[Part] = &[
    ("times", |_| times::run()),
    ("spaces", |_| spaces::run()),
    ("finds", finds::run),
];

/// Prints all tables, or the one that is asked for. Returns whether there is such a one.
pub(crate) fn run(words: &[&str]) -> bool {
    let Some((wanted, rest)) = words.split_first() else {
        PARTS.iter().for_each(|(_, print)| print(&[]));
        return true;
    };
    let part = PARTS.iter().find(|(word, _)| word == wanted);
    part.map(|(_, print)| print(rest)).is_some()
}
