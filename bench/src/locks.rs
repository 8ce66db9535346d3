//! What is done with locks, written out for every peer: a shared generic function would be a call more in debug builds.

use crate::shapes::Shape;

/// What one thread does over and over: takes how often, returns nanoseconds of its own time each.
pub(crate) type Workload = fn(u32) -> f64;

/// The workloads of one peer's `Mutex`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Locks {
    pub(crate) single: Workload,
    pub(crate) pair: Workload,
    pub(crate) chain_lifo: Workload,
    pub(crate) chain_fifo: Workload,
    /// Creates, nests and drops this many pairs.
    pub(crate) churn: Workload,
    /// Takes the edges of a shape one by one; nanoseconds of each nested acquisition.
    pub(crate) each_edge: fn(&Shape) -> Vec<u64>,
    /// Takes the edges of a shape; nanoseconds for all, and how many there was time for.
    pub(crate) all_edges: fn(&Shape) -> (u64, usize),
    /// Bytes of a `Mutex<u64>`.
    pub(crate) size: usize,
    /// Allocations made to create and lock one mutex, in a thread that has locked before.
    pub(crate) allocations: fn() -> u64,
}

/// The workloads of one peer's `RwLock`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RwLocks {
    pub(crate) read: Workload,
    pub(crate) write: Workload,
}

/// Nanoseconds that each of so many rounds of the body takes, after one that is not counted.
macro_rules! timed {
    ($iterations:expr, $body:block) => {{
        $body
        let mut left: u32 = $iterations;
        let start = $crate::clock::cpu();
        while left != 0 {
            $body
            left -= 1;
        }
        ($crate::clock::cpu() - start) as f64 / f64::from($iterations)
    }};
}
pub(crate) use timed;

/// Defines `LOCKS` for the `Mutex` in scope; the argument turns what `lock` returns into the guard.
macro_rules! locks {
    ($($guard:tt)*) => {
        pub(crate) const LOCKS: $crate::locks::Locks = $crate::locks::Locks {
            single,
            pair,
            chain_lifo,
            chain_fifo,
            churn,
            each_edge,
            all_edges,
            size: size_of::<Mutex<u64>>(),
            allocations,
        };

        fn single(iterations: u32) -> f64 {
            let lock = Mutex::new(0_u64);
            $crate::locks::timed!(iterations, {
                *black_box(&lock).lock()$($guard)* += 1;
            })
        }

        fn pair(iterations: u32) -> f64 {
            let (outer, inner) = (Mutex::new(0_u64), Mutex::new(0_u64));
            $crate::locks::timed!(iterations, {
                let mut a = black_box(&outer).lock()$($guard)*;
                let mut b = black_box(&inner).lock()$($guard)*;
                *a += 1;
                *b += 1;
            })
        }

        fn chain_lifo(iterations: u32) -> f64 {
            let locks: [Mutex<u64>; 8] = std::array::from_fn(|_| Mutex::new(0));
            $crate::locks::timed!(iterations, {
                let _a = black_box(&locks[0]).lock()$($guard)*;
                let _b = black_box(&locks[1]).lock()$($guard)*;
                let _c = black_box(&locks[2]).lock()$($guard)*;
                let _d = black_box(&locks[3]).lock()$($guard)*;
                let _e = black_box(&locks[4]).lock()$($guard)*;
                let _f = black_box(&locks[5]).lock()$($guard)*;
                let _g = black_box(&locks[6]).lock()$($guard)*;
                let _h = black_box(&locks[7]).lock()$($guard)*;
            })
        }

        fn chain_fifo(iterations: u32) -> f64 {
            let locks: [Mutex<u64>; 8] = std::array::from_fn(|_| Mutex::new(0));
            $crate::locks::timed!(iterations, {
                let guards = [
                    black_box(&locks[0]).lock()$($guard)*,
                    black_box(&locks[1]).lock()$($guard)*,
                    black_box(&locks[2]).lock()$($guard)*,
                    black_box(&locks[3]).lock()$($guard)*,
                    black_box(&locks[4]).lock()$($guard)*,
                    black_box(&locks[5]).lock()$($guard)*,
                    black_box(&locks[6]).lock()$($guard)*,
                    black_box(&locks[7]).lock()$($guard)*,
                ];
                drop(black_box(guards));
            })
        }

        fn churn(pairs: u32) -> f64 {
            $crate::locks::timed!(pairs, {
                let (outer, inner) = (Mutex::new(0_u64), Mutex::new(0_u64));
                let mut a = black_box(&outer).lock()$($guard)*;
                let mut b = black_box(&inner).lock()$($guard)*;
                *a += 1;
                *b += 1;
            })
        }

        fn each_edge(shape: &$crate::shapes::Shape) -> Vec<u64> {
            let locks = many(shape.locks);
            let mut times = Vec::with_capacity(shape.edges.len());
            let mut patience = $crate::edges::Patience::new();
            for &(from, to) in &shape.edges {
                let _outer = locks[from as usize].lock()$($guard)*;
                let start = $crate::clock::cpu();
                let inner = locks[to as usize].lock()$($guard)*;
                times.push($crate::clock::cpu() - start);
                drop(inner);
                if patience.is_over() {
                    break;
                }
            }
            times
        }

        fn all_edges(shape: &$crate::shapes::Shape) -> (u64, usize) {
            let locks = many(shape.locks);
            let mut patience = $crate::edges::Patience::new();
            let start = $crate::clock::cpu();
            for (done, &(from, to)) in shape.edges.iter().enumerate() {
                let _outer = locks[from as usize].lock()$($guard)*;
                let _inner = locks[to as usize].lock()$($guard)*;
                if done % 256 == 0 && patience.is_over() {
                    return ($crate::clock::cpu() - start, done + 1);
                }
            }
            ($crate::clock::cpu() - start, shape.edges.len())
        }

        /// Never dropped: to forget so many at once is not what is measured.
        fn many(count: u32) -> &'static [Mutex<u64>] {
            (0..count).map(|_| Mutex::new(0)).collect::<Vec<_>>().leak()
        }

        fn allocations() -> u64 {
            single(1);
            let before = $crate::allocation::count();
            let lock = Mutex::new(0_u64);
            *black_box(&lock).lock()$($guard)* += 1;
            $crate::allocation::count() - before
        }
    };
}
pub(crate) use locks;

