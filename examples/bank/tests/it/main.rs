//! The bank's own tests: all green, with every thread where a test author would put one.

mod audit;
mod interest;
mod teller;
