//! From a piece of evidence to the clue that states it. No judgement: a clue says what was seen.

use crate::diagnosis::{Clue, Contradiction};
use crate::evidence::{
    Attempt, DirectAnswer, DnsAnswer, Evidence, Exchange, Fact, Firewall, FirewallKind, Gap, Heard,
    IcmpError, Listener, Lookup, LookupOutcome, Outcome, PastedPort, Policy, Remark, Spoke,
};

use super::reading::{AT_ONCE, Fate, fate, is_on_link, is_own, is_question};

/// What an attempt showed.
pub fn of_attempt(attempt: &Attempt) -> Option<Clue> {
    let (addr, took) = (attempt.addr, attempt.took);
    if let Some(icmp) = attempt.icmp {
        if is_own_despair(attempt, icmp) {
            return Some(Clue::NeighbourSilent { addr, waited: took });
        }
        return Some(Clue::IcmpFrom { addr, icmp, took });
    }
    match attempt.outcome {
        Outcome::Connected => Some(Clue::Connected { addr, took }),
        Outcome::Refused => Some(Clue::RefusedWithReset { addr, took }),
        Outcome::Silent => Some(Clue::NoAnswer { addr, waited: took }),
        Outcome::Reset => Some(Clue::PeerReset { addr }),
        Outcome::HostUnreachable
        | Outcome::NetworkUnreachable
        | Outcome::Denied
        | Outcome::AddressNotAvailable
        | Outcome::OutOfDescriptors
        | Outcome::Other => attempt.os_code.map(|os_code| Clue::SystemError {
            addr,
            os_code,
            at_once: attempt.at_once,
        }),
    }
}

/// Whether it was this machine's kernel that reported "host unreachable", after it had looked for
/// a neighbour in vain: nobody else said anything then.
fn is_own_despair(attempt: &Attempt, icmp: IcmpError) -> bool {
    let means_no_host = matches!(
        (icmp.v6, icmp.kind, icmp.code),
        (false, 3, 1) | (true, 1, 3)
    );
    let is_own = icmp.sender.is_some() && icmp.sender == attempt.source;
    let meets_itself = icmp.sender == Some(attempt.addr.ip());
    means_no_host && is_own && !meets_itself && attempt.took >= AT_ONCE
}

/// What several attempts showed.
pub fn of_attempts<'e>(attempts: impl IntoIterator<Item = &'e Attempt>) -> Vec<Clue> {
    attempts.into_iter().filter_map(of_attempt).collect()
}

/// What other machines meet at an address of this machine that was connected to from itself: such
/// a connection passes no firewall, so it proves nothing of them.
pub fn of_firewalls(evidence: &Evidence) -> Vec<Clue> {
    let is_for_others = |attempt: &Attempt| {
        let ip = attempt.addr.ip().to_canonical();
        !ip.is_loopback() && !ip.is_unspecified() && is_own(evidence, ip) == Some(true)
    };
    if !evidence.attempts.iter().any(is_for_others) {
        return Vec::new();
    }
    let firewalls = evidence.firewalls.known().into_iter().flatten();
    let told = firewalls.flat_map(|firewall| {
        let remarks = evidence.remarks_on(firewall);
        let kind = firewall.kind;
        let state = if !evidence.may_be_passed_by(firewall) {
            of_firewall(firewall)
        } else if remarks.contains(&Remark::PassedByDocker) {
            None
        } else {
            Some(unread(kind))
        };
        let remarks = remarks.into_iter().map(move |remark| Clue::FirewallRemark {
            firewall: kind,
            remark,
        });
        state.into_iter().chain(remarks)
    });
    let mut clues: Vec<Clue> = Vec::new();
    for clue in told {
        // One sentence for all that could not be read.
        let mut before = clues.iter_mut().filter_map(|one| match one {
            Clue::FirewallUnread { firewalls } => Some(firewalls),
            _ => None,
        });
        match (&clue, before.next()) {
            (Clue::FirewallUnread { firewalls }, Some(before)) => before.extend(firewalls),
            _ => clues.push(clue),
        }
    }
    clues
}

fn unread(firewall: FirewallKind) -> Clue {
    Clue::FirewallUnread {
        firewalls: vec![firewall],
    }
}

