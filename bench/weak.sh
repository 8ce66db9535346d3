#!/usr/bin/env bash
# Measures what weak memory and the race detector cost in explored runs, and writes WEAK.md.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
cargo build --profile bench -p unsnarl-bench --bin weak-bench --features weak
{
    echo "# Weak memory in explored runs"
    echo
    echo "Written by \`bench/weak.sh\`: the time that one execution computes, random walk, with weak memory and the race detector"
    echo "on and off; medians of rounds in which both take their turn, each in a process of its own. A fence is a step of the schedule"
    echo "only with weak memory: the last program has ten steps more with it than without, so the ratio is also given for each step."
    echo
    "$target/release/weak-bench"
} > bench/WEAK.md
echo "bench/WEAK.md is written" >&2
