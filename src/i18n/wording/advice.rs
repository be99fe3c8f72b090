//! Advice in words: what to do, what to mind, what it risks and where it is done.

use std::fmt::Display;

use super::{Values, Wording, bracketed, names, os_name, service_name};
use crate::advice::{Advice, AdviceKind, Place, Placeholder, Risk, Setting};
use crate::catalogue;
use crate::evidence::{FirewallKind, ProxySource, SettingLine, printable};
use crate::i18n::texts::{AdviceText, ServiceText, Template};

/// An advice in words.
struct AdviceWords {
    title: String,
    detail: String,
}

impl AdviceWords {
    fn new(title: String, detail: String) -> Self {
        Self { title, detail }
    }
}

impl Wording<'_> {
    /// What to do, as a title that starts with a verb.
    #[must_use]
    pub fn advice_title(&self, advice: &Advice) -> String {
        self.advice_words(advice).title
    }

    /// What it does and what to mind, in plain sentences; settings, and what is to be replaced in
    /// commands, stand on lines of their own.
    #[must_use]
    pub fn advice_detail(&self, advice: &Advice) -> String {
        self.with_placeholders(advice, self.advice_words(advice).detail)
    }

    /// As [`Self::advice_detail`], without the settings, for where these stand beside it to be copied.
    #[must_use]
    pub fn advice_detail_beside_settings(&self, advice: &Advice) -> String {
        let AdviceKind::ListenOnNetwork { service, .. } = &advice.kind else {
            return self.advice_detail(advice);
        };
        let detail = self.listen_on_network(service.as_deref(), &[]);
        self.with_placeholders(advice, detail)
    }

    /// Each setting that an advice is about: where it stands, and the line itself.
    #[must_use]
    pub fn settings<'a>(&self, advice: &'a Advice) -> Vec<(String, &'a str)> {
        let AdviceKind::ListenOnNetwork { settings, .. } = &advice.kind else {
            return Vec::new();
        };
        let text = &self.verdict().advice.listen_on_network;
        let is_one = settings.windows(2).all(|pair| pair[0].os == pair[1].os);
        let place = |setting: &Setting| {
            let place = match (&setting.file, setting.at) {
                (Some(file), Some(at)) => text
                    .setting_place_at
                    .fill(&[("file", &printable(file)), ("at", &at)]),
                (Some(file), None) => text.setting_place.fill(&[("file", &printable(file))]),
                (None, _) => text.setting_place_start.fill(&[]),
            };
            if is_one || setting.file.is_none() {
                place
            } else {
                format!("{}: {place}", os_name(setting.os))
            }
        };
        let settings = settings.iter();
        settings
            .map(|setting| (place(setting), setting.line.as_str()))
            .collect()
    }

    fn with_placeholders(&self, advice: &Advice, mut detail: String) -> String {
        let words = &self.verdict().placeholder;
        for placeholder in advice.placeholders() {
            let replace = match placeholder {
                Placeholder::Subnet => &words.subnet,
                Placeholder::Address => &words.address,
                Placeholder::Program => &words.program,
                Placeholder::User => &words.user,
                Placeholder::Interface => &words.interface,
                Placeholder::Connection => &words.connection,
                Placeholder::DnsServer => &words.dns_server,
                Placeholder::Container => &words.container,
                Placeholder::Client => &words.client,
                Placeholder::Jail => &words.jail,
                Placeholder::Certificate => &words.certificate,
                Placeholder::Thumbprint => &words.thumbprint,
                Placeholder::Proxy => &words.proxy,
                Placeholder::PortLabel => &words.port_label,
            };
            detail.push('\n');
            detail.push_str(&replace.fill(&[("placeholder", &placeholder.text())]));
        }
        detail
    }

    /// The stable id of an advice, the same as in the report's JSON.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one flat match")]
    pub fn advice_id(kind: &AdviceKind) -> &'static str {
        match kind {
            AdviceKind::StartService { .. } => "start-service",
            AdviceKind::EnableService { .. } => "enable-service",
            AdviceKind::UnmaskService { .. } => "unmask-service",
            AdviceKind::InstallService { .. } => "install-service",
            AdviceKind::CheckPort { .. } => "check-port",
            AdviceKind::UsePort { .. } => "use-port",
            AdviceKind::UseAddress { .. } => "use-address",
            AdviceKind::ListenOnNetwork { .. } => "listen-on-network",
            AdviceKind::TunnelThroughSsh { .. } => "tunnel-through-ssh",
            AdviceKind::AllowInFirewall => "allow-in-firewall",
            AdviceKind::LimitPublishedPort => "limit-published-port",
            AdviceKind::KeepFirewallRule => "keep-firewall-rule",
            AdviceKind::ReadFirewallRules => "read-firewall-rules",
            AdviceKind::FindOutboundRule => "find-outbound-rule",
            AdviceKind::LabelPort => "label-port",
            AdviceKind::AllowOutbound => "allow-outbound",
            AdviceKind::CheckWhichMachine => "check-which-machine",
            AdviceKind::CheckOnTarget => "check-on-target",
            AdviceKind::PasteFirewallOutput => "paste-firewall-output",
            AdviceKind::CheckSpelling => "check-spelling",
            AdviceKind::CheckNetwork => "check-network",
            AdviceKind::CheckDns => "check-dns",
            AdviceKind::AskForDnsRecord => "ask-for-dns-record",
            AdviceKind::TurnNetworkOn => "turn-network-on",
            AdviceKind::CheckRoutes => "check-routes",
            AdviceKind::UseIpv4 => "use-ipv4",
            AdviceKind::CheckMachineIsOn => "check-machine-is-on",
            AdviceKind::AskNetworkAdmin { .. } => "ask-network-admin",
            AdviceKind::AllowProgram => "allow-program",
            AdviceKind::UseTls { .. } => "use-tls",
            AdviceKind::UsePlainText { .. } => "use-plain-text",
            AdviceKind::UseFullName => "use-full-name",
            AdviceKind::ConnectByAddress => "connect-by-address",
            AdviceKind::FlushDnsCache => "flush-dns-cache",
            AdviceKind::AllowNameInFilter => "allow-name-in-filter",
            AdviceKind::EditHostsFile => "edit-hosts-file",
            AdviceKind::EnableMdns => "enable-mdns",
            AdviceKind::ResetDns => "reset-dns",
            AdviceKind::RemoveDeadDnsServer => "remove-dead-dns-server",
            AdviceKind::CheckLink => "check-link",
            AdviceKind::CheckGateway { .. } => "check-gateway",
            AdviceKind::RestartRouter => "restart-router",
            AdviceKind::UseAutomaticAddress => "use-automatic-address",
            AdviceKind::MoveLocalNetwork { .. } => "move-local-network",
            AdviceKind::DisconnectVpn => "disconnect-vpn",
            AdviceKind::LetLocalNetworkBypassVpn => "let-local-network-bypass-vpn",
            AdviceKind::RemoveFixedSource => "remove-fixed-source",
            AdviceKind::ShowTheWay => "show-the-way",
            AdviceKind::ImproveSignal => "improve-signal",
            AdviceKind::RepeatTest => "repeat-test",
            AdviceKind::LowerMtu => "lower-mtu",
            AdviceKind::KeepAlive => "keep-alive",
            AdviceKind::UseInsideAddress => "use-inside-address",
            AdviceKind::ResolveAddressConflict => "resolve-address-conflict",
            AdviceKind::MarkNetworkPrivate => "mark-network-private",
            AdviceKind::LiftBan => "lift-ban",
            AdviceKind::ReuseConnections => "reuse-connections",
            AdviceKind::TurnOnIpv6Rules => "turn-on-ipv6-rules",
            AdviceKind::AllowInCloud => "allow-in-cloud",
            AdviceKind::CheckWayBack => "check-way-back",
            AdviceKind::UseUdp => "use-udp",
            AdviceKind::LookAtUdp => "look-at-udp",
            AdviceKind::UseUnixSocket { .. } => "use-unix-socket",
            AdviceKind::TurnOnTcp => "turn-on-tcp",
            AdviceKind::UseContainerNames => "use-container-names",
            AdviceKind::PublishPort => "publish-port",
            AdviceKind::LookInsideContainer => "look-inside-container",
            AdviceKind::FindPortOwner => "find-port-owner",
            AdviceKind::UseFreePort => "use-free-port",
            AdviceKind::FreePort { .. } => "free-port",
            AdviceKind::AllowLowPort => "allow-low-port",
            AdviceKind::LookAtQueue => "look-at-queue",
            AdviceKind::RestartService { .. } => "restart-service",
            AdviceKind::ReadServiceLog { .. } => "read-service-log",
            AdviceKind::CheckLoad => "check-load",
            AdviceKind::RaiseTimeout => "raise-timeout",
            AdviceKind::CheckServiceLimits => "check-service-limits",
            AdviceKind::CheckBackend => "check-backend",
            AdviceKind::CheckUpstream => "check-upstream",
            AdviceKind::SetClock => "set-clock",
            AdviceKind::RenewCertificate => "renew-certificate",
            AdviceKind::UseCoveredName { .. } => "use-covered-name",
            AdviceKind::TrustCertificate => "trust-certificate",
            AdviceKind::AskServiceOwner => "ask-service-owner",
            AdviceKind::UpdateTls => "update-tls",
            AdviceKind::SendWholeChain => "send-whole-chain",
            AdviceKind::SetClientCertificate => "set-client-certificate",
            AdviceKind::CheckWebAddress => "check-web-address",
            AdviceKind::AllowHostName => "allow-host-name",
            AdviceKind::SignIn => "sign-in",
            AdviceKind::TurnOnDatabaseTls => "turn-on-database-tls",
            AdviceKind::TurnOnServerTls => "turn-on-server-tls",
            AdviceKind::CheckProxy => "check-proxy",
            AdviceKind::GoWithoutProxy { .. } => "go-without-proxy",
            AdviceKind::SetProxy { .. } => "set-proxy",
            AdviceKind::AddProxyBypass { .. } => "add-proxy-bypass",
            AdviceKind::WidenPortRange => "widen-port-range",
            AdviceKind::RaiseFileLimit => "raise-file-limit",
            AdviceKind::EnterAddress => "enter-address",
            AdviceKind::UseUsualClient => "use-usual-client",
            AdviceKind::CheckProgramSettings => "check-program-settings",
            AdviceKind::TestAgain => "test-again",
            AdviceKind::TryFromElsewhere => "try-from-elsewhere",
            AdviceKind::SaveReport => "save-report",
        }
    }

    /// What a fix risks.
    #[must_use]
    pub fn risk(&self, risk: Risk) -> &'static str {
        let words = &self.verdict().risk;
        match risk {
            Risk::None => &words.none,
            Risk::StartsService => &words.starts_service,
            Risk::RestartsService => &words.restarts_service,
            Risk::OpensPortToNetwork => &words.opens_port_to_network,
            Risk::ClosesPortToOthers => &words.closes_port_to_others,
            Risk::ExposesService => &words.exposes_service,
            Risk::ChangesSystem => &words.changes_system,
            Risk::ClearsCache => &words.clears_cache,
            Risk::LeavesVpn => &words.leaves_vpn,
            Risk::TrustsNetwork => &words.trusts_network,
            Risk::TrustsCertificate => &words.trusts_certificate,
        }
    }

    /// On which machine advice is to be carried out.
    #[must_use]
    pub fn place(&self, place: Place) -> String {
        let words = &self.verdict().place;
        match place {
            Place::Here => words.here.clone(),
            Place::OnTarget => words.on_target.fill(&[("host", &self.host())]),
            Place::OnClient => words.on_client.clone(),
        }
    }

    /// The same, with where each place is to be found and since when a change counts.
    fn with_proxy_places(&self, mut told: AdviceWords, places: &[ProxySource]) -> AdviceWords {
        let words = &self.texts.proxies.places;
        let one = |place: &ProxySource| match place {
            ProxySource::Environment { .. } => words.environment.as_str(),
            ProxySource::EtcEnvironment { .. } => &words.etc_environment,
            ProxySource::Gnome => &words.gnome,
            ProxySource::Kde => &words.kde,
            ProxySource::Windows => &words.windows,
            ProxySource::WinHttp => &words.win_http,
            ProxySource::Macos => &words.macos,
        };
        for line in places.iter().map(one) {
            told.detail.push('\n');
            told.detail.push_str(line);
        }
        told
    }

    #[expect(clippy::too_many_lines, reason = "one flat match")]
    fn advice_words(&self, advice: &Advice) -> AdviceWords {
        let words = &self.verdict().advice;
        let (host, port, endpoint) = (self.host(), self.target.port, self.endpoint());
        let common: Values = &[("host", &host), ("port", &port), ("endpoint", &endpoint)];
        let plain =
            |text: &AdviceText| AdviceWords::new(text.title.fill(common), text.detail.fill(common));
        let with = |text: &AdviceText, name: &str, value: &dyn Display| {
            let values: Values = &[
                ("host", &host),
                ("port", &port),
                ("endpoint", &endpoint),
                (name, value),
            ];
            AdviceWords::new(text.title.fill(values), text.detail.fill(values))
        };
        let named = |service: Option<&str>, named: &Template, unnamed: &Template| match service
            .and_then(service_name)
        {
            Some(service) => named.fill(&[("service", &service)]),
            None => unnamed.fill(common),
        };
        let of_service = |text: &ServiceText, service: &Option<String>| {
            AdviceWords::new(
                named(service.as_deref(), &text.title, &text.title_unnamed),
                text.detail.fill(common),
            )
        };
        let with_url = |url: &Option<String>, with: &Template, without: &Template| match url {
            Some(url) => with.fill(&[("url", &printable(url))]),
            None => without.fill(common),
        };
        match &advice.kind {
            AdviceKind::StartService { service } => {
                let words = of_service(&words.start_service, service);
                AdviceWords {
                    detail: self.with_note(words.detail, service.as_deref()),
                    ..words
                }
            }
            AdviceKind::EnableService { service } => of_service(&words.enable_service, service),
            AdviceKind::UnmaskService { service } => of_service(&words.unmask_service, service),
            AdviceKind::InstallService { service } => {
                let words = of_service(&words.install_service, service);
                AdviceWords {
                    detail: self.with_note(words.detail, service.as_deref()),
                    ..words
                }
            }
            AdviceKind::CheckPort {
                service,
                usual,
                set,
            } => AdviceWords::new(
                words.check_port.title.fill(common),
                self.check_port(service.as_deref(), *usual, set.as_ref()),
            ),
            AdviceKind::UsePort { found } => with(&words.use_port, "found", found),
            AdviceKind::UseAddress { addr } => {
                with(&words.use_address, "address", &bracketed(addr.ip()))
            }
            AdviceKind::ListenOnNetwork { service, settings } => {
                let text = &words.listen_on_network;
                AdviceWords::new(
                    named(service.as_deref(), &text.title, &text.title_unnamed),
                    self.listen_on_network(service.as_deref(), settings),
                )
            }
            AdviceKind::TunnelThroughSsh { local } => {
                with(&words.tunnel_through_ssh, "local", local)
            }
            AdviceKind::AllowInFirewall => AdviceWords::new(
                words.allow_in_firewall.title.fill(common),
                self.allow_in_firewall(advice),
            ),
            AdviceKind::AskNetworkAdmin { device } => {
                let text = &words.ask_network_admin;
                let detail = match device {
                    Some(device) => text
                        .detail_device
                        .fill(&[("endpoint", &endpoint), ("device", device)]),
                    None => text.detail.fill(common),
                };
                AdviceWords::new(text.title.fill(common), detail)
            }
            AdviceKind::UseTls { url } => {
                let text = &words.use_tls;
                AdviceWords::new(
                    with_url(url, &text.title_url, &text.title),
                    text.detail.fill(common),
                )
            }
            AdviceKind::UsePlainText { url } => {
                let text = &words.use_plain_text;
                AdviceWords::new(
                    with_url(url, &text.title_url, &text.title),
                    text.detail.fill(common),
                )
            }
            AdviceKind::LimitPublishedPort => plain(&words.limit_published_port),
            AdviceKind::KeepFirewallRule => plain(&words.keep_firewall_rule),
            AdviceKind::ReadFirewallRules => plain(&words.read_firewall_rules),
            AdviceKind::FindOutboundRule => plain(&words.find_outbound_rule),
            AdviceKind::LabelPort => plain(&words.label_port),
            AdviceKind::AllowOutbound => plain(&words.allow_outbound),
            AdviceKind::CheckWhichMachine => plain(&words.check_which_machine),
            AdviceKind::CheckOnTarget => plain(&words.check_on_target),
            AdviceKind::PasteFirewallOutput => plain(&words.paste_firewall_output),
            AdviceKind::CheckSpelling => plain(&words.check_spelling),
            AdviceKind::CheckNetwork => plain(&words.check_network),
            AdviceKind::CheckDns => plain(&words.check_dns),
            AdviceKind::AskForDnsRecord => plain(&words.ask_for_dns_record),
            AdviceKind::TurnNetworkOn => plain(&words.turn_network_on),
            AdviceKind::CheckRoutes => plain(&words.check_routes),
            AdviceKind::UseIpv4 => plain(&words.use_ipv4),
            AdviceKind::CheckMachineIsOn => plain(&words.check_machine_is_on),
            AdviceKind::AllowProgram => plain(&words.allow_program),
            AdviceKind::UseFullName => plain(&words.use_full_name),
            AdviceKind::ConnectByAddress => plain(&words.connect_by_address),
            AdviceKind::FlushDnsCache => plain(&words.flush_dns_cache),
            AdviceKind::AllowNameInFilter => plain(&words.allow_name_in_filter),
            AdviceKind::EditHostsFile => plain(&words.edit_hosts_file),
            AdviceKind::EnableMdns => plain(&words.enable_mdns),
            AdviceKind::ResetDns => plain(&words.reset_dns),
            AdviceKind::RemoveDeadDnsServer => plain(&words.remove_dead_dns_server),
            AdviceKind::CheckLink => plain(&words.check_link),
            AdviceKind::CheckGateway { gateway } => with(&words.check_gateway, "gateway", gateway),
            AdviceKind::RestartRouter => plain(&words.restart_router),
            AdviceKind::UseAutomaticAddress => plain(&words.use_automatic_address),
            AdviceKind::MoveLocalNetwork { interface } => with(
                &words.move_local_network,
                "interface",
                &printable(interface),
            ),
            AdviceKind::DisconnectVpn => plain(&words.disconnect_vpn),
            AdviceKind::LetLocalNetworkBypassVpn => plain(&words.let_local_network_bypass_vpn),
            AdviceKind::RemoveFixedSource => plain(&words.remove_fixed_source),
            AdviceKind::ShowTheWay => plain(&words.show_the_way),
            AdviceKind::ImproveSignal => plain(&words.improve_signal),
            AdviceKind::RepeatTest => plain(&words.repeat_test),
            AdviceKind::LowerMtu => plain(&words.lower_mtu),
            AdviceKind::KeepAlive => plain(&words.keep_alive),
            AdviceKind::UseInsideAddress => plain(&words.use_inside_address),
            AdviceKind::ResolveAddressConflict => plain(&words.resolve_address_conflict),
            AdviceKind::MarkNetworkPrivate => plain(&words.mark_network_private),
            AdviceKind::LiftBan => plain(&words.lift_ban),
            AdviceKind::ReuseConnections => plain(&words.reuse_connections),
            AdviceKind::TurnOnIpv6Rules => plain(&words.turn_on_ipv6_rules),
            AdviceKind::AllowInCloud => plain(&words.allow_in_cloud),
            AdviceKind::CheckWayBack => plain(&words.check_way_back),
            AdviceKind::UseUdp => plain(&words.use_udp),
            AdviceKind::LookAtUdp => plain(&words.look_at_udp),
            AdviceKind::UseUnixSocket { path } => {
                let text = &words.use_unix_socket;
                let detail = match path {
                    Some(path) => text.detail_path.fill(&[("path", &printable(path))]),
                    None => text.detail.fill(common),
                };
                AdviceWords::new(text.title.fill(common), detail)
            }
            AdviceKind::TurnOnTcp => plain(&words.turn_on_tcp),
            AdviceKind::UseContainerNames => plain(&words.use_container_names),
            AdviceKind::PublishPort => plain(&words.publish_port),
            AdviceKind::LookInsideContainer => plain(&words.look_inside_container),
            AdviceKind::FindPortOwner => plain(&words.find_port_owner),
            AdviceKind::UseFreePort => plain(&words.use_free_port),
            AdviceKind::FreePort { port, program } => {
                let text = &words.free_port;
                let detail = match program {
                    Some(program) => text
                        .detail
                        .fill(&[("program", &printable(program)), ("port", port)]),
                    None => text.detail_unnamed.fill(&[("port", port)]),
                };
                AdviceWords::new(text.title.fill(&[("port", port)]), detail)
            }
            AdviceKind::AllowLowPort => plain(&words.allow_low_port),
            AdviceKind::LookAtQueue => plain(&words.look_at_queue),
            AdviceKind::RestartService { service } => of_service(&words.restart_service, service),
            AdviceKind::ReadServiceLog { service } => of_service(&words.read_service_log, service),
            AdviceKind::CheckLoad => plain(&words.check_load),
            AdviceKind::RaiseTimeout => plain(&words.raise_timeout),
            AdviceKind::CheckServiceLimits => plain(&words.check_service_limits),
            AdviceKind::CheckBackend => plain(&words.check_backend),
            AdviceKind::CheckUpstream => plain(&words.check_upstream),
            AdviceKind::SetClock => plain(&words.set_clock),
            AdviceKind::RenewCertificate => plain(&words.renew_certificate),
            AdviceKind::UseCoveredName { names } => {
                let text = &words.use_covered_name;
                let detail = if names.is_empty() {
                    text.detail.fill(common)
                } else {
                    text.detail_names.fill(&[("names", &self::names(names))])
                };
                AdviceWords::new(text.title.fill(common), detail)
            }
            AdviceKind::TrustCertificate => plain(&words.trust_certificate),
            AdviceKind::AskServiceOwner => plain(&words.ask_service_owner),
            AdviceKind::UpdateTls => plain(&words.update_tls),
            AdviceKind::SendWholeChain => plain(&words.send_whole_chain),
            AdviceKind::SetClientCertificate => plain(&words.set_client_certificate),
            AdviceKind::CheckWebAddress => plain(&words.check_web_address),
            AdviceKind::AllowHostName => plain(&words.allow_host_name),
            AdviceKind::SignIn => plain(&words.sign_in),
            AdviceKind::TurnOnDatabaseTls => plain(&words.turn_on_database_tls),
            AdviceKind::TurnOnServerTls => plain(&words.turn_on_server_tls),
            AdviceKind::CheckProxy => plain(&words.check_proxy),
            AdviceKind::GoWithoutProxy { places } => {
                self.with_proxy_places(plain(&words.go_without_proxy), places)
            }
            AdviceKind::SetProxy { proxy } => with(&words.set_proxy, "proxy", &printable(proxy)),
            AdviceKind::AddProxyBypass { places } => {
                self.with_proxy_places(plain(&words.add_proxy_bypass), places)
            }
            AdviceKind::WidenPortRange => plain(&words.widen_port_range),
            AdviceKind::RaiseFileLimit => plain(&words.raise_file_limit),
            AdviceKind::EnterAddress => plain(&words.enter_address),
            AdviceKind::UseUsualClient => plain(&words.use_usual_client),
            AdviceKind::CheckProgramSettings => plain(&words.check_program_settings),
            AdviceKind::TestAgain => plain(&words.test_again),
            AdviceKind::TryFromElsewhere => plain(&words.try_from_elsewhere),
            AdviceKind::SaveReport => plain(&words.save_report),
        }
    }

    fn check_port(
        &self,
        service: Option<&str>,
        usual: Option<u16>,
        set: Option<&SettingLine>,
    ) -> String {
        let text = &self.verdict().advice.check_port;
        let port = self.target.port;
        if let Some(set) = set {
            let compare = text.detail.fill(&[("port", &port)]);
            let setting = text.setting_now.fill(&[("setting", &self.setting(set))]);
            return format!("{compare}\n{setting}");
        }
        match (service.and_then(service_name), usual) {
            (Some(service), Some(usual)) => {
                text.detail_usual
                    .fill(&[("service", &service), ("usual", &usual), ("port", &port)])
            }
            (Some(_) | None, None) | (None, Some(_)) => text.detail.fill(&[("port", &port)]),
        }
    }

    fn allow_in_firewall(&self, advice: &Advice) -> String {
        let text = &self.verdict().advice.allow_in_firewall;
        let mut detail = text.detail.fill(&[("port", &self.target.port)]);
        let has = |start: &str| {
            let fixes = advice.fixes.iter();
            let of_firewalld = fixes.filter(|fix| fix.firewall == Some(FirewallKind::Firewalld));
            let mut words = of_firewalld
                .flat_map(|fix| &fix.apply)
                .flat_map(|command| &command.words);
            words.any(|word| word.starts_with(start))
        };
        let firewalld = if has("--timeout") {
            &text.firewalld
        } else if has("--permanent") {
            &text.firewalld_both
        } else {
            &text.firewalld_reload
        };
        let hints = [
            (FirewallKind::Firewalld, firewalld),
            (FirewallKind::Nftables, &text.nftables),
            (FirewallKind::Iptables, &text.iptables),
        ];
        for (kind, hint) in hints {
            if advice.fixes.iter().any(|fix| fix.firewall == Some(kind)) {
                detail.push('\n');
                detail.push_str(&hint.fill(&[]));
            }
        }
        detail
    }

    /// Where the documentation of the service that an advice is about can be read, when its detail
    /// ends with that.
    #[must_use]
    pub fn advice_docs(advice: &Advice) -> Option<&'static str> {
        let AdviceKind::ListenOnNetwork { service, .. } = &advice.kind else {
            return None;
        };
        let service = catalogue::known(service.as_deref()?)?;
        Some(service.docs.as_str())
    }

    fn listen_on_network(&self, service: Option<&str>, settings: &[Setting]) -> String {
        let text = &self.verdict().advice.listen_on_network;
        let mut detail = self.with_note(text.detail.fill(&[]), service);
        for Setting { os, file, at, line } in settings {
            let (os, line) = (os_name(*os), printable(line));
            let setting = match (file, at) {
                (Some(file), Some(at)) => text.setting_at.fill(&[
                    ("os", &os),
                    ("file", &printable(file)),
                    ("at", at),
                    ("line", &line),
                ]),
                (Some(file), None) => {
                    text.setting
                        .fill(&[("os", &os), ("file", &printable(file)), ("line", &line)])
                }
                (None, _) => text.setting_start.fill(&[("line", &line)]),
            };
            detail.push('\n');
            detail.push_str(&setting);
        }
        if let Some(service) = service.and_then(catalogue::known) {
            detail.push('\n');
            detail.push_str(&text.setting_docs.fill(&[("url", &service.docs)]));
        }
        detail
    }

    /// Adds what is typical of the service, when we know it.
    fn with_note(&self, sentence: String, service: Option<&str>) -> String {
        let note = service
            .and_then(catalogue::known)
            .and_then(|service| service.note(self.texts.language.code()));
        match note {
            Some(note) => format!("{sentence} {note}"),
            None => sentence,
        }
    }
}
