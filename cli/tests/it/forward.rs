//! `unsnarl` that no feature forwards to, or not from here: it is switched on where flags can do it, and said where not.

use crate::support::{Answer, answer, command, folder, manifest, stub};

/// Code that hangs on the feature `watch`, in whose place nothing else is watched.
const WATCH: &str =
    "#[cfg(feature = \"watch\")] #[test] fn is_on() { assert!(unsnarl::ON); unsnarl::clean(); }";
const PLAIN: &str = "#[test] fn is_on() { assert!(unsnarl::ON); unsnarl::clean(); }";

/// What comes out on a crate with this manifest, in which `STUB` is where `unsnarl` is, and these further files.
fn run(rest: &str, lib: &str, files: &[(&str, &str)]) -> Answer {
    let stub = stub();
    let with_stub = |text: &str| text.replace("STUB", &stub);
    let root = manifest("user", &with_stub(rest));
    let folder = folder(&[("Cargo.toml", &*root), ("src/lib.rs", lib)]);
    for (path, text) in files {
        crate::support::write(&folder.path().join(path), &with_stub(text));
    }
    answer(&mut command(folder.path(), "test --shim none"))
}

fn check_on(rest: &str, lib: &str) {
    let answer = run(&format!("{rest}\n[workspace]"), lib, &[]);
    answer.check(0, &["in 1 process"]);
    answer.check_without(&["warning"]);
}

#[test]
fn an_optional_dependency_without_a_feature_is_switched_on() {
    check_on(
        "[dependencies]\nunsnarl = { STUB, optional = true }",
        "#[cfg(feature = \"unsnarl\")] #[test] fn is_on() { assert!(unsnarl::ON); unsnarl::clean(); }",
    );
}

#[test]
fn a_feature_that_only_opens_the_dependency_is_turned_on_too() {
    check_on(
        "[features]\nwatch = [\"dep:unsnarl\"]\n[dependencies]\nunsnarl = { STUB, optional = true }",
        WATCH,
    );
    check_on(
        "[features]\nall = [\"watch\"]\nwatch = [\"dep:sn\"]\n\
         [dependencies]\nsn = { package = \"unsnarl\", STUB, optional = true }",
        &WATCH.replace("unsnarl::", "sn::"),
    );
}

#[test]
fn a_feature_that_forwards_is_turned_on_though_the_dependency_is_off() {
    for forward in ["unsnarl/check", "unsnarl?/check"] {
        check_on(
            &format!(
                "[features]\nwatch = [{forward:?}]\n[dependencies]\nunsnarl = {{ STUB, optional = true }}"
            ),
            WATCH,
        );
    }
}

#[test]
fn of_several_features_that_open_it_the_one_that_code_hangs_on_is_turned_on() {
    check_on(
        "[features]\naa = [\"dep:unsnarl\"]\nwatch = [\"dep:unsnarl\"]\ncheck = [\"unsnarl/check\"]\n\
         [dependencies]\nunsnarl = { STUB, optional = true }",
        WATCH,
    );
}

#[test]
fn a_feature_that_forwards_nothing_is_named_when_nothing_is_watched() {
    let manifest =
        "[features]\nwatch = [\"std\"]\nstd = []\n[dependencies]\nunsnarl = { STUB }\n[workspace]";
    let lib = format!("{WATCH}\n#[test] fn other() {{}}");
    run(manifest, &lib, &[]).check(
        3,
        &[
            "`user` that uses `unsnarl` hangs on its feature `watch`, which is off and forwards nothing (src/lib.rs:1)",
            "write `watch = [\"std\", \"unsnarl/check\"]` under `[features]` of `user`",
            "`--features watch`",
        ],
    );
}

#[test]
fn a_default_feature_may_open_it() {
    check_on(
        "[features]\ndefault = [\"dep:unsnarl\"]\n[dependencies]\nunsnarl = { STUB, optional = true }",
        PLAIN,
    );
    check_on(
        "[dependencies]\nunsnarl = { STUB, default-features = false }",
        PLAIN,
    );
}

#[test]
fn it_may_be_optional_for_the_crate_and_there_for_its_tests() {
    check_on(
        "[features]\nwatch = [\"dep:unsnarl\"]\n[dependencies]\nunsnarl = { STUB, optional = true }\n\
         [dev-dependencies]\nunsnarl = { STUB }",
        WATCH,
    );
}

#[test]
fn it_may_be_for_this_platform_only() {
    let here = "cfg(not(target_os = \"none\"))";
    check_on(
        &format!("[target.'{here}'.dependencies]\nunsnarl = {{ STUB }}"),
        PLAIN,
    );
}

