use std::sync::Arc;

use market::Market;
use unsnarl::thread;

/// t1: stock, till ── sends a word; t2 waits for it, so the two never meet: till, stock.
#[test]
fn both_ways() {
    let market = Arc::new(Market::default());
    let (done, wait) = std::sync::mpsc::channel();
    let seller = thread::spawn({
        let market = market.clone();
        move || {
            market.sell();
            done.send(()).unwrap();
        }
    });
    let buyer = thread::spawn(move || {
        wait.recv().unwrap();
        market.take_back();
    });
    seller.join().unwrap();
    buyer.join().unwrap();
}

#[test]
fn one_way() {
    let market = Market::default();
    thread::scope(|scope| {
        scope.spawn(|| market.sell());
        scope.spawn(|| market.sell());
    });
}

#[test]
fn half_sell() {
    Market::default().sell();
}

#[test]
fn half_take_back() {
    Market::default().take_back();
}

#[test]
fn relock() {
    let market = Market::default();
    let _stock = market.stock.lock().unwrap();
    let _again = market.stock.lock();
}

/// Never ends: only a campaign runs it.
#[test]
#[ignore = "never ends: only a campaign runs it"]
fn turns_for_ever() {
    use unsnarl::sync::atomic::{AtomicBool, Ordering};
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                std::hint::spin_loop();
            }
        });
    });
}
