//! What holds for the workspace as a whole: the matrix of fixtures, and its order.

mod child;
mod command;
#[cfg(feature = "check")]
mod explored;
#[cfg(feature = "check")]
mod loom;
mod matrix;
mod noise;
#[cfg(feature = "check")]
mod profiled;
#[cfg(feature = "check")]
mod recorded;
mod tidy;
#[cfg(feature = "check")]
mod weak;
