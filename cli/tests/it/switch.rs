//! How `unsnarl` is switched on in crates of all shapes. Each test in them asserts that it is on.

use std::path::Path;

use tempfile::TempDir;

use crate::support::{answer, command, folder, manifest, stub, write};

const TEST: &str = "#[test] fn is_on() { assert!(unsnarl::ON); unsnarl::clean(); }";
const RENAMED: &str =
    "#[test] fn is_on() { assert!(sn::ON && cfg!(feature = \"watch\")); sn::clean(); }";
const PLAIN: &str = "#[test] fn is_not_disturbed() { assert!(!cfg!(feature = \"check\")); }";

fn check(dir: &Path, line: &str, code: i32) {
    answer(&mut command(dir, line)).check(code, &[]);
}

/// `a` has the dependency, `b` an optional renamed one, `c` a feature that forwards, `d` only uses `c`, and `e` has
/// nothing of it but a feature of the same name.
fn workspace(root: &str) -> TempDir {
    let stub = stub();
    let renamed = format!(
        "[features]\nwatch = [\"dep:sn\"]\n[dependencies]\nsn = {{ package = \"unsnarl\", optional = true, {stub} }}"
    );
    let forwards = format!(
        "[features]\ncheck = [\"on\"]\non = [\"unsnarl/observe\", \"unsnarl/check\"]\n[dev-dependencies]\nunsnarl = {{ {stub} }}"
    );
    let through = format!(
        "[features]\ncheck = [\"on\"]\non = [\"unsnarl/check\"]\n[dependencies]\nunsnarl = {{ {stub} }}"
    );
    folder(&[
        ("Cargo.toml", root),
        ("src/lib.rs", TEST),
        (
            "a/Cargo.toml",
            &manifest("a", &format!("[dependencies]\nunsnarl = {{ {stub} }}")),
        ),
        ("a/src/lib.rs", TEST),
        ("b/Cargo.toml", &manifest("b", &renamed)),
        (
            "b/src/lib.rs",
            &format!("#![cfg(feature = \"watch\")]\n{RENAMED}"),
        ),
        ("c/Cargo.toml", &manifest("c", &through)),
        ("c/src/lib.rs", &format!("pub use unsnarl;\n{TEST}")),
        (
            "d/Cargo.toml",
            &manifest("d", "[dependencies]\nc = { path = \"../c\" }"),
        ),
        ("d/src/lib.rs", &TEST.replace("unsnarl::", "c::unsnarl::")),
        ("e/Cargo.toml", &manifest("e", "[features]\ncheck = []")),
        ("e/src/lib.rs", PLAIN),
        ("f/Cargo.toml", &manifest("f", &forwards)),
        ("f/src/lib.rs", TEST),
    ])
}

/// `left` and `right` forward to each other in a circle, and `left` has an optional dependency that nobody asked for.
#[test]
fn through_features_that_lead_in_a_circle() {
    let left = format!(
        "[features]\ncheck = [\"right/check\"]\n[dependencies]\nc = {{ path = \"../c\", optional = true }}\n\
         [dev-dependencies]\nright = {{ path = \"../right\" }}\nunsnarl = {{ {} }}",
        stub()
    );
    let right =
        "[features]\ncheck = [\"left/check\"]\n[dependencies]\nleft = { path = \"../left\" }";
    let workspace =
        workspace("[workspace]\nmembers = [\"left\", \"right\", \"c\"]\nresolver = \"2\"");
    let test = format!("{TEST} #[cfg(feature = \"c\")] compile_error!(\"nobody asked for c\");");
    for (path, text) in [
        ("left/Cargo.toml", manifest("left", &left)),
        ("left/src/lib.rs", test),
        ("right/Cargo.toml", manifest("right", right)),
        ("right/src/lib.rs", String::new()),
    ] {
        write(&workspace.path().join(path), &text);
    }
    check(&workspace.path().join("left"), "test", 0);
    check(workspace.path(), "test", 0);
}

#[test]
fn in_a_virtual_workspace() {
    let workspace = workspace(
        "[workspace]\nmembers = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"]\nresolver = \"2\"",
    );
    let root = workspace.path();
    check(root, "test", 0);
    for package in ["a", "b", "c", "d", "f"] {
        check(root, &format!("test -p {package}"), 0);
        check(&root.join(package), "test", 0);
    }
    check(root, "test -p b -p e", 0);
    check(&root.join("a"), "test --workspace --exclude d", 0);
    check(root, "test -p ?", 0);
    answer(&mut command(root, "test --shim none -p e")).check(
        2,
        &[
            "nothing in `e` depends on `unsnarl`",
            "cargo add -p e unsnarl",
        ],
    );
    answer(&mut command(root, "test -p nope")).check(2, &["no workspace member matches `nope`"]);
}

#[test]
fn in_a_workspace_with_a_root_package() {
    let root = manifest(
        "root",
        &format!(
            "[features]\ncheck = [\"unsnarl/check\"]\n[dependencies]\nunsnarl = {{ {} }}\n[workspace]\nmembers = [\"b\", \"c\", \"e\"]\n",
            stub()
        ),
    );
    let workspace = workspace(&root);
    check(workspace.path(), "test", 0);
    check(workspace.path(), "test --workspace", 0);
    check(workspace.path(), "test -p b -p c", 0);
    check(&workspace.path().join("c"), "test", 0);
    let manifest = format!(
        "test --manifest-path {}/b/Cargo.toml",
        workspace.path().display()
    );
    check(Path::new("/"), &manifest, 0);
}

#[test]
fn in_a_workspace_from_before_resolver_2() {
    let root = manifest(
        "root",
        &format!(
            "[features]\ncheck = [\"unsnarl/check\"]\n[dependencies]\nunsnarl = {{ {} }}\n[workspace]\nmembers = [\"a\", \"c\"]\nresolver = \"1\"\n",
            stub()
        ),
    );
    let workspace = workspace(&root);
    check(workspace.path(), "test", 0);
    check(workspace.path(), "test -p c", 0);
    check(workspace.path(), "test -p root -p c", 0);
    check(&workspace.path().join("a"), "test", 0);
    answer(&mut command(workspace.path(), "test --shim none -p a")).check(
        2,
        &["no way to switch `unsnarl` on in `a`", "resolver = \"2\""],
    );
}
