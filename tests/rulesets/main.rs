//! The rules evaluator against the kernel: random rule sets are loaded into a network namespace,
//! real connections are made, and what became of them is compared with the verdict over the
//! listing as it is read back. Only root can make the namespaces.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers fail the test like the test itself, and say what was measured"
)]

mod chance;
mod iptables_rules;
mod nft_rules;
mod tally;
mod world;

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;

use ketnoi::platform::parse::{iptables, nft};
use ketnoi::platform::ruleset::{Family, Packet, Ruleset, verdict};

use chance::Chance;
use tally::Tally;
use world::{World, feed, program, run};

const RULESETS: usize = 220;
const IPTABLES_RULESETS: usize = 60;
const PACKETS: usize = 10;

/// Set only inside the namespace.
const INSIDE: &str = "KETNOI_TEST_INSIDE_NAMESPACE";

/// Runs the test called `name` again in a new namespace; there, returns true.
fn inside_namespace(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        eprintln!("could not run: only root can make a namespace");
        assert_ne!(
            std::env::var("CI").as_deref(),
            Ok("true"),
            "CI runs this as root"
        );
        return false;
    }
    let own = std::env::current_exe().unwrap();
    let output = program("unshare")
        .arg("--net")
        .arg(own)
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    // Past the test harness, which keeps what passing tests print to itself.
    let figures = complained
        .lines()
        .filter(|line| line.contains(" rule sets "));
    let mut terminal = std::io::stderr();
    for line in figures {
        writeln!(terminal, "{line}").unwrap();
    }
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{complained}"
    );
    false
}

#[test]
fn the_evaluator_agrees_with_the_kernel_on_rules_of_nft() {
    if !inside_namespace("the_evaluator_agrees_with_the_kernel_on_rules_of_nft") {
        return;
    }
    let mut world = World::new();
    let mut tally = Tally::default();
    let mut seed = 0;
    while tally.rulesets < RULESETS {
        seed += 1;
        let mut chance = Chance::new(seed);
        let rules = format!("flush ruleset\n{}", nft_rules::ruleset(&mut chance));
        if !feed("nft", &["-f", "-"], &rules).status.success() {
            tally.not_loaded += 1;
            assert!(tally.not_loaded < RULESETS, "the kernel takes no rules");
            continue;
        }
        let packets: Vec<Packet> = (0..PACKETS).map(|_| world.packet(&mut chance)).collect();
        let outcomes = world.send(&packets);
        let json = run("nft", &["-j", "list", "ruleset"], "");
        let ruleset = nft::from_json(&json).unwrap();
        let fates: Vec<_> = packets
            .iter()
            .map(|packet| verdict(&ruleset, packet))
            .collect();
        tally.compare(seed, &packets, &outcomes, &fates);
        tally.compare_names(seed, &fates, &tally::counters(&json));
        compare_listings(seed, &ruleset, &packets, &mut tally);
        run("nft", &["flush", "ruleset"], "");
        world.close();
    }
    tally.judge("nft");
}

/// Both listings of nft say the same, to the word.
fn compare_listings(seed: u64, ruleset: &Ruleset, packets: &[Packet], tally: &mut Tally) {
    let listed = run("nft", &["-s", "-a", "list", "ruleset"], "");
    let from_text = nft::from_text(&listed).unwrap();
    for packet in packets {
        let (by_json, by_text) = (verdict(ruleset, packet), verdict(&from_text, packet));
        // Not all versions of nft tell the devices of a chain in JSON.
        let same = by_json.decision().is_none() || by_json.decisions == by_text.decisions;
        if !same {
            tally.complain(format!(
                "seed {seed}: {by_json:?} by JSON, {by_text:?} by text"
            ));
        }
    }
    for (table, other) in ruleset.tables.iter().zip(&from_text.tables) {
        for (chain, other) in table.chains.values().zip(other.chains.values()) {
            for (rule, other) in chain.rules.iter().zip(&other.rules) {
                if rule.text != other.text {
                    tally.complain(format!("seed {seed}: {:?} is {:?}", rule.text, other.text));
                }
            }
        }
    }
}

#[test]
fn the_evaluator_agrees_with_the_kernel_on_rules_of_iptables() {
    if !inside_namespace("the_evaluator_agrees_with_the_kernel_on_rules_of_iptables") {
        return;
    }
    let mut world = World::new();
    let mut tally = Tally::default();
    let mut seed = 0;
    while tally.rulesets < IPTABLES_RULESETS {
        seed += 1;
        let mut chance = Chance::new(seed);
        let families = [("iptables", Family::Ip), ("ip6tables", Family::Ip6)];
        let mut refused = false;
        for (tool, family) in families {
            let rules = iptables_rules::ruleset(&mut chance, family);
            let loaded = feed(&format!("{tool}-restore"), &[], &rules);
            refused |= !loaded.status.success();
        }
        if refused {
            tally.not_loaded += 1;
            assert!(
                tally.not_loaded < IPTABLES_RULESETS,
                "the kernel takes no rules"
            );
            continue;
        }
        let packets: Vec<Packet> = (0..PACKETS).map(|_| world.packet(&mut chance)).collect();
        let outcomes = world.send(&packets);
        let mut ruleset = Ruleset::default();
        for (tool, family) in families {
            let listed = run(&format!("{tool}-save"), &["-c"], "");
            ruleset
                .tables
                .extend(iptables::from_save(&listed, family).unwrap().tables);
        }
        let fates: Vec<_> = packets
            .iter()
            .map(|packet| verdict(&ruleset, packet))
            .collect();
        tally.compare(seed, &packets, &outcomes, &fates);
        run("nft", &["flush", "ruleset"], "");
        world.close();
    }
    tally.judge("iptables");
}
