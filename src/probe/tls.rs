//! One TLS handshake: does the peer speak TLS, and what does it say if it does not agree.
//!
//! No certificate is judged here; whatever the peer shows is accepted and counted. Nothing secret
//! is ever sent over such a connection.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, ProtocolVersion, SignatureScheme,
};

use super::bytes::{MOST_BYTES, failure, heard_error, is_tls, start_of};
use crate::evidence::Heard;
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
) -> (Heard, Option<Secured>) {
    let seen = Seen::default();
    let stream = Remembering {
        stream,
        seen: Arc::clone(&seen),
    };
    let connect = TlsConnector::from(config).connect(server_name(host), stream);
    let error = match timeout(limit, connect).await {
        Ok(Ok(secured)) => return (completed(&secured), Some(secured)),
        Ok(Err(error)) => Some(error),
        Err(_elapsed) => None,
    };
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    (failed(error.as_ref(), &seen), None)
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

fn completed(secured: &Secured) -> Heard {
    let (_, session) = secured.get_ref();
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
        other => format!("{other:?}"),
    };
    Heard::Tls {
        version,
        certificates: session.peer_certificates().map_or(0, <[_]>::len),
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
