use std::thread;
use std::time::Duration;

use parking_lot::RwLock;

#[test]
fn a_lock_survives_tries_that_time_out() {
    let lock = RwLock::new(0_u64);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    drop(lock.read());
                }
            });
        }
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    if let Some(mut value) = lock.try_write_for(Duration::from_micros(10)) {
                        *value += 1;
                    }
                }
            });
        }
    });
    *lock.write() += 1;
}
