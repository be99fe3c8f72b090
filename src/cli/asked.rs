//! The targets that a line or a list of them asks to test, none twice.

use std::collections::HashSet;

use super::failure::Failure;
use crate::i18n::Texts;
use crate::target::{AddressError, Said, Target, Understanding};

/// A target, and what the error said that it was read from.
pub(super) struct Asked {
    pub target: Target,
    pub said: Option<Said>,
}

/// Targets in the order in which they were asked for.
#[derive(Default)]
pub(super) struct Targets {
    pub all: Vec<Asked>,
    seen: HashSet<String>,
}

/// An input that names nothing to test.
pub(super) struct Unasked {
    pub failure: Failure,
    /// It is an error that names no machine: what listens on this one may be meant.
    pub may_be_here: bool,
}

impl Targets {
    /// Adds what an input means.
    ///
    /// # Errors
    ///
    /// Where that is nothing to connect to, or not all of it.
    pub fn take(
        &mut self,
        meaning: Result<Understanding, AddressError>,
        texts: &Texts,
    ) -> Result<(), Unasked> {
        let (failure, may_be_here) = match meaning {
            Ok(Understanding::Targets { targets, said }) => {
                for target in targets {
                    if self.seen.insert(key(&target)) {
                        let said = said.clone();
                        self.all.push(Asked { target, said });
                    }
                }
                return Ok(());
            }
            Ok(Understanding::Incomplete { host, port, said }) => {
                let failure = Failure::of_incomplete(texts, host.as_ref(), port, &said);
                (failure, host.is_none())
            }
            Ok(Understanding::NotTcp(not_tcp)) => (Failure::of_not_tcp(texts, &not_tcp), false),
            Err(error) => (Failure::of_address(texts, &error), false),
        };
        Err(Unasked {
            failure,
            may_be_here,
        })
    }
}

/// What makes two targets the same: what would be asked, not how it was spelt.
pub(super) fn key(target: &Target) -> String {
    let scheme = target.scheme.as_deref().unwrap_or_default();
    let tls = target.tls;
    format!("{scheme} {} {} {tls:?}", target.host.ascii(), target.port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::understand;

    #[test]
    fn the_same_endpoint_spelt_twice_is_one_target() {
        let key_of = |text: &str| match understand(text) {
            Ok(Understanding::Targets { targets, .. }) => key(&targets[0]),
            other => panic!("{other:?}"),
        };
        assert_eq!(key_of("DB.example:5432"), key_of("db.example:5432"));
        assert_ne!(key_of("db.example:5432"), key_of("db.example:5433"));
        assert_ne!(key_of("http://a:80"), key_of("https://a:80"));
    }
}
