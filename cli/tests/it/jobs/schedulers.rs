//! The ready-made jobs where they are really run, on this machine: a Slurm of one node, and GNU parallel.
//!
//! ```text
//! apt-get install slurm-wlm munge parallel
//! cargo test -p cargo-unsnarl --test it -- --ignored schedulers
//! ```

use super::{Sum, bash, crate_of};
use crate::support::answer;

/// Runs this in a crate with the jobs, which leaves four reports; nobody but it builds there.
fn check(name: &str, line: &[&str]) {
    let folder = crate_of(name);
    let dir = folder.path();
    let answer = answer(bash(dir).args(line).env("UNSNARL_SHARDS", "4"));
    answer.check(1, &[]);
    assert_eq!(
        Sum::merged(dir, &dir.join("reports"), 4),
        Sum::alone(dir),
        "{answer}"
    );
}

#[test]
#[ignore = "needs slurm-wlm and munge"]
fn slurm_finds_what_one_machine_finds() {
    let inside = [
        "ci/slurm-on-one-machine.sh",
        "sbatch",
        "--wait",
        "ci/slurm.sbatch",
    ];
    check("slurm-itself", &inside);
}

#[test]
#[ignore = "needs GNU parallel"]
fn gnu_parallel_finds_what_one_machine_finds() {
    check("parallel", &["ci/parallel.sh"]);
}
