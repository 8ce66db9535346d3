//! What the auditor finds.

use bank::{Bank, Product};
use unsnarl::thread;

#[test]
fn the_books_are_right_after_a_busy_morning() {
    let (bank, _notices) = Bank::open();
    let ann = bank.open_account("Ann", Product::Checking, 100);
    let bob = bank.open_account("Bob", Product::Savings, 100);
    bank.deposit(&ann, 20);
    bank.transfer(&ann, &bob, 70).unwrap();
    assert_eq!(bank.audit(), []);
    assert_eq!(bank.audit_log(), ["2 accounts, 0 mismatches"]);
}

/// The auditor comes when the customer has been told of the deposit.
///
/// ```text
/// teller:  lock balance ── lock ledger ── unlock ── notice
/// auditor:                                          notice ── lock ledger ── lock balance ── unlock
/// ```
///
/// The notice keeps the two apart in this test. In the bank nothing does.
#[test]
fn a_deposit_is_in_the_books_when_the_customer_is_told() {
    let (bank, notices) = Bank::open();
    let ann = bank.open_account("Ann", Product::Checking, 100);
    let bank = &bank;
    let named = |name: &str| thread::Builder::new().name(name.to_owned());
    thread::scope(|scope| {
        let teller = named("teller").spawn_scoped(scope, move || bank.deposit(&ann, 50));
        let auditor = named("auditor").spawn_scoped(scope, move || {
            let notice = notices.recv().unwrap();
            assert_eq!(notice.text, "you deposited 50");
            assert_eq!(bank.audit(), []);
        });
        assert!(teller.is_ok() && auditor.is_ok());
    });
}
