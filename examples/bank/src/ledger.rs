//! The ledger: every movement of money, in the order in which it was booked.

use crate::account::Cents;

/// Money that moved onto an account, or (below zero) from it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The number of the account.
    pub account: u32,
    /// How much.
    pub amount: Cents,
    /// What for.
    pub text: String,
}

/// All entries so far.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
}

/// What happened on one account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// Its entries, the oldest first.
    pub entries: Vec<Entry>,
    /// What they add up to.
    pub closing: Cents,
}

impl Ledger {
    pub(crate) fn book(&mut self, account: u32, amount: Cents, text: impl Into<String>) {
        self.entries.push(Entry {
            account,
            amount,
            text: text.into(),
        });
    }

    pub(crate) fn total(&self, account: u32) -> Cents {
        self.of(account).map(|entry| entry.amount).sum()
    }

    pub(crate) fn statement(&self, account: u32) -> Statement {
        Statement {
            entries: self.of(account).cloned().collect(),
            closing: self.total(account),
        }
    }

    fn of(&self, account: u32) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.account == account)
    }
}
