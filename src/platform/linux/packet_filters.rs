//! The rules that nft and iptables have loaded.
//!
//! They are told to root only: then `nft` and `iptables-save` list them. Without root the answer is
//! that administrators may know, never that there is nothing.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::firewalls::{firewall, gap_of, it_depends, judged_firewall};
use super::{Linux, read_text, unreadable};
use crate::evidence::{Firewall, FirewallKind, Gap, Policy};
use crate::platform::command;
use crate::platform::filtered::{self, Filtered};
use crate::platform::incoming::{Incoming, Judgement};
use crate::platform::parse::{iptables, nft, proc_pid};
use crate::platform::ruleset::{Family, Listing, Ruleset, Table};

/// How long a listing of rules may take.
const PATIENCE: Duration = Duration::from_millis(700);

const CAP_NET_ADMIN: u32 = 12;

/// The rules in the kernel, as far as we may see them.
pub struct Loaded {
    /// What nft lists.
    nft: Result<Ruleset, Gap>,
    /// The legacy tables in use; nothing where the kernel has none.
    legacy: Result<Option<String>, Gap>,
    may_list: bool,
}

impl Loaded {
    /// Lists what nft has.
    pub fn read(linux: &Linux) -> Self {
        let status = read_text(&linux.proc.join("self/status")).unwrap_or_default();
        let may_list = proc_pid::has_capability(&status, CAP_NET_ADMIN) == Some(true);
        let nft = match linux.program("nft") {
            _ if !may_list => Err(Gap::NeedsAdmin),
            Some(nft) => list_nft(&nft),
            None => Err(Gap::ToolMissing),
        };
        Self {
            nft,
            legacy: legacy_tables(&linux.proc),
            may_list,
        }
    }

    /// The tables of nft that `is_wanted` picks.
    fn tables(&self, is_wanted: impl Fn(&Table) -> bool) -> Result<Ruleset, Gap> {
        let all = self.nft.as_ref().map_err(Gap::clone)?;
        let tables = all.tables.iter().filter(|table| is_wanted(table)).cloned();
        Ok(Ruleset {
            tables: tables.collect(),
        })
    }

    fn iptables_is_loaded_through_nft(&self) -> bool {
        let all = self.nft.as_ref();
        all.map_or(true, |all| all.tables.iter().any(Table::is_of_iptables))
    }
}

/// All rules that a packet of this machine meets: what nft lists, with those of iptables as their
/// own tools list them.
pub fn everything(linux: &Linux) -> Result<Ruleset, Gap> {
    let loaded = Loaded::read(linux);
    let mut all = loaded.tables(|table| !table.is_of_iptables())?;
    for v6 in [false, true] {
        all.tables.extend(list_iptables(linux, &loaded, v6)?.tables);
    }
    Ok(all)
}

fn list_nft(program: &Path) -> Result<Ruleset, Gap> {
    let json = command::output(program, &["-j", "list", "ruleset"], PATIENCE)?;
    nft::from_json(&json).ok_or_else(|| unreadable(program, &"JSON"))
}

