#!/usr/bin/env bash
# Measures what watching for data races costs, beside ThreadSanitizer, and writes RACES.md. Rounds may be given; 11 if not.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-11}
target=${CARGO_TARGET_DIR:-target}
work=$target/races-bench
host=$(rustc --version --verbose | sed -n 's/^host: //p')
mkdir -p "$work"
rm -f "$work"/*.tsv

# build NAME TOOLCHAIN ARGUMENTS... builds the program, each in a folder of its own.
build() {
    local name=$1 toolchain=$2
    shift 2
    CARGO_TARGET_DIR=$target/races-$name cargo $toolchain build --quiet --profile bench --target "$host" \
        -p unsnarl-bench --bin races-bench "$@" || return 1
    cp "$target/races-$name/$host/release/races-bench" "$work/$name"
}
build plain "" --features races
build watched "" --features races-watched
builds=(plain watched)
tsan="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer"
if RUSTFLAGS=$tsan build tsan +nightly --features races; then
    builds+=(tsan)
    beside="ThreadSanitizer of $(rustc +nightly --version | cut -d ' ' -f 1,2)"
else
    beside="no ThreadSanitizer, which wants a nightly toolchain for this platform"
fi

for ((round = 0; round < rounds; round++)); do
    for build in "${builds[@]}"; do
        UNSNARL_REPORT_DIR=$work TSAN_OPTIONS=report_bugs=0 "$work/$build" measure >> "$work/$build.tsv"
    done
done
{
    echo "# What watching for data races costs"
    echo
    echo "Written by \`bench/races.sh\`. Every build takes its turn in each of $rounds rounds, medians count; times are those of the"
    echo "threads. *Watched* is everything on: lock graph, hang detector and races."
    echo
    echo "Machine: $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), $(rustc --version | cut -d ' ' -f 1,2)."
    echo "Beside: $beside."
    echo
    "$work/plain" table $(printf "$work/%s.tsv " "${builds[@]}")
} > bench/RACES.md
echo "bench/RACES.md is written" >&2
