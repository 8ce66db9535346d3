//! The rates of interest of the day.

use std::collections::BTreeMap;

use crate::account::Cents;

/// A kind of account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Product {
    /// For every day.
    Checking,
    /// For later.
    Savings,
}

/// The yearly rate of each product, in hundredths of a percent.
#[derive(Clone, Debug)]
pub struct Rates {
    by_product: BTreeMap<Product, i64>,
}

impl Rates {
    const WHOLE: i64 = 10_000;

    pub(crate) fn of_today() -> Self {
        Self {
            by_product: [(Product::Checking, 0), (Product::Savings, 200)].into(),
        }
    }

    /// The rate of a product.
    #[must_use]
    pub fn of(&self, product: Product) -> i64 {
        self.by_product.get(&product).copied().unwrap_or_default()
    }

    /// Interest for a year.
    #[must_use]
    pub fn interest(&self, product: Product, balance: Cents) -> Cents {
        balance * self.of(product) / Self::WHOLE
    }

    pub(crate) fn raise(&mut self, product: Product, by: i64) {
        *self.by_product.entry(product).or_default() += by;
    }
}
