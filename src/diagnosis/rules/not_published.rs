//! `not-published`: nothing listens on this machine, and a program in a container of it does.
//!
//! A container on a network of its own is reached from outside only through ports that are published
//! (`docker run -p`, Compose's `ports:`; EXPOSE publishes nothing). Whether that program is what was
//! meant is not proven: the service may have been meant to run here.

use super::clues::of_attempts;
use super::reading::{finding, or, refused_here};
use crate::diagnosis::{Cause, Certainty, Clue, DecidingTest, Finding};
use crate::evidence::Evidence;

/// A container's program listens on the very port, which nobody passes on.
pub fn not_published(evidence: &Evidence) -> Option<Finding> {
    let refused = refused_here(evidence)?;
    let inside = evidence.port_use.known()?.open_in_containers().next()?;
    let port = evidence.target.port;
    if !evidence.listeners_on_port()?.is_empty() {
        return None;
    }
    let mut clues = vec![
        Clue::ListensInContainer {
            process: inside.process.clone(),
        },
        Clue::NoListenerHere { port },
    ];
    let published = inside
        .published
        .iter()
        .map(|addr| Clue::PublishedAt { addr: *addr });
    clues.extend(published);
    clues.extend(of_attempts(refused));
    let cause = match inside.published.first() {
        Some(addr) => Cause::WrongPort { found: addr.port() },
        None => Cause::NotPublished,
    };
    let mut found = finding(cause, Certainty::Likely, clues);
    found.alternatives = vec![or(
        Cause::NothingListening,
        DecidingTest::LookAtListenersOnTarget,
    )];
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{Scene, others, says, silent};
    use super::super::nothing_listening::nothing_listening;
    use super::*;
    use crate::evidence::{Contained, Fact, PortUse, Process};

    fn refused(in_containers: Vec<Contained>) -> Scene {
        let mut scene = Scene::new("127.0.0.1:5432")
            .refused("127.0.0.1")
            .listeners(&[]);
        scene.evidence.port_use = Fact::Known(PortUse {
            in_containers,
            ..PortUse::default()
        });
        scene
    }

    fn postgres() -> Vec<Contained> {
        let process = Process {
            pid: 41,
            name: "postgres".to_owned(),
            command: None,
        };
        vec![Contained::new(process, "0.0.0.0:5432".parse().ok())]
    }

    #[test]
    fn a_program_in_a_container_is_there_and_out_of_reach() {
        let scene = refused(postgres());
        let found = says(not_published, &scene, "not-published", Certainty::Likely);
        assert_eq!(others(&found), ["nothing-listening"]);
        says(
            nothing_listening,
            &scene,
            "nothing-listening",
            Certainty::Likely,
        );
    }

    #[test]
    fn what_is_published_on_another_port_is_to_be_had_there() {
        let mut inside = postgres();
        inside[0].published = vec!["0.0.0.0:15432".parse().unwrap()];
        let scene = refused(inside);
        let found = says(not_published, &scene, "wrong-port", Certainty::Likely);
        assert_eq!(found.cause, Cause::WrongPort { found: 15_432 });
        let addr = "0.0.0.0:15432".parse().unwrap();
        assert!(found.because.contains(&Clue::PublishedAt { addr }));
    }

    #[test]
    fn who_listens_on_loopback_inside_cannot_be_published() {
        let mut inside = postgres();
        inside[0].addr = Some("127.0.0.1:5432".parse().unwrap());
        silent(not_published, &refused(inside.clone()));
        let scene = refused(inside);
        says(
            nothing_listening,
            &scene,
            "nothing-listening",
            Certainty::Certain,
        );
    }

    #[test]
    fn without_one_or_with_a_listener_here_it_is_another_matter() {
        silent(not_published, &refused(Vec::new()));
        let published = refused(postgres()).listeners(&["0.0.0.0:5432 docker-proxy"]);
        silent(not_published, &published);
        let mut unread = refused(postgres());
        unread.evidence.port_use = Fact::default();
        silent(not_published, &unread);
    }
}
