//! Advice about firewalls: reading them, letting the service through, finding what stops it.

use std::net::{IpAddr, Ipv4Addr};

use super::{Plan, SYSTEMS, here, looking, words};
use crate::advice::client_network::ClientNetwork;
use crate::advice::task::Change;
use crate::advice::{
    Advice, AdviceKind, Fix, Place, Placeholder, linux, macos, telling_command, windows,
};
use crate::diagnosis::Family;
use crate::evidence::{
    DecidingRule, FilterChain, Firewall, FirewallKind, Os, ProgramRule, Remark, is_private,
};

impl Plan<'_> {
    /// A rule is offered only where the service can be reached behind it, as far as we can see.
    pub(super) fn open_firewall(&self) -> Vec<Advice> {
        let mut advice = Vec::new();
        if self.is_here {
            if self.nothing_to_let_in() {
                advice.push(self.read_firewall());
            } else {
                advice.push(self.allow_in_firewall(self.ip));
            }
            advice.push(words(AdviceKind::TestAgain));
        } else {
            advice.push(self.check_on_target());
            advice.push(self.allow_in_firewall(self.ip));
            advice.extend(self.paste_firewall_output());
            advice.extend(self.tunnel(Ipv4Addr::LOCALHOST.into()));
            advice.push(words(AdviceKind::TryFromElsewhere));
        }
        advice
    }

    /// The service of this machine works, seen from itself: what others meet is up to its
    /// firewalls, which no connection from itself passes.
    pub(super) fn let_others_in(&self) -> Option<Advice> {
        let is_for_others = |ip: IpAddr| !ip.is_loopback() && !ip.is_unspecified();
        let found = self.evidence.firewalls.known()?;
        if !self.is_here || !self.ip.is_some_and(is_for_others) {
            return None;
        }
        let asked = |firewall: &&Firewall| !self.evidence.may_be_passed_by(firewall);
        if found.iter().filter(asked).any(Firewall::stops_port) {
            Some(self.allow_in_firewall(self.ip))
        } else {
            let unread = found.iter().filter(asked).any(Firewall::may_stop_port);
            unread.then(|| self.read_firewall())
        }
    }

    /// The firewall lets others in until it is reloaded.
    pub(super) fn keep_firewall_rule(&self) -> Option<Advice> {
        let found = self.evidence.firewalls.known().filter(|_| self.is_here)?;
        found.iter().find_map(|firewall| {
            let remarks = self.evidence.remarks_on(firewall);
            let ends = remarks.contains(&Remark::EndsAtReload);
            let fix = linux::keep_zone_entries(firewall.rule.as_ref()?, &remarks);
            Some(here(AdviceKind::KeepFirewallRule, fix.filter(|_| ends)?))
        })
    }

    /// The firewall would keep others out, and Docker lets them in: that may not be meant.
    pub(super) fn limit_published_port(&self) -> Option<Advice> {
        let found = self.evidence.firewalls.known()?;
        let is_passed_by = |firewall: &Firewall| {
            let remarks = self.evidence.remarks_on(firewall);
            remarks.contains(&Remark::PassedByDocker)
        };
        let ip = self.ip.filter(|_| self.is_here)?;
        found.iter().any(is_passed_by).then(|| {
            let network = self.evidence.network.known();
            let interface = network.and_then(|network| network.interface_of(ip));
            let clients = ClientNetwork::towards(ip, self.evidence);
            let fix = linux::limit_published_port(self.target.port, clients, interface.as_deref());
            here(AdviceKind::LimitPublishedPort, fix)
        })
    }

    /// A machine that is silent as a whole: on Windows the network's profile decides as well.
    pub(super) fn open_silent_machine(&self) -> Vec<Advice> {
        let mut advice = self.open_firewall();
        if self.systems().contains(&Os::Windows) {
            let private =
                self.change_there(AdviceKind::MarkNetworkPrivate, Change::MarkNetworkPrivate);
            advice.insert(advice.len() - 1, private);
        }
        advice
    }

    /// One family is open, the other is not: what works comes first, then the missing rule.
    pub(super) fn open_family(&self, blocked: Family) -> Vec<Advice> {
        let mut attempts = self.evidence.attempts.iter();
        let asked = attempts.find(|attempt| Family::of(attempt.addr.ip()) == blocked);
        let mut advice: Vec<Advice> = self.other_family(blocked).into_iter().collect();
        if !self.is_here {
            advice.push(self.check_on_target());
        }
        if self.is_here && self.nothing_to_let_in() {
            advice.push(self.read_firewall());
        } else {
            advice.push(self.allow_in_firewall(asked.map(|attempt| attempt.addr.ip())));
        }
        if blocked == Family::V6 && self.systems().contains(&Os::Linux) {
            advice.push(self.change_there(AdviceKind::TurnOnIpv6Rules, Change::TurnOnIpv6Rules));
        }
        advice
    }

    /// The server may have banned this client, which it sees under its own address only where no
    /// router translates it.
    pub(super) fn lift_ban(&self) -> Advice {
        let source = self.evidence.attempts.first().and_then(|a| a.source);
        let seen = source.filter(|own| is_private(*own) && self.ip.is_some_and(is_private));
        let client = seen.map_or_else(
            || Placeholder::Client.text().to_owned(),
            |ip| ip.to_string(),
        );
        self.change_there(AdviceKind::LiftBan, Change::LiftBan(&client))
    }

    pub(super) fn find_the_silence(&self) -> Vec<Advice> {
        let mut advice = vec![
            self.read_firewall(),
            words(AdviceKind::TryFromElsewhere),
            words(AdviceKind::SaveReport),
        ];
        if !self.is_here {
            advice.insert(0, self.check_on_target());
            advice.splice(1..1, self.paste_firewall_output());
        }
        advice
    }

    /// For each firewall that the target may have, the command whose output tells; until one was
    /// pasted.
    fn paste_firewall_output(&self) -> Option<Advice> {
        let is_v6 = self.ip.is_some_and(|ip| ip.is_ipv6());
        let usual = |os| match os {
            Os::Linux => linux::FIREWALLS.to_vec(),
            Os::Windows => vec![FirewallKind::WindowsDefender],
            Os::Macos => vec![FirewallKind::MacosApplication, FirewallKind::Pf],
        };
        let fixes = SYSTEMS.into_iter().flat_map(|os| {
            let each = usual(os).into_iter();
            each.map(move |kind| looking(os, Some(kind), vec![telling_command(kind, is_v6)]))
        });
        let is_told = !self.evidence.pasted_firewalls.is_empty();
        let fixes: Vec<Fix> = fixes.collect();
        (!is_told).then(|| self.placed(AdviceKind::PasteFirewallOutput, fixes))
    }

    fn allow_in_firewall(&self, asked: Option<IpAddr>) -> Advice {
        let port = self.target.port;
        let clients = asked.map_or(ClientNetwork::Unknown { v6: false }, |ip| {
            ClientNetwork::towards(ip, self.evidence)
        });
        let fixes = self.firewalls().into_iter().flat_map(|kind| match kind {
            FirewallKind::Ufw
            | FirewallKind::Firewalld
            | FirewallKind::Nftables
            | FirewallKind::Iptables => {
                let stopping = self.stopping(kind);
                let rule = stopping.and_then(|firewall| firewall.rule.as_ref());
                let remarks = stopping.map_or(&[][..], |firewall| &firewall.remarks);
                linux::allow_port(kind, port, clients, rule, remarks)
            }
            FirewallKind::WindowsDefender => {
                let unblocking = self.blocked_programs().map(windows::disable_rules);
                let allowing = windows::allow_port(port, clients);
                unblocking.into_iter().chain([allowing]).collect()
            }
            FirewallKind::MacosApplication => vec![macos::allow_program()],
            FirewallKind::Pf => vec![match clients {
                // To pf the placeholder would be the name of a table (pf.conf(5)).
                ClientNetwork::Unknown { .. } => {
                    looking(Os::Macos, Some(kind), macos::read_pf_rules())
                }
                ClientNetwork::OnLink { .. } | ClientNetwork::Client(_) => {
                    macos::allow_port_in_pf(port, clients)
                }
            }],
        });
        let fixes = fixes.collect();
        self.placed(AdviceKind::AllowInFirewall, fixes)
    }

    /// The firewall of this machine or of a pasted output that stops the port.
    fn stopping(&self, kind: FirewallKind) -> Option<&Firewall> {
        let found = self.evidence.firewalls.known().filter(|_| self.is_here);
        let all = found.into_iter().flatten();
        let mut stopping = all
            .chain(&self.evidence.pasted_firewalls)
            .filter(|firewall| firewall.stops_port());
        stopping.find(|firewall| firewall.kind == kind)
    }

    /// The rules of Windows that keep programs from being reached: they beat all that allow.
    fn blocked_programs(&self) -> Option<&[ProgramRule]> {
        let found = self.evidence.firewalls.known().filter(|_| self.is_here);
        let mut all = found
            .into_iter()
            .flatten()
            .chain(&self.evidence.pasted_firewalls)
            .filter(|firewall| firewall.kind == FirewallKind::WindowsDefender)
            .flat_map(|firewall| &firewall.remarks);
        all.find_map(|remark| {
            let Remark::BlocksPrograms { rules } = remark else {
                return None;
            };
            Some(rules.as_slice())
        })
    }

    pub(super) fn read_firewall(&self) -> Advice {
        let fixes = self.firewalls().into_iter().map(|kind| match kind {
            FirewallKind::Ufw
            | FirewallKind::Firewalld
            | FirewallKind::Nftables
            | FirewallKind::Iptables => looking(Os::Linux, Some(kind), linux::read_rules(kind)),
            FirewallKind::WindowsDefender => {
                let port = self.target.port.to_string();
                looking(Os::Windows, Some(kind), windows::read_rules(&port))
            }
            FirewallKind::MacosApplication => {
                looking(Os::Macos, Some(kind), macos::read_application_rules())
            }
            FirewallKind::Pf => looking(Os::Macos, Some(kind), macos::read_pf_rules()),
        });
        let fixes = fixes.collect();
        self.placed(AdviceKind::ReadFirewallRules, fixes)
    }

    /// Where the rule that stops this machine's own connections is known, a way past it for each
    /// address.
    pub(super) fn allow_outbound(&self) -> Option<Advice> {
        let judged = self.evidence.outbound.known()?;
        let fixes: Vec<Fix> = judged.iter().filter_map(linux::allow_outbound).collect();
        (!fixes.is_empty()).then_some(Advice {
            kind: AdviceKind::AllowOutbound,
            place: Place::Here,
            fixes,
        })
    }

    pub(super) fn find_outbound_rule(&self) -> Advice {
        let os = self.evidence.os;
        let commands = match os {
            Os::Linux => linux::read_outbound_rules(),
            Os::Windows => windows::read_outbound_rules(),
            Os::Macos => macos::read_pf_rules(),
        };
        here(AdviceKind::FindOutboundRule, looking(os, None, commands))
    }

    /// The firewalls to look at: here those that stop the port, else those that may, elsewhere the
    /// usual ones.
    fn firewalls(&self) -> Vec<FirewallKind> {
        let usual = |os| match os {
            Os::Linux => linux::FIREWALLS.to_vec(),
            Os::Windows => vec![FirewallKind::WindowsDefender],
            Os::Macos => vec![FirewallKind::MacosApplication],
        };
        let pasted = self.evidence.pasted_firewalls.iter();
        let told: Vec<FirewallKind> = pasted
            .filter(|firewall| firewall.stops_port())
            .map(|firewall| firewall.kind)
            .collect();
        if !told.is_empty() {
            return told;
        }
        if self.is_here
            && let Some(found) = self.evidence.firewalls.known()
        {
            let has_ufw = found
                .iter()
                .any(|one| one.kind == FirewallKind::Ufw && one.stops_port());
            let kinds = |is_meant: fn(&Firewall) -> bool| -> Vec<FirewallKind> {
                let meant = found.iter().filter(|firewall| is_meant(firewall));
                let meant = meant.filter(|firewall| !(has_ufw && is_of_ufw(firewall)));
                meant.map(|firewall| firewall.kind).collect()
            };
            let by_promise = [
                kinds(Firewall::stops_port),
                kinds(Firewall::may_stop_port),
                kinds(|firewall| firewall.active.known() != Some(&false)),
            ];
            if let Some(kinds) = by_promise.into_iter().find(|kinds| !kinds.is_empty()) {
                return kinds;
            }
        }
        self.systems().into_iter().flat_map(usual).collect()
    }

    /// The listeners of this machine are known, and none on the port can be reached from outside.
    fn nothing_to_let_in(&self) -> bool {
        let are_known = self.evidence.listeners.known().is_some();
        are_known && self.evidence.open_listeners().next().is_none()
    }
}

/// Whether what decides in iptables is ufw's, whose rules are in iptables and are changed by ufw alone:
/// its chains, and the default that it sets.
fn is_of_ufw(firewall: &Firewall) -> bool {
    let of_ufw = |chain: &FilterChain| chain.chain.starts_with("ufw");
    let decides = |rule: &DecidingRule| rule.is_default || rule.chain.as_ref().is_some_and(of_ufw);
    firewall.kind == FirewallKind::Iptables && firewall.rule.as_ref().is_some_and(decides)
}
