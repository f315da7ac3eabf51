//! The two places where questions come in: `[web] listen`, and a socket in the state folder that only its owner can open.
//! Connections, headers and their time are bounded; at a stop answers under way are finished.

use std::{
    collections::{HashMap, hash_map::Entry},
    fs, io,
    net::{IpAddr, SocketAddr},
    os::unix::{fs::FileTypeExt as _, net::UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Router, serve::Listener};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::{fs::Mode, process::umask};
use tokio::{
    net::{TcpListener, UnixListener},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_service::Service as _;

use super::peer::{Comes, Peer};

/// So many connections at once; more wait.
const CONNECTIONS_MAX: usize = 256;
/// So many of them are of one address; more are closed at once. Nobody alone keeps others out: links are opened from
/// anywhere, and who asks for health must not wait.
const OF_ONE_MAX: usize = 64;
/// A request's head arrives within this time.
const HEAD_MAX: Duration = Duration::from_secs(10);
/// A request's head is not larger.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// No connection lives longer.
const CONNECTION_MAX: Duration = Duration::from_secs(900);
/// At a stop answers under way have so long.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

/// Why `[web] listen` is not open, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub struct NotOpen {
    /// Whether it is another program that has it.
    pub taken: bool,
    said: String,
}

/// Opens `[web] listen`.
///
/// # Errors
/// What is in the way, and what to do.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, NotOpen> {
    let said = |error: &io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "[web] listen: another program, maybe another leadtime, answers on {address} already; stop it, or set another \
             address (LEADTIME_WEB__LISTEN=127.0.0.1:0 takes a free port, an empty one turns it off)"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("[web] listen: this user may not open {address}; take a port above 1023")
        }
        io::ErrorKind::AddrNotAvailable => {
            format!("[web] listen: {address} is no address of this machine; 0.0.0.0 stands for all of them")
        }
        _ => format!("[web] listen: {address} cannot be opened: {error}; set another address"),
    };
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| NotOpen { taken: error.kind() == io::ErrorKind::AddrInUse, said: said(&error) })
}

/// A socket that goes when this is dropped.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

/// Opens the socket, mode 0600. One that a dead process has left is replaced.
///
/// # Errors
/// The system's; and where something stands there that is no socket, or that another process answers at.
pub fn bind_socket(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "what stands there is no socket"));
        }
        Ok(_) if UnixStream::connect(path).is_ok() => {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "another leadtime answers there"));
        }
        Ok(_) => fs::remove_file(path)?,
        Err(_) => {}
    }
    // From its first moment on nobody else may open it.
    let before = umask(Mode::from_raw_mode(0o177));
    let bound = UnixListener::bind(path);
    umask(before);
    Ok((bound?, SocketFile(path.to_owned())))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // It may have gone with its folder; then there is nothing to do.
        drop(fs::remove_file(&self.0));
    }
}

/// Answers until told to stop, then finishes what is under way.
pub async fn serve<L: Listener<Addr: Comes>>(mut listener: L, router: Router, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let shares = Shares::default();
    let connections = TaskTracker::new();
    loop {
        let next = async {
            let place = room.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, (io, address)) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        let peer = address.peer();
        let Some(share) = shares.take(peer) else { continue };
        let (router, stop) = (router.clone(), stop.clone());
        connections.spawn(async move {
            answer(io, peer, router, stop).await;
            drop((place, share));
        });
    }
    connections.close();
    connections.wait().await;
}

/// How many connections each address has. Whoever may open the socket is not counted.
#[derive(Clone, Default)]
struct Shares(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection of an address; it ends when this is dropped.
struct Share(Shares, Option<IpAddr>);

impl Shares {
    fn take(&self, peer: Peer) -> Option<Share> {
        if let Some(address) = peer.0 {
            let mut shares = self.lock();
            let taken = shares.entry(address).or_default();
            if *taken >= OF_ONE_MAX {
                return None;
            }
            *taken += 1;
        }
        Some(Share(self.clone(), peer.0))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(address) = self.1 else { return };
        if let Entry::Occupied(mut taken) = self.0.lock().entry(address) {
            match taken.get() {
                0 | 1 => drop(taken.remove()),
                more => drop(taken.insert(more - 1)),
            }
        }
    }
}

async fn answer(
    io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    router: Router,
    stop: CancellationToken,
) {
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(io), answer);
    let mut connection = std::pin::pin!(connection);
    // How a connection ends is the other side's affair.
    tokio::select! {
        _ = tokio::time::timeout(CONNECTION_MAX, connection.as_mut()) => return,
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(tokio::time::timeout(FAREWELL_MAX, connection).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_room_for_others_and_has_its_own_again_when_it_hangs_up() {
        let (shares, of) = (Shares::default(), |text: &str| Peer(Some(text.parse().unwrap())));
        let mut held: Vec<Share> = (0..1_000).filter_map(|_| shares.take(of("192.0.2.7"))).collect();
        assert!(held.len() * 2 < CONNECTIONS_MAX, "{}", held.len());
        assert!(shares.take(of("192.0.2.8")).is_some());
        held.pop();
        assert!(shares.take(of("192.0.2.7")).is_some());
        held.clear();
        assert!(shares.lock().is_empty(), "who has gone is forgotten");
        assert!((0..1_000).map(|_| shares.take(Peer(None))).all(|share| share.is_some()));
    }
}
