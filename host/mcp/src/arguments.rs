//! What a caller may write as the arguments of a tool, and what the verb gets of it.
//!
//! Existing clients rely on more than a schema would allow: `params` as an object, as null or as a JSON text of an
//! object, `args` as a list, as one text or as null, a `limit` written as `"5"` or `true`. Fields that no verb knows
//! are ignored.

use perfbridge_registry::{Query, Verb, option_names};
use serde_json::{Map, Value, json};

/// The arguments of a tool call.
pub type Fields = Map<String, Value>;

/// What `record` and `diff` are called with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// The options, as on a command line.
    pub args: Vec<String>,
    /// Whether a refusal is to be delivered as an ordinary result. Only the literal `true` counts.
    pub allow_nonzero: bool,
}

/// A call that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misuse {
    /// What was found and what was expected.
    pub message: String,
    /// Whether the caller wants refusals as ordinary results, as far as that could be seen.
    pub allow_nonzero: bool,
}

/// Reads the arguments of `record` and `diff`. They stand in `params`; where that is null or not there, at the top
/// level, so `{"args": [...]}` does what it says. Beside `params` nothing counts, as in the reference.
///
/// # Errors
/// `params` is no object, `args` holds something other than text, or other fields stand in its place.
pub fn command_line(verb: Verb, fields: &Fields) -> Result<CommandLine, Misuse> {
    let params = params(fields.get("params")).map_err(|message| Misuse {
        message,
        allow_nonzero: false,
    })?;
    let call = params.as_ref().unwrap_or(fields);
    let allow_nonzero = is_true(call.get("allow_nonzero"));
    let misuse = |message| Misuse {
        message,
        allow_nonzero,
    };
    let args = texts(call.get("args"))
        .ok_or_else(|| misuse("params['args'] must be a string or list of strings".to_owned()))?;
    match in_place_of_args(verb, call) {
        Some(message) => Err(misuse(message)),
        None => Ok(CommandLine {
            args,
            allow_nonzero,
        }),
    }
}

/// What is said of a call that has the options as fields and no `args`: it would otherwise be a call without options.
fn in_place_of_args(verb: Verb, call: &Fields) -> Option<String> {
    let mut names: Vec<&str> = call.keys().map(String::as_str).collect();
    names.retain(|name| !["params", "args", "allow_nonzero"].contains(name));
    if names.is_empty() || call.get("args").is_some_and(|args| !args.is_null()) {
        return None;
    }
    let known = option_names(verb);
    let mut args: Vec<String> = Vec::new();
    for (name, value) in call {
        let option = format!("--{}", name.trim_start_matches('-').replace('_', "-"));
        let value = match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(true) => None,
            _ => continue,
        };
        if known.contains(&option.as_str()) {
            args.push(option);
            args.extend(value);
        }
    }
    if args.is_empty() {
        args = example(verb).into_iter().map(str::to_owned).collect();
    }
    Some(format!(
        "found the field{} {} in place of args; call again with {}",
        if names.len() == 1 { "" } else { "s" },
        names.join(", "),
        json!({ "args": args })
    ))
}

/// The options of a call that would work, as every description of the verb shows them; none for a search.
pub fn example(verb: Verb) -> Vec<&'static str> {
    match verb {
        Verb::Record => RECORD.split(' ').collect(),
        Verb::Diff => DIFF.split(' ').collect(),
        Verb::Evidence | Verb::Runbooks => vec![],
    }
}

const RECORD: &str = "--family inference --measurement glm-5-fp8-perfbench-v1 --source \
    experiments/artifacts/inference-perf-bench/2026-11-29-a --direction two-sided";

const DIFF: &str = "--baseline experiments/artifacts/perf-baselines/inference/glm-5-fp8-perfbench-v1/20261129T074128269501Z \
    --current experiments/artifacts/inference-perf-bench/2026-11-29-b";

fn is_true(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true)))
}

