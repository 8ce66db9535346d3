//! Edition 2024: `Future` is in the prelude, and there are chains of `let`.

use std::pin::pin;
use std::sync::{LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

static COUNT: LazyLock<Mutex<u8>> = LazyLock::new(|| Mutex::new(0));

fn next() -> impl Future<Output = u8> {
    async {
        let mut count = COUNT.lock().unwrap();
        *count += 1;
        *count
    }
}

pub fn has_grown() -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    if let Poll::Ready(number) = pin!(next()).poll(&mut cx)
        && let Ok(count) = COUNT.lock()
    {
        return number <= *count;
    }
    false
}

#[test]
fn numbers_grow() {
    assert!(has_grown());
}
