//! Reaching the service: by the socket in the state folder, or, where that could not be made, by HTTP with the password;
//! where none runs, the store itself. One small exchange each, with a limit on its time and on what is read.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

use super::{BAD_USAGE, Common, FAILED, findings};
use crate::{
    service::prepare::{Prepared, prepare},
    settings::{self, Settings},
    store::{SledStore, Store, StoreFault, owner},
    web::Readiness,
};

/// The largest answer that is read.
const ANSWER_MAX: usize = 16 * 1024 * 1024;
/// A connection on this machine stands within this time, or nobody answers.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// Where another command has the store it is given so long to finish.
const STORE_WAIT: Duration = Duration::from_secs(3);

/// A way to a running service.
#[derive(Clone, Debug)]
pub enum Way {
    /// The socket in the state folder.
    Socket(PathBuf),
    /// `[web] listen`.
    Http(SocketAddr, Option<SecretString>),
}

/// What a command works on.
pub enum Reached {
    /// A service that runs.
    Service(Way),
    /// No service runs: the store, opened by this command, and the settings.
    Store(Arc<dyn Store>, Box<Prepared>),
}

/// Why a command cannot go on: it was said on standard error, and this is the exit code.
pub struct GivenUp(pub u8);

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unreached {
    /// Nobody listens there.
    #[error("no leadtime answers at {0}; is it running?")]
    Nobody(String),
    /// This user may not ask there.
    #[error("this user may not open {0}; ask as the user that runs leadtime")]
    NotAllowed(String),
    /// The exchange broke off.
    #[error("leadtime at {0} broke off: {1}; look at its log")]
    BrokeOff(String, String),
    /// No answer in time.
    #[error("leadtime at {0} has not answered within {1} s; look at its log")]
    Slow(String, u64),
}

impl Way {
    /// To `[web] listen`: an address that stands for all of a machine's is asked on this machine.
    pub fn to(listen: SocketAddr, password: Option<SecretString>) -> Self {
        let ip = match listen.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        Self::Http(SocketAddr::new(ip, listen.port()), password)
    }

    /// Whether anybody listens there.
    async fn answers(&self) -> bool {
        let connected = async {
            match self {
                Self::Socket(socket) => UnixStream::connect(socket).await.is_ok(),
                Self::Http(address, _) => TcpStream::connect(address).await.is_ok(),
            }
        };
        tokio::time::timeout(CONNECT_MAX, connected).await.unwrap_or(false)
    }

    fn name(&self) -> String {
        match self {
            Self::Socket(path) => path.display().to_string(),
            Self::Http(address, _) => address.to_string(),
        }
    }

    /// Asks, and waits so long for the whole answer.
    ///
    /// # Errors
    /// Nobody there, no answer, or none in time.
    pub async fn ask(&self, method: Method, path: &str, within: Duration) -> Result<Answer, Unreached> {
        self.send(method, path, Bytes::new(), within).await
    }

    /// Posts one JSON document, and waits so long for the whole answer.
    ///
    /// # Errors
    /// As [`Way::ask`].
    pub async fn tell(&self, path: &str, body: &impl Serialize, within: Duration) -> Result<Answer, Unreached> {
        let body = serde_json::to_vec(body).map_err(|fault| Unreached::BrokeOff(self.name(), fault.to_string()))?;
        self.send(Method::POST, path, body.into(), within).await
    }

    async fn send(&self, method: Method, path: &str, body: Bytes, within: Duration) -> Result<Answer, Unreached> {
        let nobody = |error: io::Error| match error.kind() {
            ErrorKind::PermissionDenied => Unreached::NotAllowed(self.name()),
            _ => Unreached::Nobody(self.name()),
        };
        match self {
            Self::Socket(socket) => {
                let stream = tokio::time::timeout(CONNECT_MAX, UnixStream::connect(socket)).await;
                let stream = stream.unwrap_or_else(|late| Err(late.into())).map_err(nobody)?;
                self.exchange(stream, method, path, body, within).await
            }
            Self::Http(address, _) => {
                let stream = tokio::time::timeout(CONNECT_MAX, TcpStream::connect(address)).await;
                let stream = stream.unwrap_or_else(|late| Err(late.into())).map_err(nobody)?;
                self.exchange(stream, method, path, body, within).await
            }
        }
    }

