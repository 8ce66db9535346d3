use std::sync::{Condvar, Mutex, RwLock};

pub struct Bank {
    pub accounts: Vec<Mutex<u64>>,
    pub ledger: RwLock<Vec<Entry>>,
}

pub fn transfer(from: &Mutex<u64>, to: &Mutex<u64>, amount: u64) {
    let mut source = from.lock().unwrap();
    let mut target = to.lock().unwrap();
    *source -= amount;
    *target += amount;
}

impl Bank {
    pub fn close(&self) {
        let first = self.accounts[0].lock().unwrap();
        self.ledger
            .write()
            .unwrap()
            .push(Entry::close(*first));
    }
}
