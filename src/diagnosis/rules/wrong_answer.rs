//! `hosts-file-override`, `name-resolves-wrong` and `name-blocked`: the name leads, and leads
//! astray.
//!
//! The system's resolver is asked first and believed last: a line in the hosts file goes before
//! DNS (nsswitch.conf(5)); a short name is completed with the search domains (resolv.conf(5)),
//! where a wildcard record (RFC 4592) answers for anything; some resolvers answer with an address
//! of their own where there is no such name, which a name below `.invalid` shows (RFC 6761, 6.4);
//! and filters answer `0.0.0.0` or `::`, which on Linux and macOS is this machine.
//!
//! Whether the address is wrong only the person knows: what is seen is that it is not the name's
//! own. So only the filter's answer is certain, and a wildcard that leads to a service that works
//! is nobody's trouble.

use std::net::{IpAddr, SocketAddr};

use super::clues::of_attempts;
use super::name::direct_answers;
use super::reading::{connected, finding, name, or, refused_by_reset, telling_attempts};
use crate::diagnosis::{Alternative, Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::{DnsAnswer, Evidence, InventedName, LookupOutcome, NameSettings};

/// A line of the hosts file leads the name somewhere else than DNS would.
pub fn hosts_file_override(evidence: &Evidence) -> Option<Finding> {
    let found = addresses_of_foreign_name(evidence)?;
    if connected(evidence) {
        return None;
    }
    let line = hosts_file(evidence)?;
    let is_from_file = !line.is_empty() && found.iter().all(|ip| line.contains(ip));
    let elsewhere = direct_answers(evidence)
        .iter()
        .find_map(|answer| match &answer.answer {
            DnsAnswer::Addresses(addresses) => Some((answer.server, addresses)),
            _ => None,
        });
    let (server, addresses) = elsewhere?;
    if !is_from_file || addresses.iter().any(|ip| line.contains(ip)) {
        return None;
    }
    let mut clues = vec![
        Clue::HostsFileGives {
            addresses: line.clone(),
        },
        Clue::DnsServerGives {
            server,
            addresses: addresses.clone(),
        },
    ];
    clues.extend(of_attempts(telling_attempts(evidence)));
    let address = *found.first()?;
    let cause = Cause::HostsFileOverride { address };
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = no_fault_of_the_name(evidence);
    Some(found)
}

/// Made-up names lead to the same address, so it is not this name's own.
pub fn name_resolves_wrong(evidence: &Evidence) -> Option<Finding> {
    let found = addresses_of_foreign_name(evidence)?;
    let from_file = hosts_file(evidence).is_some_and(|line| !line.is_empty());
    if connected(evidence) || from_file {
        return None;
    }
    let (invented, addresses) = wildcard(evidence, &found)?;
    let mut clues = vec![
        Clue::InventedNameResolves {
            name: invented.name.clone(),
            addresses: addresses.clone(),
        },
        Clue::NameResolved {
            addresses: found.clone(),
        },
    ];
    clues.extend(of_attempts(telling_attempts(evidence)));
    let address = *found.first()?;
    let cause = Cause::NameResolvesWrong { address };
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = no_fault_of_the_name(evidence);
    Some(found)
}

/// Every address of the name is the unspecified one, and it is not the hosts file that says so.
pub fn name_blocked(evidence: &Evidence) -> Option<Finding> {
    let found = addresses_of_foreign_name(evidence)?;
    if !found.iter().all(IpAddr::is_unspecified) {
        return None;
    }
    let certainty = match hosts_file(evidence) {
        Some(line) if line.is_empty() => Certainty::Certain,
        Some(_) => return blocked_by_hosts_file(evidence, &found),
        None => Certainty::Likely,
    };
    let mut clues = vec![Clue::NameResolved { addresses: found }];
    clues.extend(of_attempts(telling_attempts(evidence)));
    Some(finding(Cause::NameBlocked, certainty, clues))
}

/// Lists of blocked names are kept in hosts files too: then that line is what to mend.
fn blocked_by_hosts_file(evidence: &Evidence, found: &[IpAddr]) -> Option<Finding> {
    let mut clues = vec![Clue::HostsFileGives {
        addresses: found.to_vec(),
    }];
    clues.extend(of_attempts(telling_attempts(evidence)));
    let address = *found.first()?;
    let cause = Cause::HostsFileOverride { address };
    Some(finding(cause, Certainty::Certain, clues))
}

/// Whether the name itself is suspect: then it is no proof of anything that nobody listens where
/// it leads.
pub fn leads_astray(evidence: &Evidence) -> bool {
    [hosts_file_override, name_resolves_wrong, name_blocked]
        .iter()
        .any(|rule| rule(evidence).is_some())
}

/// The addresses of a name that is not meant to be this machine.
fn addresses_of_foreign_name(evidence: &Evidence) -> Option<Vec<IpAddr>> {
    let name = name(evidence)?;
    let is_localhost = name == "localhost" || name.ends_with(".localhost");
    let LookupOutcome::Found(found) = &evidence.lookup.known()?.outcome else {
        return None;
    };
    let found: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
    (!is_localhost && !found.is_empty()).then_some(found)
}

fn hosts_file(evidence: &Evidence) -> Option<&Vec<IpAddr>> {
    let settings: &NameSettings = evidence.name_settings.known()?;
    settings.hosts_file.known()
}

/// A made-up name that leads to an address of the target, with all it leads to.
fn wildcard<'e>(
    evidence: &'e Evidence,
    found: &[IpAddr],
) -> Option<(&'e InventedName, &'e Vec<IpAddr>)> {
    let invented = evidence.invented_names.known()?;
    invented.iter().find_map(|one| match &one.answer.answer {
        DnsAnswer::Addresses(addresses) => {
            let is_same = addresses.iter().any(|ip| found.contains(ip));
            is_same.then_some((one, addresses))
        }
        _ => None,
    })
}