fn params(value: Option<&Value>) -> Result<Option<Fields>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(fields)) => Ok(Some(fields.clone())),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Some(fields)),
            Ok(Value::Null) => Ok(None),
            Ok(other) => Err(not_params(&format!(
                "a text that holds {}",
                kind(Some(&other))
            ))),
            Err(error) => Err(not_params(&format!("a text that is no JSON: {error}"))),
        },
        other => Err(not_params(kind(other))),
    }
}

fn not_params(found: &str) -> String {
    format!(
        "params must be an object with args, null, or such an object as JSON text; found {found}"
    )
}

fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect(),
        Some(_) => None,
    }
}

/// Reads the arguments of the two searches: the regular expression and the cap on matches, by default 50.
///
/// # Errors
/// No `query` or one that is no text, or a `limit` that is no whole number from 1 to 100.
pub fn query(fields: &Fields) -> Result<Query, String> {
    let pattern = match fields.get("query") {
        Some(Value::String(text)) => text.clone(),
        other => {
            return Err(format!(
                "query must be a string, a regular expression; found {}",
                kind(other)
            ));
        }
    };
    let limit = match fields.get("limit") {
        None => 50,
        Some(value) => whole_number(value).ok_or_else(|| {
            format!(
                "limit must be an integer between 1 and 100; found {}",
                kind(Some(value))
            )
        })?,
    };
    match u32::try_from(limit) {
        Ok(limit) if (1..=100).contains(&limit) => Ok(Query { pattern, limit }),
        _ => Err("limit must be between 1 and 100".to_owned()),
    }
}

