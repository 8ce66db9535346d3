//! Shards: the part of a campaign that one of several machines does.

use std::fmt;

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
    /// What the first job's index is: a number, or a variable that has it.
    first: First,
    count: &'static str,
}

enum First {
    Number(u64),
    Variable(&'static str),
}

const SYSTEMS: &[System] = &[
    System {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        first: First::Variable("SLURM_ARRAY_TASK_MIN"),
        count: "SLURM_ARRAY_TASK_COUNT",
    },
    System {
        name: "GitLab",
        index: "CI_NODE_INDEX",
        first: First::Number(1),
        count: "CI_NODE_TOTAL",
    },
    // Neither of these says how many jobs there are.
    System {
        name: "Kubernetes",
        index: "JOB_COMPLETION_INDEX",
        first: First::Number(0),
        count: "UNSNARL_SHARDS",
    },
    System {
        name: "GNU parallel",
        index: "PARALLEL_SEQ",
        first: First::Number(1),
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
    let first = match system.first {
        First::Number(number) => number,
        First::Variable(variable) => number(variable).unwrap_or(0),
    };
    let (id, total) = (number(index), number(count));
    let Some(total) = total.filter(|&total| total > 0) else {
        return Err(NoShard(format!(
            "{name} says which job this is, but not of how many: set `{count}`"
        )));
    };
    let index = id
        .and_then(|id| id.checked_sub(first))
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
    }
}
