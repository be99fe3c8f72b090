//! The state of Windows Defender Firewall as the registry keeps it, and what three profiles say
//! together. Its rules, most of which are for one program, are not read.

use super::net_firewall_profile::Profile;
use crate::evidence::{Fact, Firewall, FirewallKind, Gap, Policy};

/// The registry keys below `HKEY_LOCAL_MACHINE` that hold a profile: those of an administrator's
/// policy overrule those of the machine.
pub const POLICY_KEY: &str = r"SOFTWARE\Policies\Microsoft\WindowsFirewall";
/// The machine's own settings.
pub const MACHINE_KEY: &str =
    r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy";
/// The names of the profiles' keys; `StandardProfile` is what Windows shows as private.
pub const PROFILES: [&str; 3] = ["DomainProfile", "StandardProfile", "PublicProfile"];

/// What a profile's key holds: `EnableFirewall` and `DefaultInboundAction`, where set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistryValues {
    /// 1: filters, 0: does not.
    pub enable_firewall: Option<u32>,
    /// 1: blocks, 0: allows; blocks when not set.
    pub default_inbound_action: Option<u32>,
}

/// A profile from its values in the policy's key and in the machine's.
#[must_use]
pub fn profile(name: &str, policy: RegistryValues, machine: RegistryValues) -> Profile {
    let enabled = policy.enable_firewall.or(machine.enable_firewall);
    let inbound = policy
        .default_inbound_action
        .or(machine.default_inbound_action);
    Profile {
        name: name.to_owned(),
        enabled: enabled.map(|value| value != 0),
        inbound_default: Some(match inbound {
            Some(0) => Policy::Allow,
            Some(_) | None => Policy::Drop,
        }),
    }
}

/// What the profiles say together. Which of them is in force depends on the network, so only what
/// all have in common is known.
#[must_use]
pub fn firewall(profiles: &[Profile]) -> Firewall {
    let unclear = || Gap::Unreadable {
        what: "the firewall's profiles differ".to_owned(),
    };
    let active = common(profiles.iter().map(|profile| profile.enabled));
    let inbound = common(profiles.iter().map(|profile| profile.inbound_default));
    let off = active == Some(false);
    Firewall {
        kind: FirewallKind::WindowsDefender,
        active: active.map_or_else(|| Fact::Unknown(unclear()), Fact::Known),
        inbound_default: match inbound {
            _ if off => Fact::Known(Policy::Allow),
            Some(policy) => Fact::Known(policy),
            None => Fact::Unknown(unclear()),
        },
        port: if off {
            Fact::Known(Policy::Allow)
        } else {
            Fact::Unknown(Gap::Unsupported)
        },
        rule: None,
        remarks: Vec::new(),
    }
}

fn common<T: PartialEq>(mut values: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = values.next()??;
    values
        .all(|value| value.as_ref() == Some(&first))
        .then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(enable: u32, inbound: Option<u32>) -> RegistryValues {
        RegistryValues {
            enable_firewall: Some(enable),
            default_inbound_action: inbound,
        }
    }

    #[test]
    fn a_policy_overrules_the_machine() {
        let profile = profile("PublicProfile", values(0, None), values(1, Some(0)));
        assert_eq!(profile.enabled, Some(false));
        assert_eq!(profile.inbound_default, Some(Policy::Allow));
    }

    #[test]
    fn a_firewall_that_is_on_blocks_unless_it_is_told_otherwise() {
        let on = PROFILES.map(|name| profile(name, RegistryValues::default(), values(1, None)));
        let firewall = firewall(&on);
        assert_eq!(firewall.active, Fact::Known(true));
        assert_eq!(firewall.inbound_default, Fact::Known(Policy::Drop));
        assert_eq!(firewall.port, Fact::Unknown(Gap::Unsupported));
    }

    #[test]
    fn profiles_that_differ_or_are_silent_leave_it_open() {
        let machine = [values(1, None), values(0, None), values(1, None)];
        let mixed = machine.map(|values| profile("x", RegistryValues::default(), values));
        assert_eq!(firewall(&mixed).active.known(), None);
        let silent = profile("x", RegistryValues::default(), RegistryValues::default());
        assert_eq!(firewall(&[silent]).active.known(), None);
        assert_eq!(firewall(&[]).active.known(), None);
    }
}
