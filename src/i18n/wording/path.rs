//! The path picture in words: for those who do not see it, and as one line where nothing is drawn.

use std::fmt::Write as _;

use super::{Wording, duration};
use crate::case::Case;
use crate::case::path::{Link, LinkState, Waypoint, path};
use crate::catalogue;

impl Wording<'_> {
    /// What a waypoint is called.
    #[must_use]
    pub fn waypoint(&self, place: Waypoint) -> String {
        let words = &self.texts.window.path;
        match place {
            Waypoint::ThisComputer => words.this_computer.clone(),
            Waypoint::Name => words.name_lookup.clone(),
            Waypoint::OwnFirewall => words.own_firewall.clone(),
            Waypoint::Network => words.network.clone(),
            Waypoint::TargetFirewall => words.target_firewall.clone(),
            Waypoint::Host => self.host(),
            Waypoint::Port => words.port.fill(&[("port", &self.target.port)]),
            Waypoint::Service => match &self.target.service {
                Some(service) => super::printable(&catalogue::name_of(service)).into_owned(),
                None => words.service.clone(),
            },
        }
    }

    /// The path as a sentence: each waypoint with the state of the link that leads to it.
    #[must_use]
    pub fn path_spoken(&self, case: &Case) -> String {
        let words = &self.texts.window.path;
        let mut spoken = format!("{}: {}", words.name, words.this_computer);
        for link in path(case) {
            let state = self.link_state(link.state);
            let name = self.waypoint(link.to);
            write!(spoken, "; {name}: {state}").expect("writing to a String");
        }
        spoken
    }

    /// The path as a drawn line, such as `This computer ─✓─ Port 8080 ─✗─ …`. It can be broken at
    /// its spaces: names have no-break spaces only.
    #[must_use]
    pub fn path_line(&self, case: &Case) -> String {
        let mut line = whole(&self.waypoint(Waypoint::ThisComputer));
        for link in path(case) {
            let name = whole(&self.waypoint(link.to));
            write!(line, " {} {name}", self.drawn(&link)).expect("writing to a String");
        }
        line
    }

    fn drawn(&self, link: &Link) -> String {
        let sign = match link.state {
            LinkState::Verified => "✓",
            LinkState::Partly => "!",
            LinkState::Broken => "✗",
            LinkState::Unknown => return "┄?┄".to_owned(),
        };
        match link.took {
            Some(took) => format!("─{sign}\u{a0}{}─", duration(self.texts.language, took)),
            None => format!("─{sign}─"),
        }
    }

    fn link_state(&self, state: LinkState) -> &'static str {
        let words = &self.texts.window.path;
        match state {
            LinkState::Verified => &words.verified,
            LinkState::Partly => &words.partly,
            LinkState::Broken => &words.broken,
            LinkState::Unknown => &words.unknown,
        }
    }
}

fn whole(name: &str) -> String {
    name.replace(' ', "\u{a0}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::evidence::{Attempt, Evidence, Fact, Observation, Os, Outcome};
    use crate::i18n::{Language, Texts};
    use crate::target::Target;

    fn closed_here() -> Case {
        let target = Target::from_parts("127.0.0.1", "18080").unwrap();
        let mut case = Case::new(Evidence::new(target, Os::Linux, Duration::from_secs(4)));
        case.record(Observation::Attempt(Attempt {
            addr: "127.0.0.1:18080".parse().unwrap(),
            outcome: Outcome::Refused,
            took: Duration::from_micros(100),
            os_code: Some(111),
            at_once: false,
            source: None,
            icmp: None,
        }));
        case.record(Observation::Listeners(Fact::Known(Vec::new())));
        case.record(Observation::Complete);
        case
    }

    #[test]
    fn the_broken_link_is_marked_in_line_and_sentence() {
        let case = closed_here();
        let target = case.evidence().target.clone();
        let english = Wording::new(Texts::of(Language::En), &target);
        assert_eq!(
            english.path_line(&case),
            "This\u{a0}computer ─✗─ Port\u{a0}18080 ┄?┄ Service"
        );
        assert_eq!(
            english.path_spoken(&case),
            "The path of the connection: This computer; Port 18080: broken; Service: unknown"
        );
        let vietnamese = Wording::new(Texts::of(Language::Vi), &target);
        assert!(vietnamese.path_line(&case).contains("─✗─ Cổng\u{a0}18080"));
    }

    #[test]
    fn a_hostile_service_name_stays_words() {
        let mut target = Target::from_parts("db.example", "5432").unwrap();
        target.service = Some("a\u{1b}[31m".to_owned());
        let wording = Wording::new(Texts::of(Language::En), &target);
        assert!(!wording.waypoint(Waypoint::Service).contains('\u{1b}'));
    }
}
