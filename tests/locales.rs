//! Both languages say the same things, and each in its own good form.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};

use ketnoi::catalogue;
use ketnoi::i18n::{Language, Texts};
use serde_json::Value;
use unicode_normalization::is_nfc;

fn json(language: Language) -> Value {
    let path = format!(
        "{}/i18n/{}.json",
        env!("CARGO_MANIFEST_DIR"),
        language.code()
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Every text by its path, such as `verdict.cause.reachable.title`.
fn texts(language: Language) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    collect("", &json(language), &mut texts);
    texts
}

fn collect(path: &str, value: &Value, texts: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                collect(&path, value, texts);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(&format!("{path}.{index}"), value, texts);
            }
        }
        Value::String(text) => {
            texts.insert(path.to_owned(), text.clone());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => panic!("{path} is no text"),
    }
}

/// The texts of the files and of the table of services, with where each stands.
fn everything_said(language: Language) -> Vec<(String, String)> {
    let mut said: Vec<(String, String)> = texts(language).into_iter().collect();
    said.retain(|(path, _)| path != "language");
    for service in catalogue::all() {
        let note = service.note(language.code()).unwrap();
        said.push((format!("services.{}", service.id), note.to_owned()));
    }
    said
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts
        .map(|part| part.split_once('}').expect("a placeholder ends").0)
        .collect()
}

#[test]
fn every_part_of_both_files_loads() {
    for language in Language::ALL {
        let texts = Texts::of(language);
        assert_eq!(texts.language, language);
        // Parses what would else be parsed when it is first read.
        let all = format!("{texts:?}");
        assert!(
            all.contains(&texts.window.shell.window_title),
            "{language:?}"
        );
    }
}

#[test]
fn both_languages_have_the_same_keys() {
    let keys = |language| texts(language).into_keys().collect::<BTreeSet<_>>();
    let (en, vi) = (keys(Language::En), keys(Language::Vi));
    let only =
        |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!(only(&en, &vi), Vec::<String>::new(), "only in English");
    assert_eq!(only(&vi, &en), Vec::<String>::new(), "only in Vietnamese");
}

#[test]
fn both_languages_have_the_same_placeholders() {
    let (en, vi) = (texts(Language::En), texts(Language::Vi));
    for (path, text) in &en {
        assert_eq!(placeholders(text), placeholders(&vi[path]), "{path}");
    }
}

/// A field of type `String` is shown as it is, so a placeholder in it would be shown too. The
/// types say which is which: [`Texts`] prints templates as `Template(…)`.
#[test]
fn placeholders_stand_in_templates_only() {
    for language in Language::ALL {
        let shown = format!("{:?}", Texts::of(language));
        for (path, text) in texts(language) {
            let quoted = format!("{text:?}");
            let mut places = shown.match_indices(&quoted);
            assert!(
                placeholders(&text).is_empty()
                    || places.all(|(place, _)| shown[..place].ends_with("Template(")),
                "{path} is shown as it is: {text}"
            );
        }
    }
}

#[test]
fn every_text_is_clean() {
    for language in Language::ALL {
        for (path, text) in everything_said(language) {
            assert!(is_nfc(&text), "{path} is not NFC: {text}");
            assert!(!text.is_empty(), "{path} is empty");
            assert_eq!(text.trim(), text, "{path} has spaces around it");
            assert!(!text.contains("  "), "{path} has a double space: {text}");
            assert!(!text.contains('!'), "{path} shouts: {text}");
            assert!(!text.contains("..."), "{path}: write …: {text}");
            let words: Vec<&str> = text.split(' ').collect();
            let lone_mark = |word: &&str| matches!(*word, ":" | ";" | "?" | "%" | "," | ".");
            assert!(
                !words.iter().any(lone_mark),
                "{path}: space before a mark: {text}"
            );
            let is_control = |c: char| c.is_control() && c != '\n';
            assert!(!text.chars().any(is_control), "{path}: {text:?}");
        }
    }
}

