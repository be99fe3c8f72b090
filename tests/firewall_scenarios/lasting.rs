//! firewalld has two sets of rules: those in force, and the permanent ones that take their place when
//! it is reloaded. What Ketnoi says of either is held against what happens after a reload, and what
//! its fixes do to either is taken back exactly.

use ketnoi::advice::{Advice, AdviceKind, Fix, advise};
use ketnoi::diagnosis::diagnose;
use ketnoi::evidence::Evidence;
use serde_json::Value;

use crate::machine::{Machine, not_run, what_is_missing};
use crate::scenario::{Scenario, V4, advice_in, rules_of, script};

/// What root does with firewalld, and what becomes of the client's connection.
struct Case {
    rules: &'static str,
    fate: &'static str,
    /// What becomes of it after a reload.
    reloaded: &'static str,
    /// What is remarked on firewalld.
    remarks: &'static [&'static str],
}

impl Case {
    /// The machines, and Ketnoi's report as root on the server; nothing where they cannot be made.
    fn set_up(&self) -> Option<Played> {
        if let Some(missing) = what_is_missing() {
            not_run(&missing);
            return None;
        }
        let scenario = Scenario {
            firewall: "firewalld",
            rules: self.rules,
            asked: V4,
            fate: self.fate,
            rule: "",
        };
        let (client, server) = scenario.machines();
        assert_eq!(
            scenario.fate_of(&client),
            self.fate,
            "the scenario is wrong"
        );
        let report = scenario.ask_as_root(&server);
        let firewall = scenario.firewall_in(&report);
        assert_eq!(remarks(firewall), self.remarks, "{firewall:#}");
        let before = rules_of(&server);
        Some(Played {
            scenario,
            client,
            server,
            report,
            before,
        })
    }

    /// Nothing is done but a reload.
    fn is_true_after_a_reload(&self) {
        let Some(played) = self.set_up() else { return };
        played.reload();
        assert_eq!(played.fate(), self.reloaded, "{:#}", played.report);
    }
}

struct Played {
    scenario: Scenario,
    client: Machine,
    server: Machine,
    report: Value,
    before: String,
}

impl Played {
    fn fate(&self) -> &'static str {
        self.scenario.fate_of(&self.client)
    }

    fn reload(&self) {
        self.server.root("firewall-cmd --reload");
    }

    /// Every way to follow the advice of that kind.
    fn ways(&self, kind: &AdviceKind) -> Vec<Fix> {
        let evidence: Evidence = serde_json::from_value(self.report["evidence"].clone()).unwrap();
        let advice = advise(&diagnose(&evidence), &evidence);
        let mut of_kind = advice.into_iter().filter(|one: &Advice| one.kind == *kind);
        of_kind.next().expect("such advice").fixes
    }

    fn run(&self, commands: &[ketnoi::advice::command_line::CommandLine]) {
        assert!(!commands.is_empty());
        for command in commands {
            self.server.root(&command.display());
        }
    }

    fn undo(&self, fix: &Fix, fate: &str) {
        self.run(&fix.undo);
        assert_eq!(rules_of(&self.server), self.before, "{fix:#?}");
        assert_eq!(self.fate(), fate);
    }
}

fn remarks(firewall: &Value) -> Vec<String> {
    let all = firewall["remarks"].as_array().into_iter().flatten();
    let name = |remark: &Value| match remark {
        Value::String(name) => name.clone(),
        other => other.as_object().unwrap().keys().next().unwrap().clone(),
    };
    all.map(name).collect()
}

/// In force only.
const FOR_NOW: Case = Case {
    rules: "firewall-cmd --add-port=5432/tcp",
    fate: "allow",
    reloaded: "reject",
    remarks: &["ends-at-reload", "lost-at-reload"],
};

/// Saved, and not loaded since.
const NOT_LOADED: Case = Case {
    rules: "firewall-cmd --permanent --add-port=5432/tcp",
    fate: "reject",
    reloaded: "allow",
    remarks: &["begins-at-reload", "brought-by-reload"],
};

const BOTH: Case = Case {
    rules: "firewall-cmd --permanent --add-port=5432/tcp; firewall-cmd --reload",
    fate: "allow",
    reloaded: "allow",
    remarks: &["lasts"],
};

