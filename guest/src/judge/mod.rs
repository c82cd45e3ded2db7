//! Judges one run against a baseline.

pub mod calibration;
pub mod causes;
pub mod cold_start;
pub mod contradiction;
pub mod evidence;
pub mod explain;
pub mod failures;
pub mod gate;
pub mod gating;
pub mod headline;
pub mod health;
pub mod history;
pub mod identity;
pub mod lengths;
pub mod lever;
pub mod noise;
pub mod observations;
pub mod past;
pub mod plan;
pub mod policy;
pub mod policy_file;
pub mod quality;
pub mod recommend;
pub mod reliability;
pub mod row;
pub mod rows;
pub mod rule;
pub mod runs;
pub mod sessions;
pub mod settle;
pub mod status;
pub mod sweep;
pub mod tier;
pub mod tolerance;
pub mod validity;
pub mod verdict;

use crate::document::Document;
use crate::fault::Result;
use crate::fields;
use crate::finding::{Finding, FindingCode};
use crate::json::{self, real};
use crate::measure::metrics::HEADLINE;
use crate::measure::{Number, Quantity, shown};
use identity::{Change, Identity};
use lever::NextLever;
use past::Past;
use policy::Policy;
use recommend::Ruled;
use row::Row;
use rule::{Rule, Verdict};
use serde::Serialize;
use serde_json::{Map, Value};
use settle::Settle;
use std::collections::BTreeMap;
use tier::Tier;
use verdict::Case;

/// The value of `schema` in a judgement.
pub const SCHEMA: &str = "perfbridge_judgement_v1";

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
    /// The rule that gave it.
    pub rule: Rule,
    /// The rule in one sentence, with the numbers of this case.
    pub reason: String,
    /// How much it can carry: one run against one run cannot tell noise from change and is a draft.
    pub tier: Tier,
    /// What would make a draft a verdict; empty for a verdict.
    pub promote: Vec<String>,
    /// What a gate makes of it, where the policy speaks of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<gate::Gate>,
    /// The number that decides first.
    #[serde(skip)]
    pub headline: Number,
    /// The same with what was measured of it.
    #[serde(rename = "headline")]
    pub measured: headline::Measured,
    /// All rows.
    pub rows: Vec<Row>,
    /// What was noticed, on either side and while judging.
    pub findings: Vec<Finding>,
    /// What was compared for sameness.
    pub identity: Identity,
    /// What may differ and does.
    pub changed: Vec<Change>,
    /// Quality scores of either side, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evals: Vec<Value>,
    /// Every run of both sides.
    pub runs: Vec<runs::Listed>,
    /// Speed-of-light shares, where both sides carry one.
    pub sol: Option<SpeedOfLight>,
    /// The earlier baselines that were given, oldest first, and which of them count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<past::Listed>,
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
    /// The policy by which it was judged.
    #[serde(skip)]
    pub policy: Policy,
    /// The differences of `evidence` that have an interval, by the number of their row.
    #[serde(skip)]
    pub intervals: BTreeMap<Number, evidence::Difference>,
}

impl Judgement {
    /// The judgement as JSON text, 2-space indent, one newline at the end. A log of a pipeline takes `##[` and `##vso[`
    /// anywhere for commands, so the second sign is written by its number.
    pub fn to_json(&self) -> String {
        let text = json::pretty(self, &["distributions", "evidence"]);
        match memchr::memchr(b'#', text.as_bytes()) {
            Some(_) => text.replace("##", "#\\u0023"),
            None => text,
        }
    }
}

/// Judges `current` against `baseline`.
///
/// Faults: a headline level that the baseline does not have ([`crate::fault::Sub::HeadlineUnknown`]).
pub fn judge(
    baseline: &Document,
    current: &Document,
    history: &[Document],
    policy: &Policy,
) -> Result<Judgement> {
    let headline = Number::new(HEADLINE, headline::place(baseline, policy)?);
    let mut findings = document_findings(baseline, current);
    let identity = identity::compare(baseline, current, policy, &mut findings);
    findings.extend(identity::regime(baseline, current));
    findings.extend(order(baseline, current, policy));
    let (mut rows, noticed) = rows::make(baseline, current, policy);
    findings.extend(noticed);
    validity::findings(baseline, current, &mut findings);
    let observe = policy.observe_tails;
    validity::tails(&mut rows, baseline, current, observe, &mut findings);
    let past = Past::new(baseline, current, history);
    let place = headline.place;
    let compared = noise::Compared {
        baseline,
        current,
        past: &past,
        headline: place,
    };
    let weighed = noise::weigh(&mut rows, &compared, &mut findings);
    lengths::weigh(&mut rows, baseline, current, &mut findings);
    findings.extend(cold_start::findings(baseline, current));
    findings.extend(widened(&rows));
    for row in &mut rows {
        row.show_trials();
        row.explanation = explain::explain(row);
    }
    findings.extend(headline::moved(place, policy));
    let settle = Settle::of(&rows, &headline);
    let reason = settle.reason();
    let decide = |rows: &[Row], findings: &[Finding], waived: &[Number]| {
        // A loss over all levels together, of which one is waived, is not that of the others.
        let is_whole = waived.iter().all(|number| number.name != headline.name);
        Case {
            baseline,
            current,
            rows,
            identity: &identity,
            headline: &headline,
            creep: weighed.creep.filter(|_| is_whole),
            settle: &reason,
            findings,
            waived,
        }
        .decide()
    };
    let ruling = decide(&rows, &findings, &[]);
    let verdict = ruling.rule.verdict();
    let trials = settle.trials();
    let promote = tier::missing(baseline, current, &rows, &headline, &findings, trials);
    let tier = if promote.is_empty() {
        Tier::Verdict
    } else {
        Tier::Draft
    };
    let gate = policy.gating.asked.then(|| {
        gate::Question {
            gating: &policy.gating,
            sides: [baseline, current],
            headline: &headline,
            tier,
            decide: &decide,
        }
        .decide(&mut rows, &mut findings, &ruling)
    });
    let mut changed = identity::changes(baseline, current);
    let causes = causes::of(ruling.rule, &rows, &findings, &changed);
    let mut recommendation = recommend::recommend(&Ruled {
        rule: ruling.rule,
        tier,
        rows: &rows,
        headline: &headline,
        causes: &causes,
        settle: &settle,
    });
    let next_lever = lever::next(&lever::Signs {
        rows: &rows,
        headline: &headline,
        verdict,
        causes: &causes,
        settle: &settle,
        runs: baseline.run_count().min(current.run_count()),
        current,
        policy,
    });
    // After everything is decided: scores, and what is inside one run, decide nothing.
    let quality = quality::compare(baseline, current, &rows, &mut findings);
    changed.extend(quality.changes);
    if let Some(sentence) = quality.sentence {
        recommendation = [recommendation, sentence].join(" ");
    }
    let inside = evidence::weigh(baseline, current, &mut findings);
    Ok(Judgement {
        schema: SCHEMA,
        verdict,
        rule: ruling.rule,
        tier,
        promote,
        gate,
        measured: headline::Measured::of(&headline, &rows),
        headline,
        changed,
        evals: quality.evals,
        runs: runs::of(baseline, current),
        sol: speed_of_light(baseline, current),
        history: past.listed(),
        recommendation,
        next_lever,
        context: Sides {
            baseline: against(context_of(baseline), baseline),
            current: against(context_of(current), baseline),
        },
        provenance: Sides {
            baseline: provenance_of(baseline),
            current: provenance_of(current),
        },
        reason: ruling.reason,
        rows,
        findings,
        identity,
        distributions: inside.distributions,
        evidence: inside.evidence,
        intervals: inside.intervals,
        policy: policy.clone(),
    })
}

