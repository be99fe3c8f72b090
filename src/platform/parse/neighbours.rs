//! `rtnetlink(7)`, `RTM_GETNEIGH`: the neighbour table of both families (ARP and RFC 4861), which
//! any user may ask for over netlink.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::evidence::{MacAddress, Neighbour, NeighbourState};

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const RTM_NEWNEIGH: u16 = 28;
const RTM_GETNEIGH: u16 = 30;
const NLM_F_REQUEST_DUMP: u16 = 0x301;
const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;
const HEADER: usize = 16;
const NEIGHBOUR_MESSAGE: usize = 12;

const INCOMPLETE: u16 = 0x01;
const REACHABLE: u16 = 0x02;
const FAILED: u16 = 0x20;
const NO_ARP: u16 = 0x40;
const PERMANENT: u16 = 0x80;

/// A request for all neighbours: `struct nlmsghdr` and `struct ndmsg`.
#[must_use]
pub fn request() -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + NEIGHBOUR_MESSAGE);
    bytes.extend(28_u32.to_ne_bytes());
    bytes.extend(RTM_GETNEIGH.to_ne_bytes());
    bytes.extend(NLM_F_REQUEST_DUMP.to_ne_bytes());
    bytes.resize(HEADER + NEIGHBOUR_MESSAGE, 0);
    bytes
}

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who, and in which state.
    pub neighbour: Neighbour,
    /// The adapter that packets for it are sent to; nothing on links without such addresses.
    pub mac: Option<MacAddress>,
}

/// The answers so far.
#[derive(Debug, Default)]
pub struct Answer {
    /// The neighbours.
    pub entries: Vec<Entry>,
    /// The kernel said that this was all.
    pub complete: bool,
}

impl Answer {
    /// Reads one datagram of the answer.
    ///
    /// Returns nothing when the kernel reported an error or the datagram is cut short.
    pub fn read(&mut self, datagram: &[u8]) -> Option<()> {
        let mut rest = datagram;
        while rest.len() >= HEADER {
            let length = usize::try_from(u32::from_ne_bytes(at(rest, 0)?)).ok()?;
            let message = rest.get(HEADER..length)?;
            match u16::from_ne_bytes(at(rest, 4)?) {
                NLMSG_DONE => self.complete = true,
                NLMSG_ERROR => return None,
                RTM_NEWNEIGH => self.entries.extend(read_entry(message)),
                _ => {}
            }
            rest = rest.get(aligned(length)..).unwrap_or_default();
        }
        Some(())
    }
}

/// `struct ndmsg` and its attributes; nothing for what is no IP neighbour.
fn read_entry(message: &[u8]) -> Option<Entry> {
    let state = state_of(u16::from_ne_bytes(at(message, 8)?));
    let mut attributes = message.get(NEIGHBOUR_MESSAGE..)?;
    let (mut ip, mut mac) = (None, None);
    while !attributes.is_empty() {
        let length = usize::from(u16::from_ne_bytes(at(attributes, 0)?));
        let value = attributes.get(4..length)?;
        match u16::from_ne_bytes(at(attributes, 2)?) {
            NDA_DST => ip = read_ip(value),
            NDA_LLADDR => mac = value.try_into().ok().map(MacAddress),
            _ => {}
        }
        attributes = attributes.get(aligned(length)..).unwrap_or_default();
    }
    let neighbour = Neighbour { ip: ip?, state };
    Some(Entry { neighbour, mac })
}

fn read_ip(value: &[u8]) -> Option<IpAddr> {
    match value.len() {
        4 => Some(Ipv4Addr::from(at::<4>(value, 0)?).into()),
        16 => Some(Ipv6Addr::from(at::<16>(value, 0)?).into()),
        _ => None,
    }
}

fn state_of(bits: u16) -> NeighbourState {
    if bits & (NO_ARP | PERMANENT) != 0 {
        NeighbourState::Fixed
    } else if bits & (FAILED | INCOMPLETE) != 0 || bits == 0 {
        NeighbourState::Failed
    } else if bits & REACHABLE != 0 {
        NeighbourState::Reachable
    } else {
        NeighbourState::Stale
    }
}

fn aligned(length: usize) -> usize {
    length.saturating_add(3) & !3
}

fn at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(kind: u16, state: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut rest = vec![0; 8];
        rest.extend(state.to_ne_bytes());
        rest.extend([0; 2]);
        for (attribute, value) in attributes {
            rest.extend(u16::try_from(4 + value.len()).unwrap().to_ne_bytes());
            rest.extend(attribute.to_ne_bytes());
            rest.extend(*value);
            rest.resize(aligned(rest.len()), 0);
        }
        let length = u32::try_from(HEADER + rest.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([0; 10]);
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn states_are_read_by_their_bits_and_adapters_where_they_are_told() {
        let ip: (u16, &[u8]) = (NDA_DST, &[10, 77, 1, 10]);
        let mac: (u16, &[u8]) = (NDA_LLADDR, &[2, 0, 0x5e, 0x10, 0, 1]);
        let mut datagram = message(RTM_NEWNEIGH, REACHABLE, &[ip, mac]);
        datagram.extend(message(
            RTM_NEWNEIGH,
            FAILED,
            &[(NDA_DST, &[10, 77, 1, 99])],
        ));
        // A tunnel over IPv4 has addresses of four bytes in place of MAC addresses.
        let tunnel: [(u16, &[u8]); 2] = [(NDA_LLADDR, &[192, 0, 2, 1]), (NDA_DST, &[0xfd; 16])];
        datagram.extend(message(RTM_NEWNEIGH, 0x08, &tunnel));
        let mut answer = Answer::default();
        answer.read(&datagram).unwrap();
        let read = answer.entries.iter();
        let read: Vec<_> = read.map(|e| (e.neighbour.state, e.mac)).collect();
        assert_eq!(
            read,
            [
                (
                    NeighbourState::Reachable,
                    Some(MacAddress([2, 0, 0x5e, 0x10, 0, 1]))
                ),
                (NeighbourState::Failed, None),
                (NeighbourState::Stale, None),
            ]
        );
        assert_eq!(answer.entries[0].neighbour.ip.to_string(), "10.77.1.10");
        assert!(!answer.complete);
    }

    #[test]
    fn an_error_of_the_kernel_is_no_answer() {
        let error = message(NLMSG_ERROR, 0, &[]);
        assert_eq!(Answer::default().read(&error), None);
        assert_eq!(Answer::default().read(&error[..18]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in any::<Vec<u8>>()) {
            let _ = Answer::default().read(&bytes);
        }
    }
}
