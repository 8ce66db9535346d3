//! What weak memory and the race detector cost in explored runs. Whoever has watched for races once watches on, so each
//! measurement has a process of its own: `measure on`, `measure off`. Without a word it starts both in turns and prints
//! the table that `weak.sh` writes to `WEAK.md`.

#[path = "../clock.rs"]
#[expect(dead_code, reason = "the other harness uses more of it")]
mod clock;
#[path = "../output.rs"]
mod output;
mod programs;

use std::collections::BTreeMap;
use std::io;
use std::process::{Command, ExitCode};
use std::sync::Mutex;

use unsnarl::Explorer;

use self::output::{complain, say};
use self::programs::{PROGRAMS, Program};

/// Executions in a round, and rounds.
const EXECUTIONS: usize = 3_000;
const ROUNDS: usize = 15;

/// Executions that do not count.
const WARM: usize = 200;

const USAGE: &str = "usage: weak-bench [measure on|off]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        [] => compare(),
        ["measure", word @ ("on" | "off")] => {
            measure(*word == "on");
            Ok(())
        }
        _ => Err(io::Error::other(USAGE)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Prints what one execution of each program takes.
fn measure(is_on: bool) {
    for program in PROGRAMS {
        say(&format!("{}\t{}", program.name, takes(is_on, program.run)));
    }
}

/// Microseconds that one execution computes, once the first ones have read debug information and filled pools.
fn takes(is_on: bool, program: fn()) -> f64 {
    let explorer = Explorer::new().schedules(EXECUTIONS).strategy("random");
    let begins = Mutex::new(Vec::with_capacity(EXECUTIONS));
    let exploration = explorer.seed(7).weak_memory(is_on).run(|| {
        begins.lock().expect("nobody panics").push(clock::cpu());
        program();
    });
    assert!(exploration.findings().is_empty() && exploration.schedules == EXECUTIONS);
    let begins = begins.into_inner().expect("nobody panics");
    let (first, last) = (begins[WARM], begins[EXECUTIONS - 1]);
    (last - first) as f64 / 1e3 / (EXECUTIONS - 1 - WARM) as f64
}

type Figures = BTreeMap<String, Vec<f64>>;

fn compare() -> io::Result<()> {
    let (mut without, mut with) = (Figures::new(), Figures::new());
    for _ in 0..ROUNDS {
        child("off", &mut without)?;
        child("on", &mut with)?;
    }
    say("| | off, µs | on ÷ off | the same for each step | reach |\n|---|---:|---:|---:|---|");
    for Program {
        name,
        steps_without,
        ..
    } in PROGRAMS
    {
        let (base, all) = (&without[*name], &with[*name]);
        let ratios = all.iter().zip(base).map(|(on, off)| on / off).collect();
        let (base, ratio) = (median(base.clone()), median(ratios));
        let each = ratio * steps_without;
        say(&format!(
            "| {name} | {base:.1} | {ratio:.2} | {each:.2} | ≤ 1.5 |"
        ));
    }
    Ok(())
}

fn child(word: &str, figures: &mut Figures) -> io::Result<()> {
    let this = std::env::current_exe()?;
    let output = Command::new(this).args(["measure", word]).output()?;
    if !output.status.success() {
        return Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ));
    }
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let figure = line
            .split_once('\t')
            .and_then(|(name, figure)| Some((name, figure.parse().ok()?)));
        let (name, figure) =
            figure.ok_or_else(|| io::Error::other(format!("no figure: `{line}`")))?;
        figures.entry(name.to_owned()).or_default().push(figure);
    }
    Ok(())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}
