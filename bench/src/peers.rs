//! The peers: whose locks are measured.

use crate::column::Column;
use crate::locks::{Locks, RwLocks, Workload};

/// One crate's primitives.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) column: Column,
    /// What has to be done before its first lock.
    pub(crate) start: fn(),
    pub(crate) locks: Locks,
    pub(crate) rw_locks: Option<RwLocks>,
    /// Two threads of one core wake each other through a condition variable; the time of both.
    pub(crate) ping_pong: Option<Workload>,
    /// One thread sends to itself.
    pub(crate) channel: Option<Workload>,
}

/// All peers; the first is the measure of the others.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        column: Column::Std,
        start: nothing,
        locks: std_sync::LOCKS,
        rw_locks: Some(std_sync::RW_LOCKS),
        ping_pong: Some(std_sync::ping_pong),
        channel: Some(std_sync::channel),
    },
    Peer {
        column: Column::ParkingLot,
        start: nothing,
        locks: plain::LOCKS,
        rw_locks: Some(plain::RW_LOCKS),
        ping_pong: Some(plain::ping_pong),
        channel: None,
    },
    Peer {
        column: Column::ParkingLotDetecting,
        start: nothing,
        locks: detecting::LOCKS,
        rw_locks: Some(detecting::RW_LOCKS),
        ping_pong: Some(detecting::ping_pong),
        channel: None,
    },
    Peer {
        column: Column::TracingMutex,
        start: nothing,
        locks: tracing::LOCKS,
        rw_locks: Some(tracing::RW_LOCKS),
        ping_pong: Some(tracing::ping_pong),
        channel: None,
    },
    Peer {
        column: Column::Deloxide,
        start: scrub,
        locks: scrubbing::LOCKS,
        rw_locks: Some(scrubbing::RW_LOCKS),
        ping_pong: Some(scrubbing::ping_pong),
        channel: None,
    },
    Peer {
        column: Column::Unsnarl,
        start: nothing,
        locks: watched::LOCKS,
        rw_locks: Some(watched::RW_LOCKS),
        ping_pong: Some(watched::ping_pong),
        channel: Some(watched::channel),
    },
];

/// The peer of a column.
pub(crate) fn of(column: Column) -> Option<&'static Peer> {
    PEERS.iter().find(|peer| peer.column == column)
}

fn nothing() {}

/// Without a start, deloxide keeps no order of locks. It prints a banner, which readers of figures skip.
fn scrub() {
    deloxide::Deloxide::new()
        .callback(|_| {})
        .start()
        .expect("deloxide starts once");
}

mod std_sync {
    use std::hint::black_box;
    use std::sync::{Condvar, Mutex, RwLock, mpsc};

    crate::locks::locks!(.unwrap());
    crate::locks::rw_locks!(.unwrap());
    crate::locks::ping_pong!(|condvar, held| condvar.wait(held).unwrap(); .unwrap());
    crate::locks::channel!();
}

mod plain {
    use std::hint::black_box;

    use parking_lot::{Condvar, Mutex, RwLock};

    crate::locks::locks!();
    crate::locks::rw_locks!();
    crate::locks::ping_pong!(|condvar, held| { condvar.wait(&mut held); held };);
}

mod detecting {
    use std::hint::black_box;

    use parking_lot_detecting::{Condvar, Mutex, RwLock};

    crate::locks::locks!();
    crate::locks::rw_locks!();
    crate::locks::ping_pong!(|condvar, held| { condvar.wait(&mut held); held };);
}

mod tracing {
    use std::hint::black_box;

    use tracing_mutex::stdsync::tracing::{Condvar, Mutex, RwLock};

    crate::locks::locks!(.unwrap());
    crate::locks::rw_locks!(.unwrap());
    crate::locks::ping_pong!(|condvar, held| condvar.wait(held).unwrap(); .unwrap());
}

mod scrubbing {
    use std::hint::black_box;

    use deloxide::{Condvar, Mutex, RwLock};

    crate::locks::locks!();
    crate::locks::rw_locks!();
    crate::locks::ping_pong!(|condvar, held| { condvar.wait(&mut held); held };);
}

mod watched {
    use std::hint::black_box;

    use unsnarl::sync::{Condvar, Mutex, RwLock, mpsc};

    crate::locks::locks!(.unwrap());
    crate::locks::rw_locks!(.unwrap());
    crate::locks::ping_pong!(|condvar, held| condvar.wait(held).unwrap(); .unwrap());
    crate::locks::channel!();
}
