#!/usr/bin/env bash
# Measures the explorer and writes EXPLORED.md. Counts are exact; times are ratios to shuttle's runner in the same run.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
cargo build --profile bench -p unsnarl-bench --features peers
{
    echo "# The explorer"
    echo
    echo "Written by \`bench/explored.sh\`. Counts are exact and the same on every machine; times are what the process computed, medians"
    echo "of rounds in which both take their turn. The programs are in \`bench/src/explored/\`, written anew after SCTBench and others."
    echo
    "$target/release/unsnarl-bench" explored
} > bench/EXPLORED.md
echo "bench/EXPLORED.md is written" >&2
