//! What the demo plays on: the simulated Partner Center, the sinks and the inbox page, each on a socket of this machine,
//! and a folder for the state that goes when the demo goes.

use std::{
    fs, io,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    core::filter::{Filter, Subject},
    demo::{
        Now,
        inbox::{Inbox, Stage},
        inbox_page,
        partner_center::{self, Registration},
        sinks::Sinks,
        smtp_sink,
        world::{Predicate, ReadFilter, World},
    },
    store,
};

/// The simulated world, answering.
pub struct Scene {
    /// What Partner Center knows.
    pub world: World,
    /// Slack, Teams, webhooks and mail.
    pub sinks: Sinks,
    /// What they have received.
    pub inbox: Inbox,
    /// Where the page is.
    pub page: SocketAddr,
    /// Where Partner Center and the sinks are.
    pub stage: SocketAddr,
    /// Where the mail server is.
    pub smtp: SocketAddr,
    _stop: DropGuard,
}

impl Scene {
    /// Opens the sockets and answers on them until this is dropped.
    ///
    /// # Errors
    /// A socket that cannot be opened.
    pub async fn build(now: Now, frame: Stage, listen: SocketAddr) -> anyhow::Result<Self> {
        let inbox = Inbox::new(now.clone(), frame);
        let (world, sinks) = (World::new(now, read_filter()), Sinks::new(inbox.clone()));
        let (page, stage, smtp) = (bind(listen).await?, bind(local(8026)).await?, bind(local(8027)).await?);
        let stop = CancellationToken::new();
        let scene = Self {
            page: page.local_addr()?,
            stage: stage.local_addr()?,
            smtp: smtp.local_addr()?,
            world: world.clone(),
            sinks: sinks.clone(),
            inbox: inbox.clone(),
            _stop: stop.clone().drop_guard(),
        };
        tokio::spawn(
            axum::serve(page, inbox_page::router(inbox))
                .with_graceful_shutdown(stop.clone().cancelled_owned())
                .into_future(),
        );
        let stands = partner_center::router(world, Registration::default()).merge(sinks.router());
        tokio::spawn(axum::serve(stage, stands).with_graceful_shutdown(stop.clone().cancelled_owned()).into_future());
        tokio::spawn(smtp_sink::serve(sinks, smtp, stop));
        Ok(scene)
    }
}

/// The page's address as people type it: a socket on every interface is reached at this machine's own.
pub fn page_url(page: SocketAddr) -> String {
    let host = if page.ip().is_unspecified() { "localhost".to_owned() } else { page.ip().to_string() };
    format!("http://{host}:{}/", page.port())
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Takes this port, or where somebody has it any other.
async fn bind(wanted: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = match TcpListener::bind(wanted).await {
        Err(fault) if fault.kind() == io::ErrorKind::AddrInUse => {
            TcpListener::bind(SocketAddr::new(wanted.ip(), 0)).await
        }
        bound => bound,
    };
    bound.with_context(|| format!("nothing can listen on {wanted}; give an address of this machine with --listen"))
}

/// The simulated Partner Center reads `$filter` with the parser that the settings are read with.
fn read_filter() -> ReadFilter {
    Arc::new(|text| {
        let filter = Filter::parse(text).map_err(|fault| fault.to_string())?;
        Ok(Box::new(move |body: &_| filter.matches(Subject { body, extra: &[] })) as Predicate)
    })
}

/// A folder of our own among the system's temporary ones; gone when this is dropped, unless it is kept.
pub struct Folder {
    path: PathBuf,
    kept: bool,
    lent: bool,
}

impl Folder {
    /// Makes it, for this user only.
    ///
    /// # Errors
    /// That of the system.
    pub fn make() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("leadtime-demo-{}-{:08x}", std::process::id(), fastrand::u32(..)));
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.with_context(|| format!("{} cannot be made; set TMPDIR to a folder that can be written", path.display()))?;
        Ok(Self { path, kept: false, lent: false })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says that a leadtime which is not the demo's has its state in there: it is not taken away under one that runs.
    pub fn lend(&mut self) {
        self.lent = true;
    }

    /// Where that leadtime's state is.
    pub fn state(&self) -> PathBuf {
        self.path.join("state")
    }

    /// Leaves it there for somebody to look into.
    pub fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.lent && store::is_held(&self.state()) {
            eprintln!("kept {}: a leadtime uses it; remove it when that one has stopped", self.path.display());
        } else if !self.kept {
            // What is left over in a folder for temporary files harms nobody.
            drop(fs::remove_dir_all(&self.path));
        }
    }
}
