//! What `socketfilterfw --getglobalstate` of macOS prints. The state is told by its digit; the
//! words around it differ between versions.

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
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = state(&text);
            let _ = state(&format!("(State = {text})"));
        }
    }
}