/// How the target's fate differs from what its pasted rules make of it. A refusal is none of an open
/// port: nothing need listen there. This machine's own rules for others are not asked by its own
/// connections.
fn contradiction(told: Policy, evidence: &Evidence) -> Option<Contradiction> {
    let attempts = &evidence.attempts;
    let is_own = |attempt: &Attempt| {
        let ip = attempt.addr.ip();
        ip.is_loopback() || is_own(evidence, ip) == Some(true)
    };
    if attempts.is_empty() || attempts.iter().any(is_own) {
        return None;
    }
    let all = |test: fn(&Attempt) -> bool| attempts.iter().all(test);
    let is_silent = all(|attempt| attempt.outcome == Outcome::Silent && attempt.icmp.is_none());
    let is_rejected = all(|attempt| attempt.icmp.is_some());
    let is_refused = all(|attempt| attempt.outcome == Outcome::Refused);
    let is_accepted = all(|attempt| attempt.outcome == Outcome::Connected);
    match told {
        Policy::Allow if is_silent => Some(Contradiction::OpenButSilent),
        Policy::Allow if is_rejected => Some(Contradiction::OpenButRejected),
        Policy::Drop | Policy::Reject if is_accepted => Some(Contradiction::ClosedButAccepted),
        Policy::Drop if is_refused || is_rejected => Some(Contradiction::SilentButAnswered),
        Policy::Reject if is_silent => Some(Contradiction::RejectedButSilent),
        Policy::Allow | Policy::Drop | Policy::Reject => None,
    }
}

/// Whether the target is this machine, whose own rules were read and do otherwise than the pasted ones
/// of the same firewall: these are of another machine, or of another time.
pub fn was_read_otherwise(pasted: &Firewall, evidence: &Evidence) -> bool {
    let mut attempts = evidence.attempts.iter();
    let is_here = |attempt: &Attempt| {
        let ip = attempt.addr.ip();
        ip.is_loopback() || is_own(evidence, ip) == Some(true)
    };
    if evidence.attempts.is_empty() || !attempts.all(is_here) {
        return false;
    }
    let mut here = evidence.firewalls.known().into_iter().flatten();
    let read = here.find(|firewall| firewall.kind == pasted.kind);
    let policies = read.and_then(|read| Some((read.port.known()?, pasted.port.known()?)));
    policies.is_some_and(|(read, told)| read != told)
}

/// What the person pasted of the target's firewalls.
pub fn of_pasted(evidence: &Evidence) -> impl Iterator<Item = Clue> {
    evidence.pasted_firewalls.iter().flat_map(|firewall| {
        let kind = firewall.kind;
        let state = Clue::FirewallPasted {
            firewall: kind,
            policy: firewall.port.known().copied(),
            rule: firewall.rule.as_ref().map(|rule| rule.text.clone()),
        };
        let told = firewall.port.known();
        let contradiction = told.and_then(|told| {
            let unlike = was_read_otherwise(firewall, evidence);
            let unlike = unlike.then_some(Contradiction::OtherThanHere);
            contradiction(*told, evidence).or(unlike)
        });
        let contradiction = contradiction.map(|contradiction| Clue::PastedContradicts {
            firewall: kind,
            contradiction,
        });
        let remarks = firewall.own_remarks().into_iter();
        let remarks = remarks.map(move |remark| Clue::FirewallRemark {
            firewall: kind,
            remark,
        });
        std::iter::once(state).chain(contradiction).chain(remarks)
    })
}

/// What the person pasted of the target's port.
pub fn of_pasted_ports(evidence: &Evidence) -> impl Iterator<Item = Clue> {
    let port = evidence.target.port;
    evidence.pasted_ports.iter().map(move |told| match told {
        PastedPort::Reserved { range } => Clue::PastedReserved {
            port,
            range: *range,
        },
        PastedPort::Labelled { labels } => Clue::PastedLabel {
            port,
            label: labels.first().cloned(),
        },
    })
}

fn of_firewall(firewall: &Firewall) -> Option<Clue> {
    let kind = firewall.kind;
    match (&firewall.active, &firewall.port) {
        (Fact::Known(false), _) => None,
        (Fact::Known(true), Fact::Known(policy)) => Some(Clue::FirewallHere {
            firewall: kind,
            policy: *policy,
            rule: firewall.rule.as_ref().map(|rule| rule.text.clone()),
        }),
        (Fact::Known(true), Fact::Unknown(_)) | (Fact::Unknown(_), _) => Some(unread(kind)),
    }
}

