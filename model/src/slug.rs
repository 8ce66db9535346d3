//! The kinds of bug: one row each, from which help, docs and tests are made.

/// One kind of bug.
#[derive(Debug)]
#[non_exhaustive]
pub struct Slug {
    /// The name that users see and configure.
    pub name: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// What happens, and why.
    pub explanation: &'static str,
    /// What usually cures it.
    pub cure: &'static str,
}

/// Threads ask for locks in orders that form a ring.
pub const LOCK_ORDER_CYCLE: &str = "lock-order-cycle";
/// The same by class of lock, put together from different tests.
pub const LOCK_CLASS_CYCLE: &str = "lock-class-cycle";
/// A thread waits for a lock that it holds itself.
pub const SELF_DEADLOCK: &str = "self-deadlock";
/// Threads wait for each other for ever.
pub const DEADLOCK: &str = "deadlock";
/// A lock is held for ever because its guard was never dropped.
pub const LEAKED_GUARD: &str = "leaked-guard";

/// Two threads access the same memory at once, and one of them writes.
pub const DATA_RACE: &str = "data-race";
/// A write that is based on an old value overwrites what another thread has written since.
pub const LOST_UPDATE: &str = "lost-update";
/// What was looked at has changed when it is acted upon.
pub const CHECK_THEN_ACT: &str = "check-then-act";
/// A compare-exchange succeeds on a value that had changed and changed back.
pub const ABA: &str = "aba";
/// A thread outlives its test.
pub const LEAKED_THREAD: &str = "leaked-thread";
/// A task outlives its test.
pub const LEAKED_TASK: &str = "leaked-task";
/// Permits were never given back, and somebody waits for one.
pub const LEAKED_PERMIT: &str = "leaked-permit";
/// An end of a channel outlives its test.
pub const LEAKED_CHANNEL: &str = "leaked-channel";
/// Something that is counted is never dropped.
pub const LEAKED_VALUE: &str = "leaked-value";
/// A task is suspended while it holds a lock that blocks threads.
pub const GUARD_ACROSS_AWAIT: &str = "guard-across-await";
/// A task blocks the thread that should run others meanwhile.
pub const BLOCKING_IN_TASK: &str = "blocking-in-task";
/// An operation that was cancelled half-way left something undone.
pub const CANCELLED_MID_OPERATION: &str = "cancelled-mid-operation";
/// A test fails in some runs and passes in others.
pub const FLAKY_TEST: &str = "flaky-test";
/// A test process is ended by a signal.
pub const CRASH: &str = "crash";
/// A test ends its process.
pub const UNEXPECTED_EXIT: &str = "unexpected-exit";
/// A test does not end, and all its threads sleep.
pub const HANG: &str = "hang";
/// A test does not end, and its threads run on.
pub const TIME_OUT: &str = "time-out";
/// A thread panics in some interleaving.
pub const PANIC: &str = "panic";
/// Threads go on for ever without getting anywhere.
pub const LIVELOCK: &str = "livelock";

/// A program does not do the same whenever it gets the same schedule.
pub const NOT_DETERMINISTIC: &str = "not-deterministic";
/// A thread waits while others go on for ever.
pub const STARVATION: &str = "starvation";

/// A lock is held while its owner sleeps, and others wait for it.
pub const LONG_HOLD: &str = "long-hold";
/// The queue of a channel without limit grows.
pub const UNBOUNDED_QUEUE: &str = "unbounded-queue";
/// Threads hinder each other at a lock or at a line of memory.
pub const CONTENTION: &str = "contention";

