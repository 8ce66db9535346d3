//! The formats from outside: snapshots, bad input, pictures.

mod formats;
mod junit;
mod picture;
mod sample;
mod sarif;
mod schema;
mod text;
