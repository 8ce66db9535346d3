use std::sync::{Mutex, MutexGuard};

#[derive(Default)]
pub struct Cell(Mutex<i32>);

impl Cell {
    pub fn take(&self) -> MutexGuard<'_, i32> {
        self.0.lock().unwrap()
    }
}

#[derive(Default)]
pub struct Pair {
    a: Mutex<i32>,
    b: Mutex<i32>,
}

impl Pair {
    pub fn one_way(&self) {
        let a = self.a.lock().unwrap();
        let b = self.b.lock().unwrap();
        drop((a, b));
    }

    pub fn other_way(&self) {
        let b = self.b.lock().unwrap();
        self.inner();
        drop(b);
    }

    fn inner(&self) {
        drop(self.a.lock());
    }

    pub fn hang(&self) {
        let _a = self.a.lock();
        self.inner();
    }
}
