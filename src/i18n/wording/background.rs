//! What stands behind a listener, in words: a label and a sentence for each thing that is known.

use super::Wording;
use crate::evidence::{Background, Behind, Container, Process, Relay, printable};

impl Wording<'_> {
    /// What is known of a listener's background, the most telling first.
    #[must_use]
    pub fn background(&self, background: &Background) -> Vec<(&'static str, String)> {
        let words = &self.verdict().background;
        let relay = background.relay.as_ref();
        let told = [
            (&words.leads_to, relay.map(|relay| self.leads_to(relay))),
            (
                &words.heirs,
                (!background.heirs.is_empty()).then(|| self.processes(&background.heirs)),
            ),
            (&words.started_by, self.started_by(background)),
            (&words.age, background.age_secs.map(|secs| self.age(secs))),
            (
                &words.state,
                background.is_stopped.then(|| words.stopped.clone()),
            ),
        ];
        let told = told.into_iter();
        told.filter_map(|(label, value)| Some((label.as_str(), value?)))
            .collect()
    }

    fn leads_to(&self, relay: &Relay) -> String {
        let words = &self.verdict().background;
        match (&relay.to, &relay.through) {
            (Some(to), Some(through)) => words
                .leads_through
                .fill(&[("to", &printable(to)), ("through", &printable(through))]),
            (Some(to), None) => match &relay.behind {
                Some(behind) => self.behind(to, behind),
                None => printable(to).into_owned(),
            },
            (None, Some(through)) => printable(through).into_owned(),
            (None, None) => words.leads_somewhere.clone(),
        }
    }

    /// The place with what stands there.
    fn behind(&self, place: &str, behind: &Behind) -> String {
        let words = &self.verdict().background;
        let place = printable(place);
        if !behind.is_listened_on {
            return words.leads_to_nobody.fill(&[("place", &place)]);
        }
        let process = behind.process.as_ref().map(|process| self.process(process));
        let container = behind.container.as_ref().map(|one| self.container(one));
        let who: Vec<String> = process.into_iter().chain(container).collect();
        if who.is_empty() {
            return words.leads_to_somebody.fill(&[("place", &place)]);
        }
        let who = who.join(", ");
        words
            .leads_to_listener
            .fill(&[("place", &place), ("who", &who)])
    }

    /// The container, the unit, and the programs one after the other.
    fn started_by(&self, background: &Background) -> Option<String> {
        let words = &self.verdict().background;
        let unit = background.unit.as_deref();
        let container = background.container.as_ref();
        let mut parts: Vec<String> = container
            .map(|one| self.container(one))
            .into_iter()
            .collect();
        parts.extend(unit.map(|unit| words.unit.fill(&[("unit", &printable(unit))])));
        if background.is_activated_by_socket {
            parts.push(words.activated.clone());
        }
        let parents = background.parents.iter().map(|parent| self.process(parent));
        let chain: Vec<String> = parents.collect();
        if !chain.is_empty() {
            parts.push(chain.join(" ← "));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Programs, one beside the other.
    pub(super) fn processes(&self, all: &[Process]) -> String {
        let named: Vec<String> = all.iter().map(|one| self.process(one)).collect();
        named.join(", ")
    }

    /// A container by its name, or by its id where it has none.
    pub(super) fn container(&self, container: &Container) -> String {
        let words = &self.verdict().background;
        let id = container.name.as_ref().unwrap_or(&container.id);
        let id = printable(id);
        let named = match &container.engine {
            Some(engine) => words
                .container_of
                .fill(&[("engine", &printable(engine)), ("id", &id)]),
            None => words.container.fill(&[("id", &id)]),
        };
        match &container.image {
            Some(image) => words
                .container_image
                .fill(&[("container", &named), ("image", &printable(image))]),
            None => named,
        }
    }

    /// In the largest unit of which there is one at least.
    pub(super) fn age(&self, secs: u64) -> String {
        let words = &self.verdict().background;
        let (unit, count) = match secs {
            0..60 => (&words.seconds, secs),
            60..3600 => (&words.minutes, secs / 60),
            3600..86_400 => (&words.hours, secs / 3600),
            _ => (&words.days, secs / 86_400),
        };
        unit.fill(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Language, Texts};
    use crate::target::{Understanding, understand};

    #[test]
    fn a_relay_in_a_container_tells_its_whole_story() {
        let Ok(Understanding::Targets { targets, .. }) = understand("127.0.0.1:8080") else {
            panic!("an endpoint");
        };
        let wording = Wording::new(Texts::of(Language::En), &targets[0]);
        let shell = Process {
            pid: 12,
            name: "bash\u{7}".to_owned(),
            command: None,
        };
        let background = Background {
            age_secs: Some(3 * 3600 + 59),
            unit: Some("web.service".to_owned()),
            container: Some(Container::new(Some("docker"), "0123456789ab")),
            parents: vec![shell],
            is_stopped: true,
            relay: Some(Relay {
                to: Some("db:5432".to_owned()),
                through: Some("jump".to_owned()),
                behind: None,
            }),
            ..Background::of("127.0.0.1:8080".parse().unwrap())
        };
        let told = wording.background(&background);
        let values: Vec<&str> = told.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values[0], "db:5432, through jump");
        assert!(
            values[1].starts_with("docker container 0123456789ab; systemd unit web.service; bash")
        );
        assert!(!values[1].contains('\u{7}'));
        assert_eq!(values[2], "3 hours");
        assert!(values[3].starts_with("stopped"));
        let nothing = Background::of(background.addr);
        assert_eq!(wording.background(&nothing), []);
    }

    #[test]
    fn what_a_relay_leads_to_is_named_with_its_container() {
        let Ok(Understanding::Targets { targets, .. }) = understand("127.0.0.1:8080") else {
            panic!("an endpoint");
        };
        let wording = Wording::new(Texts::of(Language::En), &targets[0]);
        let leads_to = |behind| {
            wording.leads_to(&Relay {
                behind: Some(behind),
                ..Relay::to(Some("172.17.0.2:80".to_owned()))
            })
        };
        let nginx = Process {
            pid: 12,
            name: "nginx".to_owned(),
            command: None,
        };
        let nobody = Behind {
            is_listened_on: false,
            process: None,
            container: None,
        };
        assert_eq!(
            leads_to(nobody.clone()),
            "172.17.0.2:80, where nobody listens"
        );
        let somebody = Behind {
            is_listened_on: true,
            ..nobody
        };
        assert_eq!(
            leads_to(somebody.clone()),
            "172.17.0.2:80, where a program listens"
        );
        let container = Container {
            name: Some("web".to_owned()),
            image: Some("nginx:1.27".to_owned()),
            ..Container::new(Some("docker"), "0123456789ab")
        };
        let known = Behind {
            process: Some(nginx),
            container: Some(container),
            ..somebody
        };
        assert_eq!(
            leads_to(known),
            "172.17.0.2:80, where nginx (PID 12), docker container web (image nginx:1.27) listens"
        );
    }
}
