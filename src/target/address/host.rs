//! The machine part of an address: IPv4, IPv6 with zone, names in any alphabet.
//!
//! Strict on purpose. Forms that some programs read and others refuse (octal octets, short IPv4)
//! are errors with an explanation, because they lead to a machine nobody meant.

use std::net::{Ipv4Addr, Ipv6Addr};

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::cleaned::{Cleaned, Piece};
use crate::target::{AddressError, AddressProblem, Host};

/// Reads a host; the mend of an error is a host alone.
pub fn parse(piece: Piece<'_>) -> Result<Host, AddressError> {
    let piece = piece.unwrapped();
    if piece.is_empty() {
        return Err(piece.flaw(AddressProblem::HostMissing));
    }
    if piece.starts_with('[') || piece.contains(':') || piece.contains('%') {
        return ipv6(piece);
    }
    if piece.split('.').all(is_number) {
        return ipv4(piece);
    }
    name(piece)
}

/// Reads a host from running text, where a mistake means that it is none.
pub fn from_text(text: &str) -> Option<Host> {
    parse(Cleaned::new(text).whole()).ok()
}

fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or(label.strip_prefix("0X"));
    match hex {
        Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn ipv4(piece: Piece<'_>) -> Result<Host, AddressError> {
    if let Ok(address) = piece.parse::<Ipv4Addr>() {
        return Ok(Host::V4(address));
    }
    let labels: Vec<Piece<'_>> = piece.split_all(&['.']).collect();
    let culprit = match labels.len() {
        4 => labels.iter().find(|label| !is_octet(label)),
        5.. => Some(&labels[4]),
        _ => None,
    };
    let mut flaw = culprit.unwrap_or(&piece).flaw(AddressProblem::BadIpv4);
    let labels: Vec<&str> = labels.iter().map(|label| label.text()).collect();
    flaw.mend = mended_ipv4(&labels).map(|address| address.to_string());
    Err(flaw)
}

fn is_octet(label: &str) -> bool {
    label == "0" || (!label.starts_with('0') && label.parse::<u8>().is_ok())
}

/// A four-part address near to what was written.
fn mended_ipv4(labels: &[&str]) -> Option<Ipv4Addr> {
    if labels.len() < 4
        && let Some(address) = as_old_programs_read(labels)
    {
        return Some(address);
    }
    let mut octets = [0, 0, 0, 1];
    for (octet, label) in octets.iter_mut().zip(labels) {
        *octet = nearest_octet(label)?;
    }
    Some(Ipv4Addr::from(octets))
}

/// What `inet_aton(3)` makes of a short form (`10.77.266` is 10.77.1.10), unless the short form
/// merely lacks a part.
fn as_old_programs_read(labels: &[&str]) -> Option<Ipv4Addr> {
    let (last, leading) = labels.split_last()?;
    let number = |label: &str| match label.strip_prefix("0x").or(label.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => label.parse::<u32>().ok(),
    };
    let tail = number(last)?;
    if tail <= 255 && leading.len() > 1 {
        return None;
    }
    let mut address: u32 = 0;
    for (index, label) in leading.iter().enumerate() {
        let octet = number(label).filter(|octet| *octet <= 255)?;
        address |= octet << (24 - 8 * index);
    }
    let room = 32 - 8 * leading.len();
    (u64::from(tail) < 1 << room).then(|| Ipv4Addr::from(address | tail))
}

/// The label as an octet: leading zeros dropped, digits too many dropped.
fn nearest_octet(label: &str) -> Option<u8> {
    let digits = label.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    (1..=digits.len().min(3))
        .rev()
        .find_map(|length| digits.get(..length)?.parse().ok())
}

fn ipv6(piece: Piece<'_>) -> Result<Host, AddressError> {
    let inner = piece.text().trim_start_matches('[').trim_end_matches(']');
    let (address, zone) = match inner.split_once('%') {
        Some((address, zone)) => (address, Some(zone.strip_prefix("25").unwrap_or(zone))),
        None => (inner, None),
    };
    let zone_is_sound = zone.is_none_or(is_zone);
    match address.parse::<Ipv6Addr>() {
        Ok(address) if zone_is_sound => Ok(Host::V6 {
            address,
            zone: zone.map(str::to_owned),
        }),
        Ok(address) => {
            let at = piece.find('%').expect("a zone follows a percent sign");
            let mut flaw = piece.after(at).flaw(AddressProblem::BadIpv6);
            flaw.mend = Some(format!("[{address}]"));
            Err(flaw)
        }
        Err(_) => {
            let mut flaw = piece.flaw(AddressProblem::BadIpv6);
            flaw.mend = mended_ipv6(address);
            Err(flaw)
        }
    }
}

/// An interface name or number.
fn is_zone(zone: &str) -> bool {
    (1..=32).contains(&zone.len())
        && zone
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// Repairs the two slips that are unmistakable: three colons for two, and a letter O for a zero.
fn mended_ipv6(address: &str) -> Option<String> {
    let mut mended = address.replace(['o', 'O'], "0").replace(['l', 'I'], "1");
    while mended.contains(":::") {
        mended = mended.replace(":::", "::");
    }
    let candidates = [
        mended.clone(),
        format!("{}::", mended.trim_end_matches(':')),
    ];
    candidates
        .iter()
        .find_map(|candidate| candidate.parse::<Ipv6Addr>().ok())
        .map(|address| format!("[{address}]"))
}

fn name(piece: Piece<'_>) -> Result<Host, AddressError> {
    if let Some(meant) = meant_loopback_name(&piece) {
        let mut flaw = piece.flaw(AddressProblem::BadHostName);
        flaw.mend = Some(meant);
        return Err(flaw);
    }
    if let Some(address) = with_digits_for_letters(&piece) {
        let mut flaw = piece.flaw(AddressProblem::BadIpv4);
        flaw.mend = Some(address.to_string());
        return Err(flaw);
    }
    if let Some(culprit) = bad_part(piece) {
        let mut flaw = culprit.flaw(AddressProblem::BadHostName);
        flaw.mend = mended_name(&piece);
        return Err(flaw);
    }
    international(&piece).ok_or_else(|| {
        let mut flaw = piece.flaw(AddressProblem::BadHostName);
        flaw.mend = mended_name(&piece);
        flaw
    })
}

/// The name as the resolver and as people want it (UTS 46), when it is a lawful one.
fn international(name: &str) -> Option<Host> {
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(
            name.as_bytes(),
            AsciiDenyList::EMPTY,
            Hyphens::Allow,
            DnsLength::Ignore,
        )
        .ok()?;
    let lawful = ascii.len() <= 253
        && ascii.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && label.bytes().all(is_name_byte)
        });
    // Letters like ② become digits here, and the name a number nobody typed.
    let is_number_now =
        ascii.split('.').all(is_number) || with_digits_for_letters(&ascii).is_some();
    if !lawful || is_number_now {
        return None;
    }
    let (unicode, sound) = uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
    let reads_as_a_name = unicode.chars().all(|character| {
        character.is_alphanumeric()
            || is_combining_mark(character)
            || matches!(character, '.' | '-' | '_')
    });
    let unicode = match (sound.is_ok(), reads_as_a_name) {
        (false, _) => return None,
        (true, true) => unicode.into_owned(),
        // A sign such as the fraction slash would read as something it is not.
        (true, false) => ascii.to_string(),
    };
    Some(Host::Name {
        ascii: ascii.into_owned(),
        unicode,
    })
}

