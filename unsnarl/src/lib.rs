//! Finds deadlocks and lock-order inversions while your own tests run.
