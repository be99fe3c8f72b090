//! One port of this computer in words: how it stands for others, and who was seen coming.

use super::{Wording, counted, duration};
use crate::case::local::{LocalView, Standing};
use crate::evidence::{Arrival, Fact, NetworkState, Stage, Watch, printable};
use crate::i18n::texts::LocalTexts;

impl Wording<'_> {
    /// How the port stands for others, as a title.
    #[must_use]
    pub fn standing_title(&self, standing: Standing) -> String {
        let words = &self.local().standing;
        let mut firewall = "";
        let template = match standing {
            Standing::Closed => &words.closed,
            Standing::ThisMachineOnly => &words.this_machine_only,
            Standing::ShutByFirewall { firewall: kind } => {
                firewall = Self::firewall_name(kind);
                &words.shut_by_firewall
            }
            Standing::Open => &words.open,
            Standing::FirewallsUnread => &words.firewalls_unread,
            Standing::Unknown => &words.unknown,
        };
        template.fill(&[("port", &self.target.port), ("firewall", &firewall)])
    }

    /// The same as a sentence or two.
    #[must_use]
    pub fn standing_meaning(&self, standing: Standing) -> &'static str {
        let words = &self.local().meaning;
        match standing {
            Standing::Closed => &words.closed,
            Standing::ThisMachineOnly => &words.this_machine_only,
            Standing::ShutByFirewall { .. } => &words.shut_by_firewall,
            Standing::Open => &words.open,
            Standing::FirewallsUnread => &words.firewalls_unread,
            Standing::Unknown => &words.unknown,
        }
    }

    /// The heading of what was seen arriving.
    #[must_use]
    pub fn arrivals_title(&self, watch: &Watch) -> String {
        if watch.polls == 1 {
            return self.local().arrivals_now.clone();
        }
        let time = duration(self.texts.language, watch.lasted);
        self.local().arrivals.fill(&[("time", &time)])
    }

    /// What was seen where nobody was, or why nothing could be seen; nothing where somebody was.
    #[must_use]
    pub fn no_arrivals(&self, watch: &Watch) -> Option<String> {
        let words = self.local();
        match &watch.arrivals {
            Fact::Known(all) if all.is_empty() => {
                Some(words.none.fill(&[("port", &self.target.port)]))
            }
            Fact::Known(_) => None,
            Fact::Unknown(gap) => Some(words.unwatched.fill(&[("gap", &self.gap_reason(gap))])),
        }
    }

    /// What the watch could not see, and how many arrivals are not told.
    #[must_use]
    pub fn watch_limits(&self, watch: &Watch) -> Vec<String> {
        if watch.arrivals.known().is_none() {
            return Vec::new();
        }
        let words = self.local();
        let gap = duration(self.texts.language, watch.longest_gap);
        let limits = if watch.polls > 1 {
            words.limits.fill(&[("polls", &watch.polls), ("gap", &gap)])
        } else {
            words.limits_once.clone()
        };
        let untold = (watch.untold > 0).then(|| words.untold.fill(&[("count", &watch.untold)]));
        untold.into_iter().chain([limits]).collect()
    }

    /// Who an arrival is from; this computer itself is named as that.
    #[must_use]
    pub fn arrival_from(&self, arrival: &Arrival, network: &Fact<NetworkState>) -> String {
        let is_own = network.known().is_some_and(|own| own.is_own(arrival.from));
        if is_own {
            self.local().own.fill(&[("from", &arrival.from)])
        } else {
            arrival.from.to_string()
        }
    }

    /// How far an arrival has come.
    #[must_use]
    pub fn arrival_stage(&self, arrival: &Arrival) -> String {
        let words = self.local();
        let stage = match arrival.stage {
            Stage::HalfOpen if arrival.is_unanswered() => {
                let time = duration(self.texts.language, arrival.half_open);
                words.half_open_for.fill(&[("time", &time)])
            }
            Stage::HalfOpen => words.half_open.clone(),
            Stage::Established => words.established.clone(),
            Stage::Closing => words.closing.clone(),
        };
        if arrival.were_there {
            words.were_there.fill(&[("stage", &stage)])
        } else {
            stage
        }
    }

    /// An arrival on one line.
    #[must_use]
    pub fn arrival(&self, arrival: &Arrival, network: &Fact<NetworkState>) -> String {
        let count = usize::try_from(arrival.connections).unwrap_or(usize::MAX);
        counted(
            &self.local().arrival,
            count,
            &[
                ("from", &self.arrival_from(arrival, network)),
                ("to", &arrival.to),
                ("count", &arrival.connections),
                ("stage", &self.arrival_stage(arrival)),
            ],
        )
    }

    /// Each interface of the computer with its addresses, on one line; those without are left out.
    #[must_use]
    pub fn own_addresses(&self, network: &NetworkState) -> Vec<String> {
        let with_address = network
            .interfaces
            .iter()
            .filter(|i| !i.addresses.is_empty());
        let line = with_address.map(|interface| {
            let addresses: Vec<String> = interface
                .addresses
                .iter()
                .map(|address| format!("{}/{}", address.ip, address.prefix))
                .collect();
            self.local().own_address.fill(&[
                ("interface", &printable(&interface.name)),
                ("addresses", &addresses.join(", ")),
            ])
        });
        line.collect()
    }

    /// The title of the report on a port.
    #[must_use]
    pub fn local_report_title(&self, view: &LocalView) -> String {
        self.local().title.fill(&[("port", &view.port())])
    }

    fn local(&self) -> &'static LocalTexts {
        &self.texts.local
    }
}
