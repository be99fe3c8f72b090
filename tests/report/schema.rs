//! The published schema of `ketnoi-report/1` and the reports that are really written.

use std::fs;
use std::path::Path;

use ketnoi::case::{Case, Tried};
use ketnoi::i18n::{Language, Texts};
use ketnoi::report::{anonymised, json};
use serde_json::{Map, Value, json};

use crate::{all_evidence, stamp, tried_in_vain};

fn published(name: &str) -> Value {
    let file = format!("assets/ketnoi-{name}-1.schema.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn schema() -> Value {
    published("report")
}

/// That the value is as the schema of this name has it, and has nothing that it does not name.
pub fn follows(name: &str, value: &Value) {
    let (schema, shared) = (published(name), schema());
    let checker = Checker {
        root: &schema,
        shared: &shared,
    };
    let verdict = checker.check(&schema, value, "");
    assert_eq!(verdict, Ok(()), "{name}: {value}");
}

#[test]
fn every_report_is_as_the_schema_has_it_and_has_nothing_that_it_does_not_name() {
    let schema = schema();
    let checker = Checker {
        root: &schema,
        shared: &schema,
    };
    let check = |name: &str, case: &Case| {
        for language in Language::ALL {
            let line = json::line(case, Texts::of(language), &stamp());
            let report: Value = serde_json::from_str(&line).unwrap();
            let verdict = checker.check(&schema, &report, "");
            assert_eq!(verdict, Ok(()), "{name}");
        }
    };
    for (name, evidence) in all_evidence() {
        let case = Case::new(evidence.clone());
        check(&name, &case);
        check(&name, &anonymised(&case));
        let tried = case.advice().first().map(Tried::of);
        check(&name, &case.clone().next_round(tried, evidence));
    }
    check("tried in vain", &tried_in_vain());
}

#[test]
fn the_failures_of_the_command_line_are_in_the_schema() {
    let schema = schema();
    let checker = Checker {
        root: &schema,
        shared: &schema,
    };
    for at in [json!(3), Value::Null] {
        let failure = json!({
            "schema": "ketnoi-report/1",
            "error": {"code": "port-zero", "message": "…", "at": at}
        });
        assert_eq!(checker.check(&schema, &failure, ""), Ok(()));
    }
}

#[test]
fn what_is_no_report_is_refused_by_the_schema() {
    let schema = schema();
    let checker = Checker {
        root: &schema,
        shared: &schema,
    };
    let line = json::line(&tried_in_vain(), Texts::of(Language::En), &stamp());
    let report: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(checker.check(&schema, &report, ""), Ok(()));
    for (place, value) in [
        ("/schema", json!("ketnoi-report/2")),
        ("/took_ms", json!("3.1")),
        ("/took_ms", json!(-1)),
        ("/created", json!("yesterday")),
        ("/target/port", json!(0)),
        ("/verdict/cause", json!("Not An Id")),
        ("/verdict/certainty", json!("sure")),
        ("/evidence/os", json!("beos")),
        ("/evidence/attempts/0/outcome", json!("won")),
        ("/evidence/listeners", json!({"known": 7})),
        ("/advice/0/place", json!("elsewhere")),
        ("/rounds", json!([])),
    ] {
        let mut broken = report.clone();
        *broken.pointer_mut(place).expect(place) = value;
        assert!(checker.check(&schema, &broken, "").is_err(), "{place}");
    }
    for key in ["schema", "verdict", "evidence", "advice"] {
        let mut broken = report.clone();
        broken.as_object_mut().unwrap().remove(key);
        assert!(checker.check(&schema, &broken, "").is_err(), "{key}");
    }
    let mut more = report.clone();
    more["evidence"]["more"] = json!(1);
    assert!(checker.check(&schema, &more, "").is_err());
}

/// As much of JSON Schema (draft 2020-12) as ours uses; a keyword that it does not know is an
/// error. Stricter than the standard in one thing: an object has no property that its schema does
/// not name, so that the schema cannot fall behind what is written.
struct Checker<'a> {
    root: &'a Value,
    /// The schema that others refer to by its id.
    shared: &'a Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let schema = schema.as_object().ok_or(format!("{at}: no schema"))?;
        let fail = |keyword: &str| Err(format!("{at}: {keyword}: {value:.120}"));
        for (keyword, rule) in schema {
            let holds = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" => true,
                "$ref" => {
                    let (document, pointer) = rule.as_str().unwrap().split_once('#').unwrap();
                    let root = match document {
                        "" => self.root,
                        id if self.shared["$id"] == id => self.shared,
                        _ => return Err(format!("{rule} leads nowhere")),
                    };
                    let target = root.pointer(pointer);
                    let target = target.ok_or(format!("{rule} leads nowhere"))?;
                    // What it refers to in turn is in its own document.
                    let there = Checker { root, ..*self };
                    there.check(target, value, at)?;
                    true
                }
                "type" => match rule {
                    Value::Array(all) => all.iter().any(|one| is_of(one, value)),
                    one => is_of(one, value),
                },
                "const" => rule == value,
                "enum" => rule.as_array().unwrap().contains(value),
                "anyOf" | "oneOf" => {
                    let all = rule.as_array().unwrap().iter();
                    let answers: Vec<_> = all.map(|one| self.check(one, value, at)).collect();
                    let fitting = answers.iter().filter(|answer| answer.is_ok()).count();
                    if fitting == 0 {
                        let why: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
                        // The alternative that got farthest says best what is wrong.
                        let deepest = why.into_iter().max_by_key(|why| why.find(':'));
                        return Err(deepest.unwrap_or_default());
                    }
                    keyword == "anyOf" || fitting == 1
                }
                "properties" => {
                    self.properties(rule.as_object().unwrap(), value, at)?;
                    true
                }
                "required" => {
                    let has = |key: &Value| value.get(key.as_str().unwrap()).is_some();
                    !value.is_object() || rule.as_array().unwrap().iter().all(has)
                }
                "items" => {
                    let first = schema.get("prefixItems").and_then(Value::as_array);
                    let first = first.map_or(0, Vec::len);
                    for (index, item) in list(value).iter().enumerate().skip(first) {
                        self.check(rule, item, &format!("{at}/{index}"))?;
                    }
                    true
                }
                "prefixItems" => {
                    let rules = rule.as_array().unwrap().iter();
                    for (index, (rule, item)) in rules.zip(list(value)).enumerate() {
                        self.check(rule, item, &format!("{at}/{index}"))?;
                    }
                    true
                }
                "minItems" => {
                    !value.is_array() || list(value).len() as u64 >= rule.as_u64().unwrap()
                }
                "maxItems" => list(value).len() as u64 <= rule.as_u64().unwrap(),
                "minimum" => value.as_f64().is_none_or(|n| n >= rule.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|n| n <= rule.as_f64().unwrap()),
                "pattern" => {
                    let pattern = regex::Regex::new(rule.as_str().unwrap()).unwrap();
                    value.as_str().is_none_or(|text| pattern.is_match(text))
                }
                unknown => return Err(format!("{at}: the keyword {unknown} is not known")),
            };
            if !holds {
                return fail(keyword);
            }
        }
        Ok(())
    }

    fn properties(
        &self,
        properties: &Map<String, Value>,
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        for (key, value) in value.as_object().into_iter().flatten() {
            let place = format!("{at}/{key}");
            match properties.get(key) {
                Some(rule) => self.check(rule, value, &place)?,
                None => return Err(format!("{place}: not in the schema")),
            }
        }
        Ok(())
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the type {other} is not known"),
    }
}
