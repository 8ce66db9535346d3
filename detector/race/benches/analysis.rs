//! How many events a second the streaming engines take, parsing included: `cargo bench -p unsnarl-race --features offline`.

use std::fmt::Write;
use std::time::Instant;

use unsnarl_race::analysis;
use unsnarl_race::std_format::StdReader;

const EVENTS: u64 = 4_000_000;
const THREADS: u64 = 8;
const LOCKS: u64 = 50;

/// A trace of threads that mostly work on their own values and share some under locks, well formed and free of races.
fn trace() -> String {
    let mut text = String::new();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for child in 1..THREADS {
        writeln!(text, "T0|fork(T{child})|1").expect("a string takes everything");
    }
    let mut events = 0;
    while events < EVENTS {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        let (thread, lock) = ((state >> 40) % THREADS, (state >> 48) % LOCKS);
        writeln!(text, "T{thread}|acq(L{lock})|{lock}").expect("a string takes everything");
        for step in 0..6 {
            let own = ((state >> step) % 1024) * THREADS + thread;
            let op = if step % 3 == 0 { 'w' } else { 'r' };
            writeln!(text, "T{thread}|{op}(V{own})|{}", own % 300)
                .expect("a string takes everything");
        }
        writeln!(text, "T{thread}|w(S{lock})|7").expect("a string takes everything");
        writeln!(text, "T{thread}|rel(L{lock})|{lock}").expect("a string takes everything");
        events += 9;
    }
    text
}

fn main() {
    let text = trace();
    for engines in [
        &["hb"][..],
        &["shb"],
        &["hb", "shb"],
        &["syncp"],
        &["lockset"],
    ] {
        let mut seconds: Vec<f64> = Vec::new();
        let mut events = 0;
        for _ in 0..5 {
            let start = Instant::now();
            events = analysis::analyse(StdReader::new(text.as_bytes()), "trace", engines).events;
            seconds.push(start.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        let rate = events as f64 / seconds[2] / 1e6;
        #[expect(clippy::print_stdout, reason = "that is its result")]
        {
            println!(
                "{:>8}: {rate:.1} million events a second",
                engines.join(",")
            );
        }
    }
}
