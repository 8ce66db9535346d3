#!/usr/bin/env bash
# Four parts on this machine or on others, with GNU parallel; its numbers start at 1. More options go to parallel:
# `bash ci/parallel.sh --sshloginfile nodes --workdir .`
set -euo pipefail
export UNSNARL_SHARDS="${UNSNARL_SHARDS:-4}" UNSNARL_SEED="${UNSNARL_SEED:-1}"
# GNU parallel ends with the number of parts that failed.
seq "$UNSNARL_SHARDS" | parallel --env UNSNARL_SHARDS --env UNSNARL_SEED "$@" \
    UNSNARL_REPORT_DIR="$PWD/reports/{}" CARGO_TARGET_DIR="target/stress-{}" bash ci/stress.sh --jobs 1 || exit 1
