//! One TLS handshake: does the peer speak TLS, and what does it say if it does not agree.
//!
//! Whatever certificate the peer shows is accepted, so that there is something to look at; what is
//! wrong with it is found out afterwards (`certificates`). Nothing secret is ever sent over such a
//! connection.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error as TlsError, ProtocolVersion,
    SignatureScheme,
};

use super::Handshake;
use super::bytes::{MOST_BYTES, failure, heard_error, is_tls, start_of};
use super::certificates::presented;
use crate::evidence::{Fact, Heard};
use crate::platform::socket;
use crate::target::Host;

/// A TLS connection whose first bytes were kept.
pub type Secured = TlsStream<Remembering>;

/// TLS 1.2 and 1.3, any certificate; `http/1.1` offered when `http` is wanted.
pub(super) fn config(http: bool) -> Arc<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(AnyCertificate::new(&provider));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has suites for both versions")
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    if http {
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
    }
    Arc::new(config)
}

/// Says hello, and tells what came back.
pub(super) async fn handshake(
    stream: TcpStream,
    config: Arc<ClientConfig>,
    host: &Host,
    limit: Duration,
) -> Handshake<Secured> {
    let wanted = Arc::new(CertificateWanted::default());
    let mut config = ClientConfig::clone(&config);
    config.client_auth_cert_resolver = Arc::clone(&wanted) as Arc<dyn ResolvesClientCert>;
    let seen = Seen::default();
    let stream = Remembering {
        stream,
        seen: Arc::clone(&seen),
    };
    let name = server_name(host);
    let mut connect = TlsConnector::from(Arc::new(config)).connect(name.clone(), stream);
    let error = match timeout(limit, &mut connect).await {
        Ok(Ok(secured)) => {
            return Handshake {
                heard: completed(&secured, &name, wanted.was_asked()),
                transfer: Fact::default(),
                stream: Some(secured),
            };
        }
        Ok(Err(error)) => Some(error),
        Err(_elapsed) => None,
    };
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let mut heard = failed(error.as_ref(), &seen);
    if let Heard::TlsAlert {
        certificate_wanted, ..
    } = &mut heard
    {
        *certificate_wanted = wanted.was_asked();
    }
    let mut shaken = Handshake::without_stream(heard);
    if shaken.heard == Heard::Nothing
        && let Some(stream) = connect.get_ref()
    {
        shaken.transfer = socket::transfer(&stream.stream);
    }
    shaken
}

/// A hello padded to fill several packets (RFC 7685); nothing if the library says none.
pub(super) fn large_hello(config: Arc<ClientConfig>, host: &Host) -> Option<Vec<u8>> {
    let mut session = ClientConnection::new(config, server_name(host)).ok()?;
    let mut hello = Vec::new();
    session.write_tls(&mut hello).ok()?;
    padded(hello)
}

/// Appends a padding extension (type 21) to the one record of a hello, and mends the lengths:
/// record header 5, handshake header 4, version 2, random 32, then three lists and the extensions
/// (RFC 8446, 4.1.2 and 5.1).
fn padded(mut hello: Vec<u8>) -> Option<Vec<u8>> {
    let length_at = |bytes: &[u8], at: usize| {
        let pair = bytes.get(at..at + 2)?;
        Some(usize::from(u16::from_be_bytes(pair.try_into().ok()?)))
    };
    let session_id = 5 + 4 + 2 + 32;
    let suites = session_id + 1 + usize::from(*hello.get(session_id)?);
    let compressions = suites + 2 + length_at(&hello, suites)?;
    let extensions = compressions + 1 + usize::from(*hello.get(compressions)?);
    if extensions + 2 + length_at(&hello, extensions)? != hello.len() {
        return None;
    }
    let padding = LARGE.checked_sub(hello.len() + 4)?;
    hello.extend([0, 21]);
    hello.extend(u16::try_from(padding).ok()?.to_be_bytes());
    hello.resize(LARGE, 0);
    for (at, counted_from) in [(3, 5), (7, 9), (extensions, extensions + 2)] {
        let length = u16::try_from(LARGE - counted_from).ok()?;
        hello[at..at + 2].copy_from_slice(&length.to_be_bytes());
    }
    Some(hello)
}

