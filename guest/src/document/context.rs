//! Merges what the sources state about the context, and says where two disagree.

use crate::fault::{Fault, Result, Sub};
use crate::fields::{self, FIELDS, Field};
use crate::finding::{Finding, FindingCode};
use crate::measure::{Place, headline};
use crate::order::Ordered as _;
use crate::run::{ServerMetrics, Speaker, Statement};
use crate::server;
use crate::server::config::{self, Implied};
use serde_json::Value;
use std::collections::BTreeMap;

/// One field that the operator states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Dotted path, for instance `deployment.quantization`.
    pub path: String,
    /// The value as typed.
    pub value: String,
}

/// Turns settings into statements.
///
/// Faults: a path that is no field of deployment, workload or context, or a value of the wrong type.
pub(super) fn settings(settings: &[Setting]) -> Result<Vec<Statement>> {
    settings
        .iter()
        .map(|setting| {
            let field = settable(&setting.path)?;
            Ok(Statement {
                field: field.path.to_owned(),
                value: field.parse(&setting.value)?,
                speaker: Speaker::Operator,
                file: "a setting".to_owned(),
                model: None,
            })
        })
        .collect()
}

fn settable(path: &str) -> Result<&'static Field> {
    let settable = || FIELDS.iter().filter(|field| field.path != "model");
    settable().find(|field| field.path == path).ok_or_else(|| {
        let hint = match fields::nearest(path, settable().map(|field| field.path)) {
            Some(near) => format!("Did you mean {near}?"),
            None => format!(
                "The fields are: {}",
                settable()
                    .map(|field| field.path)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        Fault::because(
            Sub::SettingUnknown,
            format!("{path:?} is set, which is no field of the document. {hint}"),
        )
    })
}

/// What the server's series imply, where nobody says the same more exactly.
pub(super) fn implied(
    observed: &ServerMetrics,
    model: &str,
    statements: &[Statement],
) -> Vec<Statement> {
    let regime = server::regime(observed, model).map(|(regime, file)| Implied {
        field: fields::REGIME,
        value: regime.into(),
        file,
    });
    let said = |implied: &Implied| {
        statements.iter().any(|statement| {
            let value = &statement.value;
            let vague = implied.value == "on" && !is_off(value);
            statement.field == implied.field && (vague || compatible(&implied.value, value))
        })
    };
    let all = config::implied(observed, model).into_iter().chain(regime);
    all.filter(|implied| !said(implied))
        .map(|implied| Statement {
            field: implied.field.to_owned(),
            value: implied.value,
            speaker: Speaker::Server,
            file: implied.file,
            model: None,
        })
        .collect()
}

fn is_off(value: &Value) -> bool {
    let text = fields::plain(value).trim().to_lowercase();
    ["off", "none", "no", "false", "disabled", "0"].contains(&text.as_str())
}

/// Fills what the results imply and nobody stated: one run, as many prompts as the headline's place planned, and the
/// engine that a version of vLLM is one of.
pub(super) fn derive(
    stated: &mut BTreeMap<&'static str, Value>,
    places: impl IntoIterator<Item = Place>,
    planned: &dyn Fn(Place) -> Option<u64>,
) {
    stated.entry("context.trials").or_insert_with(|| 1.into());
    if stated.contains_key("deployment.vllm_version") {
        let engine = stated.entry("context.serving_engine");
        engine.or_insert_with(|| "vLLM".into());
    }
    if let Some(count) = headline::choose(places, &|_| false)
        .and_then(planned)
        .filter(|count| *count > 0)
    {
        stated
            .entry("context.num_prompts")
            .or_insert_with(|| count.into());
    }
}

/// The value of each stated field: settings first, then AIPerf's echo, the server's labels, the report.
pub(super) fn merge(
    statements: &[Statement],
    findings: &mut Vec<Finding>,
) -> BTreeMap<&'static str, Value> {
    let mut merged = BTreeMap::new();
    for field in FIELDS {
        let mut stated: Vec<&Statement> = statements
            .iter()
            .filter(|statement| statement.field == field.path)
            .collect();
        stated.order_by_key(|statement| statement.speaker);
        let Some((first, others)) = stated.split_first() else {
            continue;
        };
        if let Some(other) = others
            .iter()
            .find(|other| !compatible(&first.value, &other.value))
        {
            findings.push(Finding::new(
                FindingCode::ContextDisagrees,
                Some(field.path.to_owned()),
                format!(
                    "{} says {}, {} says {}; the first is used",
                    first.file,
                    fields::plain(&first.value),
                    other.file,
                    fields::plain(&other.value)
                ),
            ));
        }
        merged.insert(field.path, first.value.clone());
    }
    merged
}

/// A text that contains the other one says the same at greater length (`synthetic`,
/// `AIPerf synthetic (sonnet corpus)`).
fn compatible(a: &Value, b: &Value) -> bool {
    let (x, y) = (
        fields::plain(a).to_lowercase(),
        fields::plain(b).to_lowercase(),
    );
    let texts = a.is_string() && b.is_string();
    fields::same(a, b) || texts && x.len().min(y.len()) >= 4 && (x.contains(&y) || y.contains(&x))
}
