use std::sync::{Arc, mpsc};
use std::thread;

use market::Market;

/// t1: one way ── sends a word; t2 waits for it, so the two never meet: the other way.
fn both(one: fn(&Market), other: fn(&Market)) {
    let market = Arc::new(Market::default());
    let (done, wait) = mpsc::channel();
    let first = thread::spawn({
        let market = market.clone();
        move || {
            one(&market);
            done.send(()).unwrap();
        }
    });
    let second = thread::spawn(move || {
        wait.recv().unwrap();
        other(&market);
    });
    first.join().unwrap();
    second.join().unwrap();
}

#[test]
fn across() {
    both(Market::sell, Market::take_back);
}

#[test]
fn within() {
    both(Market::close, Market::open);
}

#[test]
fn whose() {
    let ours = std::any::type_name::<std::sync::Mutex<u8>>();
    assert!(ours.starts_with("unsnarl::"), "{ours}");
    drop(Market::default().till.lock());
    for name in [market::OF_BUILD_SCRIPT, market::OF_MACRO] {
        assert!(name.starts_with("std::"), "{name}");
    }
}
