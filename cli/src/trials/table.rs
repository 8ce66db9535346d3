//! What an exploration says of each test, at its end.

use std::fmt::Write as _;

use model::report::{Explored, Test};

/// A line for each test; `not_done` is said first of one that met an obstacle.
pub(crate) fn tests(tests: &[Test], not_done: &str) -> String {
    let name = |test: &Test| format!("{}::{}", test.process, test.name);
    let width = tests.iter().map(|test| name(test).chars().count()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for test in tests {
        if let Some(explored) = &test.explored {
            let _ = writeln!(
                text,
                "{:width$}  {}",
                name(test),
                came_to(test, explored, not_done)
            );
        }
    }
    text
}

/// What the exploration of a test came to.
fn came_to(test: &Test, explored: &Explored, not_done: &str) -> String {
    if let Some(obstacle) = &explored.obstacle {
        return format!("{not_done}: {obstacle}");
    }
    let schedules = count(test.runs, "schedule");
    let distinct = explored.distinct;
    let mut text = match test.first_hit {
        Some(hit) => format!("found with schedule {hit}"),
        None if explored.exhausted => {
            format!(
                "all {} explored, in {schedules}",
                count(distinct, "interleaving")
            )
        }
        None => format!(
            "{schedules}, {distinct} of them different; the next one shows something new with {}",
            percent(explored.new_in_1000)
        ),
    };
    if explored.cut > 0 {
        let _ = write!(text, "; {} cut off: too many steps", explored.cut);
    }
    text
}

fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn percent(thousandths: u64) -> String {
    format!("{} %", (thousandths + 5) / 10)
}

#[cfg(test)]
mod tests {
    use model::report::{Explored, Test};

    fn test(
        name: &str,
        runs: u64,
        distinct: u64,
        change: impl Fn(&mut Test, &mut Explored),
    ) -> Test {
        let mut test = Test::new("it", name);
        test.runs = runs;
        let mut explored = Explored::default();
        (explored.distinct, explored.new_in_1000) = (distinct, 634);
        change(&mut test, &mut explored);
        test.explored = Some(explored);
        test
    }

    #[test]
    fn each_test_has_a_line() {
        let lines = [
            test("all", 8, 6, |_, explored| explored.exhausted = true),
            test("found", 4, 4, |test, _| test.first_hit = Some(4)),
            test("io", 0, 0, |_, explored| {
                explored.obstacle = Some("it waits".to_owned())
            }),
            test("some", 1_000, 811, |_, explored| explored.cut = 12),
        ];
        let text = super::tests(&lines, "not explorable, run as it is");
        let expected = "\
it::all    all 6 interleavings explored, in 8 schedules
it::found  found with schedule 4
it::io     not explorable, run as it is: it waits
it::some   1000 schedules, 811 of them different; the next one shows something new with 63 %; 12 cut off: too many steps
";
        assert_eq!(text, expected);
    }
}
