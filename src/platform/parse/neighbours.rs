//! `rtnetlink(7)`, `RTM_GETNEIGH`: the neighbour table of both families (ARP and RFC 4861), which
//! any user may ask for over netlink.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::evidence::{Neighbour, NeighbourState};

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const RTM_NEWNEIGH: u16 = 28;
const RTM_GETNEIGH: u16 = 30;
const NLM_F_REQUEST_DUMP: u16 = 0x301;
const NDA_DST: u16 = 1;
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

/// The answers so far.
#[derive(Debug, Default)]
pub struct Answer {
    /// The neighbours.
    pub neighbours: Vec<Neighbour>,
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
                RTM_NEWNEIGH => self.neighbours.extend(read_neighbour(message)),
                _ => {}
            }
            rest = rest.get(aligned(length)..).unwrap_or_default();
        }
        Some(())
    }
}

/// `struct ndmsg` and its attributes; nothing for what is no IP neighbour.
fn read_neighbour(message: &[u8]) -> Option<Neighbour> {
    let state = u16::from_ne_bytes(at(message, 8)?);
    let mut attributes = message.get(NEIGHBOUR_MESSAGE..)?;
    loop {
        let length = usize::from(u16::from_ne_bytes(at(attributes, 0)?));
        let value = attributes.get(4..length)?;
        if u16::from_ne_bytes(at(attributes, 2)?) == NDA_DST {
            let ip: IpAddr = match value.len() {
                4 => Ipv4Addr::from(at::<4>(value, 0)?).into(),
                16 => Ipv6Addr::from(at::<16>(value, 0)?).into(),
                _ => return None,
            };
            return Some(Neighbour {
                ip,
                state: state_of(state),
            });
        }
        attributes = attributes.get(aligned(length)..)?;
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

    fn message(kind: u16, state: u16, ip: &[u8]) -> Vec<u8> {
        let length = HEADER + NEIGHBOUR_MESSAGE + 4 + ip.len();
        let mut bytes = u32::try_from(length).unwrap().to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([0; 10]);
        bytes.extend([0; 8]);
        bytes.extend(state.to_ne_bytes());
        bytes.extend([0; 2]);
        bytes.extend(u16::try_from(4 + ip.len()).unwrap().to_ne_bytes());
        bytes.extend(NDA_DST.to_ne_bytes());
        bytes.extend(ip);
        bytes
    }

    #[test]
    fn states_are_read_by_their_bits() {
        let mut datagram = message(RTM_NEWNEIGH, REACHABLE, &[10, 77, 1, 10]);
        datagram.extend(message(RTM_NEWNEIGH, FAILED, &[10, 77, 1, 99]));
        datagram.extend(message(RTM_NEWNEIGH, 0x08, &[0xfd; 16]));
        let mut answer = Answer::default();
        answer.read(&datagram).unwrap();
        let states: Vec<_> = answer.neighbours.iter().map(|n| n.state).collect();
        assert_eq!(
            states,
            [
                NeighbourState::Reachable,
                NeighbourState::Failed,
                NeighbourState::Stale
            ]
        );
        assert_eq!(answer.neighbours[0].ip.to_string(), "10.77.1.10");
        assert!(!answer.complete);
    }

    #[test]
    fn an_error_of_the_kernel_is_no_answer() {
        let error = message(NLMSG_ERROR, 0, &[0; 4]);
        assert_eq!(Answer::default().read(&error), None);
        assert_eq!(Answer::default().read(&error[..20]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in any::<Vec<u8>>()) {
            let _ = Answer::default().read(&bytes);
        }
    }
}
