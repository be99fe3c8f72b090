//! What macOS's `socketfilterfw` prints: `--getglobalstate`, `--getblockall`, `--getstealthmode` and
//! `--listapps`, alone or after each other. Its words are never translated, but differ between
//! versions: a state is told by its digit, a mode by the last word that is one of `enabled`,
//! `disabled`, `on` and `off`, a program by its path.

/// The application firewall's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `State = 0`.
    Off,
    /// `State = 1`: lets in what was allowed, program by program.
    On,
    /// `State = 2`: blocks all incoming connections but essential ones.
    BlocksAll,
}

/// What the outputs tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The state, of `--getglobalstate`.
    pub state: Option<State>,
    /// Whether all incoming connections are blocked, of `--getblockall`.
    pub blocks_all: Option<bool>,
    /// Whether closed ports are silent, of `--getstealthmode`.
    pub hides: Option<bool>,
    /// The programs that are kept from being reached, of `--listapps` or `--getappblocked`.
    pub blocked: Vec<String>,
}

/// Reads the outputs; nothing when the text is none of them.
#[must_use]
pub fn told(output: &str) -> Option<Told> {
    let mut told = Told {
        state: state(output),
        ..Told::default()
    };
    let mut is_list = false;
    let mut program = None;
    for line in output.lines().map(str::trim) {
        let words = line.to_ascii_lowercase();
        if words.contains("total number of apps") {
            is_list = true;
        } else if let Some(path) = listed(line) {
            program = Some(path);
        } else if words.starts_with("(block incoming") || words.starts_with("( block incoming") {
            told.blocked.extend(program.take().map(str::to_owned));
        } else if words.contains("block all non-essential") {
            told.blocks_all = Some(true);
        } else if words.contains("block all") {
            told.blocks_all = mode(&words);
        } else if words.contains("stealth mode") {
            told.hides = mode(&words);
        }
    }
    let is_any =
        is_list || told.state.is_some() || told.blocks_all.is_some() || told.hides.is_some();
    is_any.then_some(told)
}

/// Reads `Firewall is enabled. (State = 1)`.
#[must_use]
pub fn state(output: &str) -> Option<State> {
    let (_, behind) = output.split_once("State")?;
    let value = behind.trim_start().strip_prefix('=')?.trim_start();
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    match digits.as_str() {
        "0" => Some(State::Off),
        "1" => Some(State::On),
        "2" => Some(State::BlocksAll),
        _ => None,
    }
}

/// `1 : /Applications/Some.app`, with or without spaces.
fn listed(line: &str) -> Option<&str> {
    let (number, path) = line.split_once(':')?;
    let path = path.trim();
    (number.trim().parse::<u32>().is_ok() && path.starts_with('/')).then_some(path)
}

fn mode(words: &str) -> Option<bool> {
    let mut all = words.split(|c: char| !c.is_ascii_alphanumeric()).rev();
    all.find_map(|word| match word {
        "enabled" | "on" => Some(true),
        "disabled" | "off" => Some(false),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_unknown_state_is_not_off() {
        assert_eq!(state("Firewall is strange. (State = 7)"), None);
        assert_eq!(state("Firewall is strange. (State = 10)"), None);
        assert_eq!(state("Firewall is disabled."), None);
        assert_eq!(state(""), None);
        assert_eq!(told("Firewall is strange. (State = 7)"), None);
        assert_eq!(told("pass in all\n"), None);
    }

    #[test]
    fn modes_are_told_in_the_words_of_every_version() {
        let hides = |text: &str| told(text).and_then(|told| told.hides);
        assert_eq!(hides("Stealth mode enabled"), Some(true));
        assert_eq!(hides("Stealth mode disabled"), Some(false));
        assert_eq!(hides("Firewall stealth mode is on"), Some(true));
        assert_eq!(hides("Firewall stealth mode is off"), Some(false));
        assert_eq!(hides("Firewall stealth mode is odd"), None);
        let blocks = |text: &str| told(text).and_then(|told| told.blocks_all);
        assert_eq!(blocks("Block all DISABLED! "), Some(false));
        assert_eq!(blocks("Block all ENABLED! "), Some(true));
        let later = "Firewall has block all state set to enabled.";
        assert_eq!(blocks(later), Some(true));
        assert_eq!(blocks(&later.replace("enabled", "disabled")), Some(false));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = told(&text);
            let _ = told(&format!("(State = {text})\nstealth mode {text}\n1 : /{text}\n( Block incoming"));
        }
    }
}