#[test]
fn titles_have_no_full_stop_and_sentences_do() {
    for language in Language::ALL {
        for (path, text) in texts(language) {
            if !path.starts_with("verdict.cause.") && !path.starts_with("verdict.advice.") {
                continue;
            }
            let field = path.rsplit('.').next().unwrap();
            if field.starts_with("title") {
                assert!(!text.ends_with('.'), "{path}: {text}");
            } else if !field.starts_with("setting") {
                assert!(text.ends_with('.'), "{path}: {text}");
            }
        }
    }
}

/// Tone marks stand in the old style, as Windows writes them: hòa, hủy, khóa, not hoà, huỷ, khoá.
#[test]
fn vietnamese_tone_marks_are_in_the_old_style() {
    for (path, text) in everything_said(Language::Vi) {
        for word in text.to_lowercase().split(|c: char| !c.is_alphabetic()) {
            let is_new_style = ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ"]
                .iter()
                .chain(&["uỳ", "uý", "uỷ", "uỹ", "uỵ"])
                .any(|ending| word.ends_with(ending) && !word.starts_with("qu"));
            assert!(!is_new_style, "{path}: {word} in {text}");
        }
    }
}

#[test]
fn vietnamese_keeps_to_the_glossary() {
    let forbidden = [
        ("bởi", "the doer stands between: bị tường lửa chặn"),
        ("cảng", "a port is cổng"),
        ("cổng mặc định", "a gateway is bộ định tuyến"),
        ("xin vui lòng", "vui lòng only in the classic line"),
        ("chúng tôi", "the program is Ketnoi or unnamed"),
        ("kiểm thử", "kiểm tra"),
        ("lỗi không xác định", "chưa xác định được nguyên nhân"),
        ("bức tường lửa", "tường lửa"),
        ("tên máy chủ", "a host name is tên máy"),
        ("localhost chỉ", "chỉ stands before the verb"),
        ("các 3", "no plural word after a number"),
        ("máy tính này", "máy này"),
        ("thời gian chờ hết", "hết thời gian chờ"),
        ("lý do là do", "lý do"),
        ("lí do", "lý do"),
        ("xử lí", "xử lý"),
        ("quản lí", "quản lý"),
        ("vô hiệu hóa", "tắt, bỏ"),
        ("bộ giải quyết", "a resolver is máy chủ DNS"),
        ("máy phục vụ", "a server is máy chủ"),
        ("cổng nối", "a gateway is bộ định tuyến"),
        ("không được mã hoá", "không mã hóa"),
        ("nhật kí", "nhật ký"),
        ("tự kí", "tự ký"),
        ("gói dữ liệu", "a packet is gói tin"),
        ("hết thời hạn chờ", "hết thời gian chờ"),
        ("đặt lại kết nối", "bị ngắt đột ngột (reset)"),
        ("giấy chứng nhận", "a certificate is chứng chỉ"),
    ];
    for (path, text) in everything_said(Language::Vi) {
        let lower = text.to_lowercase();
        for (word, why) in forbidden {
            assert!(!lower.contains(word), "{path}: {text} ({why})");
        }
        if lower.contains("vui lòng") {
            assert!(path.starts_with("verdict.classic"), "{path}: {text}");
        }
    }
}

/// A concept that the English text names is called by its one term in the Vietnamese text.
#[test]
fn each_concept_has_one_vietnamese_term() {
    let terms = [
        ("firewalls?", "tường lửa"),
        ("certificates?", "chứng chỉ"),
        ("packets?", "gói tin"),
        ("queues?", "hàng đợi"),
        ("proxy", "proxy"),
        ("undo", "hoàn tác"),
        ("rules?", "quy tắc"),
        ("services?", "dịch vụ"),
        ("evidence", "căn cứ"),
        ("networks?", "mạng"),
        ("refused", "từ chối"),
        ("certainty", "chắc chắn"),
        ("commands?", "lệnh"),
        ("expired", "hết hạn"),
        ("timed out", "hết thời gian chờ"),
        ("paste", "dán"),
        ("verdict", "kết luận"),
        ("admin rights", "quyền quản trị"),
        ("containers?", "container"),
        ("blocked", "chặn"),
    ];
    let vi = texts(Language::Vi);
    for (english, term) in terms {
        let concept = regex::Regex::new(&format!(r"(?i)\b({english})\b")).unwrap();
        for (path, text) in texts(Language::En) {
            // A placeholder is no word.
            let words: Vec<&str> = text.split(['{', '}']).step_by(2).collect();
            let is_named = words.iter().any(|words| concept.is_match(words));
            let said = vi[&path].to_lowercase();
            assert!(
                !is_named || said.contains(term),
                "{path}: no “{term}” in “{said}”"
            );
        }
    }
}