/// Defines `RW_LOCKS` for the `RwLock` in scope.
macro_rules! rw_locks {
    ($($guard:tt)*) => {
        pub(crate) const RW_LOCKS: $crate::locks::RwLocks = $crate::locks::RwLocks { read, write };

        fn read(iterations: u32) -> f64 {
            let lock = RwLock::new(0_u64);
            $crate::locks::timed!(iterations, {
                black_box(*black_box(&lock).read()$($guard)*);
            })
        }

        fn write(iterations: u32) -> f64 {
            let lock = RwLock::new(0_u64);
            $crate::locks::timed!(iterations, {
                *black_box(&lock).write()$($guard)* += 1;
            })
        }
    };
}
pub(crate) use rw_locks;

/// Defines `ping_pong` for the `Mutex` and `Condvar` in scope; `$wait` waits with a guard and returns one.
macro_rules! ping_pong {
    (|$condvar:ident, $held:ident| $wait:expr; $($guard:tt)*) => {
        pub(crate) fn ping_pong(iterations: u32) -> f64 {
            let (turn, changed) = (Mutex::new(0_u32), Condvar::new());
            let play = |mine: u32| {
                $crate::clock::pin(0);
                let $condvar = &changed;
                let mut $held = turn.lock()$($guard)*;
                let start = $crate::clock::cpu();
                for _ in 0..iterations {
                    while *$held != mine {
                        $held = $wait;
                    }
                    *$held = 1 - mine;
                    $condvar.notify_one();
                }
                $crate::clock::cpu() - start
            };
            let both = std::thread::scope(|scope| {
                let players = [0, 1].map(|mine| scope.spawn(move || play(mine)));
                players.map(|player| player.join().expect("a player does not panic"))
            });
            both.iter().sum::<u64>() as f64 / f64::from(iterations)
        }
    };
}
pub(crate) use ping_pong;

/// Defines `channel` for the `mpsc` in scope.
macro_rules! channel {
    () => {
        pub(crate) fn channel(iterations: u32) -> f64 {
            let (sender, receiver) = mpsc::channel::<u64>();
            $crate::locks::timed!(iterations, {
                black_box(&sender).send(1).unwrap();
                black_box(receiver.recv().unwrap());
            })
        }
    };
}
pub(crate) use channel;
