#!/usr/bin/env bash
# The arguments for cargo with which `cargo unsnarl test` optimises what a lock runs through, one a line.
set -euo pipefail
for package in unsnarl unsnarl-lockgraph unsnarl-model rustc-hash; do
    for setting in opt-level=3 debug=false; do
        printf '%s\n' --config "profile.dev.package.\"$package\".$setting"
    done
done