/// Two full packets of an Ethernet and a bit.
const LARGE: usize = 3200;

/// The connection that TLS is spoken over.
pub(super) fn beneath(secured: &Secured) -> &TcpStream {
    &secured.get_ref().0.stream
}

/// A name for the server name indication; a literal address, which is never sent (RFC 6066, 3),
/// where there is no name that TLS can carry.
fn server_name(host: &Host) -> ServerName<'static> {
    let nameless = || ServerName::from(IpAddr::from(Ipv4Addr::UNSPECIFIED));
    match host {
        Host::Name { ascii, .. } => {
            let name = ascii.trim_end_matches('.').to_owned();
            ServerName::try_from(name).unwrap_or_else(|_| nameless())
        }
        Host::V4(address) => IpAddr::from(*address).into(),
        Host::V6 { address, .. } => IpAddr::from(*address).into(),
    }
}

fn completed(secured: &Secured, name: &ServerName<'_>, certificate_wanted: bool) -> Heard {
    let (_, session) = secured.get_ref();
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
        other => format!("{other:?}"),
    };
    let certificates = session.peer_certificates().unwrap_or_default();
    Heard::Tls {
        version,
        certificates: certificates.len(),
        presented: Some(Box::new(presented(certificates, name, certificate_wanted))),
    }
}

/// The peer's bytes decide, whatever the library made of them; without bytes, the way it ended.
fn failed(error: Option<&io::Error>, seen: &[u8]) -> Heard {
    if !seen.is_empty() && !is_tls(seen) {
        return Heard::NotTls {
            start: start_of(seen),
        };
    }
    match error {
        None if seen.is_empty() => Heard::Nothing,
        None => failure("the TLS handshake stopped half-way"),
        Some(error) if error.kind() == io::ErrorKind::UnexpectedEof && !seen.is_empty() => {
            failure("the peer closed in the middle of the TLS handshake")
        }
        Some(error) => heard_error(error),
    }
}

/// The first bytes a peer sent, for the case that they are no TLS.
type Seen = Arc<Mutex<Vec<u8>>>;

/// A stream that keeps a copy of the first bytes read from it.
#[derive(Debug)]
pub struct Remembering {
    stream: TcpStream,
    seen: Seen,
}

impl AsyncRead for Remembering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let new = &buffer.filled()[before..];
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_BYTES.saturating_sub(seen.len());
        seen.extend(new.iter().take(room));
        polled
    }
}

impl AsyncWrite for Remembering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Has no client certificate, and remembers whether one was asked for (RFC 8446, 4.3.2).
#[derive(Debug, Default)]
struct CertificateWanted(AtomicBool);

impl CertificateWanted {
    fn was_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for CertificateWanted {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// Accepts whatever certificate the peer shows: a question about the port, not about trust.
#[derive(Debug)]
struct AnyCertificate {
    schemes: Vec<SignatureScheme>,
}

impl AnyCertificate {
    /// Offers what the provider can check, and what old servers need besides.
    fn new(provider: &CryptoProvider) -> Self {
        let mut schemes = provider
            .signature_verification_algorithms
            .supported_schemes();
        schemes.extend([
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA1,
        ]);
        schemes.dedup();
        Self { schemes }
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_rustls::rustls::server::Acceptor;

    #[test]
    fn a_large_hello_is_one_that_servers_understand() {
        let host = Host::Name {
            ascii: "db.example".to_owned(),
            unicode: "db.example".to_owned(),
        };
        let hello = large_hello(config(true), &host).unwrap();
        assert_eq!(hello.len(), LARGE);
        let mut acceptor = Acceptor::default();
        let mut rest = hello.as_slice();
        while !rest.is_empty() {
            acceptor.read_tls(&mut rest).unwrap();
        }
        let accepted = acceptor.accept().unwrap().expect("a whole hello");
        assert_eq!(accepted.client_hello().server_name(), Some("db.example"));
    }

    #[test]
    fn what_is_no_hello_is_not_padded() {
        assert_eq!(padded(vec![0x16, 3, 1, 0, 0]), None);
        assert_eq!(padded(vec![0; 100]), None);
    }
}
