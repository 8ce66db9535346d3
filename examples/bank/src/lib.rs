//! A small bank, and what unsnarl sees in it.
//!
//! Accounts hold money, a ledger holds what moved it, and each has its own lock. Tellers deposit, withdraw and transfer;
//! an auditor compares ledger and balances; interest is paid at the rates of the day; customers are told through a
//! channel. All tests pass, and have always passed: `cargo unsnarl test` shows why that is luck.
//!
//! ```
//! use bank::{Bank, Product};
//!
//! let (bank, notices) = Bank::open();
//! let ann = bank.open_account("Ann", Product::Savings, 100);
//! let bob = bank.open_account("Bob", Product::Checking, 0);
//! bank.transfer(&ann, &bob, 30)?;
//! assert_eq!((ann.balance(), bob.balance()), (70, 30));
//! assert_eq!(notices.recv()?.text, "you sent 30 to Bob");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod audit;
mod bank;
mod interest;
mod ledger;
mod notice;
mod rates;

pub use account::{Account, Cents};
pub use audit::Mismatch;
pub use bank::{Bank, Refused};
pub use ledger::{Entry, Statement};
pub use notice::{Notice, Postman};
pub use rates::{Product, Rates};
