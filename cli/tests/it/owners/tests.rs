use std::sync::{Mutex, mpsc};
use std::thread;

use dep::{Cell, Pair};

/// t1: one way ── sends a word; t2 waits for it, so the two never meet: the other way.
fn both(one: impl FnOnce() + Send, other: impl FnOnce() + Send) {
    let (done, wait) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            one();
            done.send(()).unwrap();
        });
        scope.spawn(move || {
            wait.recv().unwrap();
            other();
        });
    });
}

#[test]
fn theirs() {
    let pair = Pair::default();
    both(|| pair.one_way(), || pair.other_way());
}

#[test]
fn failing() {
    theirs();
    panic!("by itself");
}

#[test]
fn mine() {
    let (x, y) = (Mutex::new(1), Mutex::new(2));
    let take = |x: &Mutex<i32>, y: &Mutex<i32>| drop((x.lock().unwrap(), y.lock().unwrap()));
    both(|| take(&x, &y), || take(&y, &x));
}

fn take_in_order(x: &Cell, y: &Cell) {
    let first = x.take();
    let second = y.take();
    drop((first, second));
}

#[test]
fn handed_out() {
    let (x, y) = (Cell::default(), Cell::default());
    both(|| take_in_order(&x, &y), || take_in_order(&y, &x));
}

#[test]
fn hang() {
    Pair::default().hang();
}
