//! Standard output: one message, one line, for whoever pipes it further.
//! Must never mix two lines nor let a reader that has stopped reading hold up the program.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{sync::Mutex, task::spawn_blocking, time::timeout};

use super::{Channel, Reply, one_line};
use crate::messages::rendered::{Body, Rendered};

/// A stream that takes lines.
#[derive(Clone)]
pub struct Stdout {
    out: Arc<Mutex<Box<dyn Write + Send>>>,
    limit: Duration,
}

impl Stdout {
    /// The program's standard output.
    pub fn build() -> Self {
        Self::to(Box::new(io::stdout()), Duration::from_secs(10))
    }

    /// Another stream; a line not written within `limit` counts as not sent.
    pub fn to(out: Box<dyn Write + Send>, limit: Duration) -> Self {
        Self { out: Arc::new(Mutex::new(out)), limit }
    }
}

impl fmt::Debug for Stdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdout").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Channel for Stdout {
    async fn send(&self, message: &Rendered, _recipient: Option<&str>, _now: Timestamp) -> Reply {
        let Body::Line(text) = &message.body else { return Reply::wrong_kind("a line") };
        // Cleaned again here, whatever the template did: an escape sequence would reach somebody's terminal.
        let line = one_line(text, usize::MAX) + "\n";
        let out = Arc::clone(&self.out);
        let written = async {
            let mut out = out.lock_owned().await;
            // On a thread of its own: a full pipe blocks, and only the lock waits with it.
            spawn_blocking(move || out.write_all(line.as_bytes()).and_then(|()| out.flush())).await
        };
        match timeout(self.limit, written).await {
            Ok(Ok(Ok(()))) => Reply::accepted(),
            Ok(Ok(Err(error))) if error.kind() == ErrorKind::BrokenPipe => {
                Reply::destination_refused("nobody reads standard output any more; start leadtime with a reader again")
            }
            Ok(Ok(Err(error))) => Reply::later(format!("standard output cannot be written: {}", error.kind())),
            Ok(Err(_)) => Reply::later("writing to standard output was broken off"),
            Err(_) => Reply::later("standard output takes nothing; its reader has stopped reading"),
        }
    }
}
