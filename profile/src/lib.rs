//! What a program does with its time: an engine that folds samples of a run, given the time of each, into a
//! [`Profile`](model::profile::Profile).
//!
//! A thread, or task, has a [`local::Local`]: what it has asked for, since when it holds what, and for how long it was
//! blocked. Of an acquisition it makes one [`sample::Sample`], when the lock is given back. A thread of the operating system
//! collects those, and has a [`heat::Heat`], which counts its writes to atomics and lets go of those that are rare. The
//! [`shared::Shared`] half takes them in, in whatever order they come.
//!
//! # Follows
//!
//! Block and mutex profiles are as Go's (`runtime.SetBlockProfileRate`), with histograms in the place of sums. Those have
//! the buckets of Tene's HdrHistogram, with thirty-two to each doubling. Falsely shared lines are found by who writes where
//! in one stretch of time, as by Liu and Berger ("SHERIFF: precise detection and automatic mitigation of false sharing",
//! OOPSLA 2011), of atomics only.
//!
//! # Finds
//!
//! Locks held by somebody who sleeps, queues that grow, hot locks, and lines of memory that are shared by accident; each as
//! a warning, past the limits of [`limits::LIMITS`].
//!
//! # Misses
//!
//! Locks that are never given back, or by another thread or task than took them. Memory that is not atomic. How many
//! messages a `sync_channel(0)` has.
//!
//! # False alarms
//!
//! What is told did happen, and was measured; whether it matters the limits decide. Time in which a thread holds a lock, and
//! waits for another thread, is never held against it: a pool of workers that wait for work under a lock is idle.

pub mod heat;
pub mod limits;
pub mod local;
pub mod sample;
pub mod shared;

mod lines;
mod locks;
mod population;
mod queues;
mod slots;
mod tally;
mod waits;