/// Every kind of bug that unsnarl knows.
pub const SLUGS: &[Slug] = &[
    Slug {
        name: LOCK_ORDER_CYCLE,
        meaning: "threads take the same locks in orders that form a ring",
        explanation: "\
One thread holds a lock and asks for a second; another holds the second and asks for the first. The run went well
because the two did not meet. When they do, each waits for what the other holds, for ever. A ring may have any number
of locks and threads. A read lock is part of it where a writer may queue between two readers, as the standard
library's and parking_lot's do.

unsnarl reports a ring only where it can happen: every step is made by another thread, no lock held around all steps
keeps them apart (a gate), no fork or join orders them, and no step merely tries.",
        cure: "\
Take the locks in one order everywhere (by address, by id, by rank), or hold one lock for both, or release the first
before asking for the second.",
    },
    Slug {
        name: LOCK_CLASS_CYCLE,
        meaning: "different tests take locks of the same kinds in opposite orders",
        explanation: "\
No single test took the same two locks in both orders, but one test took a lock made at the first place and then one
made at the second, and another test did the opposite. If both code paths ever run in one program on the same objects,
they can deadlock. It is reported by class (the place that makes the locks, or their name), and as a warning, because
nobody has seen the two paths share their locks.",
        cure: "\
Decide which of the two classes comes first and keep to it on both paths. If the paths can never meet, give the locks of
one of them another name with `named`.",
    },
    Slug {
        name: SELF_DEADLOCK,
        meaning: "a thread waits for a lock that it holds itself",
        explanation: "\
The standard library's locks are not reentrant: a thread that locks a mutex it has locked, asks for a write lock while
it holds a read lock of the same object, or starts the initialisation of a once-cell inside that same initialisation,
waits for itself. Often one method locks and calls another that locks too, or a call-back runs while the lock is held.",
        cure: "\
Split the inner method into one that takes the guard or the data, drop the guard before the call, or copy what the
call-back needs and run it after unlocking.",
    },
    Slug {
        name: DEADLOCK,
        meaning: "threads wait for each other, and none can ever go on",
        explanation: "\
Every thread in the knot waits for something that only another thread in the knot could give: a lock it holds, a message,
a notification, its end. Waits with a timeout are never part of a knot, nor are waits that a thread outside it could end.
One thread of the knot is told with a panic, so that the test fails instead of hanging.",
        cure: "\
Look at what each thread holds while it waits: release it first, or take it in one order. For a channel or a condition
variable, ask who sends or notifies, and whether that thread can come so far.",
    },
    Slug {
        name: LEAKED_GUARD,
        meaning: "a lock is held for ever: its guard was forgotten",
        explanation: "\
A guard that is leaked (`mem::forget`, a reference cycle, `Box::leak`) never unlocks. When its thread has ended, nobody
can: every later lock waits for ever. It is told where somebody waits so; and where a test asks that nothing is left of it
(`unsnarl::leak::check_none()`), also if nobody waits yet. The guard of an asynchronous lock may have gone anywhere: it is
told where the check is `strict`.",
        cure: "\
Drop guards. To give data away for ever, leak the data instead of the guard, or use a `OnceLock`.",
    },
    Slug {
        name: DATA_RACE,
        meaning: "two threads access the same memory with nothing to order them, and one of them writes",
        explanation: "\
Nothing makes one of the two accesses happen before the other: no lock that both hold, no start or end of a thread, no
message, no atomic with the orderings that publish. The compiler and the processor may then do either first, both in
parts, or neither as written; in Rust it is undefined behaviour. Only code that is `unsafe` somewhere can have it.

unsnarl follows what the threads did, not when: it finds the race in runs in which the two accesses lie far apart. Where
several races follow from each other, those that could no longer be reached after the first are left out.",
        cure: "\
Hold one lock around both accesses, hand the value over (a channel, `join`), or make it an atomic. A flag that publishes
data is stored with `Release` and loaded with `Acquire`; `Relaxed` orders nothing but the flag itself.",
    },
    Slug {
        name: LOST_UPDATE,
        meaning: "a write that is based on an old value overwrites what another thread has written since",
        explanation: "\
A thread read a value, made a new one of it, and wrote that, in two operations; another thread wrote in between. What it
wrote is gone: two threads that count to one each leave one, not two. Each operation by itself may be atomic; the two
together are not.

It is an error where it happened in this run. Where threads did load and store one atomic so that it can happen (each the
same step on from what it had read, with nothing to order one before the other), it is a warning.",
        cure: "\
Change the value in one step: `fetch_add` and its like, or `compare_exchange` in a loop that computes the new value again
when it fails; or hold a lock around both operations.",
    },
    Slug {
        name: CHECK_THEN_ACT,
        meaning: "what a region looked at has changed before it acts upon it",
        explanation: "\
A region that the program declares to be atomic (`unsnarl::atomic_region`) was not: between two of its steps another
thread did something that fits neither before the region nor after it. Every step may hold a lock, and the whole still be
two critical sections with a gap.

Every report is of what happened in this run, and of what no order of whole regions explains (conflict-serializability).",
        cure: "\
Make the steps one critical section; or look again, under the lock, before acting; or act in one operation that can fail,
such as `entry` or `compare_exchange`.",
    },
    Slug {
        name: ABA,
        meaning: "a compare-exchange succeeds on a value that had changed and changed back",
        explanation: "\
A thread read a pointer (or index), read through it what comes next, and put that in the pointer's place if the pointer
was still the same. It was, but it had changed and changed back meanwhile, and what comes next was another by then: the
value put in place is an old one, and what the other threads had linked there is lost.",
        cure: "\
Put a version beside the pointer that grows with each change and compare both; or keep what a thread is looking at from
being used again (hazard pointers, epochs).",
    },
    Slug {
        name: LEAKED_THREAD,
        meaning: "a thread is still there when its test is over",
        explanation: "\
The test asked, with `unsnarl::leak::check_none()`, that no thread it starts outlives it, and one did. Mostly it waits
for something that nobody will do any more: a message on a channel whose sender it keeps alive itself, room in a channel
that nobody reads after a timeout, a flag that it never looks at. In a program that runs long, such threads add up.

Where the thread waits and no watched thread runs that could end it, it is leaked for certain; otherwise it was still
there after the time of grace.",
        cure: "\
Join every thread on every path, errors included, or use a scope. Give workers a way to end: drop the last sender, send a
last message to each, or set a flag that they look at in every turn.",
    },
    Slug {
        name: LEAKED_TASK,
        meaning: "a task is still there when its test is over",
        explanation: "\
The test asked, with `unsnarl::leak::check_none()`, that no task it starts outlives it, and one did. Dropping a
`JoinHandle` does not end a task, it only lets go of it. So the others run on when one of several fails and the test, or
the request, returns early; or a task waits for a message, a permit or a reply that nobody will ever send. In a server
such tasks add up, with all that they hold.

The finding shows where the task was started and the await that it sits at.",
        cure: "\
Keep tasks in a `JoinSet`, which aborts those that are left when it is dropped, or abort and await each handle on every
path. Give loops a way to end: a channel that is closed, or a cancellation token, in their `select!`.",
    },
    Slug {
        name: LEAKED_PERMIT,
        meaning: "permits of a semaphore were never given back, and somebody waits for one for ever",
        explanation: "\
A permit that is forgotten (`forget`, `mem::forget`) is not returned when its scope ends. Where the code that should give
it back by hand (`add_permits`) is not reached on some path, mostly that of an error or of cancellation, the semaphore has
one permit less each time, until it has none, and whoever asks waits for ever. Pools of connections run dry so.

Where a test asks strictly that nothing is left of it (`unsnarl::leak::check_none().strict()`), permits that were never
dropped are told also if nobody waits yet.",
        cure: "\
Keep the permit beside the thing that it stands for and let both be dropped together; do not forget it. If it has to be
given back by hand, do so in a destructor.",
    },
    Slug {
        name: LEAKED_CHANNEL,
        meaning: "an end of a channel is still there when its test is over",
        explanation: "\
The test asked, with `unsnarl::leak::check_none().strict()`, that nothing is left of it. A channel was made meanwhile, and one of its
ends was not dropped although the test and all threads and tasks that it started are over: it was forgotten, lies in a
cycle of `Arc`s, or in a list that nobody cleans up. While a sender is there, whoever receives waits for ever instead of
hearing that all is over; while the receiver is there, messages pile up that nobody reads.

Channels that the initialisation of a watched once-cell makes are left out. One that is kept in a static by other means
looks the same as a forgotten one, which is why it has to be asked for.",
        cure: "\
Let whoever uses an end own it, and drop it with them; break cycles with `Weak`; take subscribers out of a list when they
go.",
    },
    Slug {
        name: LEAKED_VALUE,
        meaning: "something that is counted is still there when all threads have ended",
        explanation: "\
The last owner of an `Arc` drops what is in it; here all threads have ended, and the count never came to nothing: two
values own each other in a ring, an owner was forgotten (`mem::forget`, `into_raw`), or unsafe code that gives a count
back was not reached in this interleaving. loom sees that (`cargo unsnarl test --engine loom`), of `unsnarl::sync::Arc`.",
        cure: "\
Break the ring with a `Weak`, or take it apart before the last handle goes; let each `into_raw` meet a `from_raw` on every
path. What is to live for ever can be kept in an `Arc` of the standard library, named by its own path.",
    },
    Slug {
        name: GUARD_ACROSS_AWAIT,
        meaning: "a task is suspended while it holds a lock that blocks threads",
        explanation: "\
The guard of a lock of the standard library (or another that blocks) was alive when its task was suspended at an `.await`.
Until the task goes on, every other task that asks for the lock blocks the whole thread it runs on; if that is the thread
which the holder needs to go on, none of them ever does. It was seen in this run; whether another task asks for the lock
meanwhile is not known, so it is a warning.",
        cure: "\
End the guard's scope before the `.await`, with a block around it or `drop`. Where the lock has to be held across it, use the
runtime's own lock (`tokio::sync::Mutex`).",
    },
    Slug {
        name: BLOCKING_IN_TASK,
        meaning: "a task blocks the thread that should run other tasks meanwhile",
        explanation: "\
A task called something that blocked its thread, for longer than other tasks should have to wait: a lock of the standard
library that somebody held, `recv` on a channel of the standard library, the join of a thread. While it waits, all tasks of
that thread stand still; if whoever should end the wait is one of them, it never ends.",
        cure: "\
Use the runtime's own lock or channel and `.await` it, or move the call to `spawn_blocking`.",
    },
    Slug {
        name: CANCELLED_MID_OPERATION,
        meaning: "an operation that was cancelled at an await left something undone",
        explanation: "\
A future may be dropped at any of its awaits: by `select!` when another branch is ready, by a timeout, by an abort. What it
had done by then stays done, and what was to follow never happens: a message that was received and not yet handed on is
lost, an account is charged and nothing is sent. The operation was cancelled at the await that is shown, and the
invariant that was declared for it did not hold after that.",
        cure: "\
Keep no unfinished work in the future: hold it where the next attempt finds it, do the last step without an await (such as
`reserve` first, then `send`), or run the operation in a task of its own and await its handle.",
    },
    Slug {
        name: FLAKY_TEST,
        meaning: "a test fails in some runs and passes in others",
        explanation: "\
The same test, run over and over in processes of its own, passed and failed. What differs between the runs is the timing
of its threads (and whatever else the test asks the world for: clocks, files, random numbers). The finding shows the
panic of the first run that failed; its replay line disturbs the threads in the same way again.",
        cure: "\
Look for what the failing assertion reads, and for the threads that write it: the check and the act on it have to be one
step, or the reader has to wait for the writer. If the test depends on time or on other tests, cure the test.",
    },
    Slug {
        name: CRASH,
        meaning: "a test process is ended by a signal",
        explanation: "\
The process of the test was ended by the operating system: memory that is not there, an abort, or the lack of memory. In
safe Rust an abort is mostly a panic in a destructor during another panic; with unsafe code a crash that shows in some
runs only is mostly a data race or a value used after it was freed.",
        cure: "\
Run the replay line under a debugger, and look at unsafe code that threads share. For an abort, look for panics in `Drop`.",
    },
    Slug {
        name: UNEXPECTED_EXIT,
        meaning: "a test ends its whole process",
        explanation: "\
Something in the test called `exit`, so the harness could not say how the test went, and tests that would have run in the
same process never ran.",
        cure: "Return an error to the caller instead of ending the process, or run the program in a child process.",
    },
    Slug {
        name: HANG,
        meaning: "a test does not end, and all its threads sleep",
        explanation: "\
The test was still there after many times its usual time, none of its threads used the processor, and the run was ended
from outside. Its threads wait for locks, channels or the system, in a way that unsnarl does not watch, or that something
outside could still end.",
        cure: "\
Look at what each thread waits for. Where a lock or a channel is not watched (another crate's), run with `--shim all`, so
that the knot itself is shown.",
    },
    Slug {
        name: TIME_OUT,
        meaning: "a test does not end, and its threads run on",
        explanation: "\
The test was still there after many times its usual time, some of its threads used the processor all the while, and the
run was ended from outside. Threads that retry in step (livelock), or wait in a loop for what never comes, look so.",
        cure: "\
Wait on a condition variable or a channel instead of a loop; where threads give way to each other, let them give way for
different times. If the test is only slow, give it more time with `--timeout`.",
    },
    Slug {
        name: PANIC,
        meaning: "a thread panics in some interleaving of the test",
        explanation: "\
The explorer ran the test under a schedule in which an assertion fails, or something else panics. It is a real run of
the program: the schedule only decides which thread goes on where the operating system could have chosen any. The
replay token makes the same threads go on at the same moments again.

A step may read an old value of an atomic, although another thread has stored a new one: compiler and machine may delay and
reorder what the orderings of the program leave free, and the schedule decides when they do. `Relaxed` orders nothing but
the atomic itself; `Release` and `Acquire` order what comes before a store and what comes after a load that reads it; two
threads that each store one atomic and then look at the other's see each other for certain only with `SeqCst`.",
        cure: "\
Read the schedule from the end: which step found something that another thread had changed since it last looked? Make
the two one step, with a lock held across both or one atomic operation.

Where a step reads an old value, `help` names the orderings with which the failure stayed away when it was tried again:
as few and as weak as do.",
    },
    Slug {
        name: LIVELOCK,
        meaning: "threads go on for ever, and none gets anywhere",
        explanation: "\
Each thread had its turn again and again, and for thousands of steps all of them only tried, failed, gave way and tried
once more: a lock that is never free when it is tried, a flag that nobody sets any more.",
        cure: "\
Give one thread precedence (by an order of the locks, or by who came first), wait for the lock instead of trying, or back
off for a random time.",
    },
    Slug {
        name: NOT_DETERMINISTIC,
        meaning: "a test does not do the same whenever it gets the same schedule",
        explanation: "\
The explorer ran the test twice under one schedule, and from some step on the threads did other things. So something decides
besides the schedule: the real time, random numbers, the addresses of objects, files, the environment, or a static whose
value is left over from the last execution. What is found under such a test did happen, but its replay token may not show
it again, and that all interleavings were explored cannot be said.",
        cure: "\
Make what differs part of the test: a fixed seed, no real clock, an order by number instead of by address. Let each
execution begin with values of its own instead of statics.",
    },
    Slug {
        name: STARVATION,
        meaning: "a thread waits while others go on for ever",
        explanation: "\
The test did not come to its end. After so many steps (`max_steps`, 20 000 if not said otherwise) the schedule gave each
thread a step in its turn, for as many steps again. All that time one thread was blocked: it was not left out by the
schedule, it could not go on. Meanwhile others used what it waits at, its lock or its condition variable with the mutex, at
least a hundred times. Readers that never all leave at once hold up a writer like that; so does a job that nobody gets
round to finishing while it holds what an urgent one needs.

Nobody can tell for ever from very long. Where a thread really waits for the end of so much work, let the test do less of
it, or raise `max_steps`.",
        cure: "\
Let those who wait longest go first: a queue, a ticket, or a lock that lets no reader in while a writer waits. Who holds
what an urgent thread needs must not wait for less urgent work.",
    },
    Slug {
        name: LONG_HOLD,
        meaning: "a lock is held while its owner sleeps, and others wait for it",
        explanation: "\
While it held the lock the thread (or task) did not work, but slept, or was in a call that blocks, such as one that reads a
file or waits for a socket; and when it gave the lock back, somebody was waiting for it. So all who need the lock went at
the pace of that call. It is looked for by `cargo unsnarl profile` only.

A wait for another thread, such as for a message, does not count: where a worker holds the lock of a queue while it waits
for the next job, nobody is kept from anything. Nor does the time in which the thread was ready, and others had the
processor. `cargo unsnarl profile --help` has the limits.",
        cure: "\
Take what the call needs out of the lock, let the lock go, make the call, and lock again to put in what came of it, minding
that others may have been there meanwhile. Where each key is to be filled once, keep a lock (or a once-cell) for each key.",
    },
    Slug {
        name: UNBOUNDED_QUEUE,
        meaning: "the queue of a channel without limit grows",
        explanation: "\
Messages were put into a channel without limit faster than they were taken out of it, for a while in which both ends were at
work. Nothing slows the sender down, so while that goes on, memory and the time that a message waits grow without end. It is
looked for by `cargo unsnarl profile` only.

A queue that is filled at once, or only for a moment, or that nobody has begun to empty, is not told. `cargo unsnarl profile
--help` has the limits.",
        cure: "\
Give the channel a limit (`sync_channel`, `tokio::sync::mpsc::channel`), so that senders wait for the receiver; or drop or
refuse what is too much; or let more threads receive.",
    },
    Slug {
        name: CONTENTION,
        meaning: "threads hinder each other at a lock, or at a line of memory",
        explanation: "\
A lock that is held at most times, by threads that work and not wait, and often asked for while it is: what it protects runs
on one core, however many there are. Or a line of memory, 64 bytes as caches hold it, in which several threads write
different atomics at the same time: though they share nothing, each write takes the line from the other core. The program
is slow, not wrong. It is looked for by `cargo unsnarl profile` only, which has the limits in its `--help`.",
        cure: "\
For a lock: do less while it is held, or split what it protects, by key or by thread. For a line: put each thread's atomic on
a line of its own (`#[repr(align(128))]`), or let each thread count in a local variable and add up at the end.",
    },
];

/// The row of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Slug> {
    SLUGS.iter().find(|slug| slug.name == name)
}
