use unsnarl::sync::Mutex;

pub struct Market {
    pub stock: Mutex<i32>,
    pub till: Mutex<i32>,
}

impl Default for Market {
    fn default() -> Self {
        Self {
            stock: Mutex::new(1),
            till: Mutex::new(0),
        }
    }
}

impl Market {
    pub fn sell(&self) {
        let stock = self.stock.lock().unwrap();
        let till = self.till.lock().unwrap();
        drop((stock, till));
    }

    pub fn take_back(&self) {
        let till = self.till.lock().unwrap();
        let stock = self.stock.lock().unwrap();
        drop((till, stock));
    }
}
