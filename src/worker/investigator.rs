//! An investigation whose asker waits for its end: the evidence in one piece, on the asker's own
//! thread.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::local_look::{LocalJob, look};
use super::{Job, investigate};
use crate::evidence::{Evidence, Fact, Listener, Watch};
use crate::platform::{self, Platform};
use crate::probe::SystemNetwork;

/// Investigates on this system; its clones share what they have in common.
#[derive(Clone)]
pub struct Investigator {
    platform: Arc<dyn Platform>,
    network: Rc<SystemNetwork>,
}

impl Investigator {
    /// The system this program was built for, and its network.
    #[must_use]
    pub fn of_system() -> Self {
        let platform = platform::current();
        let network = Rc::new(SystemNetwork::new(platform.os()));
        Self { platform, network }
    }

    /// This machine's listeners.
    #[must_use]
    pub fn listeners(&self) -> Fact<Vec<Listener>> {
        self.platform.listeners()
    }

    /// All that is seen of a port of this machine, watched until the time is over or `enough` is.
    pub async fn look(
        &self,
        job: &LocalJob,
        enough: impl Future<Output = ()>,
    ) -> (Evidence, Watch) {
        look(job, Arc::clone(&self.platform), enough).await
    }

    /// All that is seen about the job's target.
    pub async fn evidence(&self, job: &Job) -> Evidence {
        let evidence = Evidence::new(job.target.clone(), self.platform.os(), job.patience);
        let evidence = RefCell::new(evidence);
        let emit = |observation| evidence.borrow_mut().record(observation);
        investigate(job, Arc::clone(&self.platform), &*self.network, emit).await;
        evidence.into_inner()
    }
}
