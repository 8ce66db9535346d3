use std::sync::Mutex;

use shelf::Shelf;

/// ```
/// let till: std::sync::Mutex<i32> = market::Market::default().till;
/// *till.lock().unwrap() += 1;
/// ```
#[derive(Default)]
pub struct Market {
    pub till: Mutex<i32>,
    pub safe: Mutex<i32>,
    pub shelf: Shelf,
}

impl Market {
    pub fn sell(&self) {
        let stock = self.shelf.take();
        let till = self.till.lock().unwrap();
        drop((stock, till));
    }

    pub fn take_back(&self) {
        let till = self.till.lock().unwrap();
        let stock = self.shelf.take();
        drop((till, stock));
    }

    pub fn close(&self) {
        let till = self.till.lock().unwrap();
        let safe = self.safe.lock().unwrap();
        drop((till, safe));
    }

    pub fn open(&self) {
        let safe = self.safe.lock().unwrap();
        let till = self.till.lock().unwrap();
        drop((safe, till));
    }
}

pub const OF_BUILD_SCRIPT: &str = env!("OF_BUILD_SCRIPT");
pub const OF_MACRO: &str = tool::of_macro!();
