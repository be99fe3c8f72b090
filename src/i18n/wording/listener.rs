//! A listener in words: whose it is, who can reach it, how full its queue is, and what else has to
//! do with its port.

use std::net::SocketAddr;

use super::{Wording, list};
use crate::evidence::{
    Background, Contained, Fact, Gap, KnownProgram, Listener, Os, PortPart, PortUse, Queue, Reach,
    is_socket_of, known_program, printable, socket_service,
};

impl Wording<'_> {
    /// The program behind a listener, or why it is not known.
    #[must_use]
    pub fn listener_owner(&self, listener: &Listener) -> String {
        let words = &self.verdict().listener;
        match &listener.process {
            Fact::Known(process) => self.process(process),
            Fact::Unknown(Gap::NeedsAdmin) => words.hidden.clone(),
            Fact::Unknown(Gap::NoHolder) => words.of_nobody.clone(),
            Fact::Unknown(gap @ Gap::HolderEnded { .. }) => self.gap(gap),
            Fact::Unknown(
                gap @ (Gap::NotAsked
                | Gap::Pending
                | Gap::TimedOut
                | Gap::ToolMissing
                | Gap::Unreadable { .. }
                | Gap::Unsupported),
            ) => words.unknown.fill(&[("gap", &self.gap(gap))]),
        }
    }

    /// Who can reach a listener by its address and the interface that it is bound to; a firewall
    /// may still say no.
    #[must_use]
    pub fn reach(&self, listener: &Listener, background: Option<&Background>) -> String {
        let words = &self.verdict().reach;
        let by_address = match listener.reach() {
            Reach::ThisMachine => return words.this_machine.clone(),
            Reach::OneAddress(address) => words.one_address.fill(&[("address", &address)]),
            Reach::AnyIpv4 => words.any_ipv4.clone(),
            Reach::OnlyIpv6 => words.only_ipv6.clone(),
            Reach::AnyIpv6 => words.any_ipv6.clone(),
            Reach::Anyone => words.anyone.clone(),
        };
        match background.and_then(|background| background.interface.as_deref()) {
            Some(LOOPBACK) => words.this_machine.clone(),
            Some(interface) => words
                .through_interface
                .fill(&[("reach", &by_address), ("interface", &printable(interface))]),
            None => by_address,
        }
    }

    /// How full a listener's queue is; so many as `own` of the waiting connections are this test's
    /// own. Nothing when nobody waits and the limit is not known.
    #[must_use]
    pub fn queue(&self, queue: &Queue, own: u32) -> Option<String> {
        let words = &self.verdict().listener;
        let waiting = queue.waiting.saturating_sub(own);
        match queue.limit {
            Some(limit) if queue.waiting > limit => {
                let numbers: [(&str, &dyn std::fmt::Display); 2] =
                    [("waiting", &queue.waiting), ("limit", &limit)];
                Some(words.queue_full.fill(&numbers))
            }
            Some(limit) if waiting == 0 => Some(words.queue_empty.fill(&[("limit", &limit)])),
            Some(limit) => Some(
                words
                    .queue_of
                    .fill(&[("waiting", &waiting), ("limit", &limit)]),
            ),
            None if waiting == 0 => None,
            None => Some(words.queue_waiting.fill(waiting as usize)),
        }
    }

    /// All that is known of a listener beside its address and program: a label and a sentence each.
    #[must_use]
    pub fn listener_facts(
        &self,
        listener: &Listener,
        background: Option<&Background>,
        own: u32,
        os: Os,
    ) -> Vec<(&'static str, String)> {
        let words = &self.verdict().listener;
        let mut facts = vec![(words.reach.as_str(), self.reach(listener, background))];
        let known = known_program(os, listener).map(|known| self.known_program(known));
        facts.extend(known.map(|known| (words.known_as.as_str(), known)));
        let user = listener.user.known();
        facts.extend(user.map(|user| (words.user.as_str(), printable(user).into_owned())));
        facts.extend(background.into_iter().flat_map(|one| self.background(one)));
        let queue = listener
            .queue
            .known()
            .and_then(|queue| self.queue(queue, own));
        facts.extend(queue.map(|queue| (words.queue.as_str(), queue)));
        facts
    }

    fn known_program(&self, known: KnownProgram) -> String {
        let words = &self.verdict().known_program;
        match known {
            KnownProgram::AirPlay => words.air_play.clone(),
            KnownProgram::HttpSys => words.http_sys.clone(),
            KnownProgram::WindowsFileSharing => words.windows_file_sharing.clone(),
            KnownProgram::WindowsService => words.windows_service.clone(),
            KnownProgram::DockerDesktop => words.docker_desktop.clone(),
            KnownProgram::Wsl => words.wsl.clone(),
            KnownProgram::Editor => words.editor.clone(),
            KnownProgram::WebShield(product) => words.web_shield.fill(&[("product", &product)]),
        }
    }

    /// What else of this machine has to do with the port, beside its TCP listeners; where that was asked
    /// and not told, why.
    #[must_use]
    pub fn port_use(
        &self,
        port_use: &Fact<PortUse>,
        listeners: &[&Listener],
    ) -> Vec<(&'static str, String)> {
        match port_use {
            Fact::Known(port_use) => self.known_port_use(port_use, listeners),
            Fact::Unknown(Gap::NotAsked | Gap::Pending | Gap::Unsupported) => Vec::new(),
            Fact::Unknown(
                gap @ (Gap::NeedsAdmin
                | Gap::TimedOut
                | Gap::ToolMissing
                | Gap::Unreadable { .. }
                | Gap::NoHolder
                | Gap::HolderEnded { .. }),
            ) => vec![(
                self.verdict().port_use.unread.as_str(),
                self.gap_reason(gap),
            )],
        }
    }

    fn known_port_use(
        &self,
        port_use: &PortUse,
        listeners: &[&Listener],
    ) -> Vec<(&'static str, String)> {
        let words = &self.verdict().port_use;
        let mut facts = Vec::new();
        if !port_use.udp.is_empty() {
            let template = if listeners.is_empty() {
                &words.udp_only
            } else {
                &words.udp_too
            };
            let addresses: Vec<&SocketAddr> = port_use.udp.iter().collect();
            facts.push((
                words.udp.as_str(),
                template.fill(&[("addresses", &list(&addresses))]),
            ));
        }
        let of_target = port_use
            .unix
            .iter()
            .filter(|path| is_socket_of(path, self.target));
        facts.extend(of_target.map(|path| {
            let service = socket_service(path).unwrap_or_default();
            let place: [(&str, &dyn std::fmt::Display); 2] =
                [("path", &printable(path)), ("service", &service)];
            (words.unix.as_str(), words.unix_socket.fill(&place))
        }));
        let connections = port_use.connections.established;
        if connections > 0 {
            facts.push((
                words.connections.as_str(),
                words.established.fill(connections as usize),
            ));
        }
        facts.extend(
            port_use
                .stopped
                .iter()
                .map(|process| (words.stopped.as_str(), self.process(process))),
        );
        for inside in &port_use.in_containers {
            facts.extend(self.contained(&words.in_containers, inside));
            facts.push((words.way.as_str(), self.way_into(inside)));
        }
        for inside in &port_use.in_namespaces {
            facts.extend(self.contained(&words.in_namespaces, inside));
        }
        if !port_use.unread.is_empty() {
            let parts = port_use.unread.iter().map(|part| self.port_part(*part));
            let parts: Vec<&str> = parts.collect();
            facts.push((words.unread.as_str(), parts.join(", ")));
        }
        facts
    }

    /// Who listens in another network, and where.
    fn contained(&self, label: &'static str, inside: &Contained) -> Vec<(&'static str, String)> {
        let words = &self.verdict().port_use;
        let container = inside.container.as_ref().map(|one| self.container(one));
        let process = std::iter::once(self.process(&inside.process));
        let who: Vec<String> = process.chain(container).collect();
        let mut facts = vec![(label, who.join(", "))];
        facts.extend(inside.addr.map(|addr| {
            let place = match inside.addresses.as_slice() {
                [] => words.inside_address.fill(&[("addr", &addr)]),
                own => words
                    .inside_network
                    .fill(&[("addr", &addr), ("own", &list(own))]),
            };
            (words.inside.as_str(), place)
        }));
        facts
    }

    /// How a program in a container is reached from outside.
    fn way_into(&self, inside: &Contained) -> String {
        let words = &self.verdict().port_use;
        if !inside.is_open() {
            words.way_closed.clone()
        } else if inside.published.is_empty() {
            words.way_none.clone()
        } else {
            words
                .way_published
                .fill(&[("addresses", &list(&inside.published))])
        }
    }

    fn port_part(&self, part: PortPart) -> &'static str {
        let words = &self.verdict().port_use;
        match part {
            PortPart::UnixSockets => &words.unread_unix_sockets,
            PortPart::Connections => &words.unread_connections,
            PortPart::LentPorts => &words.unread_lent_ports,
            PortPart::ReservedPorts => &words.unread_reserved_ports,
            PortPart::Programs => &words.unread_programs,
            PortPart::Containers => &words.unread_containers,
        }
    }
}

