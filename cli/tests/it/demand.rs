//! What is asked of the command line itself.

use std::path::Path;

use crate::support::{Answer, answer, command, shop};

fn run(dir: &str, line: &str) -> Answer {
    answer(&mut command(Path::new(dir), line))
}

#[test]
fn every_kind_of_finding_is_explained() {
    let all = run("/", "explain");
    all.check(0, &["lock-order-cycle", "deadlock"]);
    for line in all.stdout.lines() {
        let slug = line.split_whitespace().next().unwrap();
        run("/", &format!("explain {slug}")).check(0, &[slug, "help: "]);
    }
}

#[test]
fn the_nearest_kind_is_proposed_for_an_unknown_one() {
    run("/", "explain dedlock").check(2, &["dedlock", "similar", "'deadlock'"]);
}

#[test]
fn wrong_flags_are_refused() {
    run("/", "graph --nope").check(2, &["--nope", "Usage"]);
    run("/", "graph --format png").check(2, &["png", "svg"]);
    run("/", "nope").check(2, &["nope"]);
    answer(&mut command(shop(), "test --nope")).check(2, &["--nope"]);
}

#[test]
fn completions_are_printed() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        run("/", &format!("completions {shell}")).check(0, &["cargo-unsnarl", "explain"]);
    }
}

#[test]
fn outside_a_project_it_says_so() {
    run("/", "test").check(2, &["could not find `Cargo.toml`", "--manifest-path"]);
}

#[test]
fn outside_the_repository_the_demo_says_where_to_get_it() {
    run("/", "demo").check(2, &["git clone"]);
    answer(&mut command(shop(), "demo")).check(2, &["git clone"]);
}

#[test]
fn help_names_the_exit_codes_and_every_flag_of_a_variable() {
    run("/", "--help").check(0, &["70  something went wrong"]);
    run("/", "test --help").check(
        0,
        &["UNSNARL_RUNNER", "UNSNARL_ON_FINDING", "UNSNARL_REPORT_DIR"],
    );
}
