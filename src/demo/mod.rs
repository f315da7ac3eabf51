//! A simulated Partner Center and local sinks with an inbox.
