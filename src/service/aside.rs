//! Work that blocks, kept off the threads on which everything else turns. Must never be used for work without an end.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::spawn_blocking,
};

/// Does it on a thread of its own, where the runtime has several; in a runtime of one thread, right here: there it is part
/// of the course of events, and nothing overtakes it.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        return work();
    }
    match spawn_blocking(work).await {
        Ok(done) => done,
        // It is never cancelled, so it has panicked.
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}
