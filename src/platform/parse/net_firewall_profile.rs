//! What `Get-NetFirewallProfile | ConvertTo-Json` prints on Windows: the firewall's three profiles,
//! in numbers and property names, which are the same in every language of Windows.

use serde::Deserialize;

use crate::evidence::Policy;

/// A profile of Windows Defender Firewall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// `Domain`, `Private` or `Public`.
    pub name: String,
    /// Whether it filters; nothing when that is left to another policy.
    pub enabled: Option<bool>,
    /// What it does with incoming connections that no rule names; nothing when that is left to
    /// another policy.
    pub inbound_default: Option<Policy>,
}

/// Reads one profile or a list of them; nothing when it is neither.
#[must_use]
pub fn profiles(json: &str) -> Option<Vec<Profile>> {
    // PowerShell 5 writes a byte-order mark, and one object instead of a list of one.
    let json = json.trim_start_matches('\u{feff}');
    let raw = match serde_json::from_str(json).ok()? {
        OneOrMany::Many(raw) => raw,
        OneOrMany::One(raw) => vec![raw],
    };
    (!raw.is_empty()).then(|| raw.into_iter().map(Profile::from).collect())
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<RawProfile>),
    One(RawProfile),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawProfile {
    name: String,
    enabled: NumberOrName,
    default_inbound_action: NumberOrName,
}

/// `ConvertTo-Json` writes an enumeration as its number, `-EnumsAsStrings` as its name.
#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrName {
    Bool(bool),
    Number(u64),
    Name(String),
}

impl From<RawProfile> for Profile {
    fn from(raw: RawProfile) -> Self {
        Self {
            name: raw.name,
            // GpoBoolean: False 0, True 1, NotConfigured 2.
            enabled: match &raw.enabled {
                NumberOrName::Bool(enabled) => Some(*enabled),
                NumberOrName::Number(0) => Some(false),
                NumberOrName::Number(1) => Some(true),
                NumberOrName::Name(name) if name == "False" => Some(false),
                NumberOrName::Name(name) if name == "True" => Some(true),
                NumberOrName::Number(_) | NumberOrName::Name(_) => None,
            },
            // Action: NotConfigured 0, Allow 2, Block 4.
            inbound_default: match &raw.default_inbound_action {
                NumberOrName::Number(2) => Some(Policy::Allow),
                NumberOrName::Number(4) => Some(Policy::Drop),
                NumberOrName::Name(name) if name == "Allow" => Some(Policy::Allow),
                NumberOrName::Name(name) if name == "Block" => Some(Policy::Drop),
                NumberOrName::Bool(_) | NumberOrName::Number(_) | NumberOrName::Name(_) => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_profile_comes_without_a_list() {
        let json = "\u{feff}{\"Name\":\"Public\",\"Enabled\":1,\"DefaultInboundAction\":4}";
        let profile = &profiles(json).unwrap()[0];
        assert_eq!(profile.enabled, Some(true));
        assert_eq!(profile.inbound_default, Some(Policy::Drop));
    }

    #[test]
    fn what_is_not_configured_is_not_known() {
        let json = r#"[{"Name":"Public","Enabled":2,"DefaultInboundAction":0}]"#;
        let profile = &profiles(json).unwrap()[0];
        assert_eq!((profile.enabled, profile.inbound_default), (None, None));
    }

    #[test]
    fn no_profiles_are_no_answer() {
        assert_eq!(profiles("[]"), None);
        assert_eq!(profiles("Get-NetFirewallProfile : Access is denied."), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = profiles(&text);
        }
    }
}
