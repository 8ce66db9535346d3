#!/usr/bin/env bash
# How much longer a clean build of a test crate takes with `observe`: figures for the table on stdout, and the names of
# the crates in `crates` beside the other figures.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
work=${CARGO_TARGET_DIR:-target}/unsnarl-bench
mkdir -p "$work"
crate=$(mktemp -d)
trap 'rm -rf "$crate"' EXIT

mkdir -p "$crate/src"
cat > "$crate/Cargo.toml" <<TOML
[package]
name = "built"
version = "0.1.0"
edition = "2024"

[features]
observe = ["unsnarl/observe"]

[dependencies]
unsnarl = { path = "$root/unsnarl" }

[workspace]
TOML
cat > "$crate/src/lib.rs" <<'RUST'
#[test]
fn locks() {
    let lock = unsnarl::sync::Mutex::new(1);
    assert_eq!(*lock.lock().unwrap(), 1);
}
RUST

mapfile -t optimised < <(bench/optimised.sh)

# Downloads are not building.
CARGO_TARGET_DIR=$crate/target cargo fetch --quiet --manifest-path "$crate/Cargo.toml"

# Seconds of a clean build with these arguments, on the wall and of all cores; what it compiles goes to file `log`.
build() {
    rm -rf "$crate/target"
    local TIMEFORMAT='%R %U %S'
    { time CARGO_TARGET_DIR=$crate/target cargo test --no-run --offline --jobs 2 --color never \
        --manifest-path "$crate/Cargo.toml" "$@" 2> "$crate/log"; } 2>&1 | awk '{ print $1, $2 + $3 }'
}

read -r wall_without cpu_without < <(build)
grep -oP '^ *Compiling \K\S+' "$crate/log" | sort > "$crate/without"
read -r wall_with cpu_with < <(build --features observe "${optimised[@]}")
grep -oP '^ *Compiling \K\S+' "$crate/log" | sort > "$crate/with"

crates=$(comm -13 "$crate/without" "$crate/with" | paste -sd ' ')
echo "$crates" | sed 's/ /, /g' > "$work/crates"
if [[ " $crates " =~ \ (syn|shuttle[^ ]*)\  ]]; then
    echo "build.sh: \`observe\` builds \`${BASH_REMATCH[1]}\`" >&2
    exit 1
fi
added() { awk "BEGIN { print $1 - $2 }"; }
printf 'release\tbuild\tunsnarl\t%s\n' "$(added "$wall_with" "$wall_without")"
printf 'release\tbuild-cpu\tunsnarl\t%s\n' "$(added "$cpu_with" "$cpu_without")"
