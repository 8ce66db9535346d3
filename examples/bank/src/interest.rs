//! Interest, and the rates it is paid at.

use crate::account::Account;
use crate::bank::Bank;

/// A customer with this much on an account may ask for a better rate.
const LARGE: i64 = 100_000;
const BONUS: i64 = 25;

impl Bank {
    /// Pays a year's interest on every account, all at the same rates, and returns how many got some.
    pub fn pay_interest(&self) -> usize {
        let accounts = self.accounts.read().unwrap().clone();
        let due = {
            let rates = self.rates.read().unwrap();
            accounts
                .iter()
                .map(|account| {
                    let balance = account.balance.lock().unwrap();
                    (account, rates.interest(account.product, *balance))
                })
                .filter(|&(_, interest)| interest > 0)
                .collect::<Vec<_>>()
        };
        for &(account, interest) in &due {
            self.deposit(account, interest);
        }
        due.len()
    }

    /// Raises the rate of this account's product if there is much on it; nobody can take it away meanwhile.
    pub fn renegotiate(&self, account: &Account) -> bool {
        let balance = account.balance.lock().unwrap();
        let is_large = *balance >= LARGE;
        if is_large {
            self.rates.write().unwrap().raise(account.product, BONUS);
        }
        is_large
    }
}
