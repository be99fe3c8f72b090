//! What may come in with a dependency, as `deny.toml` says: licences, versions, features, sources.
//!
//! Reads the dependency graph from `cargo metadata`, for every system at once, and leaves out what
//! only tests use. Known security holes are not looked up: that needs a database from elsewhere.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
    features: Vec<FeatureBan>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    #[serde(default, rename = "deny-multiple-versions")]
    one_version: bool,
}

#[derive(Deserialize)]
struct FeatureBan {
    #[serde(rename = "crate")]
    name: String,
    deny: BTreeSet<String>,
}

/// A crate that ships, in one version.
struct Package {
    name: String,
    version: String,
    license: String,
    source: String,
    features: BTreeSet<String>,
}

#[test]
fn every_dependency_that_ships_is_allowed() {
    let policy: Policy = toml::from_str(&read("deny.toml")).unwrap();
    let packages = shipped_packages(&metadata());
    assert!(packages.len() > 100, "the dependency graph was not read");
    let complaints = complaints_about(&packages, &policy);
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn a_licence_a_second_version_a_ban_a_feature_and_a_foreign_source_are_found() {
    let policy = r#"
        [licenses]
        allow = ["MIT"]
        [bans]
        deny = [{ crate = "twice", deny-multiple-versions = true }, { crate = "evil" }]
        [[bans.features]]
        crate = "bus"
        deny = ["reactor"]
    "#;
    let policy: Policy = toml::from_str(policy).unwrap();
    let package = |name: &str, version: &str| Package {
        name: name.to_owned(),
        version: version.to_owned(),
        license: "MIT".to_owned(),
        source: REGISTRY.to_owned(),
        features: BTreeSet::new(),
    };
    let complaints = |packages: &[Package]| complaints_about(packages, &policy).len();
    assert_eq!(complaints(&[package("good", "1.0.0")]), 0);
    assert_eq!(complaints(&[package("twice", "1.0.0")]), 0);
    assert_eq!(
        complaints(&[package("twice", "1.0.0"), package("twice", "2.0.0")]),
        1
    );
    assert_eq!(complaints(&[package("evil", "1.0.0")]), 1);
    let with = |change: fn(&mut Package)| {
        let mut changed = package("bus", "1.0.0");
        change(&mut changed);
        complaints(&[changed])
    };
    assert_eq!(with(|bus| bus.license = "GPL-3.0-only".to_owned()), 1);
    assert_eq!(with(|bus| bus.license = String::new()), 1);
    assert_eq!(with(|bus| bus.features.extend(["reactor".to_owned()])), 1);
    assert_eq!(
        with(|bus| bus.source = "git+https://example.org/bus".to_owned()),
        1
    );
}

#[test]
fn a_licence_expression_is_read_as_spdx_means_it() {
    let allow = [
        "MIT",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "Unicode-3.0",
    ];
    let allow = allow.map(str::to_owned).into_iter().collect();
    for good in [
        "MIT",
        "MIT OR GPL-2.0-only",
        "GPL-2.0-only/MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "GPL-2.0-only OR Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_allowed(good, &allow), "{good}");
    }
    for bad in [
        "",
        "GPL-2.0-only",
        "MIT AND GPL-2.0-only",
        "(MIT OR Apache-2.0) AND MPL-2.0",
        "MIT WITH LLVM-exception",
        "(MIT",
    ] {
        assert!(!is_allowed(bad, &allow), "{bad}");
    }
}

