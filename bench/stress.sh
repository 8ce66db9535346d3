#!/usr/bin/env bash
# Measures what STRESS.md says of the stress runner, and prints a row for each figure: some fifteen minutes on two cores.
# SEED, and what is smaller for a look: TIME, RUNS (of each cured twin), SHARED (runs of each kernel, shared by 16 shards),
# SAMPLES. With words after it, only those rows: `bench/stress.sh found replay`.
set -euo pipefail
cd "$(dirname "$0")/.."
seed=${SEED:-1} time=${TIME:-60s} runs=${RUNS:-1750} shared=${SHARED:-176} samples=${SAMPLES:-21}
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet -p cargo-unsnarl
cargo build --quiet -p unsnarl-tests --features check

# A campaign on the kernels with a report of its own in a folder of this name; what it says goes to a file beside it.
campaign() {
    local name=$1
    shift
    UNSNARL_REPORT_DIR="$work/$name" "$target/debug/cargo-unsnarl" unsnarl stress --shim all -p unsnarl-fixtures \
        --test kernels --seed "$seed" --keep-going "$@" --ignored >"$work/$name.txt" 2>"$work/$name.err" || true
}

# What was found: fingerprints.
fingerprints() { sed -nE 's/^([a-z-]+-[0-9a-f]{16}): .*/\1/p' "$@" | sort -u; }

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

row() { printf '| %s | %s |\n' "$1" "$2"; }

found() {
    campaign kernels --time "$time" -- buggy
    local all
    all=$(grep -c '^kernels::buggy::.* %' "$work/kernels.txt") || true
    row "kernels found in $time, seed $seed" "$all of $(sed -n 's/.*Stressing \([0-9]*\) tests.*/\1/p' "$work/kernels.err")"
}

# Each replay line that was printed, as it was printed.
replay() {
    [ -e "$work/kernels.txt" ] || campaign kernels --time "$time" -- buggy
    local lines=0 again=0 line status
    while read -r line; do
        lines=$((lines + 1)) status=0
        # shellcheck disable=SC2086
        UNSNARL_REPORT_DIR="$work/replay" "$target/debug/cargo-unsnarl" unsnarl $line </dev/null >/dev/null 2>&1 || status=$?
        [ "$status" -ne 1 ] || again=$((again + 1))
    done < <(sed -n 's/.*to see it again: cargo unsnarl //p' "$work/kernels.txt")
    row "replay lines that show it again within 20 tries" "$again of $lines"
}

twins() {
    campaign twins --runs "$runs" --faults -- fixed
    row "verdicts on cured twins, with faults" "$(fingerprints "$work/twins.txt" | wc -l); $(grep -o '^[0-9]* tests, [0-9]* runs' "$work/twins.txt")"
}

# The noise of each run is the same alone and in a shard; what threads do under it is not. So beside what one machine and 16
# shards find stands what one machine finds when it does the same again.
shards() {
    local shard
    campaign alone --runs "$shared" -- buggy
    campaign again --runs "$shared" -- buggy
    for shard in $(seq 16); do campaign "shard-$shard" --runs "$shared" --shard "$shard/16" -- buggy; done
    fingerprints "$work/alone.txt" >"$work/alone.all"
    fingerprints "$work/again.txt" >"$work/again.all"
    fingerprints "$work"/shard-*.txt >"$work/shards.all"
    local both
    both=$(comm -12 "$work/alone.all" "$work/shards.all" | wc -l)
    row "found by one machine and by 16 shards, $shared runs each" \
        "$(wc -l <"$work/alone.all") and $(wc -l <"$work/shards.all"), of these $both by both"
    both=$(comm -12 "$work/alone.all" "$work/again.all" | wc -l)
    row "found by one machine and by the same once more" \
        "$(wc -l <"$work/alone.all") and $(wc -l <"$work/again.all"), of these $both by both"
}

# What the processor did for twenty runs of a test, in seconds.
computed() {
    local TIMEFORMAT='%U %S'
    { time for _ in $(seq 20); do "$@" --exact --ignored >/dev/null; done; } 2>&1 | awk '{ print $1 + $2 }'
}

cost() {
    [ -e "$work/kernels.txt" ] || campaign kernels --time 1s -- buggy
    local program test
    program=$(find "$target/unsnarl/shim" -path '*/deps/kernels-*' -type f -executable -printf '%T@ %p\n' | sort -n | tail -n 1)
    program=${program#* }
    for test in counter semaphore waitgroup work_steal_last; do
        for _ in $(seq "$samples"); do
            UNSNARL_NOISE=plain:0 computed "$program" "fixed::$test" >>"$work/noise.$test"
            computed "$program" "fixed::$test" >>"$work/plain.$test"
        done
        row "\`$test\`: a run that nothing is injected into ÷ one without noise" \
            "$(echo "$(median <"$work/noise.$test") $(median <"$work/plain.$test")" | awk '{ printf "%.2f", $1 / $2 }')"
    done
}

# From the first report of a process, which it writes at its first watched operation, to that with its hang, in milliseconds.
hangs_for() {
    local folder start text='' pause
    folder=$(mktemp -d "$work/hang.XXXX")
    exec {pause}<> <(:)
    UNSNARL_REPORT_DIR="$folder" "$target/debug/fixture" run "$1" buggy >/dev/null 2>&1 &
    until reports=("$folder"/*.json) && [ -e "${reports[0]}" ]; do read -rt 0.001 -u "$pause" || true; done
    start=${EPOCHREALTIME/./}
    until [[ $text == *'"observed"'* ]]; do
        read -rt 0.001 -u "$pause" || true
        IFS= read -rd '' text <"${reports[0]}" || true
    done
    echo $(((${EPOCHREALTIME/./} - start) / 1000))
    wait $! || true
}

hang() {
    local id
    for id in lost-wakeup barrier park actor; do
        for _ in $(seq "$samples"); do hangs_for "$id" >>"$work/hang.$id"; done
        row "\`$id\`: hang to report, inside the process" "$(median <"$work/hang.$id") ms"
    done
}

row "machine" "$(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(rustc --version | cut -d' ' -f1-2), load $(cut -d' ' -f1 /proc/loadavg)"
for row in ${@:-found replay twins shards cost hang}; do "$row"; done
