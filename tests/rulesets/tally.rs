//! What was compared, and how it came out.

use std::collections::BTreeMap;

use ketnoi::evidence::Policy;
use ketnoi::platform::ruleset::{By, Ending, Fate, Leg, Packet};
use serde_json::Value;

use crate::world::Seen;

/// How often verdicts and kernel agreed.
#[derive(Default)]
pub struct Tally {
    pub rulesets: usize,
    pub not_loaded: usize,
    packets: usize,
    open: usize,
    stopped: usize,
    unknown: usize,
    /// Rejects of which the asker heard nothing: rules may stop the error as well.
    silent_rejects: usize,
    named: usize,
    complaints: Vec<String>,
}

/// A rule: table family, table, and handle.
type Handle = (String, String, u64);

impl Tally {
    /// Compares what was seen of some packets with their verdicts.
    pub fn compare(&mut self, seed: u64, packets: &[Packet], outcomes: &[Seen], fates: &[Fate]) {
        self.rulesets += 1;
        for ((packet, seen), fate) in packets.iter().zip(outcomes).zip(fates) {
            self.packets += 1;
            let agrees = match (fate.policy(), seen) {
                (None, _) => {
                    self.unknown += 1;
                    continue;
                }
                (Some(Policy::Allow), Seen::Open) => {
                    self.open += 1;
                    true
                }
                (Some(Policy::Drop), Seen::Silent) | (Some(Policy::Reject), Seen::Refused) => {
                    self.stopped += 1;
                    true
                }
                (Some(Policy::Reject), Seen::Silent) => {
                    self.stopped += 1;
                    self.silent_rejects += 1;
                    true
                }
                (Some(Policy::Allow), Seen::Refused | Seen::Silent)
                | (Some(Policy::Drop), Seen::Open | Seen::Refused)
                | (Some(Policy::Reject), Seen::Open) => false,
            };
            if !agrees {
                self.complain(format!(
                    "seed {seed}: {seen:?}, but {fate:?} for {packet:?}"
                ));
            }
        }
    }

    /// Every rule that is named as the one that decides was passed at least as often.
    pub fn compare_names(&mut self, seed: u64, fates: &[Fate], counters: &BTreeMap<Handle, usize>) {
        let mut named: BTreeMap<Handle, usize> = BTreeMap::new();
        for decision in fates.iter().filter_map(Fate::decision) {
            if let (By::Rule(rule), Some(handle)) = (&decision.by, named_handle(&decision.by))
                && decision.ending != Ending::Unseen
                && decision.leg == Leg::Opening
                && rule.text.contains("counter")
            {
                *named.entry(handle).or_default() += 1;
            }
        }
        for (handle, times) in named {
            self.named += times;
            let counted = counters.get(&handle).copied().unwrap_or(0);
            if counted < times {
                let complaint =
                    format!("seed {seed}: {handle:?} decided {times}, counted {counted}");
                self.complain(complaint);
            }
        }
    }

    pub fn complain(&mut self, complaint: String) {
        self.complaints.push(complaint);
    }

    /// Says what was measured, and fails where the verdicts are wrong or too often missing.
    pub fn judge(&self, what: &str) {
        let share = percent(self.unknown, self.packets);
        eprintln!(
            "{what}: {} rule sets ({} not loaded), {} packets: {} open and {} stopped as foreseen \
             ({} rejects went unheard), {} unknown ({share} %), {} wrong; {} deciding rules \
             confirmed by their counters",
            self.rulesets,
            self.not_loaded,
            self.packets,
            self.open,
            self.stopped,
            self.silent_rejects,
            self.unknown,
            self.complaints.len(),
            self.named,
        );
        let first: Vec<&String> = self.complaints.iter().take(12).collect();
        assert!(first.is_empty(), "{first:#?}");
        assert!(share <= 5, "{share} % unknown");
    }
}

fn percent(part: usize, whole: usize) -> usize {
    (100 * part).div_ceil(whole)
}

fn named_handle(by: &By) -> Option<Handle> {
    match by {
        By::Rule(rule) => Some((
            rule.family.name().to_owned(),
            rule.table.clone(),
            rule.handle?,
        )),
        By::Policy { .. } | By::Nothing => None,
    }
}

/// How many packets each rule counted.
pub fn counters(json: &str) -> BTreeMap<Handle, usize> {
    let listing: Value = serde_json::from_str(json).unwrap();
    let rules = listing["nftables"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|o| o.get("rule"));
    let counted = |rule: &Value| {
        let expressions = rule["expr"].as_array()?;
        let counter = expressions.iter().find_map(|one| one.get("counter"))?;
        let packets = usize::try_from(counter["packets"].as_u64()?).ok()?;
        let text = |key: &str| rule[key].as_str().map(str::to_owned);
        Some((
            (text("family")?, text("table")?, rule["handle"].as_u64()?),
            packets,
        ))
    };
    rules.filter_map(counted).collect()
}