#[test]
fn every_bundled_file_with_a_licence_of_its_own_is_covered() {
    let policy: Policy = toml::from_str(&read("deny.toml")).unwrap();
    assert!(policy.licenses.allow.contains("OFL-1.1"), "the typefaces");
}

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn complaints_about(packages: &[Package], policy: &Policy) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        let Package {
            name,
            version,
            license,
            source,
            features,
        } = package;
        versions.entry(name).or_default().insert(version);
        if !is_allowed(license, &policy.licenses.allow) {
            complaints.push(format!(
                "{name} {version}: licence {license:?} is not allowed"
            ));
        }
        if source != REGISTRY {
            complaints.push(format!("{name} {version}: comes from {source:?}"));
        }
        for ban in policy.bans.features.iter().filter(|ban| ban.name == *name) {
            for feature in ban.deny.intersection(features) {
                complaints.push(format!("{name} {version}: feature {feature} is banned"));
            }
        }
    }
    for ban in &policy.bans.deny {
        let present = versions.get(ban.name.as_str()).map_or(0, BTreeSet::len);
        if present > usize::from(ban.one_version) {
            complaints.push(format!(
                "{}: {present} versions are in the program",
                ban.name
            ));
        }
    }
    complaints
}

/// All crates that the program is made of, on any system; test tools are left out.
fn shipped_packages(metadata: &Value) -> Vec<Package> {
    let shipped = shipped_ids(metadata);
    let features = |id: &str| {
        let node = list(&metadata["resolve"]["nodes"])
            .iter()
            .find(|node| node["id"] == id);
        let features = node.map(|node| list(&node["features"])).unwrap_or_default();
        features.iter().map(text).collect()
    };
    let packages = list(&metadata["packages"]).iter();
    let packages = packages.filter(|package| shipped.contains(&text(&package["id"])));
    let packages = packages.filter(|package| !package["source"].is_null());
    packages
        .map(|package| Package {
            name: text(&package["name"]),
            version: text(&package["version"]),
            license: text(&package["license"]),
            source: text(&package["source"]),
            features: features(&text(&package["id"])),
        })
        .collect()
}

/// Walks the graph from the program along all edges but those of tests.
fn shipped_ids(metadata: &Value) -> BTreeSet<String> {
    let nodes: BTreeMap<String, &Value> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| (text(&node["id"]), node))
        .collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![text(&metadata["resolve"]["root"])];
    while let Some(id) = open.pop() {
        let node = nodes[&id];
        if seen.insert(id) {
            let ships = |edge: &&Value| {
                list(&edge["dep_kinds"])
                    .iter()
                    .any(|kind| kind["kind"] != "dev")
            };
            let edges = list(&node["deps"]).iter().filter(ships);
            open.extend(edges.map(|edge| text(&edge["pkg"])));
        }
    }
    seen
}

/// Whether an SPDX expression (or the older `A/B`) can be satisfied with allowed licences.
fn is_allowed(expression: &str, allow: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest, allow) == Some(true) && rest.is_empty()
}

fn any_of(rest: &mut &[&str], allow: &BTreeSet<String>) -> Option<bool> {
    let mut satisfied = all_of(rest, allow)?;
    while take(rest, "OR") {
        satisfied |= all_of(rest, allow)?;
    }
    Some(satisfied)
}

fn all_of(rest: &mut &[&str], allow: &BTreeSet<String>) -> Option<bool> {
    let mut satisfied = licence(rest, allow)?;
    while take(rest, "AND") {
        satisfied &= licence(rest, allow)?;
    }
    Some(satisfied)
}

fn licence(rest: &mut &[&str], allow: &BTreeSet<String>) -> Option<bool> {
    if take(rest, "(") {
        let inside = any_of(rest, allow)?;
        return take(rest, ")").then_some(inside);
    }
    let (name, after) = rest.split_first()?;
    *rest = after;
    if take(rest, "WITH") {
        let (exception, after) = rest.split_first()?;
        *rest = after;
        return Some(allow.contains(&format!("{name} WITH {exception}")));
    }
    Some(allow.contains(*name))
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    match rest.split_first() {
        Some((first, after)) if *first == word => {
            *rest = after;
            true
        }
        _ => false,
    }
}

fn metadata() -> Value {
    #[expect(clippy::disallowed_methods, reason = "only cargo knows the graph")]
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--all-features",
    ]);
    let output = cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn read(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).unwrap()
}
