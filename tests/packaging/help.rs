//! The program's own help, taken apart.

use crate::command;

/// What `ketnoi --help` says.
pub struct Help {
    /// The first paragraph.
    pub about: String,
    /// The other paragraphs, in their order among the sections.
    pub parts: Vec<Part>,
}

/// A paragraph, or a section with its title.
pub enum Part {
    Paragraph(String),
    Section { title: String, rows: Vec<Row> },
}

/// What can be typed, and what it means.
pub struct Row {
    pub name: String,
    pub meaning: String,
}

/// An option as the help spells it.
pub struct Choice<'a> {
    /// `o`
    pub short: Option<&'a str>,
    /// `output`
    pub long: &'a str,
    /// `FILE`, or what there is to choose from: `vi|en`.
    pub value: Option<&'a str>,
    pub meaning: &'a str,
}

/// Where the meanings begin.
const COLUMN: usize = 26;

impl Help {
    /// Asks the program, in this language.
    pub fn of(language: &str) -> Self {
        let mut ketnoi = command(env!("CARGO_BIN_EXE_ketnoi"));
        let output = ketnoi
            .args(["--lang", language, "--help"])
            .output()
            .unwrap();
        assert!(output.status.success());
        Self::read(&String::from_utf8(output.stdout).unwrap())
    }

    fn read(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut goes_on = false;
        for line in text.lines() {
            match (line.strip_prefix("  "), parts.last_mut()) {
                (Some(row), Some(Part::Section { rows, .. })) => read_row(row, rows),
                (None, Some(Part::Paragraph(text))) if goes_on && !line.is_empty() => {
                    *text = format!("{text} {line}");
                }
                (None, _) if line.is_empty() => {}
                (None, _) => parts.push(match line.strip_suffix(':') {
                    Some(title) => Part::Section {
                        title: title.to_owned(),
                        rows: Vec::new(),
                    },
                    None => Part::Paragraph(line.to_owned()),
                }),
                (Some(_), _) => panic!("a row without a section: {line}"),
            }
            goes_on = !line.is_empty();
        }
        let Part::Paragraph(about) = parts.remove(0) else {
            panic!("the help begins with a title");
        };
        Self { about, parts }
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.parts.iter().flat_map(|part| match part {
            Part::Section { rows, .. } => rows.as_slice(),
            Part::Paragraph(_) => &[],
        })
    }

    /// The commands with what they do.
    pub fn commands(&self) -> Vec<(&str, &str)> {
        let commands = self.rows().filter_map(|row| {
            let command = row.name.strip_prefix("ketnoi ")?.split(' ').next()?;
            Some((command, row.meaning.as_str()))
        });
        commands.collect()
    }

    /// The options.
    pub fn options(&self) -> Vec<Choice<'_>> {
        let rows = self.rows().filter(|row| row.name.starts_with('-'));
        let options = rows.map(|row| {
            let (short, rest) = match row.name.split_once(", ") {
                Some((short, rest)) => (short.strip_prefix('-'), rest),
                None => (None, row.name.as_str()),
            };
            let (long, value) = match rest.split_once(' ') {
                Some((long, value)) => (long, Some(value)),
                None => (rest, None),
            };
            Choice {
                short,
                long: long.strip_prefix("--").unwrap(),
                value,
                meaning: &row.meaning,
            }
        });
        options.collect()
    }
}

/// Reads a line without its indent of two.
fn read_row(line: &str, rows: &mut Vec<Row>) {
    let name: String = line.chars().take(COLUMN - 2).collect();
    let meaning: String = line.chars().skip(COLUMN - 2).collect();
    match (name.trim_end(), rows.last_mut()) {
        ("", Some(row)) => row.meaning = format!("{} {meaning}", row.meaning),
        (whole, _) => {
            let runs_over = whole.len() == name.len();
            assert!(!runs_over, "no gap before the meaning: {line}");
            rows.push(Row {
                name: whole.to_owned(),
                meaning,
            });
        }
    }
}

impl Choice<'_> {
    /// What there is to choose from.
    pub fn values(&self) -> Vec<&str> {
        match self.value {
            Some(value) if value.contains('|') => value.split('|').collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the value is a file.
    pub fn takes_file(&self) -> bool {
        self.value == Some("FILE")
    }
}

#[test]
fn a_help_is_taken_apart() {
    let help = Help::read(
        "Finds\nout.\n\nUsage:\n  ketnoi check TARGET…    test\n\nTARGET: an address\nor more\n\n\
         Options:\n  -o, --output FILE       save\n                          too\n  \
         --lang vi|en            language\n",
    );
    assert_eq!(help.about, "Finds out.");
    assert_eq!(help.commands(), [("check", "test")]);
    assert!(
        matches!(&help.parts[1], Part::Paragraph(text) if text == "TARGET: an address or more")
    );
    let [output, language] = help.options().try_into().ok().unwrap();
    assert_eq!((output.short, output.long), (Some("o"), "output"));
    assert_eq!(output.meaning, "save too");
    assert!(output.takes_file() && output.values().is_empty());
    assert_eq!(language.values(), ["vi", "en"]);
}
