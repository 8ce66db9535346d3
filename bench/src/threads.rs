//! Two threads that share no lock: does the second add as much as the first did?

use std::sync::Barrier;

use crate::clock;
use crate::locks::Workload;

/// What two threads get done in the time in which one gets one done; 2 is perfect.
pub(crate) fn gain(workload: Workload, iterations: u32) -> f64 {
    throughput(workload, iterations, 2) / throughput(workload, iterations, 1)
}

/// Iterations a nanosecond on the wall, of threads each on a core of its own.
fn throughput(workload: Workload, iterations: u32, threads: usize) -> f64 {
    let begin = Barrier::new(threads);
    let one = |core: usize| {
        clock::pin(core);
        workload(1000);
        begin.wait();
        let start = clock::wall();
        workload(iterations);
        f64::from(iterations) / (clock::wall() - start) as f64
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads)
            .map(|core| scope.spawn(move || one(core)))
            .collect();
        let rates = all.into_iter().map(|thread| thread.join());
        rates
            .map(|rate| rate.expect("a workload does not panic"))
            .sum()
    })
}