/// A whole number as lenient clients write it. Beyond 64 bits it saturates: the range check refuses it either way.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(b) => Some(i64::from(*b)),
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            (float.fract() == 0.0).then_some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(number)) if number.is_f64() => "a number with a fractional part",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "a text that is none",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        value.as_object().expect("an object").clone()
    }

    fn args(value: Value) -> Vec<String> {
        command_line(Verb::Diff, &fields(value))
            .expect("arguments")
            .args
    }

    #[test]
    fn every_way_to_write_the_arguments() {
        let expected = vec!["--help".to_owned()];
        for value in [
            json!({"params": {"args": ["--help"]}}),
            json!({"params": {"args": "--help"}}),
            json!({"params": "{\"args\": [\"--help\"]}"}),
            json!({"args": ["--help"]}),
            json!({"args": "--help", "params": null}),
            json!({"args": ["--other"], "params": {"args": ["--help"]}}),
            json!({"params": {"args": ["--help"], "unknown": 1}, "more": []}),
        ] {
            assert_eq!(args(value.clone()), expected, "{value}");
        }
        for value in [
            json!({}),
            json!({"params": null}),
            json!({"params": {"args": null}}),
            json!({"params": {"args": []}, "args": ["--help"]}),
            json!({"params": {}, "args": ["--help"]}),
            json!({"params": "null"}),
        ] {
            assert_eq!(args(value.clone()), Vec::<String>::new(), "{value}");
        }
        assert_eq!(
            args(json!({"args": "--a b"})),
            vec!["--a b"],
            "one text is not split"
        );
    }

    #[test]
    fn only_a_literal_true_allows_nonzero() {
        let allows = |value: Value| {
            command_line(Verb::Diff, &fields(value))
                .expect("arguments")
                .allow_nonzero
        };
        assert!(allows(json!({"params": {"allow_nonzero": true}})));
        assert!(allows(json!({"allow_nonzero": true})));
        for no in [
            json!("true"),
            json!(1),
            json!(false),
            json!(null),
            json!([true]),
        ] {
            assert!(!allows(json!({"params": {"allow_nonzero": no}})), "{no}");
        }
        for beside in [json!({}), json!({"allow_nonzero": false})] {
            assert!(!allows(json!({"params": beside, "allow_nonzero": true})));
        }
    }

    #[test]
    fn what_is_no_command_line_is_named() {
        let message = |value: Value| {
            command_line(Verb::Diff, &fields(value))
                .expect_err("a misuse")
                .message
        };
        for bad in [
            json!([1, 2]),
            json!({"family": "x"}),
            json!(5),
            json!(["a", null]),
        ] {
            assert_eq!(
                message(json!({"params": {"args": bad}})),
                "params['args'] must be a string or list of strings"
            );
        }
        for (bad, found) in [
            (json!(5), "found a number"),
            (json!([]), "found a list"),
            (json!("[1]"), "found a text that holds a list"),
            (
                json!("x"),
                "found a text that is no JSON: expected value at line 1 column 1",
            ),
        ] {
            let message = message(json!({"params": bad}));
            assert!(message.ends_with(found), "{message}");
            assert!(message.starts_with("params must be an object"), "{message}");
        }
        let misuse = command_line(
            Verb::Diff,
            &fields(json!({"params": {"args": 1, "allow_nonzero": true}})),
        );
        assert!(misuse.expect_err("a misuse").allow_nonzero);
    }

    #[test]
    fn options_as_fields_are_refused_with_the_call_that_works() {
        let message = |verb, value: Value| {
            let misuse = command_line(verb, &fields(value)).expect_err("a misuse");
            misuse.message
        };
        assert_eq!(
            message(
                Verb::Diff,
                json!({"baseline": "a/b", "current": "run", "tolerance_percent": 3, "json": true, "why": "x"})
            ),
            "found the fields baseline, current, tolerance_percent, json, why in place of args; call again with \
             {\"args\":[\"--baseline\",\"a/b\",\"--current\",\"run\",\"--tolerance-percent\",\"3\",\"--json\"]}"
        );
        for wrapped in [
            json!({"params": {"source": "run"}}),
            json!({"params": "{\"source\": \"run\"}"}),
            json!({"params": {"args": null, "source": "run"}}),
            json!({"params": null, "source": "run"}),
        ] {
            assert_eq!(
                message(Verb::Record, wrapped),
                "found the field source in place of args; call again with {\"args\":[\"--source\",\"run\"]}"
            );
        }
        let unknown = message(Verb::Record, json!({"name": "x"}));
        assert!(
            unknown.starts_with(
                "found the field name in place of args; call again with {\"args\":[\"--family\""
            ),
            "{unknown}"
        );
        let allowed = command_line(
            Verb::Diff,
            &fields(json!({"current": 1, "allow_nonzero": true})),
        );
        assert!(allowed.expect_err("a misuse").allow_nonzero);
    }

    #[test]
    fn limits_as_lenient_clients_write_them() {
        let limit = |value: Value| query(&fields(json!({"query": "x", "limit": value})));
        for (value, expected) in [
            (json!(1), 1),
            (json!(100), 100),
            (json!("5"), 5),
            (json!(true), 1),
            (json!(7.0), 7),
        ] {
            assert_eq!(limit(value), Ok(Query::new("x", expected)));
        }
        assert_eq!(query(&fields(json!({"query": ""}))), Ok(Query::new("", 50)));
        for out in [
            json!(0),
            json!(101),
            json!(false),
            json!(-1),
            json!(1e300),
            json!(u64::MAX),
        ] {
            assert_eq!(
                limit(out.clone()),
                Err("limit must be between 1 and 100".to_owned()),
                "{out}"
            );
        }
        for bad in [json!(1.5), json!(null), json!([]), json!("many"), json!({})] {
            let message = limit(bad).expect_err("a misuse");
            assert!(
                message.starts_with("limit must be an integer between 1 and 100; found "),
                "{message}"
            );
        }
        for bad in [
            json!({}),
            json!({"query": 5}),
            json!({"params": {"args": ["x"]}}),
        ] {
            let message = query(&fields(bad)).expect_err("a misuse");
            assert!(message.starts_with("query must be a string"), "{message}");
        }
    }
}
