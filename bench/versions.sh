#!/usr/bin/env bash
# The peers and their versions, in one line.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo tree -p unsnarl-bench --features peers --depth 1 --edges normal --prefix none --format '{p}' |
    grep -E '^(parking_lot|tracing-mutex|deloxide) ' | sort | sed 's/ (.*//' | paste -sd , | sed 's/,/, /g'
