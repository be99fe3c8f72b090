//! Completions for bash, zsh and fish.

use std::fmt::Write as _;

use crate::help::{Choice, Help};
use crate::{command, in_project};

const HEAD: &str = "# Made from `ketnoi --help` by tests/packaging.";

pub fn bash(help: &Help) -> String {
    let options = help.options();
    let all: Vec<_> = options.iter().flat_map(spellings).collect();
    let commands: Vec<_> = help.commands().iter().map(|(name, _)| *name).collect();
    let mut script = format!(
        "{HEAD}\n\
         _ketnoi() {{\n    \
         local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}\n    \
         COMPREPLY=()\n    \
         case $before in\n"
    );
    let mut plain = Vec::new();
    for option in options.iter().filter(|option| option.value.is_some()) {
        let spelt = spellings(option).join(" | ");
        let values = option.values();
        if option.takes_file() {
            writeln!(script, "        {spelt}) _ketnoi_files; return ;;").unwrap();
        } else if values.is_empty() {
            plain.push(spelt);
        } else {
            let values = values.join(" ");
            writeln!(
                script,
                "        {spelt}) mapfile -t COMPREPLY < <(compgen -W '{values}' -- \"$word\"); return ;;"
            )
            .unwrap();
        }
    }
    write!(
        script,
        "        {plain}) return ;;\n    \
         esac\n    \
         if [[ $word == -* ]]; then\n        \
         mapfile -t COMPREPLY < <(compgen -W '{all}' -- \"$word\")\n    \
         elif ((COMP_CWORD == 1)); then\n        \
         mapfile -t COMPREPLY < <(compgen -W '{commands}' -- \"$word\")\n    \
         elif [[ ${{COMP_WORDS[1]}} != check ]]; then\n        \
         _ketnoi_files\n    \
         fi\n\
         }}\n\
         _ketnoi_files() {{\n    \
         compopt -o filenames 2>/dev/null\n    \
         mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n\
         }}\n\
         complete -F _ketnoi ketnoi\n",
        plain = plain.join(" | "),
        all = all.join(" "),
        commands = commands.join(" "),
    )
    .unwrap();
    script
}

pub fn zsh(help: &Help) -> String {
    let mut script = format!("#compdef ketnoi\n{HEAD}\n_arguments -s -S \\\n");
    for option in help.options() {
        let meaning = option.meaning.replace('[', "\\[").replace(']', "\\]");
        let value = match option.value {
            None => String::new(),
            Some(_) if option.takes_file() => ":file:_files".to_owned(),
            Some(value) if option.values().is_empty() => format!(":{}: ", value.to_lowercase()),
            Some(_) => format!(":{}:({})", option.long, option.values().join(" ")),
        };
        let spelt = spellings(&option);
        let (either, spelt) = match spelt.as_slice() {
            [one] => (String::new(), quoted(one)),
            all => (
                quoted(&format!("({})", all.join(" "))),
                format!("{{{}}}", all.join(",")),
            ),
        };
        let rest = quoted(&format!("[{meaning}]{value}"));
        writeln!(script, "    {either}{spelt}{rest} \\").unwrap();
    }
    let commands = help.commands().into_iter().map(|(name, meaning)| {
        let meaning = meaning.replace(':', "\\:").replace('"', "\\\"");
        format!("{name}\\:\"{meaning}\"")
    });
    let commands: Vec<_> = commands.collect();
    let commands = quoted(&format!("1:command:(({}))", commands.join(" ")));
    writeln!(script, "    {commands} \\\n    '*:argument:_files'").unwrap();
    script
}

pub fn fish(help: &Help) -> String {
    let mut script = format!("{HEAD}\ncomplete -c ketnoi -f\n");
    for (name, meaning) in help.commands() {
        let meaning = quoted_for_fish(meaning);
        let first = "complete -c ketnoi -n __fish_use_subcommand";
        writeln!(script, "{first} -a {name} -d {meaning}").unwrap();
        if name != "check" {
            let then = format!("complete -c ketnoi -n '__fish_seen_subcommand_from {name}'");
            writeln!(script, "{then} -F").unwrap();
        }
    }
    for option in help.options() {
        let short = option
            .short
            .map_or(String::new(), |short| format!(" -s {short}"));
        let value = match option.value {
            None => String::new(),
            Some(_) if option.takes_file() => " -r -F".to_owned(),
            Some(_) if option.values().is_empty() => " -x".to_owned(),
            Some(_) => format!(" -x -a '{}'", option.values().join(" ")),
        };
        let meaning = quoted_for_fish(option.meaning);
        writeln!(
            script,
            "complete -c ketnoi{short} -l {}{value} -d {meaning}",
            option.long
        )
        .unwrap();
    }
    script
}

/// `-o`, `--output`
fn spellings(option: &Choice<'_>) -> Vec<String> {
    let short = option.short.map(|short| format!("-{short}"));
    short
        .into_iter()
        .chain([format!("--{}", option.long)])
        .collect()
}

/// For POSIX shells.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn quoted_for_fish(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[test]
fn bash_completes_commands_options_and_their_values() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("two words.json"), "").unwrap();
    for (typed, completed) in [
        ("''", "check|local|compare"),
        ("ch", "check"),
        ("check --js", "--json"),
        ("check --lang ''", "vi|en"),
        ("check ''", ""),
        ("check --timeout ''", ""),
        ("check -o two", "two words.json"),
        ("compare two", "two words.json"),
    ] {
        let script = format!(
            "source {}; COMP_WORDS=(ketnoi {typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _ketnoi; IFS='|'; echo \"${{COMPREPLY[*]}}\"",
            in_project("assets/linux/completions/ketnoi.bash").display()
        );
        let mut bash = command("bash");
        let output = bash
            .arg("-c")
            .arg(script)
            .current_dir(&folder)
            .output()
            .unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        assert_eq!(answer.trim_end(), completed, "ketnoi {typed}");
    }
}
