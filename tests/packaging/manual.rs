//! A man page, in the macros of man(7).

use std::fmt::Write as _;

use crate::help::{Help, Part};

/// The page that says what `help` says.
pub fn page(help: &Help) -> String {
    let version = env!("CARGO_PKG_VERSION");
    // “ketnoi - finds out why …”
    let about = help.about.trim_end_matches('.');
    let about = about.strip_prefix("Ketnoi ").unwrap_or(about);
    let mut page = format!(
        ".\\\" Made from `ketnoi --help` by tests/packaging.\n\
         .TH KETNOI 1 \"\" \"Ketnoi {version}\"\n\
         .SH NAME\n\
         ketnoi \\- {}\n",
        escaped(about)
    );
    for part in &help.parts {
        match part {
            Part::Paragraph(text) => writeln!(page, ".PP\n{}", line(text)).unwrap(),
            Part::Section { title, rows } => {
                writeln!(page, ".SH {}", escaped(&title.to_uppercase())).unwrap();
                for row in rows {
                    let name = escaped(&row.name);
                    writeln!(page, ".TP\n.B {name}\n{}", line(&row.meaning)).unwrap();
                }
            }
        }
    }
    page
}

/// Text that begins a line, where a dot or an apostrophe would begin a request.
fn line(text: &str) -> String {
    let guard = if text.starts_with(['.', '\'']) {
        "\\&"
    } else {
        ""
    };
    format!("{guard}{}", escaped(text))
}

/// Hyphens are typed as they stand here, so they must not become typographic ones.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}
