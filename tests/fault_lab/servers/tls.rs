//! A server with TLS.
//!
//! `tls` has a certificate for `db.lab.test`, 10.77.1.10 and 10.77.2.2, of an authority that the
//! client trusts. It may be `expired`, of the `future`, for an `other-name`, `self-signed`, of a
//! `foreign` authority, so `long` that it needs several packets, or want one in return (`mutual`).
//! `old` has no version that is still spoken, `closes` and `mute` do not answer the hello, `web`
//! speaks HTTP inside, and so does `tomorrow`, by whose clock a certificate of the future is good.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ServerConfig, ServerConnection, Stream};

/// A fatal alert, `protocol_version` (RFC 5246, 7.2): what a server of TLS 1.0 says to newer hellos.
const TOO_NEW: [u8; 7] = [21, 3, 1, 0, 2, 2, 70];

/// What the clock of such a server says.
const OF_THE_FUTURE: &str = "Date: Thu, 01 Jun 4000 12:00:00 GMT\r\n";

/// A handshake; to what is no TLS, the alert that says so.
pub fn answer(
    mut stream: &TcpStream,
    behaviour: &str,
    config: &Arc<ServerConfig>,
) -> std::io::Result<()> {
    if let "old" | "closes" | "mute" = behaviour {
        let _ = stream.read(&mut [0; 4096])?;
        return match behaviour {
            "old" => stream.write_all(&TOO_NEW),
            "closes" => stream.shutdown(std::net::Shutdown::Both),
            _ => Ok(()),
        };
    }
    let mut session = ServerConnection::new(Arc::clone(config)).unwrap();
    let shaken = session.complete_io(&mut stream);
    while session.wants_write() {
        session.write_tls(&mut stream)?;
    }
    shaken?;
    if let "web" | "tomorrow" = behaviour {
        let mut inside = Stream::new(&mut session, &mut stream);
        let _ = inside.read(&mut [0; 4096])?;
        let date = if behaviour == "web" {
            ""
        } else {
            OF_THE_FUTURE
        };
        write!(inside, "HTTP/1.1 200 OK\r\n{date}Content-Length: 0\r\n\r\n")?;
    }
    Ok(())
}

/// The settings of a server that behaves so.
pub fn config(behaviour: &str) -> Arc<ServerConfig> {
    let (chain, key) = certificate(behaviour);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let clients = if behaviour == "mutual" {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(chain.clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        versions.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        versions.with_no_client_auth()
    };
    let config = clients.with_single_cert(vec![chain], key);
    Arc::new(config.unwrap())
}

fn certificate(behaviour: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let names: &[&str] = if behaviour == "other-name" {
        &["www.lab.test"]
    } else {
        &["db.lab.test", "10.77.1.10", "10.77.2.2"]
    };
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    if behaviour == "long" {
        // With these it does not fit into one packet.
        names.extend((0..100).map(|number| format!("{number}.shop.lab.test")));
    }
    let mut params = CertificateParams::new(names).unwrap();
    let (from, until) = match behaviour {
        "expired" => (2020, 2021),
        "future" | "tomorrow" => (4000, 4001),
        _ => (2020, 4096),
    };
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = if behaviour == "self-signed" {
        params.self_signed(&key)
    } else {
        params.signed_by(&key, &authority(behaviour != "foreign"))
    };
    let certificate = certificate.unwrap().der().clone();
    (
        certificate,
        PrivateKeyDer::Pkcs8(key.serialize_der().into()),
    )
}

/// Somebody who signs certificates, and whether the client is to trust him.
fn authority(is_trusted: bool) -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Authority of the lab");
    let key = KeyPair::generate().unwrap();
    if is_trusted {
        let own = params.self_signed(&key).unwrap();
        std::fs::write(super::public().join("ca.pem"), own.pem()).unwrap();
    }
    Issuer::new(params, key)
}