    async fn exchange(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        method: Method,
        path: &str,
        body: Bytes,
        within: Duration,
    ) -> Result<Answer, Unreached> {
        let broke_off = |why: String| Unreached::BrokeOff(self.name(), why);
        let (host, password) = match self {
            Self::Socket(_) => ("localhost".to_owned(), None),
            Self::Http(address, password) => (address.to_string(), password.as_ref()),
        };
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
        if let Some(password) = password {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", password.expose_secret()));
        }
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(body)).map_err(|fault| broke_off(fault.to_string()))?;
        let whole = async {
            let (mut sender, connection) =
                http1::handshake(TokioIo::new(stream)).await.map_err(|fault| broke_off(fault.to_string()))?;
            // It ends with the exchange; what went wrong shows there.
            let connection = tokio::spawn(connection);
            let answer = sender.send_request(request).await.map_err(|fault| broke_off(fault.to_string()))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), ANSWER_MAX).collect().await;
            let body = body.map_err(|fault| broke_off(fault.to_string()))?.to_bytes();
            connection.abort();
            Ok(Answer { status, body })
        };
        let slow = |_| Unreached::Slow(self.name(), within.as_secs());
        tokio::time::timeout(within, whole).await.map_err(slow)?
    }
}

/// Finds the service, or opens the store where none runs.
///
/// # Errors
/// What is in the way was said; the exit code.
pub async fn reach(common: &Common) -> Result<Reached, GivenUp> {
    let glance = settings::glance(&common.config, settings::environment());
    let knocked = knock(&glance.socket).await;
    if knocked == Knocked::Answered {
        return Ok(Reached::Service(Way::Socket(glance.socket)));
    }
    let prepared = match prepare(&common.config, settings::environment()) {
        Ok((prepared, _)) => prepared,
        // The secrets may be closed to this user, too; that is not what is to be mended.
        Err(_) if knocked == Knocked::Refused => {
            return Err(give_up(&NoHolder::not_allowed(&glance.socket).to_string()));
        }
        Err(faults) => {
            findings::show(&faults.faults, &[]);
            return Err(GivenUp(BAD_USAGE));
        }
    };
    let folder = &prepared.settings.state.path;
    // To whom it is closed it does not show whether it is there.
    if knocked == Knocked::Nobody && !folder.exists() {
        return Err(give_up(&nowhere(folder, prepared.settings.web.listen).await));
    }
    match holder(&prepared.settings).await.map_err(|fault| give_up(&fault.to_string()))? {
        Holder::Service(way) => Ok(Reached::Service(way)),
        Holder::Store(store) => Ok(Reached::Store(store, Box::new(prepared))),
    }
}

/// As [`reach`], by settings whose secrets need not be there.
///
/// # Errors
/// What is in the way was said; the exit code.
pub async fn reach_by(settings: &Settings) -> Result<Holder, GivenUp> {
    let folder = &settings.state.path;
    if knock(&settings.state.socket_path()).await == Knocked::Nobody && !folder.exists() {
        return Err(give_up(&nowhere(folder, settings.web.listen).await));
    }
    holder(settings).await.map_err(|fault| give_up(&fault.to_string()))
}

/// What is to be done where there is no state.
async fn nowhere(folder: &Path, listen: Option<SocketAddr>) -> String {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let folder = folder.display();
    let other = "start this in its working directory or set LEADTIME_STATE__PATH";
    if let Some(listen) = listen
        && is_leadtime(listen).await
    {
        return format!("a leadtime answers at {listen}, but has its state in another folder than {folder}: {other}");
    }
    format!(
        "there is no state in {folder}: leadtime has not run here yet; start `leadtime run`, or where it runs with another \
         folder, {other}"
    )
}

