//! The bank: what a teller can do.

use std::fmt;

use unsnarl::Named;
use unsnarl::sync::mpsc::{self, Receiver, Sender};
use unsnarl::sync::{Arc, Mutex, RwLock};

use crate::account::{Account, Cents};
use crate::ledger::{Ledger, Statement};
use crate::notice::Notice;
use crate::rates::{Product, Rates};

/// A bank with its accounts and its books.
#[derive(Debug)]
pub struct Bank {
    pub(crate) accounts: RwLock<Vec<Arc<Account>>>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) rates: RwLock<Rates>,
    pub(crate) audit_log: Mutex<Vec<String>>,
    notices: Sender<Notice>,
}

/// Why a movement of money was refused: there was not enough.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// What was asked for.
    pub asked: Cents,
    /// What was there.
    pub available: Cents,
}

impl Bank {
    /// Opens a bank, and returns the notices that it sends to its customers.
    #[must_use]
    pub fn open() -> (Self, Receiver<Notice>) {
        let (notices, letters) = mpsc::channel();
        let bank = Self {
            accounts: RwLock::default(),
            ledger: Mutex::default(),
            rates: RwLock::named("today's rates", Rates::of_today()),
            audit_log: Mutex::default(),
            notices,
        };
        (bank, letters)
    }

    /// Opens an account with a first deposit.
    pub fn open_account(&self, owner: &str, product: Product, deposit: Cents) -> Arc<Account> {
        let mut accounts = self.accounts.write().unwrap();
        let number = u32::try_from(accounts.len()).expect("a small bank has few accounts") + 1;
        let account = Arc::new(Account::new(number, owner, product, deposit));
        accounts.push(Arc::clone(&account));
        drop(accounts);
        self.ledger.lock().unwrap().book(number, deposit, "opened");
        account
    }

    /// Puts money onto an account.
    pub fn deposit(&self, account: &Account, amount: Cents) {
        let mut balance = account.balance.lock().unwrap();
        *balance += amount;
        self.book(account, amount, "deposit");
        drop(balance);
        self.notify(account, format!("you deposited {amount}"));
    }

    /// Takes money from an account.
    ///
    /// # Errors
    ///
    /// If there is not enough on it.
    pub fn withdraw(&self, account: &Account, amount: Cents) -> Result<(), Refused> {
        let mut balance = account.balance.lock().unwrap();
        pay(&mut balance, amount)?;
        self.book(account, -amount, "withdrawal");
        drop(balance);
        self.notify(account, format!("you withdrew {amount}"));
        Ok(())
    }

    /// Moves money from one account to another, all of it or nothing.
    ///
    /// # Errors
    ///
    /// If there is not enough to move.
    pub fn transfer(&self, from: &Account, to: &Account, amount: Cents) -> Result<(), Refused> {
        if from.number == to.number {
            return Ok(());
        }
        let (mut from_balance, mut to_balance) = Account::lock_both(from, to);
        pay(&mut from_balance, amount)?;
        *to_balance += amount;
        self.book(from, -amount, &format!("to {}", to.owner));
        self.book(to, amount, &format!("from {}", from.owner));
        drop((from_balance, to_balance));
        self.notify(from, format!("you sent {amount} to {}", to.owner));
        self.notify(to, format!("you received {amount} from {}", from.owner));
        Ok(())
    }

    /// Everything that happened on an account.
    #[must_use]
    pub fn statement(&self, account: &Account) -> Statement {
        self.ledger.lock().unwrap().statement(account.number)
    }

    /// Books while the balance is still locked, so that ledger and balance change together.
    fn book(&self, account: &Account, amount: Cents, text: &str) {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.book(account.number, amount, text);
    }

    /// Nobody need read notices.
    pub(crate) fn notify(&self, account: &Account, text: String) {
        self.notices.send(Notice::new(&account.owner, text)).ok();
    }
}

fn pay(balance: &mut Cents, amount: Cents) -> Result<(), Refused> {
    if *balance < amount {
        return Err(Refused {
            asked: amount,
            available: *balance,
        });
    }
    *balance -= amount;
    Ok(())
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} asked for, {} available", self.asked, self.available)
    }
}

impl std::error::Error for Refused {}
