//! The matrix of fixtures and engines, and the end-to-end tests.
