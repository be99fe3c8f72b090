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
    let inside = evidence.port_use.known()?.in_containers.first()?;
    let port = evidence.target.port;
    if !evidence.listeners_on_port()?.is_empty() {
        return None;
    }
    let mut clues = vec![
        Clue::ListensInContainer {
            process: inside.clone(),
        },
        Clue::NoListenerHere { port },
    ];
    clues.extend(of_attempts(refused));
    let mut found = finding(Cause::NotPublished, Certainty::Likely, clues);
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
    use crate::evidence::{Fact, PortUse, Process};

    fn refused(in_containers: Vec<Process>) -> Scene {
        let mut scene = Scene::new("127.0.0.1:5432")
            .refused("127.0.0.1")
            .listeners(&[]);
        scene.evidence.port_use = Fact::Known(PortUse {
            in_containers,
            ..PortUse::default()
        });
        scene
    }

    fn postgres() -> Vec<Process> {
        vec![Process {
            pid: 41,
            name: "postgres".to_owned(),
            command: None,
        }]
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
    fn without_one_or_with_a_listener_here_it_is_another_matter() {
        silent(not_published, &refused(Vec::new()));
        let published = refused(postgres()).listeners(&["0.0.0.0:5432 docker-proxy"]);
        silent(not_published, &published);
        let mut unread = refused(postgres());
        unread.evidence.port_use = Fact::default();
        silent(not_published, &unread);
    }
}
