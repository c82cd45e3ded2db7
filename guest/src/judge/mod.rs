//! Judges one run against a baseline.

pub mod calibration;
pub mod evidence;
pub mod explain;
pub mod history;
pub mod identity;
pub mod lever;
pub mod policy;
pub mod recommend;
pub mod reliability;
pub mod requests;
pub mod rows;
pub mod tier;
pub mod validity;
pub mod verdict;

use crate::document::Document;
use crate::fault::{Code, Fault, Result};
use crate::fields;
use crate::finding::{Finding, FindingCode};
use crate::json;
use crate::measure::headline;
use crate::measure::metrics;
use identity::{Change, Identity};
use lever::NextLever;
use policy::Policy;
use rows::{Row, Rows};
use serde::Serialize;
use serde_json::{Map, Value};
use verdict::{Case, Verdict};

/// The value of `schema` in a judgement.
pub const SCHEMA: &str = "perfbridge_judgement_v1";

/// The number that decides first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Headline {
    /// Its metric.
    pub metric: &'static str,
    /// Its concurrency level.
    pub level: String,
}

/// Speed-of-light shares of both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpeedOfLight {
    /// Percent of the ceiling, baseline.
    pub baseline: f64,
    /// Percent of the ceiling, current.
    pub current: f64,
    /// The difference in points.
    pub delta: f64,
    /// Key of the ceiling on either side.
    pub key: [Option<String>; 2],
    /// How rigorous the ceiling is, on either side.
    pub sol_rigor: [Option<String>; 2],
}

/// Both sides of something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sides {
    /// Of the baseline.
    pub baseline: Value,
    /// Of the current run.
    pub current: Value,
}

/// The judgement. Nothing in it depends on where or when it was computed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The answer.
    pub verdict: Verdict,
    /// Stable name of the rule that gave it.
    pub rule: &'static str,
    /// The rule in one sentence, with the numbers of this case.
    pub reason: String,
    /// `DRAFT` or `VERDICT`: one run against one run cannot tell noise from change and is a draft.
    pub tier: &'static str,
    /// What would make a draft a verdict; empty for a verdict.
    pub promote: Vec<String>,
    /// The number that decides first.
    pub headline: Headline,
    /// All rows.
    pub rows: Vec<Row>,
    /// What was noticed, on either side and while judging.
    pub findings: Vec<Finding>,
    /// What was compared for sameness.
    pub identity: Identity,
    /// What may differ and does.
    pub changed: Vec<Change>,
    /// Speed-of-light shares, where both sides carry one.
    pub sol: Option<SpeedOfLight>,
    /// What to do.
    pub recommendation: String,
    /// What to try next.
    pub next_lever: Option<NextLever>,
    /// Full measurement context.
    pub context: Sides,
    /// Hashes and tools.
    pub provenance: Sides,
    /// How the requests of each run are spread, where per-request records were read.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub distributions: Value,
    /// What they say of the difference and of each run's steadiness; it decides nothing.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub evidence: Value,
}

impl Judgement {
    /// The judgement as JSON text, 2-space indent, one newline at the end.
    pub fn to_json(&self) -> String {
        // Strings, finite numbers and lists of them cannot fail to serialise.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        json::lists_on_one_line(text, &["distributions", "evidence"])
    }
}

/// Judges `current` against `baseline`.
///
/// Faults: a headline level that the baseline does not have ([`Code::Usage`]).
pub fn judge(
    baseline: &Document,
    current: &Document,
    history: &[Document],
    policy: &Policy,
) -> Result<Judgement> {
    let headline_level = headline_level(baseline, policy)?;
    let mut findings = document_findings(baseline, current);
    let identity = identity::compare(baseline, current, policy, &mut findings);
    let rows = Rows {
        baseline,
        current,
        policy,
        rows: Vec::new(),
        findings: Vec::new(),
    };
    let (mut rows, noticed) = rows.make();
    findings.extend(noticed);
    validity::findings(baseline, current, &mut findings);
    validity::tails(
        &mut rows,
        baseline,
        current,
        policy.observe_tails,
        &mut findings,
    );
    let earlier = earlier_runs(baseline, history, policy);
    evidence::weigh(
        &mut rows,
        baseline,
        current,
        &earlier,
        headline_level,
        &mut findings,
    );
    for row in &mut rows {
        row.explanation = explain::explain(row);
    }
    if headline_level != headline::CANONICAL_LEVEL && policy.headline_level.is_none() {
        findings.push(Finding::new(
            FindingCode::HeadlineMoved,
            Some(format!("metrics.{headline_level}")),
            format!("the baseline has no concurrency 16; the headline is taken at {headline_level}, its nearest level"),
        ));
    }
    let case = Case {
        baseline,
        current,
        rows: &rows,
        identity: &identity,
        headline_level,
        findings: &findings,
    };
    let ruling = case.decide();
    let promote = tier::missing(baseline, current, &rows, headline_level, &findings);
    // After everything is decided: what is inside one run decides nothing.
    let (distributions, evidence) = requests::weigh(baseline, current, &mut findings);
    Ok(Judgement {
        schema: SCHEMA,
        verdict: ruling.verdict,
        rule: ruling.rule,
        tier: if promote.is_empty() {
            "VERDICT"
        } else {
            "DRAFT"
        },
        promote,
        headline: Headline {
            metric: metrics::HEADLINE,
            level: headline_level.to_string(),
        },
        changed: identity::changes(baseline, current),
        sol: speed_of_light(baseline, current),
        recommendation: recommend::recommend(&ruling, &rows),
        next_lever: lever::next(&rows, ruling.verdict, current),
        context: Sides {
            baseline: context_of(baseline),
            current: context_of(current),
        },
        provenance: Sides {
            baseline: provenance_of(baseline),
            current: provenance_of(current),
        },
        reason: ruling.reason,
        rows,
        findings,
        identity,
        distributions,
        evidence,
    })
}

