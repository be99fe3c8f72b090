//! The verdict of two ends as JSON: the same words as on a terminal, with stable ids.

use serde::Serialize;

use crate::case::ends::{Doubt, Joint, JointCause, JointTest};
use crate::diagnosis::Certainty;
use crate::evidence::Os;
use crate::i18n::Wording;

/// The verdict of a client's and a server's report.
#[derive(Debug, Serialize)]
pub struct JointPart {
    #[serde(flatten)]
    cause: JointCause,
    certainty: Certainty,
    summary: String,
    because: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<TestPart>,
    doubts: Vec<DoubtPart>,
}

#[derive(Debug, Serialize)]
struct TestPart {
    #[serde(flatten)]
    test: JointTest,
    text: String,
}

#[derive(Debug, Serialize)]
struct DoubtPart {
    #[serde(flatten)]
    doubt: Doubt,
    text: String,
}

impl JointPart {
    /// What is said of two ends, the server's of which runs this system.
    #[must_use]
    pub fn of(joint: &Joint, server: Os, wording: &Wording<'_>) -> Self {
        let test = joint.decided_by.as_ref().map(|test| TestPart {
            text: wording.joint_test(test, server),
            test: test.clone(),
        });
        let doubts = joint.doubts.iter().map(|doubt| DoubtPart {
            text: wording.doubt(*doubt),
            doubt: *doubt,
        });
        Self {
            cause: joint.cause.clone(),
            certainty: joint.certainty,
            summary: format!(
                "{}. {}",
                wording.joint_title(joint),
                wording.joint_text(joint)
            ),
            because: joint
                .because
                .iter()
                .map(|clue| wording.joint_clue(clue))
                .collect(),
            decided_by: test,
            doubts: doubts.collect(),
        }
    }
}