/// Underscores are no letters of host names (RFC 952), yet containers and Windows use them.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The first part of a name that no name can have.
fn bad_part(piece: Piece<'_>) -> Option<Piece<'_>> {
    let bad_character = piece.char_indices().find(|(_, character)| {
        character.is_ascii() && *character != '.' && !is_name_byte(*character as u8)
    });
    if let Some((at, _)) = bad_character {
        return Some(piece.part(at..at + 1));
    }
    if !piece.chars().any(char::is_alphanumeric) {
        return Some(piece);
    }
    piece
        .split_all(&['.'])
        .find(|label| label.is_empty() || label.len() > 252 || label.starts_with('-'))
}

/// The name with everything left out that no name can have.
fn mended_name(name: &str) -> Option<String> {
    let labels: Vec<String> = name
        .split('.')
        .map(|label| {
            let kept: String = label
                .chars()
                .filter(|character| character.is_alphanumeric() || matches!(character, '-' | '_'))
                .collect();
            kept.trim_matches('-').to_owned()
        })
        .filter(|label| !label.is_empty())
        .collect();
    let mended = labels.join(".");
    if mended == name || labels.iter().map(String::as_str).all(is_number) {
        return None;
    }
    from_text(&mended).map(|host| host.to_string())
}

/// `localhost` as a Vietnamese keyboard may leave it: marks on the letters (`lôcalhost`), or a
/// tone in place of the letter that makes it (`localhót`: Telex eats the s).
fn meant_loopback_name(name: &str) -> Option<String> {
    const MEANT: [&str; 3] = ["localhost", "host.docker.internal", "localhost.localdomain"];
    if name.is_ascii() || name.len() > 64 {
        return None;
    }
    let name = name.to_lowercase();
    [without_marks(&name), with_telex_letters(&name)]
        .into_iter()
        .find(|candidate| MEANT.contains(&candidate.as_str()))
}

fn without_marks(name: &str) -> String {
    name.nfd()
        .filter(|character| !is_combining_mark(*character))
        .map(|character| if character == 'đ' { 'd' } else { character })
        .collect()
}

/// Each mark as the key that types it in Telex: `ó` is `os`, `ô` is `oo`, `đ` is `dd`.
fn with_telex_letters(name: &str) -> String {
    let mut typed = String::with_capacity(name.len());
    let mut base = ' ';
    for character in name.nfd() {
        match character {
            'đ' => typed.push_str("dd"),
            '\u{301}' => typed.push('s'),
            '\u{300}' => typed.push('f'),
            '\u{309}' => typed.push('r'),
            '\u{303}' => typed.push('x'),
            '\u{323}' => typed.push('j'),
            '\u{302}' => typed.push(base),
            '\u{306}' | '\u{31b}' => typed.push('w'),
            _ => {
                base = character;
                typed.push(character);
            }
        }
    }
    typed
}

/// `1O.0.0.5` as the address it looks like.
fn with_digits_for_letters(name: &str) -> Option<Ipv4Addr> {
    if name.len() > 15 || !name.contains(|character: char| character.is_ascii_digit()) {
        return None;
    }
    let digits: String = name
        .chars()
        .map(|character| match character {
            'o' | 'O' => '0',
            'l' | 'I' => '1',
            _ => character,
        })
        .collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        parse(Cleaned::new(text).whole()).unwrap()
    }

    fn flaw(text: &str) -> (AddressProblem, std::ops::Range<usize>, Option<String>) {
        let error = parse(Cleaned::new(text).whole()).unwrap_err();
        (error.problem, error.at, error.mend)
    }

    #[test]
    fn names_go_to_the_resolver_as_punycode_and_to_people_as_written() {
        for (text, ascii, unicode) in [
            ("DB.Example.ORG.", "db.example.org", "db.example.org"),
            ("my_db-1", "my_db-1", "my_db-1"),
            ("bücher.example", "xn--bcher-kva.example", "bücher.example"),
            (
                "xn--bcher-kva.example",
                "xn--bcher-kva.example",
                "bücher.example",
            ),
            ("gôgle.com", "xn--ggle-vqa.com", "gôgle.com"),
            ("¼.example", "xn--14-c6t.example", "xn--14-c6t.example"),
            ("máychủ.vn", "xn--mych-5na3327b.vn", "máychủ.vn"),
            (
                "ma\u{301}ychu\u{309}.vn",
                "xn--mych-5na3327b.vn",
                "máychủ.vn",
            ),
        ] {
            assert_eq!(
                host(text),
                Host::Name {
                    ascii: ascii.to_owned(),
                    unicode: unicode.to_owned()
                }
            );
        }
    }

    #[test]
    fn a_zone_belongs_to_the_address() {
        assert_eq!(host("fe80::1%25eth0").to_string(), "fe80::1%eth0");
        assert_eq!(flaw("fe80::1%").0, AddressProblem::BadIpv6);
        assert_eq!(flaw("fe80::1%a b").2, Some("[fe80::1]".to_owned()));
    }

    #[test]
    fn old_numeric_forms_are_explained_rather_than_read() {
        use AddressProblem::BadIpv4;
        for (text, at, mend) in [
            ("10.77.266", 0..9, "10.77.1.10"),
            ("172.18.010.1", 7..10, "172.18.10.1"),
            ("192.168.1.300", 10..13, "192.168.1.30"),
            ("10.0.0", 0..6, "10.0.0.1"),
            ("10.0.0.1.5", 9..10, "10.0.0.1"),
            ("0x7f.1", 0..6, "127.0.0.1"),
            ("3232235777", 0..10, "192.168.1.1"),
            ("1O.0.0.l", 0..8, "10.0.0.1"),
        ] {
            assert_eq!(flaw(text), (BadIpv4, at, Some(mend.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_a_vietnamese_keyboard_made_of_localhost_is_mended() {
        for text in ["lôcalhost", "localhót", "lócalhost", "LOCALHÓT"] {
            let (problem, _, mend) = flaw(text);
            assert_eq!(problem, AddressProblem::BadHostName);
            assert_eq!(mend.as_deref(), Some("localhost"), "{text}");
        }
    }

    #[test]
    fn a_name_is_mended_by_leaving_out_what_it_cannot_have() {
        use AddressProblem::BadHostName;
        for (text, at, mend) in [
            ("exa mple.com", 3..4, Some("example.com")),
            ("a..b", 2..2, Some("a.b")),
            ("-rf", 0..3, Some("rf")),
            ("ex$ample", 2..3, Some("example")),
            ("___", 0..3, None),
        ] {
            assert_eq!(
                flaw(text),
                (BadHostName, at, mend.map(str::to_owned)),
                "{text}"
            );
        }
        assert_eq!(flaw(&"a".repeat(64)).0, BadHostName);
        assert_eq!(flaw("a℀b").0, BadHostName, "maps to a slash");
    }
}
