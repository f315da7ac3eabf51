//! What is remembered: one trait, in memory and on disk.