/// Earlier baselines that measured the same thing as this one, each once and this one not among them.
fn earlier_runs<'a>(
    baseline: &Document,
    history: &'a [Document],
    policy: &Policy,
) -> Vec<&'a Document> {
    let bundle = |document: &Document| {
        provenance_of(document)["bundle_sha256"]
            .as_str()
            .map(str::to_owned)
    };
    let mut seen = vec![bundle(baseline)];
    history
        .iter()
        .filter(|earlier| {
            let known = bundle(earlier);
            let repeated = known.is_some() && seen.contains(&known)
                || known.is_none() && earlier.map == baseline.map;
            seen.push(known);
            !repeated
                && identity::compare(baseline, earlier, policy, &mut Vec::new())
                    .mismatched
                    .is_empty()
        })
        .collect()
}

fn headline_level(baseline: &Document, policy: &Policy) -> Result<u32> {
    let levels: Vec<u32> = baseline.levels.keys().copied().collect();
    match policy.headline_level {
        Some(level) if levels.contains(&level) => Ok(level),
        Some(level) => {
            let have: Vec<String> = levels.iter().map(u32::to_string).collect();
            Err(Fault::new(
                Code::Usage,
                format!(
                    "--headline-level names {level}, but the baseline has only the levels {}",
                    have.join(", ")
                ),
            ))
        }
        None => Ok(baseline.headline_level()),
    }
}

/// Findings that were made while each side's bundle was read, marked with their side.
fn document_findings(baseline: &Document, current: &Document) -> Vec<Finding> {
    let marked = |side: &str, document: &Document| {
        let of_side = document.findings.iter().map(|finding| Finding {
            place: Some(match &finding.place {
                Some(place) => format!("{side}: {place}"),
                None => side.to_owned(),
            }),
            ..finding.clone()
        });
        of_side.collect::<Vec<_>>()
    };
    let mut findings = marked("baseline", baseline);
    findings.extend(marked("current", current));
    findings
}

fn speed_of_light(baseline: &Document, current: &Document) -> Option<SpeedOfLight> {
    let number =
        |side: &Document| fields::get(&side.map, "context.sol_pct").and_then(Value::as_f64);
    let text = |side: &Document, path: &str| fields::get(&side.map, path).map(fields::plain);
    let (a, b) = (number(baseline)?, number(current)?);
    Some(SpeedOfLight {
        baseline: a,
        current: b,
        delta: b - a,
        key: [baseline, current].map(|side| text(side, "context.sol_key")),
        sol_rigor: [baseline, current].map(|side| text(side, "context.sol_rigor")),
    })
}

/// The sections that describe a measurement, and per level what its numbers rest on.
pub fn context_of(document: &Document) -> Value {
    let mut context = Map::new();
    for section in ["model", "model_path", "deployment", "workload", "context"] {
        context.insert(
            section.into(),
            document.map.get(section).cloned().unwrap_or(Value::Null),
        );
    }
    let levels = document.levels.iter().map(|(level, of)| {
        let shape = serde_json::json!({"requests": of.requests, "errors": of.errors, "isl_mean": of.isl_mean, "osl_mean": of.osl_mean});
        (level.to_string(), shape)
    });
    context.insert("levels".into(), Value::Object(levels.collect()));
    context.into()
}

fn provenance_of(document: &Document) -> Value {
    let of = |key: &str| {
        document
            .map
            .get("provenance")
            .and_then(|all| all.get(key))
            .cloned()
            .unwrap_or(Value::Null)
    };
    let keys = [
        "bundle_sha256",
        "profile_sha256",
        "tool",
        "captured_at",
        "profile_and_optimize_sha",
        "perfbridge_version",
    ];
    Value::Object(
        keys.into_iter()
            .map(|key| (key.to_owned(), of(key)))
            .collect(),
    )
}
