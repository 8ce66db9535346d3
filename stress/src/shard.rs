//! Shards: the part of a campaign that one of several machines does.

use std::fmt;
use std::ops::Range;

/// Part `index` of `count`, the index from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 0.
    pub index: u64,
    /// Of how many.
    pub count: u64,
}

/// The one part of a campaign that is not shared.
impl Default for Shard {
    fn default() -> Self {
        Self { index: 0, count: 1 }
    }
}

/// How a system that runs many jobs tells each of them which one it is.
struct System {
    name: &'static str,
    index: &'static str,
    indices: Indices,
    count: &'static str,
}

/// Which indices there are.
enum Indices {
    /// Each from this one on.
    From(u64),
    /// Those from the first to the last that are so far from each other, as these variables say.
    Said {
        first: &'static str,
        last: &'static str,
        step: &'static str,
    },
}

const SYSTEMS: &[System] = &[
    System {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        indices: Indices::Said {
            first: "SLURM_ARRAY_TASK_MIN",
            last: "SLURM_ARRAY_TASK_MAX",
            step: "SLURM_ARRAY_TASK_STEP",
        },
        count: "SLURM_ARRAY_TASK_COUNT",
    },
    System {
        name: "GitLab",
        index: "CI_NODE_INDEX",
        indices: Indices::From(1),
        count: "CI_NODE_TOTAL",
    },
    // Neither of these says how many jobs there are.
    System {
        name: "Kubernetes",
        index: "JOB_COMPLETION_INDEX",
        indices: Indices::From(0),
        count: "UNSNARL_SHARDS",
    },
    System {
        name: "GNU parallel",
        index: "PARALLEL_SEQ",
        indices: Indices::From(1),
        count: "UNSNARL_SHARDS",
    },
];

/// Why a word, or the environment, names no shard.
#[derive(Debug, PartialEq, Eq)]
pub struct NoShard(String);

impl fmt::Display for NoShard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoShard {}

impl Shard {
    /// Reads `k/n` with k from 1 to n, or `auto`, for which `variable` looks into the environment.
    ///
    /// # Errors
    ///
    /// If it is neither, or the environment does not say.
    pub fn read(word: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, NoShard> {
        if word == "auto" {
            return from_environment(variable);
        }
        let numbers = word.split_once('/');
        let numbers = numbers.and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((k, n)) if (1..=n).contains(&k) => Ok(Self {
                index: k - 1,
                count: n,
            }),
            _ => Err(NoShard(format!(
                "`{word}` is no shard: it is `auto`, or `k/n` with k from 1 to n, as in `1/4`"
            ))),
        }
    }

    /// Whether a run of a shared range is this shard's.
    #[must_use]
    pub fn has(self, run: u64) -> bool {
        run % self.count == self.index
    }

    /// How many of these runs are this shard's.
    #[must_use]
    pub fn count_in(self, runs: Range<u64>) -> u64 {
        let before = |end: u64| (end + self.count - 1 - self.index) / self.count;
        before(runs.end).saturating_sub(before(runs.start))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.count)
    }
}

fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Shard, NoShard> {
    let number = |name: &str| variable(name)?.trim().parse::<u64>().ok();
    let Some(system) = SYSTEMS.iter().find(|system| number(system.index).is_some()) else {
        let names: Vec<&str> = SYSTEMS.iter().map(|system| system.index).collect();
        return Err(NoShard(format!(
            "`auto` finds no job number: none of {} is set",
            names.join(", ")
        )));
    };
    let System {
        name, index, count, ..
    } = system;
    let Some(total) = number(count).filter(|&total| total > 0) else {
        return Err(NoShard(format!(
            "{name} says which job this is, but not of how many: set `{count}`"
        )));
    };
    let (first, step) = match system.indices {
        Indices::From(first) => (first, 1),
        Indices::Said { first, last, step } => {
            let first = number(first).unwrap_or(0);
            let step = number(step).filter(|&step| step > 0).unwrap_or(1);
            let has_gaps = |last: u64| last.saturating_sub(first) / step + 1 != total;
            if number(last).is_some_and(has_gaps) {
                return Err(NoShard(format!(
                    "{name} numbers its {total} jobs with gaps between them: say with `k/n` which part this is"
                )));
            }
            (first, step)
        }
    };
    let index = number(index)
        .and_then(|id| id.checked_sub(first))
        .map(|steps| steps / step)
        .filter(|&index| index < total);
    index
        .map(|index| Shard {
            index,
            count: total,
        })
        .ok_or_else(|| {
            NoShard(format!(
                "{name} numbers this job outside of its {total} jobs"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::Shard;

    fn check(word: &str, variables: &[(&str, &str)], expected: &str) {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        match Shard::read(word, &variable) {
            Ok(shard) => assert_eq!(shard.to_string(), expected),
            Err(error) => assert!(error.to_string().contains(expected), "{error}"),
        }
    }

    #[test]
    fn numbers_are_from_one_to_all() {
        check("1/1", &[], "1/1");
        check("3/16", &[], "3/16");
        for word in ["0/0", "0/4", "5/4", "1", "a/b", "1/", "-1/4"] {
            check(word, &[], "is no shard");
        }
    }

    #[test]
    fn every_system_counts_in_its_own_way() {
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "7"),
            ("SLURM_ARRAY_TASK_MIN", "4"),
            ("SLURM_ARRAY_TASK_COUNT", "8"),
        ];
        check("auto", &slurm, "4/8");
        check(
            "auto",
            &[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")],
            "2/3",
        );
        check(
            "auto",
            &[("JOB_COMPLETION_INDEX", "0"), ("UNSNARL_SHARDS", "5")],
            "1/5",
        );
        check(
            "auto",
            &[("PARALLEL_SEQ", "5"), ("UNSNARL_SHARDS", "5")],
            "5/5",
        );
    }

    #[test]
    fn slurm_may_count_in_steps_but_not_with_gaps() {
        let array = |id, last, step, count| {
            [
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_MIN", "1"),
                ("SLURM_ARRAY_TASK_MAX", last),
                ("SLURM_ARRAY_TASK_STEP", step),
                ("SLURM_ARRAY_TASK_COUNT", count),
            ]
        };
        check("auto", &array("5", "7", "2", "4"), "3/4");
        check("auto", &array("2", "2", "1", "2"), "2/2");
        // `--array=1,3,7`.
        check("auto", &array("3", "7", "1", "3"), "with gaps");
    }

    #[test]
    fn what_the_environment_leaves_open_is_said() {
        check("auto", &[], "finds no job number");
        check(
            "auto",
            &[("JOB_COMPLETION_INDEX", "0")],
            "set `UNSNARL_SHARDS`",
        );
        check(
            "auto",
            &[("CI_NODE_INDEX", "4"), ("CI_NODE_TOTAL", "3")],
            "outside of its 3",
        );
        check(
            "auto",
            &[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "3")],
            "outside of its 3",
        );
    }

    #[test]
    fn shards_share_every_run_once() {
        let shards = (0..5).map(|index| Shard { index, count: 5 });
        let owners = |run| shards.clone().filter(|shard| shard.has(run)).count();
        assert!((0..100).all(|run| owners(run) == 1));
        for shard in shards {
            let own = (13..100).filter(|&run| shard.has(run)).count();
            assert_eq!(shard.count_in(13..100), own as u64);
        }
    }
}
