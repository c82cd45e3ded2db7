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
pub mod judgement;
pub mod lengths;
pub mod lever;
pub mod noise;
pub mod observations;
pub mod past;
pub mod plan;
pub mod policy;
pub mod policy_file;
pub mod policy_value;
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
pub mod waivers;

use crate::document::Document;
use crate::fault::Result;
use crate::fields;
use crate::finding::{Finding, FindingCode};
use crate::json::real;
use crate::measure::metrics::HEADLINE;
use crate::measure::{Number, Quantity, shown};
pub use judgement::{Judgement, SCHEMA, Sides, SpeedOfLight};
use past::Past;
use policy::Policy;
use recommend::Ruled;
use row::Row;
use serde_json::{Map, Value};
use settle::Settle;
use tier::Tier;
use verdict::Case;

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
    // After everything is decided: scores, and what is inside one run, decide nothing.
    let quality = quality::compare(baseline, current, &rows, &mut findings);
    let mut recommendation = recommend::recommend(&Ruled {
        rule: ruling.rule,
        tier,
        rows: &rows,
        headline: &headline,
        causes: &causes,
        settle: &settle,
        quality_fell: quality.fell,
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
