//! The audit: do the balances say what the ledger says?

use crate::account::Cents;
use crate::bank::Bank;

/// An account whose balance is not what its entries add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The number of the account.
    pub account: u32,
    /// What is on it.
    pub balance: Cents,
    /// What its entries add up to.
    pub booked: Cents,
}

impl Bank {
    /// Compares every balance with the ledger, and writes the result into the audit log.
    ///
    /// Keeps the ledger locked meanwhile, so that nobody books anything between two accounts.
    pub fn audit(&self) -> Vec<Mismatch> {
        let accounts = self.accounts.read().unwrap().clone();
        let ledger = self.ledger.lock().unwrap();
        let mut mismatches = Vec::new();
        for account in &accounts {
            let balance = *account.balance.lock().unwrap();
            let booked = ledger.total(account.number);
            if balance != booked {
                mismatches.push(Mismatch {
                    account: account.number,
                    balance,
                    booked,
                });
            }
        }
        drop(ledger);
        self.log_audit(accounts.len(), &mismatches);
        mismatches
    }

    /// The audits so far, one line each.
    #[must_use]
    pub fn audit_log(&self) -> Vec<String> {
        self.audit_log.lock().unwrap().clone()
    }

    fn log_audit(&self, accounts: usize, mismatches: &[Mismatch]) {
        let line = format!("{accounts} accounts, {} mismatches", mismatches.len());
        self.audit_log.lock().unwrap().push(line);
    }
}
