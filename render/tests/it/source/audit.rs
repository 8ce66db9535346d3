impl Bank {
    pub fn audit(&self) {
        let entries = self.ledger.read().unwrap();
        let first = self.accounts[0].lock().unwrap();
        check(&entries, *first);
    }
}
