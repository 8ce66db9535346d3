//! The formats from outside: snapshots, bad input, pictures.

mod formats;
mod picture;
mod sample;
mod schema;
mod text;
