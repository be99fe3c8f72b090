//! `/etc/passwd` (passwd(5)): the name of a local user. Users of a directory service are not
//! in it; they keep their number.

/// The name of user `uid`, when the file has it.
#[must_use]
pub fn user_name(passwd: &str, uid: u32) -> Option<&str> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let number = fields.nth(1)?;
        (number.parse() == Ok(uid) && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_name_of_a_number_counts() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\n# a remark\ntoor:x:0:0::/root:/bin/sh\n\
                      postgres:x:115:122::/var/lib/postgresql:/bin/bash\n";
        assert_eq!(user_name(passwd, 0), Some("root"));
        assert_eq!(user_name(passwd, 115), Some("postgres"));
        assert_eq!(user_name(passwd, 1000), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), uid in any::<u32>()) {
            let _ = user_name(&text, uid);
        }
    }
}
