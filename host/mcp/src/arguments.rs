//! What a caller may write as the arguments of a tool, and what the verb gets of it.
//!
//! Existing clients rely on more than a schema would allow: `params` as an object, as null or as a JSON text of an
//! object, `args` as a list, as one text or as null, a `limit` written as `"5"` or `true`. Fields that no verb knows
//! are ignored.

use perfbridge_registry::Query;
use serde_json::{Map, Value};

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
/// `params` is no object, or `args` holds something other than text.
pub fn command_line(fields: &Fields) -> Result<CommandLine, Misuse> {
    let misuse = |message: String| Misuse {
        message,
        allow_nonzero: false,
    };
    let params = params(fields.get("params")).map_err(misuse)?;
    let field = |name: &str| params.as_ref().unwrap_or(fields).get(name);
    let allow_nonzero = is_true(field("allow_nonzero"));
    match texts(field("args")) {
        Some(args) => Ok(CommandLine {
            args,
            allow_nonzero,
        }),
        None => Err(Misuse {
            message: "params['args'] must be a string or list of strings".to_owned(),
            allow_nonzero,
        }),
    }
}

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
        command_line(&fields(value)).expect("arguments").args
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
            command_line(&fields(value))
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
        let message = |value: Value| command_line(&fields(value)).expect_err("a misuse").message;
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
        let misuse = command_line(&fields(
            json!({"params": {"args": 1, "allow_nonzero": true}}),
        ));
        assert!(misuse.expect_err("a misuse").allow_nonzero);
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
