//! Puts a broken connection into words that are safe to show: the libraries' own texts name hosts and addresses.
//! Must never quote an error; it answers with one of its own sentences.

use std::{error::Error, io};

use rustls::CertificateError;

/// What went wrong, from the first cause in the chain of `error` that says so.
pub(super) fn trouble(error: &(dyn Error + 'static)) -> &'static str {
    let mut next = Some(error);
    // A chain of causes is a handful long; the bound keeps one that points at itself from holding us.
    for _ in 0..16 {
        let Some(error) = next else { break };
        if let Some(said) = known(error) {
            return said;
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            // An io::Error's source() skips the error inside it.
            Some(inside) => Some(inside as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    "the connection broke before an answer came"
}

fn known(error: &(dyn Error + 'static)) -> Option<&'static str> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(tls(error));
    }
    let error = error.downcast_ref::<io::Error>()?;
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some("the connection was refused; check host and port, and that it is up"),
        io::ErrorKind::TimedOut => Some("no answer came in time; check host, port and firewall"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Some("there is no way to the host; check network and firewall")
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Some("the connection was closed from the other side before an answer came")
        }
        _ if error.to_string().starts_with("failed to lookup address") => {
            Some("the host's name was not found; check its spelling and the DNS")
        }
        _ => None,
    }
}

fn tls(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "the server's certificate is of an unknown issuer; give its root in [tls] ca_file (a proxy that opens TLS has one too)"
        }
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the server's certificate has expired (or this machine's clock is wrong); have it renewed"
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "the server's certificate is for another name; use the host name that it was issued for",
        rustls::Error::InvalidCertificate(_) => "the server's certificate is not valid; have it replaced",
        rustls::Error::InvalidMessage(_) => {
            "the server does not speak TLS on this port; check the port and the kind of security"
        }
        _ => "no TLS connection could be agreed on; the server needs TLS 1.2 or 1.3",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_found_inside_an_io_error() {
        let inside = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let error = io::Error::new(io::ErrorKind::InvalidData, io::Error::other(inside));
        assert!(trouble(&error).contains("unknown issuer"), "{}", trouble(&error));
    }

    #[test]
    fn an_unknown_error_is_not_quoted() {
        let error = io::Error::other("https://hooks.example/secret");
        assert_eq!(trouble(&error), "the connection broke before an answer came");
    }
}
