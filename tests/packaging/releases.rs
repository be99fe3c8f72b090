//! What releases are made with: the workflows run nothing that can change under its name and may do
//! no more than they need, and the bundles say what their systems ask for.

use regex::Regex;

use crate::in_project;

fn read(name: &str) -> String {
    std::fs::read_to_string(in_project(name)).unwrap()
}

#[test]
fn workflows_run_pinned_actions_and_may_only_read() {
    let pinned = Regex::new(r"^uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$").unwrap();
    for name in [
        ".github/workflows/checks.yml",
        ".github/workflows/release.yml",
    ] {
        let text = read(name);
        let used = text.lines().map(|line| line.trim_start_matches([' ', '-']));
        let used: Vec<_> = used.filter(|line| line.starts_with("uses:")).collect();
        assert!(!used.is_empty(), "{name}");
        for line in used {
            assert!(pinned.is_match(line), "{name}: {line}");
        }
        assert!(
            text.contains("\npermissions:\n  contents: read\n"),
            "{name}"
        );
        let writing: Vec<_> = text
            .lines()
            .filter(|line| line.contains(": write"))
            .collect();
        let job = text.split_once("\n  draft:\n").map_or("", |(_, job)| job);
        let allowed = job.matches(": write").count();
        assert_eq!(
            writing.len(),
            allowed,
            "{name}: only the draft may be written"
        );
        assert_eq!(
            text.matches("actions/checkout@").count(),
            text.matches("persist-credentials: false").count(),
            "{name}"
        );
    }
}

#[test]
fn macos_is_told_in_both_languages_why_the_network_is_needed() {
    let plist = read("assets/macos/Info.plist");
    let asked = Regex::new(r"<key>NSLocalNetworkUsageDescription</key>\s*<string>(.+)</string>");
    let english = asked.unwrap().captures(&plist).unwrap()[1].to_owned();
    let sentence = |language: &str| {
        let strings = read(&format!("assets/macos/{language}.lproj/InfoPlist.strings"));
        let sentence = Regex::new(r#""NSLocalNetworkUsageDescription" = "(.+)";"#).unwrap();
        sentence.captures(&strings).unwrap()[1].to_owned()
    };
    assert_eq!(sentence("en"), english);
    assert_ne!(sentence("vi"), english);
    for language in ["en", "vi"] {
        assert!(plist.contains(&format!("<string>{language}</string>")));
    }
}

#[test]
fn windows_is_told_what_its_manifest_is_for() {
    let manifest = read("assets/windows/ketnoi.manifest");
    for said in [
        "PerMonitorV2",
        "<activeCodePage xmlns=\"http://schemas.microsoft.com/SMI/2019/WindowsSettings\">UTF-8<",
        "level=\"asInvoker\" uiAccess=\"false\"",
        "<longPathAware xmlns=\"http://schemas.microsoft.com/SMI/2016/WindowsSettings\">true<",
    ] {
        assert!(manifest.contains(said), "{said}");
    }
}

#[test]
fn the_uninstaller_takes_away_what_the_installer_brings() {
    let release = read(".github/workflows/release.yml");
    let (_, gathered) = release.split_once("mkdir Ketnoi\n").unwrap();
    let (gathered, _) = gathered.split_once("- uses:").unwrap();
    let script = read("assets/windows/installer.nsi");
    let copied = gathered
        .lines()
        .filter_map(|line| line.trim().strip_prefix("cp "));
    let files: Vec<_> = copied
        .flat_map(|line| line.split(' ').filter(|word| *word != "Ketnoi/"))
        .map(|path| path.rsplit('/').next().unwrap())
        .collect();
    assert!(files.len() > 2, "{gathered}");
    for file in files.into_iter().chain(["uninstall.exe"]) {
        let taken = format!("Delete \"$INSTDIR\\{file}\"");
        assert!(script.contains(&taken), "{taken}");
    }
}

#[test]
fn the_same_tools_make_releases_and_checks() {
    let version = |text: &str| {
        let tool = Regex::new(r"cargo-deb --version (\S+)").unwrap();
        tool.captures(text).map(|found| found[1].to_owned())
    };
    let checked = version(&read("tests/run.sh"));
    assert!(checked.is_some());
    assert_eq!(checked, version(&read(".github/workflows/release.yml")));
}
