//! What desktops read: the entry in the menu, the description in the software centre, the type of
//! reports, the icon.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{command, in_project, not_run};

#[test]
fn the_desktop_takes_the_entry_and_the_description() {
    for (program, arguments, package) in [
        (
            "/usr/bin/desktop-file-validate",
            ["assets/linux/ketnoi.desktop"].as_slice(),
            "desktop-file-utils",
        ),
        (
            "/usr/bin/appstreamcli",
            &["validate", "--no-net", "assets/linux/ketnoi.metainfo.xml"],
            "appstream",
        ),
    ] {
        if !Path::new(program).exists() {
            not_run(package);
            continue;
        }
        let mut validator = command(program);
        let output = validator
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        // desktop-file-validate passes what it only advises against.
        assert!(
            !said.contains("warning") && !said.contains("hint"),
            "{said}"
        );
    }
}

#[test]
fn the_entry_leads_to_the_window_and_its_icon() {
    let text = std::fs::read_to_string(in_project("assets/linux/ketnoi.desktop")).unwrap();
    let keys: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .collect();
    let app = std::fs::read_to_string(in_project("src/app.rs")).unwrap();
    // What the window calls itself is how desktops find the entry that belongs to it.
    assert!(app.contains(&format!(".with_app_id(\"{}\")", keys["StartupWMClass"])));
    assert_eq!(keys["Exec"].split(' ').next(), Some(env!("CARGO_PKG_NAME")));
    for translated in ["GenericName", "Comment", "Keywords"] {
        let vietnamese = format!("{translated}[vi]");
        assert_ne!(keys[translated], keys[vietnamese.as_str()]);
    }
    for size in [16, 32, 48, 64, 128, 256, 512_u32] {
        let name = format!("assets/icon/{}-{size}.png", keys["Icon"]);
        let picture = std::fs::read(in_project(&name)).unwrap();
        // The header chunk, which comes first: width and height.
        let width = u32::from_be_bytes(picture[16..20].try_into().unwrap());
        let height = u32::from_be_bytes(picture[20..24].try_into().unwrap());
        assert_eq!((width, height), (size, size), "{name}");
    }
}

#[test]
fn the_type_of_reports_is_the_same_everywhere() {
    let read = |name| std::fs::read_to_string(in_project(name)).unwrap();
    let types = read("assets/linux/ketnoi-report.xml");
    let (_, rest) = types.split_once("<mime-type type=\"").unwrap();
    let (name, _) = rest.split_once('"').unwrap();
    assert!(read("assets/linux/ketnoi.metainfo.xml").contains(&format!("<mediatype>{name}<")));
    let entry = read("assets/linux/ketnoi.desktop");
    assert!(entry.contains(&format!("MimeType={name};")) && entry.contains("Exec=ketnoi %f\n"));
}
