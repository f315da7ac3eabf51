//! A mail server that does as a test says: it answers each command from a script, or falls silent, or hangs up.
//! By default it is a good server. Must never wait for anything but the other side.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

/// What the peer does when it hears something.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers with these lines.
    Say(&'static str),
    /// Answers with a line of so many bytes, without an end.
    Flood(usize),
    /// Never answers again, and keeps the connection open.
    Mute,
    /// Closes the connection without an answer.
    HangUp,
}

/// A running peer. Dropping it ends it.
pub struct Peer {
    /// Where it listens.
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Script {
    acts: Vec<(&'static str, Act)>,
    tls: Option<Arc<ServerConfig>>,
    /// Whether TLS begins with the first byte.
    tls_first: bool,
}

impl Peer {
    /// A peer that does as `acts` say, each for what begins with its text: `""` is the connection itself, `"."` the
    /// end of the content, `"\r\n"` an empty line. What no act names is answered as by a good server.
    pub async fn with(acts: &[(&'static str, Act)]) -> Self {
        Self::start(Script { acts: acts.to_vec(), tls: None, tls_first: false }).await
    }

    /// As `with`, by a server that can do STARTTLS.
    pub async fn with_starttls(tls: ServerConfig, acts: &[(&'static str, Act)]) -> Self {
        Self::start(Script { acts: acts.to_vec(), tls: Some(Arc::new(tls)), tls_first: false }).await
    }

    /// A good server that speaks TLS from the first byte.
    pub async fn with_tls(tls: ServerConfig) -> Self {
        Self::start(Script { acts: Vec::new(), tls: Some(Arc::new(tls)), tls_first: true }).await
    }

    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone(), Arc::clone(&ears)));
            }
        });
        Self { address, heard, task }
    }

    /// Every line that it has heard so far, the content as one piece.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Ears = Arc<Mutex<Vec<String>>>;

async fn serve(stream: tokio::net::TcpStream, script: Script, ears: Ears) {
    let mut plain = BufReader::new(stream);
    let wants_tls = script.tls_first || talk(&mut plain, &script, &ears, true).await;
    if let (true, Some(tls)) = (wants_tls, &script.tls)
        && let Ok(stream) = TlsAcceptor::from(Arc::clone(tls)).accept(plain.into_inner()).await
    {
        talk(&mut BufReader::new(stream), &script, &ears, script.tls_first).await;
    }
}

/// Talks until the other side leaves; true where it goes on in TLS.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    script: &Script,
    ears: &Ears,
    greets: bool,
) -> bool {
    if greets && !act(stream, script, "").await {
        return false;
    }
    loop {
        let mut line = String::new();
        if !matches!(stream.read_line(&mut line).await, Ok(1..)) {
            return false;
        }
        let command = line.trim_end().to_owned();
        ears.lock().unwrap().push(command.clone());
        let said = if command.is_empty() { "\r\n" } else { command.as_str() };
        if !act(stream, script, said).await {
            return false;
        }
        match command.as_str() {
            "STARTTLS" => return true,
            "QUIT" => return false,
            "DATA" if answer(script, "DATA").starts_with("354") => {
                let content = content(stream).await;
                ears.lock().unwrap().push(content);
                if !act(stream, script, ".").await {
                    return false;
                }
            }
            _ => {}
        }
    }
}

async fn content<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> String {
    let mut content = String::new();
    while !content.ends_with("\r\n.\r\n") {
        if !matches!(stream.read_line(&mut content).await, Ok(1..)) {
            break;
        }
    }
    content
}

/// Does what the script says; false where the connection is over.
async fn act<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, script: &Script, heard: &str) -> bool {
    match scripted(script, heard) {
        Some(Act::HangUp) => false,
        Some(Act::Mute) => {
            // Silent until the other side has had enough.
            let mut rest = String::new();
            while matches!(stream.read_line(&mut rest).await, Ok(1..)) {
                rest.clear();
            }
            false
        }
        Some(Act::Flood(bytes)) => stream.write_all(&vec![b'2'; bytes]).await.is_ok(),
        Some(Act::Say(_)) | None => {
            let reply = format!("{}\r\n", answer(script, heard).replace('\n', "\r\n"));
            stream.write_all(reply.as_bytes()).await.is_ok() && stream.flush().await.is_ok()
        }
    }
}

fn scripted(script: &Script, heard: &str) -> Option<Act> {
    let fits = |said: &str| if said.is_empty() || said == "." { heard == said } else { heard.starts_with(said) };
    script.acts.iter().find(|(said, _)| fits(said)).map(|(_, act)| act.clone())
}

fn answer(script: &Script, heard: &str) -> String {
    if let Some(Act::Say(text)) = scripted(script, heard) {
        return text.to_owned();
    }
    let text = match heard {
        "" => "220 mail.test ESMTP",
        "." => "250 2.0.0 queued as 4711",
        "DATA" => "354 go ahead",
        "STARTTLS" => "220 go ahead",
        "QUIT" => "221 bye",
        _ if heard.starts_with("EHLO") && script.tls.is_some() => {
            "250-mail.test\n250-STARTTLS\n250-AUTH PLAIN LOGIN\n250 8BITMIME"
        }
        _ if heard.starts_with("EHLO") => "250-mail.test\n250-AUTH PLAIN LOGIN\n250 8BITMIME",
        _ if heard.starts_with("AUTH") => "235 2.7.0 welcome",
        _ if heard.starts_with("MAIL") || heard.starts_with("RCPT") => "250 2.1.0 ok",
        _ => "502 5.5.2 what?",
    };
    text.to_owned()
}
