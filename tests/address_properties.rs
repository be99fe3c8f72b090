//! What holds for every text, however hostile: reading it never panics, errors point into it,
//! mends are understood, and nothing private comes out.

use ketnoi::target::{
    AddressError, Host, LONGEST_TEXT, MOST_TARGETS, Target, Understanding, said, understand,
};
use proptest::prelude::*;

/// Pieces that error messages, addresses and attacks are made of.
fn fragment() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        ":",
        "::",
        "://",
        "/",
        "@",
        "[",
        "]",
        "%",
        ",",
        ";",
        ".",
        " ",
        "\n",
        "\t",
        "\"",
        "'",
        "(",
        ")",
        "=",
        "\\",
        "?",
        "#",
        "|",
        "\u{1b}[31m",
        "\u{200b}",
        "\u{202e}",
        "：",
        "。",
        "“",
        "０",
        "http",
        "https://",
        "postgres://u:p@",
        "jdbc:",
        "jdbc:oracle:thin:@",
        "mongodb+srv://",
        "unix:",
        "udp://",
        "sqlite:",
        "host=",
        "port=",
        "Server=",
        "db",
        "localhost",
        "lôcalhost",
        "10.0.0.5",
        "010.1",
        "fe80::1%eth0",
        "::1",
        "example.com",
        "máychủ.vn",
        "80",
        "5432",
        "65536",
        "0",
        "99999999999999999999",
        "dial tcp ",
        "lookup ",
        "connect ECONNREFUSED ",
        "[Errno 111] ",
        "[WinError 10061] ",
        "curl: (7) ",
        "server at \"",
        "\", port ",
        "Connection refused",
        "error:8000",
        "errno: ",
        "address: '",
        "port: ",
        "connect((",
        "refused",
        "upstream: \"",
        "erver on '",
        "' (",
        "in use ",
        "SocketException (",
        "(111: ",
        "ERR_",
        "ẞ",
        "ﬁ",
        "İ",
        "\u{301}",
        "℀",
        "xn--",
        "xn--a",
        "-",
        "_",
        "\0",
        "🦀",
    ])
    .prop_map(str::to_owned);
    prop_oneof![8 => known, 1 => "\\PC{0,6}", 1 => any::<char>().prop_map(String::from)]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => any::<String>(),
        4 => prop::collection::vec(fragment(), 0..24).prop_map(|parts| parts.concat()),
    ]
}

fn host() -> impl Strategy<Value = String> {
    let label = "[a-z]([a-z0-9-]{0,10}[a-z0-9])?";
    prop_oneof![
        prop::collection::vec(label, 1..4)
            .prop_map(|labels| labels.join("."))
            .prop_filter("punycode is shown decoded", |name| !name.contains("xn--")),
        any::<std::net::Ipv4Addr>().prop_map(|address| address.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|address| format!("[{address}]")),
        (any::<std::net::Ipv6Addr>(), "[a-z][a-z0-9]{1,8}")
            .prop_map(|(address, zone)| format!("[{address}%{zone}]")),
    ]
}

fn check_sound(text: &str) -> Result<(), TestCaseError> {
    let length = text.chars().count();
    match understand(text) {
        Ok(Understanding::Targets { targets, .. }) => {
            prop_assert!((1..=MOST_TARGETS).contains(&targets.len()));
            for (index, target) in targets.iter().enumerate() {
                check_target(target)?;
                let earlier = targets[..index].iter();
                let mut doubles =
                    earlier.filter(|other| other.host == target.host && other.port == target.port);
                prop_assert!(doubles.next().is_none());
            }
        }
        Ok(Understanding::Incomplete { host, port, .. }) => {
            prop_assert!(host.is_none() || port.is_none());
            prop_assert_ne!(port, Some(0));
        }
        Ok(Understanding::NotTcp(_)) => {}
        Err(AddressError { at, mend, .. }) => {
            prop_assert!(
                at.start <= at.end && at.end <= length,
                "{:?} of {}",
                at,
                length
            );
            if let Some(mend) = mend {
                prop_assert!(understand(&mend).is_ok(), "mend {:?}", mend);
            }
        }
    }
    prop_assert!(said(text).is_none_or(|said| said.code.is_none_or(|code| code.len() < 64)));
    Ok(())
}

