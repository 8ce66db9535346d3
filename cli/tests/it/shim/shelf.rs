use std::sync::{Mutex, MutexGuard};

#[derive(Default)]
pub struct Shelf {
    stock: Mutex<i32>,
}

impl Shelf {
    pub fn take(&self) -> MutexGuard<'_, i32> {
        self.stock.lock().unwrap()
    }

    pub fn relock(&self) {
        let _stock = self.take();
        let _again = self.take();
    }
}
