//! Accounts: who owns them, and what is on them.

use unsnarl::sync::{Mutex, MutexGuard};

use crate::rates::Product;

/// An amount of money.
pub type Cents = i64;

/// Somebody's account.
#[derive(Debug)]
#[non_exhaustive]
pub struct Account {
    /// Its number: no two accounts share one.
    pub number: u32,
    /// Who owns it.
    pub owner: String,
    /// What kind of account it is, which decides its interest.
    pub product: Product,
    pub(crate) balance: Mutex<Cents>,
}

impl Account {
    pub(crate) fn new(number: u32, owner: &str, product: Product, balance: Cents) -> Self {
        Self {
            number,
            owner: owner.to_owned(),
            product,
            balance: Mutex::new(balance),
        }
    }

    /// What is on it.
    #[must_use]
    pub fn balance(&self) -> Cents {
        *self.balance.lock().unwrap()
    }

    /// Locks two accounts, the lower number first, and returns the guards in the order of the arguments.
    pub(crate) fn lock_both<'a>(
        one: &'a Self,
        other: &'a Self,
    ) -> (MutexGuard<'a, Cents>, MutexGuard<'a, Cents>) {
        if one.number < other.number {
            let first = one.balance.lock().unwrap();
            let second = other.balance.lock().unwrap();
            (first, second)
        } else {
            let first = other.balance.lock().unwrap();
            let second = one.balance.lock().unwrap();
            (second, first)
        }
    }
}
