//! What a teller does for customers.

use bank::{Bank, Postman, Product};
use unsnarl::thread;

#[test]
fn a_deposit_is_on_the_account() {
    let (bank, _notices) = Bank::open();
    let ann = bank.open_account("Ann", Product::Checking, 0);
    bank.deposit(&ann, 50);
    assert_eq!(ann.balance(), 50);
}

#[test]
fn nobody_can_withdraw_more_than_there_is() {
    let (bank, _notices) = Bank::open();
    let ann = bank.open_account("Ann", Product::Checking, 20);
    let refused = bank.withdraw(&ann, 30).unwrap_err();
    assert_eq!(refused.to_string(), "30 asked for, 20 available");
    assert_eq!(bank.withdraw(&ann, 20), Ok(()));
}

#[test]
fn transfers_in_both_directions_lose_nothing() {
    let (bank, _notices) = Bank::open();
    let ann = bank.open_account("Ann", Product::Checking, 1000);
    let bob = bank.open_account("Bob", Product::Checking, 1000);
    let send = |from, to| (0..100).for_each(|_| bank.transfer(from, to, 1).unwrap());
    thread::scope(|scope| {
        scope.spawn(|| send(&ann, &bob));
        scope.spawn(|| send(&bob, &ann));
    });
    assert_eq!((ann.balance(), bob.balance()), (1000, 1000));
}

#[test]
fn a_statement_lists_what_happened() {
    let (bank, _notices) = Bank::open();
    let ann = bank.open_account("Ann", Product::Checking, 100);
    let bob = bank.open_account("Bob", Product::Checking, 0);
    bank.transfer(&ann, &bob, 30).unwrap();
    bank.withdraw(&ann, 10).unwrap();
    let statement = bank.statement(&ann);
    let texts: Vec<&str> = statement
        .entries
        .iter()
        .map(|entry| entry.text.as_str())
        .collect();
    assert_eq!(texts, ["opened", "to Bob", "withdrawal"]);
    assert_eq!(statement.closing, ann.balance());
}

#[test]
fn customers_are_told() {
    let (bank, notices) = Bank::open();
    let postman = Postman::start(notices);
    let ann = bank.open_account("Ann", Product::Checking, 100);
    let bob = bank.open_account("Bob", Product::Checking, 0);
    bank.transfer(&ann, &bob, 30).unwrap();
    drop(bank);
    let delivered = postman.finish();
    let letters: Vec<_> = delivered
        .iter()
        .map(|notice| (notice.to.as_str(), notice.text.as_str()))
        .collect();
    assert_eq!(
        letters,
        [
            ("Ann", "you sent 30 to Bob"),
            ("Bob", "you received 30 from Ann")
        ]
    );
}
