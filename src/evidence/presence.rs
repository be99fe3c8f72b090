//! Signs that a silent machine is there: the neighbour table, and an answer to a ping.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// What this machine's neighbour table (arp(7), RFC 4861) says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The address.
    pub ip: IpAddr,
    /// Its state.
    pub state: NeighbourState,
}

impl Neighbour {
    /// Whether it has answered, lately or some time ago.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match self.state {
            NeighbourState::Reachable | NeighbourState::Stale => true,
            NeighbourState::Failed | NeighbourState::Fixed => false,
        }
    }
}

/// The address of a network adapter (EUI-48, IEEE 802), written as `02:00:5e:10:00:01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MacAddress(pub [u8; 6]);

impl Display for MacAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02x}")?;
        }
        Ok(())
    }
}

impl From<MacAddress> for String {
    fn from(mac: MacAddress) -> Self {
        mac.to_string()
    }
}

impl TryFrom<String> for MacAddress {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let malformed = "a MAC address has six bytes in hexadecimal, with colons between";
        let mut bytes = [0; 6];
        let mut words = text.split(':');
        for byte in &mut bytes {
            let is_byte = |word: &&str| {
                word.len() == 2 && word.bytes().all(|digit| digit.is_ascii_hexdigit())
            };
            let word = words.next().filter(is_byte);
            let read = word.and_then(|word| u8::from_str_radix(word, 16).ok());
            *byte = read.ok_or(malformed)?;
        }
        match words.next() {
            None => Ok(Self(bytes)),
            Some(_) => Err(malformed),
        }
    }
}

/// How sure the table is of a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeighbourState {
    /// It answered within the last half minute or so.
    Reachable,
    /// It answered some time ago.
    Stale,
    /// It did not answer, or has not yet.
    Failed,
    /// It is never asked: configured by hand, or a link without neighbours.
    Fixed,
}

/// Whether an address answered an ICMP echo request (RFC 792, RFC 4443).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// The address.
    pub to: IpAddr,
    /// Whether it did; silence says little, many machines are told not to.
    pub answered: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_address_reads_back_as_it_is_written() {
        let mac = MacAddress([2, 0, 0x5e, 0x10, 0, 0xff]);
        let json = serde_json::to_string(&mac).unwrap();
        assert_eq!(json, r#""02:00:5e:10:00:ff""#);
        assert_eq!(serde_json::from_str::<MacAddress>(&json).unwrap(), mac);
        for text in [
            "",
            "02:00:5e:10:00",
            "02:00:5e:10:00:ff:00",
            "2:0:5e:10:0:ff",
            "02-00-5e-10-00-ff",
            "+2:00:5e:10:00:ff",
        ] {
            let json = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<MacAddress>(&json).is_err(), "{text}");
        }
    }
}
