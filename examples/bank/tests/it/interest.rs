//! Interest. The two halves of an inversion are in two tests: interest locks the rates and then balances, and a customer
//! who renegotiates keeps the balance locked and then locks the rates.

use bank::{Bank, Product};

#[test]
fn interest_is_paid_on_savings_only() {
    let (bank, _notices) = Bank::open();
    let ann = bank.open_account("Ann", Product::Savings, 10_000);
    let bob = bank.open_account("Bob", Product::Checking, 10_000);
    assert_eq!(bank.pay_interest(), 1);
    assert_eq!((ann.balance(), bob.balance()), (10_200, 10_000));
}

#[test]
fn only_large_savers_can_renegotiate() {
    let (bank, _notices) = Bank::open();
    let ann = bank.open_account("Ann", Product::Savings, 10_000);
    let eve = bank.open_account("Eve", Product::Savings, 5_000_000);
    assert!(!bank.renegotiate(&ann));
    assert!(bank.renegotiate(&eve));
}
