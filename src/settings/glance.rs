//! The few settings by which a command finds a running service. Reads no secret and never fails: a container's health
//! check, or a colleague without the right to read the secrets, needs no more, and the service that is asked was started
//! with settings that were whole.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    files,
    raw::Root,
    report::Report,
    settled::{SOCKET, StateSettings},
    shape::Shape,
    variables,
};

/// Where a service would answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glance {
    /// `[web] listen`; `None`: off.
    pub listen: Option<SocketAddr>,
    /// `[state] path`.
    pub state: PathBuf,
    /// The socket, by default in the state folder.
    pub socket: PathBuf,
    /// `[templates] path`.
    pub templates: Option<PathBuf>,
}

/// Looks for them in the file or folder and the variables, as [`super::load`] would; what cannot be read there is as if it
/// were not written.
pub fn glance(path: &Path, env: impl Iterator<Item = (String, String)>) -> Glance {
    let env: BTreeMap<String, String> = env.collect();
    let mut unheard = Report::default();
    let files = files::read(path, &mut unheard);
    let variables = variables::read(&env, &files, &Shape::of_settings(), &mut unheard);
    let defaults = Root::default();
    let written = |key: &str| {
        let text = |tree: &Value| tree.pointer(key).and_then(Value::as_str).map(|text| text.trim().to_owned());
        text(&variables).or_else(|| text(&files))
    };
    let listen = written("/web/listen").unwrap_or_else(|| defaults.web.listen.clone());
    let listen = if listen.is_empty() { None } else { listen.parse().or_else(|_| defaults.web.listen.parse()).ok() };
    let state = PathBuf::from(written("/state/path").unwrap_or(defaults.state.path));
    let socket = written("/state/socket").filter(|socket| !socket.is_empty()).map(PathBuf::from);
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let templates = written("/templates/path").filter(|path| !path.is_empty()).map(|path| folder.join(path));
    Glance { listen, socket: socket.unwrap_or_else(|| state.join(SOCKET)), state, templates }
}

impl StateSettings {
    /// Where commands reach the service.
    pub fn socket_path(&self) -> PathBuf {
        self.socket.clone().unwrap_or_else(|| self.path.join(SOCKET))
    }
}