/// The address may be right after all; then the connection failed for its own reason.
fn no_fault_of_the_name(evidence: &Evidence) -> Vec<Alternative> {
    let telling = telling_attempts(evidence);
    if telling.iter().any(|attempt| refused_by_reset(attempt)) {
        let test = DecidingTest::ConnectByAddress;
        return vec![or(Cause::NothingListening, test)];
    }
    vec![or(Cause::HostDown, DecidingTest::CheckMachineIsOn)]
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::*;
    use crate::evidence::Fact;

    fn addresses(ips: &[&str]) -> Vec<IpAddr> {
        ips.iter().map(|ip| ip.parse().unwrap()).collect()
    }

    /// `srv.lab.test` leads to `ip` and is refused there; the hosts file has `line` for it.
    fn refused_at(ip: &str, line: &[&str]) -> Scene {
        Scene::new("srv.lab.test:5432")
            .found(&[ip])
            .refused(ip)
            .network("10.77.1.2/24")
            .hosts_file(line)
    }

    fn dns(ip: &str) -> [DnsAnswer; 1] {
        [DnsAnswer::Addresses(addresses(&[ip]))]
    }

    #[test]
    fn a_hosts_line_that_differs_from_dns_shadows_it() {
        let scene = refused_at("127.0.0.1", &["127.0.0.1"]).direct(&dns("10.77.1.10"));
        let found = says(
            hosts_file_override,
            &scene,
            "hosts-file-override",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["nothing-listening"]);
        assert!(leads_astray(&scene.evidence));
    }

    #[test]
    fn a_hosts_line_that_dns_agrees_with_is_no_override() {
        let same = refused_at("10.77.1.10", &["10.77.1.10"]).direct(&dns("10.77.1.10"));
        let unknown = refused_at("10.77.1.10", &["10.77.1.10"]).direct(&[DnsAnswer::NxDomain]);
        let unasked = refused_at("10.77.1.10", &["10.77.1.10"]);
        let not_from_file = refused_at("10.77.1.10", &[]).direct(&dns("10.77.1.20"));
        for scene in [same, unknown, unasked, not_from_file] {
            silent(hosts_file_override, &scene);
        }
    }

    #[test]
    fn a_hosts_line_that_works_is_nobodys_trouble() {
        let scene = Scene::new("srv.lab.test:5432")
            .found(&["10.77.1.10"])
            .connected("10.77.1.10")
            .hosts_file(&["10.77.1.10"])
            .direct(&dns("10.77.1.20"));
        silent(hosts_file_override, &scene);
    }

    #[test]
    fn an_invented_name_with_the_same_address_makes_the_name_suspect() {
        let scene = refused_at("10.77.1.10", &[]).invented(&dns("10.77.1.10")[0]);
        let found = says(
            name_resolves_wrong,
            &scene,
            "name-resolves-wrong",
            Certainty::Likely,
        );
        assert_eq!(others(&found), ["nothing-listening"]);
    }

    #[test]
    fn an_invented_name_that_leads_elsewhere_or_nowhere_proves_nothing() {
        let elsewhere = refused_at("10.77.1.10", &[]).invented(&dns("198.51.100.1")[0]);
        let nowhere = refused_at("10.77.1.10", &[]).invented(&DnsAnswer::NxDomain);
        let unasked = refused_at("10.77.1.10", &[]);
        let by_file = refused_at("10.77.1.10", &["10.77.1.10"]).invented(&dns("10.77.1.10")[0]);
        for scene in [elsewhere, nowhere, unasked, by_file] {
            silent(name_resolves_wrong, &scene);
        }
    }

    #[test]
    fn the_unspecified_address_is_a_filters_answer() {
        let scene = refused_at("0.0.0.0", &[]);
        says(name_blocked, &scene, "name-blocked", Certainty::Certain);
        let mut unread = refused_at("0.0.0.0", &[]);
        unread.evidence.name_settings = Fact::default();
        says(name_blocked, &unread, "name-blocked", Certainty::Likely);
        let by_file = refused_at("0.0.0.0", &["0.0.0.0"]);
        says(
            name_blocked,
            &by_file,
            "hosts-file-override",
            Certainty::Certain,
        );
    }

    #[test]
    fn localhost_and_literals_are_no_names_to_doubt() {
        silent(name_blocked, &Scene::new("0.0.0.0:80").refused("0.0.0.0"));
        let localhost = Scene::new("localhost:80")
            .found(&["127.0.0.1"])
            .refused("127.0.0.1")
            .hosts_file(&["127.0.0.1"])
            .direct(&dns("10.77.1.10"));
        silent(hosts_file_override, &localhost);
    }
}