/// No text tells anyone to lower the guard.
#[test]
fn nobody_is_told_to_turn_protection_off() {
    let forbidden = [
        "tắt tường lửa",
        "tắt phần mềm bảo vệ",
        "tắt phần mềm diệt virus",
        "bỏ qua kiểm tra chứng chỉ",
        "turn the firewall off",
        "turn off the firewall",
        "disable",
        "turn off your antivirus",
        "ignore the certificate",
    ];
    for language in Language::ALL {
        for (path, text) in everything_said(language) {
            let lower = text.to_lowercase();
            for words in forbidden {
                assert!(!lower.contains(words), "{path}: {text}");
            }
        }
    }
}

/// A cause that is not proved is called by what was seen, and says that it is not sure.
#[test]
fn what_is_not_proved_is_hedged() {
    let hedges = [
        (
            Language::Vi,
            &["có thể", "thường", "nếu", "nhiều", "giống"][..],
        ),
        (
            Language::En,
            &["may", "perhaps", "usual", "often", "if ", "many", "looks"][..],
        ),
    ];
    for (language, hedges) in hedges {
        for (path, text) in texts(language) {
            if path.ends_with(".unproved.explanation") {
                let lower = text.to_lowercase();
                assert!(
                    hedges.iter().any(|hedge| lower.contains(hedge)),
                    "{path}: {text}"
                );
            }
        }
    }
}

#[test]
fn well_known_words_are_those_of_the_glossary() {
    let vi = texts(Language::Vi);
    let spot_checks = [
        ("verdict.certainty.certain", "chắc chắn"),
        ("verdict.certainty.likely", "nhiều khả năng"),
        ("verdict.certainty.possible", "có thể"),
        ("verdict.outcome.refused", "bị từ chối"),
        ("verdict.outcome.silent", "không phản hồi"),
        ("verdict.classic.no_answer", "hết thời gian chờ"),
        (
            "verdict.classic.refused_check",
            "Kết nối bị từ chối. Vui lòng kiểm tra máy chủ.",
        ),
        (
            "verdict.cause.server_hung.title",
            "Máy chủ nhận kết nối nhưng không phản hồi",
        ),
        (
            "verdict.cause.accept_queue_full.explanation",
            "Hàng đợi kết nối đã đầy.",
        ),
        (
            "verdict.cause.certificate_self_signed.title",
            "Máy chủ dùng chứng chỉ tự ký",
        ),
        (
            "verdict.cause.nothing_listening.title",
            "Không có dịch vụ ở cổng {port}",
        ),
        (
            "verdict.cause.nothing_listening.unproved.title",
            "Máy chủ có trả lời, nhưng từ chối kết nối",
        ),
    ];
    for (path, text) in spot_checks {
        assert_eq!(vi[path], text, "{path}");
    }
}

#[test]
fn both_languages_count_in_their_own_way() {
    for language in Language::ALL {
        let texts = texts(language);
        for (path, one) in &texts {
            let Some(stem) = path.strip_suffix(".one") else {
                continue;
            };
            let other = &texts[&format!("{stem}.other")];
            match language {
                Language::Vi => assert_eq!(one, other, "{stem}"),
                Language::En => assert_ne!(one, other, "{stem}"),
            }
        }
    }
}

/// A text that no code names is one that nobody sees.
#[test]
fn every_text_of_the_window_is_used() {
    let mut code = String::new();
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                code.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    for path in texts(Language::En).into_keys() {
        let mut fields = path.split('.').skip_while(|field| *field != "window");
        let Some(field) = fields.nth(2) else { continue };
        assert!(code.contains(&format!(".{field}")), "{path} is not used");
    }
}