/// `/proc/net/ip_tables_names` exists where the kernel has the old iptables, and names its tables.
fn legacy_tables(proc: &Path) -> Result<Option<String>, Gap> {
    let mut names = None;
    for file in ["net/ip_tables_names", "net/ip6_tables_names"] {
        let path = proc.join(file);
        match read_text(&path) {
            Ok(text) => names.get_or_insert_with(String::new).push_str(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(gap_of(&path, &error)),
        }
    }
    Ok(names)
}

/// What firewalld has loaded, where its zones could not be asked for.
pub fn of_firewalld(loaded: &Loaded, views: &[Incoming], active: Result<bool, Gap>) -> Firewall {
    let kind = FirewallKind::Firewalld;
    let rules = loaded.tables(Table::is_of_firewalld).and_then(|own| {
        // With its other back end its rules are in iptables, among those of others.
        let is_there = !own.tables.is_empty();
        is_there
            .then_some(own)
            .ok_or_else(|| unreadable(Path::new("nft"), &"table firewalld"))
    });
    let rules = rules.map(|own| vec![own; views.len()]);
    judged(kind, active, &rules, views)
}

/// Tables made with nft itself.
pub fn nftables(linux: &Linux, loaded: &Loaded, views: &[Incoming]) -> Option<Firewall> {
    linux.program("nft")?;
    let own = loaded.tables(|table| !table.is_of_iptables() && !table.is_of_firewalld());
    let active = own.as_ref().map_err(Gap::clone).map(filters);
    let rules = own.map(|own| vec![own; views.len()]);
    Some(judged(FirewallKind::Nftables, active, &rules, views))
}

/// Rules made with iptables and ip6tables, of both back ends where both are in use.
pub fn iptables(linux: &Linux, loaded: &Loaded, views: &[Incoming]) -> Option<Firewall> {
    let legacy_exists = !matches!(loaded.legacy, Ok(None));
    if !legacy_exists && linux.program("iptables").is_none() {
        return None;
    }
    let rules = views
        .iter()
        .map(|view| list_iptables(linux, loaded, view.v6))
        .collect::<Result<Vec<_>, Gap>>();
    let active = rules.as_ref().map_err(Gap::clone);
    let active = active.map(|all| all.iter().any(filters));
    Some(judged(FirewallKind::Iptables, active, &rules, views))
}

fn filters(rules: &Ruleset) -> bool {
    rules.tables.iter().any(Table::filters_anything)
}

/// What `iptables-save` or `ip6tables-save` print, of both back ends where both are in use.
fn list_iptables(linux: &Linux, loaded: &Loaded, v6: bool) -> Result<Ruleset, Gap> {
    if !loaded.may_list {
        return Err(Gap::NeedsAdmin);
    }
    let legacy = loaded.legacy.as_ref().map_err(Gap::clone)?;
    let names = legacy.as_deref().unwrap_or_default();
    let mut back_ends = Vec::new();
    back_ends.extend((!names.trim().is_empty()).then_some("-legacy"));
    let through_nft = loaded.iptables_is_loaded_through_nft();
    back_ends.extend(through_nft.then_some("-nft"));
    let (tool, family) = if v6 {
        ("ip6tables", Family::Ip6)
    } else {
        ("iptables", Family::Ip)
    };
    let mut all = Ruleset::default();
    for back_end in back_ends {
        let common = linux.program(&format!("{tool}-save"));
        let common = common.filter(|common| is_of_back_end(common, back_end));
        let is_common = common.is_some();
        let own = || linux.program(&format!("{tool}{back_end}-save"));
        let program = common.or_else(own).ok_or(Gap::ToolMissing)?;
        let listing = command::output(&program, &[], PATIENCE)?;
        let rules = iptables::from_save(&listing, family);
        let mut rules = rules.ok_or_else(|| unreadable(&program, &"format"))?;
        for table in &mut rules.tables {
            table.listing = listing_of(back_end, is_common);
        }
        all.tables.extend(rules.tables);
    }
    Ok(all)
}

/// Who lists what that back end has: its rules are changed by the tool of the same name.
fn listing_of(back_end: &str, is_common: bool) -> Listing {
    match back_end {
        _ if is_common => Listing::Iptables,
        "-legacy" => Listing::IptablesLegacy,
        _ => Listing::IptablesNft,
    }
}

/// Whether `iptables-save` is the tool of that back end: it is a link to `xtables-nft-multi` or
/// `xtables-legacy-multi`, which before iptables 1.8 was `xtables-multi`.
fn is_of_back_end(program: &Path, back_end: &str) -> bool {
    let Ok(linked) = program.canonicalize() else {
        return false;
    };
    let name = linked.file_name().unwrap_or_default().to_string_lossy();
    name.contains(back_end) || (back_end == "-legacy" && name == "xtables-multi")
}

/// What the rules of each view make of it.
fn judged(
    kind: FirewallKind,
    active: Result<bool, Gap>,
    rules: &Result<Vec<Ruleset>, Gap>,
    views: &[Incoming],
) -> Firewall {
    let rules = match rules {
        Ok(rules) => rules,
        Err(gap) => return firewall(kind, active, Err(gap.clone()), Err(gap.clone())),
    };
    let pairs = || rules.iter().zip(views);
    let all: Vec<Filtered> = pairs()
        .map(|(rules, view)| filtered::judge(rules, view))
        .collect();
    let judgements: Vec<Judgement> = all.iter().map(|one| one.judgement.clone()).collect();
    let defaults: Vec<Option<Policy>> = pairs()
        .map(|(rules, view)| filtered::otherwise(rules, view))
        .collect();
    let first = defaults.first().copied().flatten();
    let is_common = defaults.iter().all(|other| *other == first);
    let otherwise = first.filter(|_| is_common).ok_or_else(it_depends);
    let mut firewall = judged_firewall(kind, active, otherwise, Ok(Judgement::agreed(&judgements)));
    if let (Some(rule), [only]) = (&mut firewall.rule, all.as_slice()) {
        rule.chain.clone_from(&only.chain);
    }
    firewall
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_tool_of_another_back_end_is_not_taken_for_the_wanted_one() {
        let folder = tempfile::tempdir().unwrap();
        let tool = folder.path().join("iptables-save");
        for (multi, nft, legacy) in [
            ("xtables-nft-multi", true, false),
            ("xtables-legacy-multi", false, true),
            ("xtables-multi", false, true),
            ("something", false, false),
        ] {
            let multi = folder.path().join(multi);
            std::fs::write(&multi, "").unwrap();
            let _ = std::fs::remove_file(&tool);
            symlink(&multi, &tool).unwrap();
            let found = ["-nft", "-legacy"].map(|back_end| is_of_back_end(&tool, back_end));
            assert_eq!(found, [nft, legacy], "{}", multi.display());
        }
    }
}