const NEITHER: Case = Case {
    rules: "true",
    fate: "reject",
    reloaded: "reject",
    remarks: &[],
};

/// Something else is in force only: a reload would end that.
const ANOTHER_PORT_FOR_NOW: Case = Case {
    rules: "firewall-cmd --add-port=8080/tcp",
    fate: "reject",
    reloaded: "reject",
    remarks: &["lost-at-reload"],
};

/// The zone drops, once it is loaded.
const ANOTHER_TARGET: Case = Case {
    rules: "firewall-cmd --permanent --set-target=DROP",
    fate: "reject",
    reloaded: "drop",
    remarks: &["changed-by-reload"],
};

/// The client's network is trusted for now.
const TRUSTED_FOR_NOW: Case = Case {
    rules: "firewall-cmd --zone=trusted --add-source=10.77.1.0/24",
    fate: "allow",
    reloaded: "reject",
    remarks: &["ends-at-reload", "lost-at-reload"],
};

/// The interface is in another zone for now.
const INTERFACE_FOR_NOW: Case = Case {
    rules: "firewall-cmd --zone=trusted --change-interface=eth0",
    fate: "allow",
    reloaded: "reject",
    remarks: &["ends-at-reload", "lost-at-reload"],
};

#[test]
fn what_is_said_of_a_reload_comes_true() {
    for case in [
        FOR_NOW,
        NOT_LOADED,
        BOTH,
        NEITHER,
        ANOTHER_PORT_FOR_NOW,
        ANOTHER_TARGET,
        TRUSTED_FOR_NOW,
        INTERFACE_FOR_NOW,
    ] {
        case.is_true_after_a_reload();
    }
}

#[test]
fn what_is_in_force_only_is_saved() {
    for case in [FOR_NOW, TRUSTED_FOR_NOW, INTERFACE_FOR_NOW] {
        let Some(played) = case.set_up() else { return };
        let advice = advice_in(&played.report, "keep-firewall-rule").expect("such advice");
        played.server.root(&script(&advice["apply"]));
        let after = played.scenario.ask_as_root(&played.server);
        let firewall = played.scenario.firewall_in(&after);
        assert_eq!(remarks(firewall), ["lasts"], "{firewall:#}");
        played.server.root(&script(&advice["undo"]));
        assert_eq!(rules_of(&played.server), played.before);
        played.server.root(&script(&advice["apply"]));
        played.reload();
        assert_eq!(played.fate(), "allow");
    }
}

#[test]
fn what_is_saved_only_is_loaded() {
    let Some(played) = NOT_LOADED.set_up() else {
        return;
    };
    let ways = played.ways(&AdviceKind::AllowInFirewall);
    let [reload] = &ways[..] else {
        panic!("{ways:#?}");
    };
    assert_eq!(reload.apply[0].display(), "sudo firewall-cmd --reload");
    played.run(&reload.apply);
    assert_eq!(played.fate(), "allow");
    played.undo(reload, "reject");
}

#[test]
fn the_second_way_outlasts_a_reload_and_is_taken_back_in_both_sets() {
    let Some(played) = NEITHER.set_up() else {
        return;
    };
    let ways = played.ways(&AdviceKind::AllowInFirewall);
    let [trial, lasting] = &ways[..] else {
        panic!("{ways:#?}");
    };
    played.run(&trial.apply);
    assert_eq!(played.fate(), "allow");
    // After the trial, whose end must not be the end of it.
    played.run(&lasting.apply);
    assert_eq!(played.fate(), "allow");
    played.reload();
    assert_eq!(played.fate(), "allow");
    played.undo(lasting, "reject");
}

#[test]
fn what_a_reload_would_end_is_left_alone() {
    for case in [ANOTHER_PORT_FOR_NOW, ANOTHER_TARGET] {
        let Some(played) = case.set_up() else { return };
        let ways = played.ways(&AdviceKind::AllowInFirewall);
        let [both] = &ways[..] else {
            panic!("{ways:#?}");
        };
        played.run(&both.apply);
        assert_eq!(played.fate(), "allow");
        played.undo(both, "reject");
        played.run(&both.apply);
        played.reload();
        assert_eq!(played.fate(), "allow");
    }
}
