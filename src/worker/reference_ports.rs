//! Which other ports of a host are asked, when the asked one does not decide.

use crate::evidence::neighbour_ports;

/// The ports asked beside a silent one: those that many hosts have open or refuse, and the
/// neighbours. An answer from any of them proves that the host is up.
pub(super) fn beside_silence(port: u16) -> Vec<u16> {
    let neighbours = [port.checked_add(1), port.checked_sub(1)];
    let mut ports: Vec<u16> = COMMON.into_iter().collect();
    ports.extend(neighbours.into_iter().flatten());
    ports.retain(|&other| other != port && other != 0);
    ports.truncate(MOST_BESIDE_SILENCE);
    ports
}

/// The ports asked beside a refused one, where the service may be by mistake.
pub(super) fn beside_refusal(port: u16, service: Option<&str>) -> Vec<u16> {
    let mut ports = neighbour_ports(port, service);
    ports.truncate(MOST_BESIDE_REFUSAL);
    ports
}

const COMMON: [u16; 5] = [443, 80, 22, 445, 3389];
const MOST_BESIDE_SILENCE: usize = 4;
const MOST_BESIDE_REFUSAL: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asked_port_is_never_its_own_reference() {
        assert_eq!(beside_silence(5432), [443, 80, 22, 445]);
        assert_eq!(beside_silence(443), [80, 22, 445, 3389]);
    }

    #[test]
    fn a_refused_port_has_few_references_and_is_none_itself() {
        for port in [1, 80, 5432, u16::MAX] {
            let ports = beside_refusal(port, None);
            assert!(
                ports.len() <= 2 && !ports.contains(&port),
                "{port} {ports:?}"
            );
        }
    }
}
