//! HTML reports in a browser: what it makes of the worst that a peer may send.
//!
//! Needs Debian's `chromium-headless-shell`; where it is missing the test says so and passes; with
//! `CI=true` it fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]
#![expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the test starts a browser, and says so where there is none"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;
use ketnoi::case::Case;
use ketnoi::evidence::Evidence;
use ketnoi::i18n::{Language, Texts};
use ketnoi::report::{Format, Stamp, render};
use serde_json::Value;

const BROWSER: &str = "/usr/bin/chromium-headless-shell";

const HOSTILE: &str = "</style></svg><script>document.title = 'owned'</script>\
    \"><img src=x onerror=\"document.title = 'owned'\"> ]]> --> javascript:alert(1)";

/// A TLS server whose certificate, host and program have hostile names.
fn hostile_case() -> Case {
    let path = "tests/cases/certificate-for-another-name.json";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let evidence = &mut file["evidence"];
    evidence["target"]["input"] = HOSTILE.into();
    evidence["target"]["service"] = HOSTILE.into();
    let heard = &mut evidence["exchanges"][0]["heard"]["tls"]["presented"]["chain"][0];
    heard["subject"] = HOSTILE.into();
    heard["issuer"] = HOSTILE.into();
    heard["names"] = vec![HOSTILE].into();
    let hostile: Evidence = serde_json::from_value(evidence.clone()).unwrap();
    Case::new(hostile)
}

#[test]
fn a_browser_takes_hostile_text_for_text() {
    if !Path::new(BROWSER).exists() {
        let message = "the test needs chromium-headless-shell";
        assert!(std::env::var("CI").is_err(), "{message}");
        eprintln!("{message}: not tested");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let stamp = Stamp {
        created: Timestamp::from_second(1_795_000_000).unwrap(),
        took: Duration::from_millis(3),
        anonymised: false,
    };
    for language in Language::ALL {
        let page = folder.path().join(format!("{}.html", language.code()));
        let texts = Texts::of(language);
        let case = hostile_case();
        fs::write(&page, render(&case, Format::Html, texts, &stamp)).unwrap();
        let output = Command::new(BROWSER)
            .args(["--no-sandbox", "--disable-gpu", "--dump-dom"])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .arg(format!("file://{}", page.display()))
            .output()
            .unwrap();
        let dom = String::from_utf8(output.stdout).unwrap();
        assert!(
            dom.contains(&format!("<html lang=\"{}\">", language.code())),
            "{dom}"
        );
        assert!(dom.contains("&lt;script&gt;document.title"), "{dom}");
        assert!(!dom.contains("<title>owned"), "{dom}");
        for bad in ["<script", "<img", "<a ", " href=", " src="] {
            // A quotation mark within text stays as it is; only tags count.
            assert!(
                !tags(&dom).iter().any(|tag| tag.contains(bad)),
                "{bad}: {dom}"
            );
        }
        // The picture and the text below it came through whole.
        assert_eq!(dom.matches("<article>").count(), 1, "{dom}");
        assert!(
            dom.contains("<svg class=\"path\"") && dom.contains("</article>"),
            "{dom}"
        );
    }
}

/// The tags of a serialised page, in which every `<` of a text is escaped, and every `"` of a value.
fn tags(dom: &str) -> Vec<String> {
    let starts = dom.split('<').skip(1);
    let tag = |rest: &str| {
        let mut is_value = false;
        let end = |c: char| {
            is_value ^= c == '"';
            c == '>' && !is_value
        };
        let end = rest.find(end).unwrap_or(rest.len());
        // Values say nothing of what a tag does.
        let names: Vec<&str> = rest[..end].split('"').step_by(2).collect();
        format!("<{}", names.concat())
    };
    starts.map(tag).collect()
}
