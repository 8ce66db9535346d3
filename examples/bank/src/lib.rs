//! A small bank that uses unsnarl as a user would.
