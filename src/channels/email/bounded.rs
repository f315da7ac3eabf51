//! A TCP connection to a mail server that gives out one line at a time, and not without end.
//! Must never read past a line: what a man in the middle sends in the clear behind the answer to STARTTLS would else be
//! taken, once TLS stands, for the server's own words. And a server that never ends its line must not fill the memory.

use std::{
    io::{self, Error},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Everything that a server may say in one exchange, its certificates included.
const MOST: usize = 256 * 1024;

#[derive(Debug)]
pub(super) struct Bounded {
    stream: TcpStream,
    left: usize,
}

impl Bounded {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, left: MOST }
    }
}

impl AsyncTokioStream for Bounded {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Bounded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut space = [0; 4096];
        let room = buf.remaining().min(space.len());
        let mut ahead = ReadBuf::new(space.get_mut(..room).unwrap_or_default());
        ready!(self.stream.poll_peek(cx, &mut ahead))?;
        let seen = ahead.filled();
        let line = seen.iter().position(|&byte| byte == b'\n').map_or(seen.len(), |end| end + 1);
        let Some(left) = self.left.checked_sub(line) else {
            return Poll::Ready(Err(Error::other("the server said too much")));
        };
        // What was seen is still in the socket's buffer: this takes it without waiting. At the stream's end it takes nothing.
        let mut taken = ReadBuf::new(buf.initialize_unfilled_to(line));
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut taken))?;
        let count = taken.filled().len();
        self.left = left;
        buf.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    async fn peers() -> (Bounded, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Bounded::new(near), listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn what_stands_behind_a_line_stays_in_the_socket() {
        let (mut near, mut far) = peers().await;
        far.write_all(b"220 go\r\n250 injected\r\n").await.unwrap();
        let mut buffer = [0; 100];
        let count = near.read(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..count], b"220 go\r\n");
        let count = near.read(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..count], b"250 injected\r\n");
        drop(far);
        assert_eq!(near.read(&mut buffer).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_line_without_end_is_broken_off() {
        let (mut near, mut far) = peers().await;
        tokio::spawn(async move { while far.write_all(&[b'x'; 8192]).await.is_ok() {} });
        let mut all = Vec::new();
        assert!(near.read_to_end(&mut all).await.is_err());
        assert!(all.len() <= MOST);
    }
}
