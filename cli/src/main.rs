//! Finds concurrency bugs while your own tests run.

fn main() {}
