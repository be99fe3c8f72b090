//! How questions are asked: each on the timeline with its end, those to this machine off the
//! thread, several side by side.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use crate::evidence::{About, Fact, Gap, Observation, Question};

/// An open question; the timeline hears of its end however it ends.
pub(in crate::worker) struct Asked<'a> {
    emit: &'a dyn Fn(Observation),
    about: About,
    run_start: Instant,
    pub(super) start: Instant,
}

impl<'a> Asked<'a> {
    pub(in crate::worker) fn new(
        emit: &'a dyn Fn(Observation),
        about: About,
        run_start: Instant,
    ) -> Self {
        let asked = Self {
            emit,
            about,
            run_start,
            start: Instant::now(),
        };
        asked.tell(None);
        asked
    }

    fn tell(&self, took: Option<Duration>) {
        (self.emit)(Observation::Asked(Question {
            about: self.about.clone(),
            start: self.start - self.run_start,
            took,
        }));
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.tell(Some(self.start.elapsed()));
    }
}

/// Asks this machine something that blocks, for at most `limit`.
pub(in crate::worker) async fn here<T: Send + 'static>(
    limit: Duration,
    question: impl FnOnce() -> Fact<T> + Send + 'static,
) -> Fact<T> {
    match timeout(limit, spawn_blocking(question)).await {
        Ok(Ok(fact)) => fact,
        Ok(Err(broken)) => Fact::Unknown(Gap::Unreadable {
            what: broken.to_string(),
        }),
        Err(_elapsed) => Fact::Unknown(Gap::TimedOut),
    }
}

/// Runs futures side by side; their answers, in their order.
pub(super) async fn together<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut answers: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, answer) in futures.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(value) = Pin::new(future).poll(context)
            {
                *answer = Some(value);
            }
        }
        if answers.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    answers.into_iter().flatten().collect()
}
