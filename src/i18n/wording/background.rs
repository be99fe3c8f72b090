//! What stands behind a listener, in words: a label and a sentence for each thing that is known.

use super::Wording;
use crate::evidence::{Background, Container, Relay, printable};

impl Wording<'_> {
    /// What is known of a listener's background, the most telling first.
    #[must_use]
    pub fn background(&self, background: &Background) -> Vec<(&'static str, String)> {
        let words = &self.verdict().background;
        let relay = background.relay.as_ref();
        let told = [
            (&words.leads_to, relay.map(|relay| self.leads_to(relay))),
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
            (Some(to), None) => printable(to).into_owned(),
            (None, Some(through)) => printable(through).into_owned(),
            (None, None) => words.leads_somewhere.clone(),
        }
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

    fn container(&self, container: &Container) -> String {
        let words = &self.verdict().background;
        let id = printable(&container.id);
        match &container.engine {
            Some(engine) => words
                .container_of
                .fill(&[("engine", &printable(engine)), ("id", &id)]),
            None => words.container.fill(&[("id", &id)]),
        }
    }

    /// In the largest unit of which there is one at least.
    fn age(&self, secs: u64) -> String {
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
    use crate::evidence::Process;
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
            container: Some(Container {
                engine: Some("docker".to_owned()),
                id: "0123456789ab".to_owned(),
            }),
            parents: vec![shell],
            is_stopped: true,
            relay: Some(Relay {
                to: Some("db:5432".to_owned()),
                through: Some("jump".to_owned()),
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
}
