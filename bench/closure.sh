#!/usr/bin/env bash
# The packages that `unsnarl` with `observe` is built from, one a line.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo tree -p unsnarl --features observe --edges normal,build --prefix none --format '{p}' | awk '{ print $1 }' | sort -u
