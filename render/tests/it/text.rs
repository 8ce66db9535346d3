//! Text, where the source is not as expected.

use std::fs;

use expect_test::{Expect, expect};
use model::finding::{Certainty, Finding, Label, Role};
use model::site::Site;
use unsnarl_render::options::{Colour, Detail, Options};
use unsnarl_render::source::Sources;
use unsnarl_render::text;

use crate::sample;

fn finding(places: &[(u32, u32)]) -> Finding {
    let mut finding = Finding::new("deadlock", Certainty::Observed, "two threads wait");
    let label = |&(line, column): &(u32, u32)| {
        Label::new(Role::Primary, Site::new("x.rs", line, column), "here")
    };
    finding.labels = places.iter().map(label).collect();
    finding
}

fn render(source: Option<&str>, places: &[(u32, u32)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    if let Some(source) = source {
        fs::write(folder.path().join("x.rs"), source).unwrap();
    }
    let options = Options::new(Sources::with_root(folder.path())).with_detail(Detail::Short);
    text::finding(&finding(places), &options)
}

fn check(source: Option<&str>, places: &[(u32, u32)], expected: Expect) {
    expected.assert_eq(&render(source, places));
}

#[test]
fn without_source_labels_are_notes() {
    check(
        None,
        &[(3, 5), (4, 9)],
        expect![[r#"
        error[deadlock]: two threads wait
        --> x.rs:3:5
         = note: x.rs:3:5: here
         = note: x.rs:4:9: here
         = note: observed: it happened in this run
    "#]],
    );
}

#[test]
fn without_labels_there_is_only_the_message() {
    check(
        None,
        &[],
        expect![[r#"
        error[deadlock]: two threads wait
         |
         = note: observed: it happened in this run
    "#]],
    );
}

#[test]
fn a_line_beyond_the_file_is_a_note_beside_the_source() {
    check(
        Some("fn a() { x.lock(); }\n"),
        &[(1, 12), (9, 1)],
        expect![[r#"
        error[deadlock]: two threads wait
         --> x.rs:1:12
          |
        1 | fn a() { x.lock(); }
          |            ^^^^ here
          |
          = note: x.rs:9:1: here
          = note: observed: it happened in this run
    "#]],
    );
}

#[test]
fn a_column_beyond_the_line_is_its_end() {
    check(
        Some("x.lock();\ny\n"),
        &[(1, 99)],
        expect![[r#"
        error[deadlock]: two threads wait
         --> x.rs:1:10
          |
        1 | x.lock();
          |          ^ here
          |
          = note: observed: it happened in this run
    "#]],
    );
}

#[test]
fn tabs_and_wide_characters_keep_marks_in_place() {
    check(
        Some("\tlet 鍵 = é.lock();\n"),
        &[(1, 12)],
        expect![[r#"
        error[deadlock]: two threads wait
         --> x.rs:1:12
          |
        1 |     let 鍵 = é.lock();
          |                ^^^^ here
          |
          = note: observed: it happened in this run
    "#]],
    );
}

#[test]
fn line_ends_of_windows_do_not_show() {
    check(
        Some("a();\r\nx.lock();\r\n"),
        &[(2, 3)],
        expect![[r#"
        error[deadlock]: two threads wait
         --> x.rs:2:3
          |
        2 | x.lock();
          |   ^^^^ here
          |
          = note: observed: it happened in this run
    "#]],
    );
}

#[test]
fn an_empty_file_has_one_line() {
    check(
        Some(""),
        &[(1, 1)],
        expect![[r#"
        error[deadlock]: two threads wait
         --> x.rs:1:1
          |
        1 |
          | ^ here
          |
          = note: observed: it happened in this run
    "#]],
    );
}

#[test]
fn no_place_is_so_odd_that_it_panics() {
    for source in [
        "",
        "\n",
        "\n\n",
        "é",
        "é\n",
        "\t",
        "a\rb",
        "\u{feff}",
        "\0",
        "a\u{200d}b\u{301}",
        "\r\n",
    ] {
        for line in [0, 1, 2, 3, u32::MAX] {
            for column in [0, 1, 2, 3, u32::MAX] {
                assert!(render(Some(source), &[(line, column), (1, 1)]).ends_with('\n'));
            }
        }
    }
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let plain = text::report(&sample::report(), &sample::options());
    let options = sample::options().with_colour(Colour::Styled);
    let styled = text::report(&sample::report(), &options);
    assert!(!plain.contains('\u{1b}'));
    assert!(styled.contains('\u{1b}'));
}

#[test]
fn full_detail_has_backtraces() {
    let options = sample::options().with_detail(Detail::Full);
    let text = text::finding(&sample::cycle(), &options);
    assert!(text.contains("0: bank::transfer\n"), "{text}");
    assert!(text.contains("at bank.rs:10:25\n"), "{text}");
}

#[test]
fn an_empty_report_never_says_that_there_are_no_bugs() {
    let report = model::report::Report::new();
    expect![[r#"
        unsnarl: nothing found in 0 processes; no lock was taken while another was held
    "#]]
    .assert_eq(&text::report(&report, &Options::default()));
}
