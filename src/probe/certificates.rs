//! The certificates a peer showed, read and compared with what this machine trusts.
//!
//! Each fact is found out on its own: the dates are read, the name is compared, and the signatures
//! are followed at a time when the certificate was valid, so that an expired certificate of a
//! trusted signer is told from a foreign one. Revocation is not looked up: that would ask others.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, Error as TlsError, RootCertStore};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use crate::evidence::{Certificate, Fact, Gap, Presented, printable, printable_bytes};

/// What a peer showed, and what this machine makes of it now.
pub(super) fn presented(
    shown: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    certificate_wanted: bool,
) -> Presented {
    let chain: Vec<Certificate> = shown.iter().take(MOST_SHOWN).filter_map(read).collect();
    let clock = now();
    let (name_fits, trusted) = match shown.split_first() {
        Some((own, others)) => {
            let time = chain.first().map_or(clock, |own| within(own, clock));
            (fits(own, name), is_trusted(own, others, time))
        }
        None => (Fact::default(), Fact::default()),
    };
    Presented {
        chain,
        name_fits,
        trusted,
        clock,
        certificate_wanted,
    }
}

/// The time itself, or the moment of the certificate's validity that is nearest to it.
fn within(certificate: &Certificate, time: i64) -> i64 {
    time.min(certificate.not_after).max(certificate.not_before)
}

fn read(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|names| &names.value.general_names);
    Some(Certificate {
        subject: bounded(&certificate.subject().to_string()),
        issuer: bounded(&certificate.issuer().to_string()),
        names: names
            .into_iter()
            .flatten()
            .filter_map(name)
            .take(MOST_NAMES)
            .collect(),
        not_before: certificate.validity().not_before.timestamp(),
        not_after: certificate.validity().not_after.timestamp(),
        self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw(),
    })
}

/// A host name or address of a certificate; other kinds name no server.
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(bounded(name)),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let v6 = || <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
            let ip = v4.or_else(|_| v6());
            Some(ip.map_or_else(|_| printable_bytes(bytes, 16), |ip| ip.to_string()))
        }
        _ => None,
    }
}

fn fits(own: &CertificateDer<'_>, name: &ServerName<'_>) -> Fact<bool> {
    let verified =
        ParsedCertificate::try_from(own).and_then(|parsed| verify_server_name(&parsed, name));
    match verified {
        Ok(()) => Fact::Known(true),
        Err(TlsError::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => Fact::Known(false),
        Err(error) => unreadable(&error),
    }
}

fn is_trusted(own: &CertificateDer<'_>, others: &[CertificateDer<'_>], time: i64) -> Fact<bool> {
    let Some(trust) = trust() else {
        return Fact::Unknown(Gap::ToolMissing);
    };
    // A certificate that was itself put among the trusted ones is trusted, whatever else it is.
    if trust.certificates.iter().any(|trusted| trusted == own) {
        return Fact::Known(true);
    }
    let time = UnixTime::since_unix_epoch(Duration::from_secs(time.try_into().unwrap_or(0)));
    let algorithms = ring::default_provider().signature_verification_algorithms;
    let verified = ParsedCertificate::try_from(own).and_then(|parsed| {
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &trust.roots,
            others,
            time,
            algorithms.all,
        )
    });
    match verified {
        Ok(()) => Fact::Known(true),
        Err(TlsError::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        )) => Fact::Known(false),
        // It signed itself and is not among the trusted: nobody else can vouch for it.
        Err(_) if read(own).is_some_and(|own| own.self_signed) => Fact::Known(false),
        Err(error) => unreadable(&error),
    }
}

fn unreadable<T>(error: &TlsError) -> Fact<T> {
    Fact::Unknown(Gap::Unreadable {
        what: bounded(&error.to_string()),
    })
}

/// Those this machine trusts.
struct Trust {
    certificates: Vec<CertificateDer<'static>>,
    roots: RootCertStore,
}

/// Read when first needed: most targets speak no TLS. Nothing where no trusted certificate was
/// found, which says more of this machine than of the peer.
fn trust() -> Option<&'static Trust> {
    static TRUST: OnceLock<Option<Trust>> = OnceLock::new();
    TRUST
        .get_or_init(|| {
            let certificates = rustls_native_certs::load_native_certs().certs;
            let mut roots = RootCertStore::empty();
            let (taken, _) = roots.add_parsable_certificates(certificates.iter().cloned());
            (taken > 0).then_some(Trust {
                certificates,
                roots,
            })
        })
        .as_ref()
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// Foreign text, printable and not longer than a name has reason to be.
fn bounded(text: &str) -> String {
    let cut: String = text.chars().take(MOST_CHARACTERS).collect();
    printable(&cut).into_owned()
}

const MOST_SHOWN: usize = 8;
const MOST_NAMES: usize = 20;
const MOST_CHARACTERS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn shown(params: &CertificateParams) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        params.clone().self_signed(&key).unwrap().der().clone()
    }

    fn of(names: &[&str]) -> CertificateParams {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        CertificateParams::new(names).unwrap()
    }

    #[test]
    fn names_addresses_and_dates_are_read() {
        let mut params = of(&["db.example", "192.0.2.7"]);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        let own = shown(&params);
        let name = ServerName::try_from("db.example").unwrap();
        let found = presented(&[own], &name, true);
        let own = &found.chain[0];
        assert_eq!(own.names, ["db.example", "192.0.2.7"]);
        assert_eq!(
            (own.not_before, own.not_after),
            (1_577_836_800, 1_609_459_200)
        );
        assert!(own.self_signed && found.certificate_wanted);
        assert_eq!(found.name_fits, Fact::Known(true));
        assert_ne!(found.trusted, Fact::Known(true));
    }

    #[test]
    fn another_name_does_not_fit() {
        let own = shown(&of(&["db.example"]));
        for (name, expected) in [("db.example", true), ("other.example", false)] {
            let name = ServerName::try_from(name).unwrap();
            assert_eq!(fits(&own, &name), Fact::Known(expected));
        }
    }

    #[test]
    fn what_is_no_certificate_is_left_open() {
        let name = ServerName::try_from("db.example").unwrap();
        let found = presented(&[CertificateDer::from(vec![0x30, 0x80, 1])], &name, false);
        assert_eq!(found.chain, []);
        assert!(matches!(
            found.name_fits,
            Fact::Unknown(Gap::Unreadable { .. })
        ));
        assert_ne!(found.trusted, Fact::Known(true));
        assert_eq!(presented(&[], &name, false).trusted, Fact::default());
    }

    #[test]
    fn hostile_names_are_cut_and_spelt_out() {
        let mut params = of(&["db.example"]);
        let long = format!("\u{202e}{}", "x".repeat(1000));
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, long);
        let read = read(&shown(&params)).unwrap();
        assert!(read.subject.chars().count() < 300, "{}", read.subject);
        assert!(!read.subject.contains('\u{202e}'));
    }
}
