//! HTTP/1.1 by hand, as little as leadtime's clients need: so that the instants at which a request is whole and an answer
//! is sent are ours to see. Every line and body has a bound.

use std::io;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

const LONGEST_LINE: u64 = 16 * 1024;
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// One connection.
pub struct Wire(BufReader<TcpStream>);

/// A request without its body.
pub struct Head {
    pub path: String,
    pub query: String,
    headers: Vec<(String, String)>,
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Wire {
    pub fn new(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    /// One line without its end; none where the connection ends before it does.
    pub async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        (&mut self.0).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        line.pop_if(|last| *last == b'\r');
        Ok(Some(line))
    }

    /// The next request up to its body; none at the end of the connection.
    pub async fn head(&mut self) -> io::Result<Option<Head>> {
        let mut lines = Vec::new();
        loop {
            match self.line().await? {
                None => return Ok(None),
                Some(line) if line.is_empty() => break,
                Some(line) => lines.push(String::from_utf8_lossy(&line).into_owned()),
            }
        }
        let mut lines = lines.into_iter();
        let first = lines.next().unwrap_or_default();
        let target = first.split(' ').nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let header = |line: String| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Ok(Some(Head { path: path.to_owned(), query: query.to_owned(), headers: lines.filter_map(header).collect() }))
    }

    /// The body that belongs to a head.
    pub async fn body(&mut self, head: &Head) -> io::Result<String> {
        let length: usize = head.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        assert!(length <= LARGEST_BODY, "a body of {length} bytes for {}", head.path);
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// Returns once the system has all of the answer.
    pub async fn answer(&mut self, status: u16, body: &str) -> io::Result<()> {
        let kind = if body.starts_with('{') { "application/json" } else { "text/plain" };
        let length = body.len();
        let head = format!("HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
        self.say(&(head + body)).await
    }

    pub async fn say(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes()).await?;
        self.0.flush().await
    }
}