/// Whether the target of an attempt is this machine, a neighbour, or elsewhere; nothing when that
/// is not known.
pub fn of_place(evidence: &Evidence, attempt: &Attempt) -> Option<Clue> {
    let ip = attempt.addr.ip();
    match (is_own(evidence, ip)?, is_on_link(evidence, ip)) {
        (true, _) => Some(Clue::TargetIsThisMachine { ip }),
        (false, _) => Some(Clue::TargetIsElsewhere { ip }),
    }
}

/// What an attempt to another port of the same host showed, when the host itself answered.
pub fn of_reference(reference: &Attempt) -> Option<Clue> {
    let port = reference.addr.port();
    match reference.outcome {
        Outcome::Connected => Some(Clue::OtherPortOpen { port }),
        Outcome::Refused => Some(Clue::OtherPortRefused { port }),
        Outcome::Silent
        | Outcome::HostUnreachable
        | Outcome::NetworkUnreachable
        | Outcome::Denied
        | Outcome::AddressNotAvailable
        | Outcome::OutOfDescriptors
        | Outcome::Reset
        | Outcome::Other => None,
    }
}

/// A socket listening here.
pub fn of_listener(listener: &Listener) -> Clue {
    Clue::ListenerHere {
        addr: listener.addr,
        process: listener.process.known().cloned(),
    }
}

/// That a listener's process has ended, and who may have inherited it.
pub fn of_ended_holder(evidence: &Evidence, listener: &Listener) -> Option<Clue> {
    let Fact::Unknown(Gap::HolderEnded { pid }) = listener.process else {
        return None;
    };
    let mut backgrounds = evidence.backgrounds.iter();
    let its = backgrounds.find(|one| one.addr == listener.addr && !one.heirs.is_empty());
    Some(Clue::HolderEnded {
        addr: listener.addr,
        pid,
        heirs: its.map(|one| one.heirs.clone()).unwrap_or_default(),
    })
}

/// What the service manager says of the expected service, the most telling unit first.
pub fn of_service_state(evidence: &Evidence) -> Vec<Clue> {
    let Some(state) = evidence.meant_service() else {
        return Vec::new();
    };
    let service = &state.service;
    let Some(telling) = state.telling() else {
        let service = service.clone();
        return vec![Clue::NoServiceUnit { service }];
    };
    let others = state.units.iter().filter(|unit| *unit != telling);
    std::iter::once(telling)
        .chain(others)
        .take(MOST_UNITS)
        .map(|unit| Clue::ServiceUnit {
            service: service.clone(),
            unit: unit.clone(),
        })
        .collect()
}

/// More units of one service would tell no more.
const MOST_UNITS: usize = 3;

/// What the system's resolver said.
pub fn of_lookup(lookup: &Lookup) -> Clue {
    let took = lookup.took;
    match &lookup.outcome {
        LookupOutcome::Found(found) => Clue::NameResolved {
            addresses: found.iter().map(std::net::SocketAddr::ip).collect(),
        },
        &LookupOutcome::NotFound { eai_code } => Clue::ResolverSaysNotFound { eai_code },
        &LookupOutcome::NoAddress { eai_code } => Clue::ResolverSaysNoAddress { eai_code },
        &LookupOutcome::Failed { eai_code } => Clue::ResolverFailed { eai_code, took },
        LookupOutcome::TimedOut => Clue::ResolverTimedOut { waited: took },
    }
}

/// What a DNS server said when asked directly.
pub fn of_direct_answer(answer: &DirectAnswer) -> Clue {
    let server = answer.server;
    let code = match &answer.answer {
        DnsAnswer::Silent | DnsAnswer::Unreachable => return Clue::DnsServerSilent { server },
        DnsAnswer::Addresses(_) | DnsAnswer::NoRecords => "NOERROR".to_owned(),
        DnsAnswer::NxDomain => "NXDOMAIN".to_owned(),
        DnsAnswer::ServerFailure => "SERVFAIL".to_owned(),
        DnsAnswer::Refused => "REFUSED".to_owned(),
        DnsAnswer::OtherCode(code) => format!("RCODE {code}"),
    };
    Clue::DnsServerSaid { server, code }
}

/// Where the name leads, if a DNS server has it as an alias: then it is there, and what is missing is
/// missing at its end.
pub fn of_aliases(answers: &[DirectAnswer]) -> Option<Clue> {
    let alias = answers.iter().find(|answer| !answer.aliases.is_empty())?;
    Some(Clue::NameIsAlias {
        aliases: alias.aliases.clone(),
    })
}