fn check_target(target: &Target) -> Result<(), TestCaseError> {
    prop_assert_ne!(target.port, 0);
    if let Host::Name { ascii, .. } = &target.host {
        let lawful = ascii
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        prop_assert!(
            lawful && !ascii.starts_with('-') && !ascii.is_empty(),
            "{}",
            ascii
        );
    }
    let again = Target::from_parts(&target.host.to_string(), &target.port.to_string());
    prop_assert_eq!(
        again.map(|again| (again.host, again.port)),
        Ok((target.host.clone(), target.port))
    );
    let treacherous = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    prop_assert!(!target.input.contains(treacherous), "{:?}", target.input);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in text()) {
        check_sound(&text)?;
    }

    #[test]
    fn a_host_and_a_port_come_back_as_written(host in host(), port in 1..=u16::MAX) {
        let text = format!("{host}:{port}");
        let understanding = understand(&text);
        let Ok(Understanding::Targets { targets, said: None }) = understanding else {
            return Err(TestCaseError::fail(format!("{understanding:?}")));
        };
        prop_assert_eq!(targets.len(), 1);
        prop_assert_eq!(targets[0].endpoint(), text.clone());
        prop_assert_eq!(&targets[0].input, &text);
    }

    #[test]
    fn nothing_private_comes_out_of_a_url(
        secret in "zq[a-z0-9]{6}",
        scheme in prop::sample::select(vec![
            "http", "https", "postgres", "mysql", "mongodb", "mongodb+srv", "redis", "amqp",
            "jdbc:postgresql", "jdbc:sqlserver", "ssh", "tcp", "nosuch", "ntp", "postgress",
        ]),
        noise in "[!$&*+,;=:%._~()'-]{0,3}",
        unescaped in "[/?#@]{0,1}",
        host in prop::sample::select(vec!["db", "db:5432", "10.0.0.5", "db:0", "10.0.0.300", "d b", "[::1]:80", "lôcalhost", "a,b:1"]),
        around in prop::sample::select(vec![
            ("", ""), ("cannot connect to ", ": refused"), ("Get \"", "\": dial tcp: i/o timeout"),
            ("DATABASE_URL=", ""), ("('", "')"), ("error:\n", "\nECONNREFUSED"),
        ]),
    ) {
        let unescaped = if around.0.is_empty() { unescaped } else { String::new() };
        for url in [
            format!("{scheme}://{secret}{noise}@{host}/"),
            format!("{scheme}://u:{noise}{secret}{unescaped}{noise}@{host}/"),
            format!("{scheme}://{host}/{noise}{secret}{noise}?a"),
            format!("{scheme}://{host}/?{noise}={secret}{noise}"),
            format!("{scheme}://{host}?{secret}=x#{secret}"),
            format!("{scheme}://u:p@{host}/x.{secret}.com:80/{secret}.de:443"),
        ] {
            let text = format!("{}{url}{}", around.0, around.1);
            let seen = format!("{:?}", understand(&text));
            prop_assert!(!seen.contains(&secret), "{} -> {}", text, seen);
            check_sound(&text)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_of_a_mebibyte_is_read_too(parts in prop::collection::vec(fragment(), 1..12), more in any::<bool>()) {
        let unit = parts.concat();
        prop_assume!(!unit.is_empty());
        let mut text = unit.repeat(LONGEST_TEXT / unit.len());
        if more {
            text.push_str(&"x".repeat(LONGEST_TEXT - text.len() + 1));
        }
        prop_assert_eq!(more, text.len() > LONGEST_TEXT);
        check_sound(&text)?;
    }
}