/// The interface through which a machine talks to itself, as Linux names it.
const LOOPBACK: &str = "lo";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Connections, Container, Process};
    use crate::i18n::{Language, Texts};
    use crate::target::{Target, Understanding, understand};

    fn target() -> Target {
        let Ok(Understanding::Targets { mut targets, .. }) = understand("127.0.0.1:5432") else {
            panic!("an endpoint");
        };
        targets.remove(0)
    }

    fn listener(addr: &str, takes_ipv4: Fact<bool>) -> Listener {
        Listener {
            addr: addr.parse().unwrap(),
            takes_ipv4,
            process: Fact::Unknown(Gap::NoHolder),
            user: Fact::default(),
            queue: Fact::default(),
        }
    }

    #[test]
    fn who_can_reach_a_wildcard_depends_on_what_is_known_of_it() {
        let target = target();
        let wording = Wording::new(Texts::of(Language::En), &target);
        let reach = |takes_ipv4| wording.reach(&listener("[::]:80", takes_ipv4), None);
        assert!(reach(Fact::Known(false)).contains("not over IPv4"));
        assert!(reach(Fact::Known(true)).contains("IPv4 or IPv6"));
        assert!(reach(Fact::default()).contains("perhaps"));
    }

    #[test]
    fn whoever_is_bound_to_an_interface_is_reached_through_it_alone() {
        let target = target();
        let wording = Wording::new(Texts::of(Language::En), &target);
        let any = listener("0.0.0.0:80", Fact::default());
        let on = |interface: &str| Background {
            interface: Some(interface.to_owned()),
            ..Background::of(any.addr)
        };
        let reach = |interface: &str| wording.reach(&any, Some(&on(interface)));
        assert!(reach("eth1").ends_with("through interface eth1 only"));
        assert_eq!(reach("lo"), "Only this computer");
        assert_eq!(
            wording.listener_owner(&any),
            Texts::of(Language::En).verdict.listener.of_nobody
        );
    }

    #[test]
    fn a_verdict_says_first_that_others_are_kept_out() {
        use crate::diagnosis::{Cause, Certainty, Clue, Finding};
        use crate::evidence::{FirewallKind, Policy};
        let target = target();
        let finding = |cause, policy| Finding {
            cause,
            certainty: Certainty::Certain,
            because: vec![Clue::FirewallHere {
                firewall: FirewallKind::Ufw,
                policy,
                rule: None,
            }],
            alternatives: Vec::new(),
        };
        for language in Language::ALL {
            let wording = Wording::new(Texts::of(language), &target);
            let kept = finding(Cause::Reachable, Policy::Drop);
            let let_in = finding(Cause::Reachable, Policy::Allow);
            let titles = [&kept, &let_in].map(|finding| wording.finding_title(finding));
            assert_eq!(titles[1], wording.cause_title(&Cause::Reachable));
            assert_ne!(titles[0], titles[1]);
            let explanation = wording.finding_explanation(&kept);
            assert!(explanation.contains("ufw") && explanation.contains("5432"));
            // What failed is the firewall's doing or not by its own rules.
            let failed = finding(Cause::ServerHung, Policy::Drop);
            assert_eq!(
                wording.finding_title(&failed),
                wording.cause_title(&failed.cause)
            );
        }
    }

    #[test]
    fn what_a_program_is_known_to_be_is_told_in_every_language() {
        let target = target();
        let process = |name: &str, pid| {
            Fact::Known(Process {
                pid,
                name: name.to_owned(),
                command: None,
            })
        };
        let programs = [
            (Os::Macos, "ControlCenter", 500),
            (Os::Windows, "System", 4),
            (Os::Windows, "svchost.exe", 900),
            (Os::Windows, "wslrelay.exe", 900),
            (Os::Windows, "com.docker.backend.exe", 900),
            (Os::Windows, "ekrn.exe", 900),
            (Os::Linux, "code", 900),
        ];
        for language in Language::ALL {
            let wording = Wording::new(Texts::of(language), &target);
            let mut told = Vec::new();
            for (os, name, pid) in programs {
                let mut listener = listener("127.0.0.1:5000", Fact::default());
                listener.process = process(name, pid);
                let facts = wording.listener_facts(&listener, None, 0, os);
                assert_eq!(facts.len(), 2, "{name}");
                told.push(facts[1].1.clone());
            }
            told.sort_unstable();
            told.dedup();
            assert_eq!(told.len(), programs.len());
        }
    }

    #[test]
    fn a_queue_is_told_against_its_limit() {
        let target = target();
        let wording = Wording::new(Texts::of(Language::En), &target);
        let queue = |waiting, limit| wording.queue(&Queue { waiting, limit }, 1);
        assert!(queue(1, Some(128)).unwrap().starts_with("none"));
        assert!(queue(4, Some(128)).unwrap().starts_with("3 of at most 128"));
        assert!(queue(129, Some(128)).unwrap().starts_with("full"));
        assert_eq!(queue(1, None), None);
        assert!(queue(3, None).unwrap().starts_with("2 connections"));
    }

    #[test]
    fn what_else_uses_the_port_is_told_with_what_it_means() {
        let target = target();
        let wording = Wording::new(Texts::of(Language::En), &target);
        let port_use = PortUse {
            udp: vec!["0.0.0.0:5432".parse().unwrap()],
            unix: [".s.PGSQL.5432", ".s.PGSQL.5433", "mysqld.sock"]
                .map(|name| format!("/run/{name}"))
                .to_vec(),
            connections: Connections {
                established: 2,
                ..Connections::default()
            },
            ..PortUse::default()
        };
        let told = wording.port_use(&Fact::Known(port_use.clone()), &[]);
        let values: Vec<&str> = told.iter().map(|(_, value)| value.as_str()).collect();
        assert!(values[0].starts_with("0.0.0.0:5432") && values[0].contains("TCP"));
        assert!(values[1].contains("postgresql"));
        assert!(values[2].starts_with("2 connections"));
        let process = Process {
            pid: 41,
            name: "postgres".to_owned(),
            command: None,
        };
        let mut inside = Contained {
            container: Some(Container::new(Some("podman"), "0123456789ab")),
            addresses: vec!["10.88.0.5".parse().unwrap()],
            ..Contained::new(process, Some("0.0.0.0:5432".parse().unwrap()))
        };
        let in_container = |inside: &Contained| {
            let port_use = PortUse {
                in_containers: vec![inside.clone()],
                ..PortUse::default()
            };
            let told = wording.port_use(&Fact::Known(port_use.clone()), &[]);
            told.into_iter().map(|(_, value)| value).collect::<Vec<_>>()
        };
        let told_inside = in_container(&inside);
        assert_eq!(
            told_inside[0],
            "postgres (PID 41), podman container 0123456789ab"
        );
        assert!(told_inside[1].starts_with("0.0.0.0:5432") && told_inside[1].contains("10.88.0.5"));
        assert!(told_inside[2].starts_with("none"));
        inside.published = vec!["0.0.0.0:15432".parse().unwrap()];
        assert!(in_container(&inside)[2].contains("0.0.0.0:15432"));
        inside.addr = Some("127.0.0.1:5432".parse().unwrap());
        assert!(in_container(&inside)[2].contains("loopback"));
        let tcp = listener("0.0.0.0:5432", Fact::default());
        assert_ne!(
            wording.port_use(&Fact::Known(port_use.clone()), &[&tcp])[0].1,
            told[0].1
        );
        let nothing = Fact::Known(PortUse::default());
        assert_eq!(wording.port_use(&nothing, &[]), []);
        // What could not be read is not nothing.
        assert_eq!(wording.port_use(&Fact::default(), &[]), []);
        let unread = wording.port_use(&Fact::Unknown(Gap::TimedOut), &[]);
        assert_eq!(unread[0].0, Texts::of(Language::En).verdict.port_use.unread);
    }
}
