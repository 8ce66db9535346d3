//! A shop that knows nothing of unsnarl. Its test passes in nearly every run.

use std::sync::Mutex;

/// What is left of an article.
pub struct Stock(Mutex<u32>);

impl Stock {
    /// So much of it.
    pub fn new(pieces: u32) -> Self {
        Self(Mutex::new(pieces))
    }

    /// How much is left.
    pub fn left(&self) -> u32 {
        *self.0.lock().unwrap()
    }

    /// Sells a piece, if there is one.
    pub fn sell(&self) -> bool {
        if self.left() == 0 {
            return false;
        }
        *self.0.lock().unwrap() -= 1;
        true
    }
}

#[test]
fn nothing_is_sold_twice() {
    let stock = Stock::new(1);
    let sold = std::thread::scope(|scope| {
        let customers = [(); 3].map(|()| scope.spawn(|| stock.sell()));
        customers.map(|customer| customer.join().unwrap())
    });
    assert_eq!(sold.iter().filter(|&&sold| sold).count(), 1);
}
