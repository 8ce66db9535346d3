#!/usr/bin/env bash
# Measures unsnarl beside its peers and writes RESULTS.md. Wants a quiet machine; the figures are ratios within the run.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
work=$target/unsnarl-bench
mkdir -p "$work"

mapfile -t optimised < <(bench/optimised.sh)

cargo build --profile bench -p unsnarl-bench --features peers
cargo build --profile dev -p unsnarl-bench --features peers "${optimised[@]}"
release=$target/release/unsnarl-bench
debug=$target/debug/unsnarl-bench

"$release" rounds > "$work/release.tsv"
"$release" children > "$work/children.tsv"
"$debug" rounds > "$work/debug.tsv"
bench/build.sh > "$work/build.tsv"

{
    echo "# Results"
    echo
    echo "Written by \`bench/run.sh\`. Every peer takes its turn in each of 31 rounds, medians count; times are those of the"
    echo "thread, so neighbours on the machine disturb little. New edges and memory are measured in processes of their own,"
    echo "three times each."
    echo
    echo "Machine: $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), $(rustc --version | cut -d ' ' -f 1,2)."
    echo "Peers: $(bench/versions.sh)."
    echo
    "$release" table "$work"/{release,children,debug,build}.tsv
    echo "Crates built with \`observe\` and not without: $(cat "$work/crates")."
} > bench/RESULTS.md
echo "bench/RESULTS.md is written" >&2
