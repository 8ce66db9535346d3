//! Every name of tokio's modules that have twins in them, in its current version.

use super::tokio;

#[rustfmt::skip]
#[expect(unused_imports, reason = "that they are there is the test")]
mod all {
    use super::tokio;

    use tokio::{join, main, pin, select, spawn, task_local, test, try_join};
    use tokio::runtime::{Builder, EnterGuard, Handle, Id, LocalOptions, LocalRuntime, Runtime, RuntimeFlavor, RuntimeMetrics, TryCurrentError};
    use tokio::sync::{
        AcquireError, Barrier, BarrierWaitResult, MappedMutexGuard, Mutex, MutexGuard, Notify, OnceCell, OwnedMappedMutexGuard,
        OwnedMutexGuard, OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock,
        RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard, Semaphore, SemaphorePermit, SetError, SetOnce, SetOnceError,
        TryAcquireError, TryLockError,
    };
    use tokio::sync::broadcast::{self, error as broadcast_error};
    use tokio::sync::futures::{Notified, OwnedNotified};
    use tokio::sync::mpsc::{
        self, OwnedPermit, Permit, PermitIterator, Receiver, Sender, UnboundedReceiver, UnboundedSender, WeakSender,
        WeakUnboundedSender, channel, error, unbounded_channel,
    };
    use tokio::sync::oneshot::{self, error as oneshot_error};
    use tokio::sync::watch::{self, Ref, error as watch_error};
    use tokio::task::{
        AbortHandle, Id as TaskId, JoinError, JoinHandle, JoinSet, LocalEnterGuard, LocalKey, LocalSet, Unconstrained,
        block_in_place, consume_budget, coop, futures, id, spawn as spawn_task, spawn_blocking, spawn_local, try_id,
        unconstrained, yield_now,
    };
    use tokio::time::{
        Duration, Instant, Interval, MissedTickBehavior, Sleep, Timeout, error as time_error, interval, interval_at, sleep,
        sleep_until, timeout, timeout_at,
    };
}

tokio::task_local! {
    static NUMBER: u32;
}

#[tokio::test]
async fn what_has_no_twin_is_there_as_it_is() {
    assert_eq!(NUMBER.scope(7, async { NUMBER.get() }).await, 7);
    let ticks = &mut tokio::time::interval(std::time::Duration::from_millis(1));
    ticks.tick().await;
    ticks.tick().await;
    tokio::pin! {
        let later = tokio::time::sleep(std::time::Duration::from_millis(1));
    }
    later.await;
}