async fn is_leadtime(listen: SocketAddr) -> bool {
    let answer = Way::to(listen, None).ask(Method::GET, "/healthz", CONNECT_MAX).await;
    answer.is_ok_and(|answer| serde_json::from_slice::<Readiness>(&answer.body).is_ok())
}

/// What came of a knock at the socket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Knocked {
    /// A service answers.
    Answered,
    /// This user may not so much as knock.
    Refused,
    /// Nobody is there.
    Nobody,
}

async fn knock(socket: &Path) -> Knocked {
    match UnixStream::connect(socket).await {
        Ok(_) => Knocked::Answered,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Knocked::Refused,
        Err(_) => Knocked::Nobody,
    }
}

/// Who has the state.
pub enum Holder {
    /// A service that runs.
    Service(Way),
    /// Nobody: it is open now, and was made where there was none.
    Store(Arc<dyn Store>),
}

/// Why nobody was found who has the state.
#[derive(Debug, thiserror::Error)]
pub enum NoHolder {
    /// Somebody has it and does not answer: a command, or a service without a socket.
    #[error(
        "another leadtime has the state, and nobody answers at {0}; if it is a command (login, check --online) try again \
         when it has ended; if it is `leadtime run`, set [state] socket to a path on a local disk and start it anew"
    )]
    Taken(String),
    /// It belongs to somebody else.
    #[error(
        "{us} may not open {}: ask as the user that runs leadtime ({so}), or, where [web] password is set, as any user",
        .socket.display()
    )]
    NotAllowed {
        /// Where commands reach the service.
        socket: PathBuf,
        /// Who asks.
        us: String,
        /// How to ask as the other.
        so: String,
    },
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl NoHolder {
    fn not_allowed(socket: &Path) -> Self {
        // The nearest that can be seen is what is closed.
        let whose = socket.ancestors().find_map(owner::as_owner_of);
        let so = whose.unwrap_or_else(|| "sudo -u USER leadtime …".to_owned());
        Self::NotAllowed { socket: socket.to_owned(), us: owner::us(), so }
    }
}

/// Finds the service by settings that were read, or opens the store where none runs.
///
/// # Errors
/// The state is taken by somebody who does not answer; the store's.
pub async fn holder(settings: &Settings) -> Result<Holder, NoHolder> {
    let socket = settings.state.socket_path();
    match knock(&socket).await {
        Knocked::Answered => return Ok(Holder::Service(Way::Socket(socket))),
        Knocked::Refused => {
            let Some((listen, password)) = settings.web.listen.zip(settings.web.password.clone()) else {
                return Err(NoHolder::not_allowed(&socket));
            };
            let way = Way::to(listen, Some(password));
            return if way.answers().await { Ok(Holder::Service(way)) } else { Err(NoHolder::not_allowed(&socket)) };
        }
        Knocked::Nobody => {}
    }
    match open(&settings.state.path).await {
        Ok(store) => Ok(Holder::Store(store)),
        Err(StoreFault::Locked { .. }) => match settings.web.listen {
            Some(listen) => {
                let way = Way::to(listen, settings.web.password.clone());
                if way.answers().await { Ok(Holder::Service(way)) } else { Err(NoHolder::Taken(way.name())) }
            }
            None => Err(NoHolder::Taken(format!("{} ([web] listen is off)", socket.display()))),
        },
        Err(fault) => Err(fault.into()),
    }
}

async fn open(folder: &Path) -> Result<Arc<dyn Store>, StoreFault> {
    let folder = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        SledStore::open_waiting(&folder, STORE_WAIT, Duration::from_millis(50), |_| ControlFlow::Continue(()))
    });
    Ok(Arc::new(opened.await.unwrap_or(Err(StoreFault::Closed))?))
}

/// Says why on standard error.
pub fn give_up(why: &str) -> GivenUp {
    eprintln!("{why}");
    GivenUp(FAILED)
}
