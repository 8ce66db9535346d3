#!/usr/bin/env bash
# The arguments for cargo with which `cargo unsnarl test` optimises what a lock runs through, one a line.
set -euo pipefail
for package in unsnarl=3 unsnarl-lockgraph=1 unsnarl-model=1 rustc-hash=3; do
    for setting in "opt-level=${package#*=}" debug=false codegen-units=8; do
        printf '%s\n' --config "profile.dev.package.\"${package%=*}\".$setting"
    done
done
