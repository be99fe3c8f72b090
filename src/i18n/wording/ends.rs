//! Two ends in words: the verdict, what each end saw, what would settle it, and what is lacking.

use std::time::Duration;

use super::{Wording, duration};
use crate::case::ends::{
    Doubt, End, FAR_FILE, Joint, JointCause, JointClue, JointTest, far_end_command,
};
use crate::diagnosis::Certainty;
use crate::evidence::{Os, Policy, Stage, printable};
use crate::i18n::Texts;
use crate::i18n::texts::{EndsTexts, JointCauseText};

/// What one of the ends says by itself.
#[must_use]
pub fn end_summary(texts: &'static Texts, end: &End<'_>) -> String {
    let wording = Wording::new(texts, &end.case.evidence().target);
    match end.standing() {
        Some(standing) => wording.standing_title(standing),
        None if end.case.evidence().complete => {
            wording.finding_title(&end.case.diagnosis().verdict)
        }
        None => texts.report.unfinished.clone(),
    }
}

impl Wording<'_> {
    /// The verdict as a title.
    #[must_use]
    pub fn joint_title(&self, joint: &Joint) -> String {
        self.of_joint(joint, |text| &text.title)
    }

    /// The verdict in some sentences, with what to do about it.
    #[must_use]
    pub fn joint_text(&self, joint: &Joint) -> String {
        self.of_joint(joint, |text| &text.text)
    }

    fn of_joint(&self, joint: &Joint, choose: fn(&JointCauseText) -> &super::Template) -> String {
        let words = &self.ends().cause;
        let (mut asked, mut listens, mut firewall) = (String::new(), String::new(), "");
        let text = match &joint.cause {
            JointCause::Works => &words.works,
            JointCause::ArrivesAndFails => &words.arrives_and_fails,
            JointCause::EndsAtClient => &words.ends_at_client,
            JointCause::LoopbackOnly => &words.loopback_only,
            JointCause::OtherAddress {
                asked: of_client,
                listens: own,
            } => {
                (asked, listens) = (of_client.to_string(), own.to_string());
                &words.other_address
            }
            JointCause::OtherFamily { listens_v6: true } => &words.other_family_v6,
            JointCause::OtherFamily { listens_v6: false } => &words.other_family_v4,
            JointCause::OtherPort { listens: port } => {
                listens = port.to_string();
                &words.other_port
            }
            JointCause::NothingListens => &words.nothing_listens,
            JointCause::QueueFull => &words.queue_full,
            JointCause::ServerFirewall {
                firewall: kind,
                policy,
                ..
            } => {
                firewall = Self::firewall_name(*kind);
                match policy {
                    Policy::Reject => &words.server_firewall_reject,
                    Policy::Drop | Policy::Allow => &words.server_firewall_drop,
                }
            }
            JointCause::ReplyLost => &words.reply_lost,
            JointCause::SourceLimited => &words.source_limited,
            JointCause::DroppedBetween if joint.certainty == Certainty::Possible => {
                &words.dropped_between_perhaps
            }
            JointCause::DroppedBetween => &words.dropped_between,
            JointCause::RejectedBetween => &words.rejected_between,
            JointCause::DroppedSomewhere => &words.dropped_somewhere,
            JointCause::LeadsElsewhere { asked: of_client } => {
                asked = of_client.to_string();
                &words.leads_elsewhere
            }
            JointCause::AcceptedElsewhere => &words.accepted_elsewhere,
            JointCause::Undecided => &words.undecided,
        };
        choose(text).fill(&[
            ("port", &self.target.port),
            ("asked", &asked),
            ("listens", &listens),
            ("firewall", &firewall),
        ])
    }

    /// What one of the ends saw.
    #[must_use]
    pub fn joint_clue(&self, clue: &JointClue) -> String {
        let words = &self.ends().clue;
        let port = self.target.port;
        match clue {
            JointClue::Client(clue) => words.client.fill(&[("clue", &self.clue(clue))]),
            JointClue::AddressIsServers(ip) => words.address_is_servers.fill(&[("ip", ip)]),
            JointClue::AddressIsNotServers(ip) => words.address_is_not_servers.fill(&[("ip", ip)]),
            JointClue::Listens {
                addr,
                process: Some(process),
            } => {
                let program = printable(&process.name);
                words.listens.fill(&[("addr", addr), ("program", &program)])
            }
            JointClue::Listens {
                addr,
                process: None,
            } => words.listens_unnamed.fill(&[("addr", addr)]),
            JointClue::NothingListens => words.nothing_listens.fill(&[("port", &port)]),
            JointClue::Queue { waiting, limit } => {
                words.queue.fill(&[("waiting", waiting), ("limit", limit)])
            }
            JointClue::FirewallsLetIn => words.firewalls_let_in.clone(),
            JointClue::FirewallStops {
                firewall,
                policy,
                rule,
            } => {
                let (name, policy) = (Self::firewall_name(*firewall), self.policy(*policy));
                let rule = rule.as_deref().map(printable);
                let template = match rule {
                    Some(_) => &words.firewall_stops_rule,
                    None => &words.firewall_stops,
                };
                template.fill(&[
                    ("firewall", &name),
                    ("port", &port),
                    ("policy", &policy),
                    ("rule", &rule.unwrap_or_default()),
                ])
            }
            JointClue::FirewallUnread => words.firewall_unread.clone(),
            JointClue::NothingArrived(lasted) => {
                let time = duration(self.texts.language, *lasted);
                words.nothing_arrived.fill(&[("time", &time)])
            }
            JointClue::Arrived {
                from,
                stage: Stage::HalfOpen,
            } => words.arrived_half_open.fill(&[("from", from)]),
            JointClue::Arrived { from, .. } => words.arrived.fill(&[("from", from)]),
            JointClue::OthersArrived(count) => words.others_arrived.fill(*count),
            JointClue::OwnTest { works: true } => words.works_there.clone(),
            JointClue::OwnTest { works: false } => words.fails_there.clone(),
        }
    }

    /// What would settle it, on a server with this system.
    #[must_use]
    pub fn joint_test(&self, test: &JointTest, os: Os) -> String {
        let words = &self.ends().test;
        match test {
            // Only there the table of connections is watched.
            JointTest::WatchWhileTesting { port, .. } if os != Os::Linux => {
                words.look_for_packets.fill(&[("port", port)])
            }
            JointTest::WatchWhileTesting { port, from } => {
                let command = far_end_command(os, *port, *from, FAR_FILE).display();
                words.watch_while_testing.fill(&[("command", &command)])
            }
            JointTest::WatchAsAdmin { port, from } => {
                let mut command = far_end_command(os, *port, *from, FAR_FILE);
                if os != Os::Windows {
                    command.words.insert(0, "sudo".to_owned());
                }
                words
                    .watch_as_admin
                    .fill(&[("command", &command.display())])
            }
            JointTest::LookAtForward { own } => {
                let own: Vec<String> = own.iter().map(ToString::to_string).collect();
                words.look_at_forward.fill(&[("own", &own.join(", "))])
            }
            JointTest::LookBetween => words.look_between.clone(),
            JointTest::LookAtWayBack => words.look_at_way_back.clone(),
            JointTest::LookAtSourceRules => words.look_at_source_rules.clone(),
        }
    }

    /// What the reports lack.
    #[must_use]
    pub fn doubt(&self, doubt: Doubt) -> String {
        let words = &self.ends().doubt;
        match doubt {
            Doubt::NoWatch => words.no_watch.clone(),
            Doubt::WatchMissedTest => words.watch_missed_test.clone(),
            Doubt::TimesUnknown => words.times_unknown.clone(),
            Doubt::FarApart { apart } => words.far_apart.fill(&[("time", &self.long_time(apart))]),
            Doubt::OtherHost => words.other_host.clone(),
            Doubt::OtherPorts { asked, looked_at } => words
                .other_ports
                .fill(&[("asked", &asked), ("looked_at", &looked_at)]),
            Doubt::Anonymised => words.anonymised.clone(),
            Doubt::FirewallsUnread => words.firewalls_unread.clone(),
            Doubt::ListenersUnread => words.listeners_unread.clone(),
            Doubt::Stopped => words.stopped.clone(),
            Doubt::ManyArrivals => words.many_arrivals.clone(),
            Doubt::MayBeForwarded => words.may_be_forwarded.clone(),
        }
    }

    /// In whole minutes, hours or days.
    fn long_time(&self, time: Duration) -> String {
        let words = self.ends();
        let minutes = time.as_secs() / 60;
        let (plural, count) = match minutes {
            0..120 => (&words.minutes, minutes),
            120..2880 => (&words.hours, minutes / 60),
            _ => (&words.days, minutes / 1440),
        };
        plural.fill(usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn ends(&self) -> &'static EndsTexts {
        &self.texts.ends
    }
}