/// A baseline that came after the current run, or long before it.
fn order(baseline: &Document, current: &Document, policy: &Policy) -> Option<Finding> {
    if let Some(hours) = sessions::newer_by(baseline, current) {
        return Some(Finding::new(
            FindingCode::BaselineIsNewer,
            None,
            format!(
                "every run of the baseline was captured after every current one, by {hours:.1} hours: are the two sides swapped?"
            ),
        ));
    }
    let most = policy.baseline_max_age_days();
    let days = sessions::older_by(baseline, current, most)?;
    Some(Finding::new(
        FindingCode::BaselineOld,
        None,
        format!(
            "every run of the baseline was captured {days:.0} days or more before the current ones, more than {most} days"
        ),
    ))
}

/// Tolerances above their defaults, each value of a metric once.
fn widened(rows: &[Row]) -> Vec<Finding> {
    let mut seen: Vec<(String, &str)> = Vec::new();
    let mut findings = Vec::new();
    for row in rows {
        let default = row.metric.default_tolerance();
        let one = (row.name(), row.shown.tolerance.as_str());
        if row.tolerance > default && !seen.contains(&one) {
            seen.push(one);
            findings.push(Finding::new(
                FindingCode::ToleranceWidened,
                row.name(),
                format!(
                    "the tolerance in force is {}, the default is {}",
                    row.shown.tolerance,
                    shown::tolerance(row.metric, default)
                ),
            ));
        }
    }
    findings
}

/// Findings that were made while each side's bundle was read, marked with their side.
fn document_findings(baseline: &Document, current: &Document) -> Vec<Finding> {
    let marked = |side: &str, document: &Document| {
        let of_side = document.findings.iter().map(|finding| Finding {
            place: finding.place.within(side),
            ..finding.clone()
        });
        of_side.collect::<Vec<_>>()
    };
    let mut findings = marked("baseline", baseline);
    findings.extend(marked("current", current));
    findings
}

pub(crate) fn speed_of_light(baseline: &Document, current: &Document) -> Option<SpeedOfLight> {
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

/// The context of a side of a comparison: it names the baseline, where nobody named it.
fn against(mut context: Value, baseline: &Document) -> Value {
    let named = &context["context"]["baseline_named"];
    if let (true, Some(name)) = (named.is_null(), runs::name(baseline))
        && let Some(map) = context.as_object_mut()
    {
        fields::set(map, "context.baseline_named", name.into());
    }
    context
}

/// What the numbers of a cell rest on.
const SHAPE: [Quantity; 4] = [
    Quantity::Requests,
    Quantity::Errors,
    Quantity::IslMean,
    Quantity::OslMean,
];

/// The sections that describe a measurement, and per level what its numbers rest on.
pub fn context_of(document: &Document) -> Value {
    let mut context = Map::new();
    for section in ["model", "model_path", "deployment", "workload", "context"] {
        context.insert(
            section.into(),
            document.map.get(section).cloned().unwrap_or(Value::Null),
        );
    }
    let levels = document.cells().map(|(place, cell)| {
        let shape = SHAPE.map(|of| (of.name().to_owned(), real(cell.get(of))));
        (place.key(), Value::Object(shape.into_iter().collect()))
    });
    context.insert("levels".into(), Value::Object(levels.collect()));
    context.into()
}

fn provenance_of(document: &Document) -> Value {
    let keys = [
        "bundle_sha256",
        "profile_sha256",
        "tool",
        "captured_at",
        "profile_and_optimize_sha",
        "perfbridge_version",
    ];
    let of = |key: &str| document.provenance(key).cloned().unwrap_or_default();
    Value::Object(
        keys.map(|key| (key.to_owned(), of(key)))
            .into_iter()
            .collect(),
    )
}
