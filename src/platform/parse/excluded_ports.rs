//! What `netsh interface ipv4 show excludedportrange protocol=tcp` prints.
//!
//! Its words are in the language of Windows, so it is read by its structure: below a line of dashes in
//! two columns stand the first and the last port of each range, and a star behind those that an
//! administrator has set aside for programs which ask for them by number (`netsh … add
//! excludedportrange`). Only the others are kept from every program: bind(2) says WSAEACCES there.

use crate::evidence::PortRange;

/// The ranges that are kept from every program; nothing when the text is no such listing.
#[must_use]
pub fn ranges(listing: &str) -> Option<Vec<PortRange>> {
    let mut lines = listing.lines().skip_while(|line| !is_rule(line));
    lines.next()?;
    let mut ranges = Vec::new();
    for line in lines.map(str::trim) {
        // Before the line that explains the star.
        if line.is_empty() {
            break;
        }
        let mut words = line.split_ascii_whitespace();
        // PowerShell draws such lines below the headings of its tables too.
        let (first, last) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        if first > last {
            return None;
        }
        match words.next() {
            None => ranges.push(PortRange { first, last }),
            Some("*") => {}
            Some(_) => return None,
        }
    }
    Some(ranges)
}

/// Two columns of dashes, and nothing else: other listings of netsh have one, or four.
fn is_rule(line: &str) -> bool {
    let columns: Vec<&str> = line.split_ascii_whitespace().collect();
    let is_dashes = |column: &&str| column.len() > 3 && column.bytes().all(|byte| byte == b'-');
    columns.len() == 2 && columns.iter().all(is_dashes)
}

/// The range that `port` is in.
#[must_use]
pub fn of_port(ranges: &[PortRange], port: u16) -> Option<PortRange> {
    ranges.iter().copied().find(|range| range.contains(port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_texts_are_no_listing() {
        assert_eq!(ranges(""), None);
        assert_eq!(ranges("80 90\n443 443\n"), None);
        assert_eq!(ranges("-------- --------\n90 80\n"), None);
        assert_eq!(
            ranges("Name    Enabled\n----    -------\nDomain  True\n"),
            None
        );
        assert_eq!(ranges("-------- --------\n80\n"), None);
        assert_eq!(ranges("-------- --------\n\n"), Some(Vec::new()));
        assert_eq!(ranges("-------- --------\n80 90 100\n"), None);
        let four = "--------------- ----------  --------------- ----------\n80 90\n";
        assert_eq!(ranges(four), None);
    }

    #[test]
    fn a_listing_without_ranges_keeps_no_port() {
        let empty = "\nX\n\nA  B\n----------    --------\n\n* - C.\n\n";
        assert_eq!(ranges(empty), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = ranges(&text);
            let _ = ranges(&format!("----------    --------\n{text}\n80 90\n{text}"));
        }
    }
}
