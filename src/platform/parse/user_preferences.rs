//! Whether a person wants things to keep still, as two systems keep it: `UserPreferencesMask` of
//! `HKEY_CURRENT_USER\\Control Panel\\Desktop`, where Windows has the choices of “Visual effects” and
//! “Accessibility”, and `reduceMotion` of `com.apple.universalaccess` on macOS.

/// Whether controls and elements inside windows are not to be animated
/// (`SPI_GETCLIENTAREAANIMATION`, which this bit backs: the second of the fifth byte). Nothing where
/// the value has no such byte.
#[must_use]
pub fn wants_stillness(mask: &[u8]) -> Option<bool> {
    mask.get(4).map(|byte| byte & 0b10 == 0)
}

/// What macOS's `defaults read com.apple.universalaccess reduceMotion` prints: the switch “Reduce
/// motion”. Nothing where it is no switch.
#[must_use]
pub fn reduces_motion(output: &str) -> Option<bool> {
    match output.trim() {
        "1" | "true" | "YES" => Some(true),
        "0" | "false" | "NO" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bit_for_animations_within_windows_is_read() {
        // As Windows 11 installs it, and as “Adjust for best performance” leaves it.
        let usual = [0x9e, 0x1e, 0x07, 0x80, 0x12, 0x00, 0x00, 0x00];
        let still = [0x90, 0x12, 0x03, 0x80, 0x10, 0x00, 0x00, 0x00];
        assert_eq!(wants_stillness(&usual), Some(false));
        assert_eq!(wants_stillness(&still), Some(true));
        assert_eq!(wants_stillness(&[0x90, 0x12]), None);
    }

    #[test]
    fn the_switch_of_macos_is_read() {
        assert_eq!(reduces_motion("1\n"), Some(true));
        assert_eq!(reduces_motion("0\n"), Some(false));
        let missing =
            "The domain/default pair of (com.apple.universalaccess, reduceMotion) does not exist\n";
        assert_eq!(reduces_motion(missing), None);
    }
}
