//! The report formats of unsnarl.