/// What a connected peer said or did not say.
pub fn of_exchange(exchange: &Exchange) -> Option<Clue> {
    let addr = exchange.addr;
    let on_hello = matches!(exchange.spoke, Spoke::TlsHello | Spoke::LargeTlsHello);
    let in_plain_text = matches!(
        exchange.spoke,
        Spoke::HttpGet | Spoke::PostgresSslRequest | Spoke::RedisPing
    );
    match &exchange.heard {
        Heard::Nothing if is_question(exchange.spoke) => Some(Clue::QuestionUnanswered {
            waited: exchange.took,
        }),
        Heard::Nothing => Some(Clue::NothingHeard {
            waited: exchange.took,
        }),
        Heard::Text { start } if on_hello => Some(Clue::AnswerIsNotTls {
            start: start.clone(),
        }),
        Heard::Text { start } if exchange.spoke == Spoke::PostgresSslRequest && start == "S" => {
            Some(Clue::PostgresAnswered { has_tls: true })
        }
        Heard::Text { start } if exchange.spoke == Spoke::PostgresSslRequest && start == "N" => {
            Some(Clue::PostgresAnswered { has_tls: false })
        }
        Heard::Text { start } => Some(Clue::GreetingHeard {
            start: start.clone(),
        }),
        Heard::Closed if on_hello => Some(Clue::ClosedOnTlsHello { reset: false }),
        Heard::Closed => Some(Clue::PeerClosed { addr }),
        Heard::Reset if on_hello => Some(Clue::ClosedOnTlsHello { reset: true }),
        Heard::Reset => Some(Clue::PeerReset { addr }),
        Heard::Tls { version, .. } => Some(Clue::TlsCompleted {
            version: version.clone(),
        }),
        Heard::TlsAlert { alert, .. } if in_plain_text => Some(Clue::PlainAnsweredWithTlsAlert {
            alert: alert.clone(),
        }),
        Heard::TlsAlert { alert, .. } => Some(Clue::TlsRefused {
            alert: alert.clone(),
        }),
        Heard::TlsIncompatible { what } => Some(Clue::TlsIncompatible { what: what.clone() }),
        Heard::NotTls { start } => Some(Clue::AnswerIsNotTls {
            start: start.clone(),
        }),
        &Heard::Http {
            status,
            wants_tls: true,
            ..
        } => Some(Clue::HttpSaysWantsTls { status }),
        &Heard::Http { status, .. } => Some(Clue::HttpAnswered { status }),
        // No clue states a failure without a name.
        Heard::Failed { .. } => None,
    }
}

/// What became of a question's bytes.
pub fn of_fate(exchange: &Exchange) -> Option<Clue> {
    let addr = exchange.addr;
    match fate(exchange)? {
        Fate::Acknowledged => Some(Clue::DataAcknowledged { addr }),
        Fate::Lost { retransmitted } => Some(Clue::DataUnacknowledged {
            addr,
            retransmitted,
        }),
        Fate::NotTaken => Some(Clue::WindowClosed { addr }),
        Fate::Open => None,
    }
}

/// The exchanges that pass, and the connections they were had over; nothing when none passes.
pub fn of_exchanges(evidence: &Evidence, test: impl Fn(&Exchange) -> bool) -> Option<Vec<Clue>> {
    let passing = evidence.exchanges.iter().filter(|exchange| test(exchange));
    let mut clues: Vec<Clue> = passing.filter_map(of_exchange).collect();
    if clues.is_empty() {
        return None;
    }
    clues.extend(of_standing(evidence));
    Some(clues)
}

