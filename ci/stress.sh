#!/usr/bin/env bash
# One shard of a stress campaign: the same command everywhere. Which part of the whole it is, the system that runs it
# says: Slurm, GitLab, Kubernetes and GNU parallel by variables of their own, others by UNSNARL_SHARD=k/n.
# Where the system does not say how many parts there are, UNSNARL_SHARDS does.
#
# The seed has to be the same for all parts: UNSNARL_SEED. What is found goes to UNSNARL_REPORT_DIR.
set -euo pipefail
export UNSNARL_SHARD="${UNSNARL_SHARD:-auto}"
export UNSNARL_SEED="${UNSNARL_SEED:-1}"
exec cargo unsnarl stress --runs "${UNSNARL_RUNS:-1000}" --format junit --format sarif "$@"
