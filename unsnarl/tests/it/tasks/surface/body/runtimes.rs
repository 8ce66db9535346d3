//! `Runtime`, `Builder` and `Handle`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::tokio;
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};

#[test]
fn a_runtime_blocks_on_futures() {
    let runtime: Runtime = Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(async { 1 }), 1);
    assert_eq!(runtime.block_on(runtime.spawn(async { 2 })).unwrap(), 2);
    assert_eq!(runtime.block_on(runtime.spawn_blocking(|| 3)).unwrap(), 3);
    assert_eq!(
        runtime.handle().runtime_flavor(),
        RuntimeFlavor::CurrentThread
    );
    let _entered = runtime.enter();
    assert_eq!(Handle::current().id(), runtime.handle().id());
    assert_eq!(Handle::try_current().unwrap().metrics().num_workers(), 1);
}

#[test]
fn a_runtime_with_threads_calls_back() {
    let (parked, unparked) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (to_park, to_unpark) = (Arc::clone(&parked), Arc::clone(&unparked));
    let mut builder = Builder::new_multi_thread();
    builder
        .worker_threads(2)
        .max_blocking_threads(4)
        .thread_name("a-worker")
        .thread_stack_size(1 << 20)
        .thread_keep_alive(Duration::from_secs(1))
        .global_queue_interval(31)
        .event_interval(61)
        .on_thread_start(|| ())
        .on_thread_stop(|| ())
        // SeqCst, here and below: nothing depends on it.
        .on_thread_park(move || _ = to_park.fetch_add(1, Ordering::SeqCst))
        .on_thread_unpark(move || _ = to_unpark.fetch_add(1, Ordering::SeqCst))
        .enable_time();
    let runtime = builder.build().unwrap();
    let handle = runtime.handle().clone();
    let name = handle.block_on(handle.spawn(async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        std::thread::current().name().map(str::to_owned)
    }));
    assert_eq!(name.unwrap().as_deref(), Some("a-worker"));
    runtime.shutdown_timeout(Duration::from_secs(9));
    assert!(parked.load(Ordering::SeqCst) > 0 && unparked.load(Ordering::SeqCst) > 0);
    Runtime::new().unwrap().shutdown_background();
}

#[test]
fn a_thread_may_block_on_many_runtimes_one_after_the_other() {
    for number in 0..3 {
        let runtime = Builder::new_current_thread().build().unwrap();
        let doubled = runtime.block_on(async { tokio::spawn(async move { number * 2 }).await });
        assert_eq!(doubled.unwrap(), number * 2);
    }
}