#[test]
fn a_dependency_for_other_platforms_only_is_said_so() {
    let answer = run(
        "[target.'cfg(target_os = \"none\")'.dependencies]\nunsnarl = { STUB }\n[workspace]",
        "",
        &[],
    );
    answer.check(
        2,
        &[
            "`user` depends on `unsnarl` only for other platforms: `cfg(target_os = \"none\")`",
            "under `[dependencies]` of `user`",
        ],
    );
}

#[test]
fn a_dependency_of_the_build_script_only_is_said_so() {
    let answer = run(
        "[build-dependencies]\nunsnarl = { STUB }\n[workspace]",
        "",
        &[],
    );
    answer.check(
        2,
        &[
            "only the build script of `user` depends on `unsnarl`",
            "`[dev-dependencies]` of `user`",
        ],
    );
}

/// `user` needs `middle`, which needs `inner`, which uses `unsnarl`.
fn chain(middle: &str, inner: &str, user: &str) -> Answer {
    let inner = format!("{inner}\n[dependencies]\nsn = {{ package = \"unsnarl\", STUB }}");
    let middle = format!("{middle}\n[dependencies]\ninner = {{ path = \"../inner\" }}");
    run(
        &format!("[dependencies]\nmiddle = {{ path = \"middle\" }}\n{user}\n[workspace]"),
        "#[test] fn uses() { middle::inner::uses() }",
        &[
            ("middle/Cargo.toml", &manifest("middle", &middle)),
            ("middle/src/lib.rs", "pub use inner;"),
            ("inner/Cargo.toml", &manifest("inner", &inner)),
            (
                "inner/src/lib.rs",
                "pub fn uses() { assert!(sn::ON); sn::clean(); }",
            ),
        ],
    )
}

#[test]
fn what_local_dependencies_have_to_forward_is_said_line_by_line() {
    chain("", "[features]\ncheck = [\"std\"]\nstd = []", "").check(
        2,
        &[
            "`inner` uses `unsnarl`, and no feature forwards `unsnarl/check` to it from `user`",
            "write `check = [\"inner/check\"]` in `middle/Cargo.toml`",
            "write `check = [\"std\", \"sn/check\"]` in `inner/Cargo.toml`",
        ],
    );
    let half = chain("", "[features]\non = [\"sn/check\"]", "");
    half.check(
        2,
        &["write `check = [\"inner/on\"]` in `middle/Cargo.toml`"],
    );
    half.check_without(&["in `inner/Cargo.toml`"]);
    chain(
        "[features]\nx = [\"inner/on\"]",
        "[features]\non = [\"sn/check\"]",
        "",
    )
    .check(0, &[]);
}

#[test]
fn what_another_package_turns_on_is_on_in_local_dependencies_too() {
    chain("", "", "unsnarl = { STUB }").check(0, &["in 1 process"]);
}

#[test]
fn an_optional_one_in_a_local_dependency_is_brought_in_or_named() {
    let user = "[dependencies]\nunsnarl = { STUB }\ninner = { path = \"inner\" }\n[workspace]";
    let optional =
        "[dependencies]\nunsnarl = { STUB, optional = true }\n[features]\nNAME = [\"dep:unsnarl\"]";
    let lib =
        "#[cfg(feature = \"watch\")] pub fn uses() { assert!(unsnarl::ON); unsnarl::clean(); }";
    let inner = manifest("inner", &optional.replace("NAME", "watch"));
    let files = [("inner/Cargo.toml", &*inner), ("inner/src/lib.rs", lib)];
    run(user, "#[test] fn uses() { inner::uses() }", &files).check(0, &["in 1 process"]);
    let hidden = [
        (
            "inner/Cargo.toml",
            &*manifest("inner", "[dependencies]\ndeep = { path = \"../deep\" }"),
        ),
        ("inner/src/lib.rs", ""),
        (
            "deep/Cargo.toml",
            &manifest("deep", &optional.replace("NAME", "x")),
        ),
        ("deep/src/lib.rs", ""),
    ];
    run(user, PLAIN, &hidden).check(
        0,
        &[
            "warning: `deep` uses `unsnarl`",
            "`check = [\"deep/check\"]` in `inner/Cargo.toml`",
            "`check = [\"unsnarl/check\"]` in `deep/Cargo.toml`",
        ],
    );
}

#[test]
fn one_package_of_several_may_have_it() {
    let answer = run(
        "[workspace]\nmembers = [\"other\"]\n[dependencies]\nunsnarl = { STUB, optional = true }\n\
         [features]\nwatch = [\"dep:unsnarl\"]",
        WATCH,
        &[
            (
                "other/Cargo.toml",
                &manifest("other", "[features]\nwatch = []"),
            ),
            (
                "other/src/lib.rs",
                "#[test] fn is_not_disturbed() { assert!(!cfg!(feature = \"watch\")); }",
            ),
        ],
    );
    answer.check(0, &["in 1 process"]);
}
