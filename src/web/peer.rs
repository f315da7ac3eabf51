//! From where a request comes, and how many one address may make. Must never believe a header of somebody who is not a
//! trusted proxy.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::HeaderMap;

/// The other end of a connection; none for the socket in the state folder. Every request carries it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer(pub Option<IpAddr>);

/// An address of a connection, of whichever kind.
pub trait Comes {
    /// The other end.
    fn peer(&self) -> Peer;
}

impl Comes for std::net::SocketAddr {
    fn peer(&self) -> Peer {
        Peer(Some(self.ip().to_canonical()))
    }
}

impl Comes for tokio::net::unix::SocketAddr {
    fn peer(&self) -> Peer {
        Peer(None)
    }
}

impl Peer {
    /// The address that asks: behind trusted proxies, the last one in `X-Forwarded-For` that is none of theirs. It is read
    /// from its end, where proxies add to it; whatever stands before a hop that says no address may be anybody's invention.
    pub fn client(self, headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
        let mut client = self.0?;
        let lines = headers.get_all("x-forwarded-for").iter().map(|line| line.as_bytes());
        let hops: Vec<&[u8]> = lines.flat_map(|line| line.split(|byte| *byte == b',')).collect();
        for hop in hops.into_iter().rev() {
            if !proxies.contains(&client) {
                break;
            }
            let Some(before) = hop_of(hop) else { break };
            client = before;
        }
        Some(client)
    }
}

/// The address of a hop, which some proxies write with its port.
fn hop_of(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim();
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

/// So many requests of one address at once.
const BURST: f64 = 120.0;
/// And so many in a second from then on.
const PER_SECOND: f64 = 2.0;
/// So many addresses are remembered.
const ADDRESSES_MAX: usize = 4_096;

/// How many requests each address has left.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<IpAddr, (f64, Instant)>>);

impl Throttle {
    /// Whether this address may ask once more; else how long it has to wait.
    ///
    /// # Errors
    /// That wait.
    pub fn admit(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let address = network(address);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |(left, since): (f64, Instant)| {
            let more = now.saturating_duration_since(since).as_secs_f64() * PER_SECOND;
            (left + more).min(BURST)
        };
        if known.len() >= ADDRESSES_MAX && !known.contains_key(&address) {
            known.retain(|_, one| left(*one) < BURST);
            // All of them ask at once: whoever comes then waits with them.
            if known.len() >= ADDRESSES_MAX {
                return Err(Duration::from_secs(1));
            }
        }
        let has = known.get(&address).map_or(BURST, |one| left(*one));
        known.insert(address, ((has - 1.0).max(0.0), now));
        if has >= 1.0 { Ok(()) } else { Err(Duration::from_secs_f64((1.0 - has) / PER_SECOND)) }
    }
}

/// Whoever has one address of version 6 has all of its last 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(peer: &str, forwarded: &[&str]) -> Option<IpAddr> {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        Peer(Some(ip(peer))).client(&headers, &[ip("10.0.0.1"), ip("10.0.0.2")])
    }

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_asks() {
        assert_eq!(client("192.0.2.7", &["198.51.100.1"]), Some(ip("192.0.2.7")));
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), Some(ip("198.51.100.1")));
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 198.51.100.1", "10.0.0.2"]), Some(ip("198.51.100.1")));
        assert_eq!(client("10.0.0.1", &[]), Some(ip("10.0.0.1")));
        assert_eq!(client("10.0.0.1", &["nonsense"]), Some(ip("10.0.0.1")));
        assert_eq!(client("10.0.0.1", &["10.0.0.2"]), Some(ip("10.0.0.2")));
        assert_eq!(Peer(None).client(&HeaderMap::new(), &[]), None);
    }

    #[test]
    fn nobody_writes_themselves_another_address_by_what_a_proxy_adds_to() {
        for invented in ["1.1.1.1, x", "x", "1.1.1.1,", "1.1.1.1, \u{e9}", "1.1.1.1, 10.0.0.2, 999.1.1.1"] {
            let line = format!("{invented}, 198.51.100.1");
            assert_eq!(client("10.0.0.1", &[&line]), Some(ip("198.51.100.1")), "{line}");
            assert_eq!(client("10.0.0.1", &[invented, "198.51.100.1, 10.0.0.2"]), Some(ip("198.51.100.1")), "{line}");
        }
        assert_eq!(client("10.0.0.1", &["1.1.1.1, x, 10.0.0.2"]), Some(ip("10.0.0.2")), "the last that is known");
    }

    #[test]
    fn a_hop_may_stand_with_its_port() {
        for hop in ["198.51.100.1:4711", "198.51.100.1", "::ffff:198.51.100.1", "[::ffff:198.51.100.1]:4711"] {
            assert_eq!(client("10.0.0.1", &[hop]), Some(ip("198.51.100.1")), "{hop}");
        }
        assert_eq!(client("10.0.0.1", &["[2001:db8::7]"]), Some(ip("2001:db8::7")));
    }

    #[test]
    fn who_asks_too_often_waits_and_others_do_not() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let admitted = (0..500).filter(|_| throttle.admit(ip("192.0.2.7"), now).is_ok()).count();
        assert_eq!(admitted, 120);
        assert_eq!(throttle.admit(ip("192.0.2.7"), now), Err(Duration::from_millis(500)));
        assert!(throttle.admit(ip("192.0.2.8"), now).is_ok());
        assert!((0..121).any(|n| throttle.admit(ip(&format!("2001:db8::{n:x}")), now).is_err()), "one network asks");
        assert!(throttle.admit(ip("192.0.2.7"), now + Duration::from_secs(1)).is_ok());
    }

    #[test]
    fn many_addresses_take_no_more_room_than_some() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let all = (0..10_000_u32).map(|n| throttle.admit(IpAddr::V4(n.into()), now).is_ok());
        assert_eq!(all.filter(|admitted| *admitted).count(), ADDRESSES_MAX);
        assert!(throttle.admit(ip("192.0.2.7"), now + Duration::from_secs(60)).is_ok());
        assert_eq!(throttle.0.lock().unwrap().len(), 1);
    }
}
