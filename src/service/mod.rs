//! The service: watch, decide, deliver.
