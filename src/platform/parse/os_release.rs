//! `/etc/os-release` (os-release(5)): what a distribution of Linux calls itself.

/// The name with its version, as it is meant to be shown; nothing where the file has none.
#[must_use]
pub fn pretty_name(text: &str) -> Option<String> {
    let value = |key: &str| {
        // What is assigned last counts, as in a shell.
        let mut lines = text.lines().rev();
        let line = lines.find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))?;
        let value = unquoted(line.trim());
        (!value.is_empty()).then_some(value)
    };
    value("PRETTY_NAME").or_else(|| {
        let name = value("NAME")?;
        Some(match value("VERSION") {
            Some(version) => format!("{name} {version}"),
            None => name,
        })
    })
}

/// A value without its quotation marks; a backslash within them keeps the next character.
fn unquoted(value: &str) -> String {
    let mark = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inner = mark.and_then(|mark| value.strip_prefix(mark)?.strip_suffix(mark));
    let mut plain = String::new();
    let mut characters = inner.unwrap_or(value).chars();
    while let Some(character) = characters.next() {
        let kept = match character {
            '\\' => characters.next(),
            other => Some(other),
        };
        plain.extend(kept);
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_name_that_is_meant_to_be_shown_is_read() {
        for (text, name) in [
            (
                "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nID=debian\n",
                Some("Debian GNU/Linux 13 (trixie)"),
            ),
            (
                "NAME=Fedora\nVERSION='41 (Server)'\n",
                Some("Fedora 41 (Server)"),
            ),
            ("NAME=Arch\nPRETTY_NAME=\"\"\n", Some("Arch")),
            (
                "# PRETTY_NAME=x\nPRETTY_NAME=\"a \\\"b\\\"\"\n",
                Some("a \"b\""),
            ),
            ("", None),
            ("PRETTY_NAME=\"", Some("\"")),
        ] {
            assert_eq!(pretty_name(text).as_deref(), name, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "(PRETTY_NAME=|NAME=|[\"'\\\\\n a-z])*") {
            let _ = pretty_name(&text);
        }
    }
}
