//! What `netsh advfirewall show allprofiles` prints, and `show currentprofile`.
//!
//! Its words are in the language of Windows, but for the policy, the names of files, and `GPO`. So it
//! is read by its structure: each profile is a heading over a line of dashes, below which the line
//! with the policy is followed by the one about local rules. Whether a profile is on is a word of the
//! language, and so are the names of the profiles; they are not read.

use crate::evidence::Policy;

/// What is told of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What happens to incoming connections that no rule names, while it is on.
    pub inbound_default: Policy,
    /// Whether it keeps all incoming connections out, whatever its rules are.
    pub ignores_rules: bool,
    /// Whether the rules made on that machine have no effect.
    pub voids_local_rules: bool,
}

/// The profiles in their order; nothing when the text is no such listing.
#[must_use]
pub fn profiles(listing: &str) -> Option<Vec<Profile>> {
    let mut profiles = Vec::new();
    let mut lines = listing.lines();
    while let Some(line) = lines.next() {
        if !is_dashes(line) {
            continue;
        }
        let mut below = lines.clone().take_while(|line| !is_dashes(line));
        let Some((inbound_default, ignores_rules)) = below.find_map(policy) else {
            continue;
        };
        let voids_local_rules = below.next().is_some_and(|line| line.contains("GPO"));
        profiles.push(Profile {
            inbound_default,
            ignores_rules,
            voids_local_rules,
        });
    }
    (!profiles.is_empty()).then_some(profiles)
}

fn is_dashes(line: &str) -> bool {
    let line = line.trim();
    line.len() > 20 && line.bytes().all(|byte| byte == b'-')
}

/// `BlockInbound,AllowOutbound`, behind words that are translated.
fn policy(line: &str) -> Option<(Policy, bool)> {
    let (inbound, outbound) = line.split_ascii_whitespace().next_back()?.split_once(',')?;
    if !matches!(outbound, "AllowOutbound" | "BlockOutbound") {
        return None;
    }
    match inbound {
        "BlockInbound" => Some((Policy::Drop, false)),
        "BlockInboundAlways" => Some((Policy::Drop, true)),
        "AllowInbound" => Some((Policy::Allow, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_texts_are_no_listing() {
        assert_eq!(profiles(""), None);
        assert_eq!(profiles("----------------------------------\nOk.\n"), None);
        assert_eq!(profiles("BlockInbound,AllowOutbound\n"), None);
        assert_eq!(
            profiles("netsh advfirewall set allprofiles firewallpolicy blockinbound,allowoutbound"),
            None
        );
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = profiles(&text);
            let dashes = "-".repeat(70);
            let _ = profiles(&format!("{dashes}\n{text}\nx BlockInbound,AllowOutbound\n{text}"));
        }
    }
}
