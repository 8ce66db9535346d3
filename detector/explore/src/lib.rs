//! Which interleaving of a program runs next.
//!
//! Everything here is a plain value: no thread, no clock, no I/O. Whoever runs the program, with coroutines or with a
//! toy machine in a test, tells a [`run::Run`] what each thread is about to do and is told who goes next.
//!
//! From the bottom: `op` is the vocabulary; `world` knows which operations can be carried out now and what they do;
//! `run` is one execution, `strategy` decides in it; `token` writes a schedule down, `strategy::replay` follows it,
//! `shrink` makes it small; `statistics` says how much was seen.

pub mod op;
pub mod rng;
pub mod run;
pub mod shrink;
pub mod statistics;
pub mod strategy;
pub mod token;
pub mod world;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod program;