/// The connections that stood.
pub fn of_standing(evidence: &Evidence) -> Vec<Clue> {
    let stood = |attempt: &&Attempt| attempt.outcome == Outcome::Connected;
    of_attempts(evidence.attempts.iter().filter(stood))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::Scene;
    use super::*;
    use crate::evidence::{Policy, Remark};

    const IP: &str = "10.77.1.10";

    /// A program of this machine that ufw keeps from others.
    fn behind_ufw(program: &str) -> Vec<Clue> {
        let mut scene = Scene::new("10.77.1.10:5432")
            .connected(IP)
            .network("10.77.1.10/24")
            .listeners(&[&format!("0.0.0.0:5432 {program}")]);
        scene.evidence.firewalls = Fact::Known(vec![Firewall {
            kind: FirewallKind::Ufw,
            active: Fact::Known(true),
            inbound_default: Fact::Known(Policy::Drop),
            port: Fact::Known(Policy::Drop),
            rule: None,
            remarks: Vec::new(),
        }]);
        of_firewalls(&scene.evidence)
    }

    #[test]
    fn what_ufw_says_of_a_port_does_not_hold_for_a_published_container() {
        let [Clue::FirewallHere { policy, .. }] = behind_ufw("postgres")[..] else {
            panic!("{:?}", behind_ufw("postgres"));
        };
        assert_eq!(policy, Policy::Drop);
        let passed = Clue::FirewallRemark {
            firewall: FirewallKind::Ufw,
            remark: Remark::PassedByDocker,
        };
        assert_eq!(behind_ufw("docker-proxy"), [passed]);
    }

    /// What is said where the rules told to us and the fate of the connection differ.
    fn contradicted(scene: Scene, told: Policy) -> Option<Contradiction> {
        let mut evidence = scene.evidence;
        evidence.pasted_firewalls = vec![Firewall {
            kind: FirewallKind::Nftables,
            active: Fact::Known(true),
            inbound_default: Fact::default(),
            port: Fact::Known(told),
            rule: None,
            remarks: Vec::new(),
        }];
        of_pasted(&evidence).find_map(|clue| {
            let Clue::PastedContradicts { contradiction, .. } = clue else {
                return None;
            };
            Some(contradiction)
        })
    }

    #[test]
    fn pasted_rules_that_the_connection_contradicts_are_said_to() {
        let scene = || Scene::new("10.77.2.9:5432").network("10.77.1.10/24");
        let far = "10.77.2.9";
        let silent = |told| contradicted(scene().silent(far), told);
        assert_eq!(silent(Policy::Allow), Some(Contradiction::OpenButSilent));
        assert_eq!(silent(Policy::Drop), None);
        let expected = Some(Contradiction::RejectedButSilent);
        assert_eq!(silent(Policy::Reject), expected);
        let rejected = |told| contradicted(scene().icmp(far, 3, 13, far, 1), told);
        let expected = Some(Contradiction::OpenButRejected);
        assert_eq!(rejected(Policy::Allow), expected);
        assert_eq!(rejected(Policy::Reject), None);
        let accepted = |told| contradicted(scene().connected(far), told);
        assert_eq!(accepted(Policy::Allow), None);
        let expected = Some(Contradiction::ClosedButAccepted);
        assert_eq!(accepted(Policy::Drop), expected);
        assert_eq!(accepted(Policy::Reject), expected);
        // Nothing need listen on an open port, and a rule may answer with a reset.
        let refused = |told| contradicted(scene().refused(far), told);
        assert_eq!(refused(Policy::Allow), None);
        assert_eq!(refused(Policy::Reject), None);
        let expected = Some(Contradiction::SilentButAnswered);
        assert_eq!(refused(Policy::Drop), expected);
    }

    #[test]
    fn pasted_rules_unlike_those_read_on_this_machine_are_said_to_be() {
        let own = |policy| {
            let mut scene = Scene::new("10.77.1.10:5432")
                .connected(IP)
                .network("10.77.1.10/24");
            scene.evidence.firewalls = Fact::Known(vec![Firewall {
                kind: FirewallKind::Nftables,
                active: Fact::Known(true),
                inbound_default: Fact::default(),
                port: policy,
                rule: None,
                remarks: Vec::new(),
            }]);
            scene
        };
        let read = |policy, told| contradicted(own(policy), told);
        let expected = Some(Contradiction::OtherThanHere);
        assert_eq!(read(Fact::Known(Policy::Drop), Policy::Allow), expected);
        assert_eq!(read(Fact::Known(Policy::Allow), Policy::Drop), expected);
        assert_eq!(read(Fact::Known(Policy::Drop), Policy::Drop), None);
        // What was not read contradicts nothing, nor do rules of another machine.
        assert_eq!(read(Fact::default(), Policy::Allow), None);
        let mut far = own(Fact::Known(Policy::Drop));
        far.evidence.attempts[0].addr = "10.77.2.9:5432".parse().unwrap();
        assert_eq!(contradicted(far, Policy::Allow), None);
    }

    #[test]
    fn own_connections_say_nothing_of_rules_for_others() {
        let own = Scene::new("10.77.1.10:5432")
            .connected(IP)
            .network("10.77.1.10/24");
        assert_eq!(contradicted(own, Policy::Drop), None);
        let mixed = Scene::new("10.77.2.9:5432")
            .network("10.77.1.10/24")
            .silent("10.77.2.9")
            .connected("10.77.2.10");
        assert_eq!(contradicted(mixed, Policy::Allow), None);
    }
}
