//! Components of contract 0.1 in today's host: its types as those of today, so that an old judgement can be made again.

use super::bindings::exports::perfbridge::bridge::{ingest, judge};
use super::bindings::perfbridge::bridge::types::{
    Fault, FaultCode, Finding, Policy, Severity, Tier, Tolerance, ToleranceOrigin, Verdict,
};
use super::bindings::v0_1::{
    Bridge, exports::perfbridge::bridge as v0_1, perfbridge::bridge::types as old_types,
};
use super::case::Case;
use super::state::State;
use v0_1::{ingest as old_ingest, judge as old, render, render::Format};
use wasmtime::{Result, Store};

type Answer<T> = Result<std::result::Result<T, Fault>>;

/// A directory was one run: what of it were several was found by the host then.
pub fn runs() -> Vec<ingest::Run> {
    vec![ingest::Run {
        name: String::new(),
        dir: String::new(),
        folders: vec![],
    }]
}

/// The fault for what the contract does not have.
pub fn lacks(what: &str) -> Fault {
    Fault {
        code: FaultCode::Usage,
        sub_code: None,
        message: format!(
            "found a component of contract 0.1, which has no {what}; expected one of 0.2. Use the component of this release"
        ),
        where_: None,
    }
}

/// Name, what the contract calls it, media type and ending.
type Form = (&'static str, Option<Format>, &'static str, &'static str);

const FORMS: [Form; 4] = [
    ("json", None, "application/json", "json"),
    ("text", Some(Format::Text), "text/plain", "txt"),
    ("markdown", Some(Format::Markdown), "text/plain", "md"),
    (
        "markdown-explained",
        Some(Format::MarkdownExplained),
        "text/plain",
        "md",
    ),
];

/// The forms that can be made of what the contract has.
pub fn forms() -> Vec<judge::FormInfo> {
    let form = |(name, _, media_type, extension): Form| judge::FormInfo {
        name: name.to_owned(),
        describes: "a form of contract 0.1".to_owned(),
        media_type: media_type.to_owned(),
        extension: extension.to_owned(),
    };
    FORMS.into_iter().map(form).collect()
}

pub fn read_bundle(
    bridge: &Bridge,
    store: &mut Store<State>,
    dir: &str,
    options: &ingest::Options,
) -> Answer<ingest::Document> {
    let digests = |files: &[ingest::FileDigest]| {
        let digest = |file: &ingest::FileDigest| old_ingest::FileDigest {
            path: file.path.clone(),
            size: file.size,
            sha256: file.sha256.clone(),
        };
        files.iter().map(digest).collect()
    };
    let options = old_ingest::Options {
        model: options.model.clone(),
        settings: options
            .settings
            .iter()
            .map(|setting| old_ingest::Setting {
                path: setting.path.clone(),
                value: setting.value.clone(),
            })
            .collect(),
        files: digests(&options.files),
        profile_dir: options.profile_dir.clone(),
        profile_files: digests(&options.profile_files),
        ceiling: options.ceiling.as_ref().map(|ceiling| old_ingest::Ceiling {
            key: ceiling.key.clone(),
            peak_toks_per_s: ceiling.peak_toks_per_s,
            rigor: ceiling.rigor.clone(),
        }),
        operator: options.operator.clone(),
        profile_and_optimize_sha: options.profile_and_optimize_sha.clone(),
    };
    let ingest = bridge.perfbridge_bridge_ingest();
    answer(ingest.call_read_bundle(store, dir, &options)?, document)
}

pub fn check_document(
    bridge: &Bridge,
    store: &mut Store<State>,
    name: &str,
    json: &str,
) -> Answer<ingest::Document> {
    let ingest = bridge.perfbridge_bridge_ingest();
    answer(ingest.call_check_document(store, name, json)?, document)
}

pub fn merge_trials(
    bridge: &Bridge,
    store: &mut Store<State>,
    documents: &[String],
) -> Answer<ingest::Document> {
    let ingest = bridge.perfbridge_bridge_ingest();
    answer(ingest.call_merge_trials(store, documents)?, document)
}

pub fn calibrate(
    bridge: &Bridge,
    store: &mut Store<State>,
    documents: &[String],
) -> Answer<judge::Calibration> {
    let found = bridge
        .perfbridge_bridge_judge()
        .call_calibrate(store, documents)?;
    answer(found, |found| judge::Calibration {
        json: found.json,
        text: found.text,
        policy: found.policy,
    })
}

pub fn history(
    bridge: &Bridge,
    store: &mut Store<State>,
    entries: &[judge::Entry],
    metric: Option<&str>,
    place: Option<&str>,
) -> Answer<judge::Series> {
    let entry = |entry: &judge::Entry| old::Entry {
        slug: entry.slug.clone(),
        stamp: entry.stamp.clone(),
        json: entry.json.clone(),
    };
    let entries: Vec<old::Entry> = entries.iter().map(entry).collect();
    let place = place.map(|place| place.strip_prefix('c').unwrap_or(place));
    let found = bridge
        .perfbridge_bridge_judge()
        .call_history(store, &entries, metric, place)?;
    answer(found, |found| judge::Series {
        json: found.json,
        text: found.text,
    })
}

pub fn check_policy(bridge: &Bridge, store: &mut Store<State>, of: &Policy) -> Answer<()> {
    let policy = match policy(of) {
        Ok(policy) => policy,
        Err(fault) => return Ok(Err(fault)),
    };
    let found = bridge
        .perfbridge_bridge_judge()
        .call_check_policy(store, &policy)?;
    answer(found, |()| ())
}

/// Judges, and once more for each text: the contract had no other way.
pub fn judge(
    bridge: &Bridge,
    store: &mut Store<State>,
    case: &Case<'_>,
    forms: &[judge::Form],
) -> Answer<judge::Judgement> {
    let Case {
        baseline,
        current,
        history,
        ..
    } = *case;
    let policy = match policy(case.policy) {
        Ok(policy) => policy,
        Err(fault) => return Ok(Err(fault)),
    };
    let judged = bridge.perfbridge_bridge_judge().call_judge(
        &mut *store,
        baseline,
        current,
        history,
        &policy,
    )?;
    let judged = match judged {
        Ok(judged) => judged,
        Err(found) => return Ok(Err(fault(found))),
    };
    let mut texts = Vec::new();
    for form in forms {
        let Some((_, format, ..)) = FORMS.iter().find(|(name, ..)| *name == form.name) else {
            return Ok(Err(lacks(&format!("form {:?}", form.name))));
        };
        let Some(format) = format else {
            texts.push(judged.json.clone());
            continue;
        };
        let layout = render::Layout {
            width: form.width,
            colour: form.colour,
        };
        let text = bridge.perfbridge_bridge_render().call_render(
            &mut *store,
            baseline,
            current,
            history,
            &policy,
            *format,
            layout,
        )?;
        match text {
            Ok(text) => texts.push(text),
            Err(found) => return Ok(Err(fault(found))),
        }
    }
    Ok(Ok(judgement(judged, texts)))
}

fn answer<A, B>(
    found: std::result::Result<A, old_types::Fault>,
    convert: impl FnOnce(A) -> B,
) -> Answer<B> {
    Ok(found.map(convert).map_err(fault))
}

fn fault(fault: old_types::Fault) -> Fault {
    use old_types::FaultCode as Old;
    Fault {
        code: match fault.code {
            Old::Usage => FaultCode::Usage,
            Old::NotFound => FaultCode::NotFound,
            Old::Unreadable => FaultCode::Unreadable,
            Old::NotUnderstood => FaultCode::NotUnderstood,
            Old::Damaged => FaultCode::Damaged,
            Old::BadValue => FaultCode::BadValue,
            Old::Conflict => FaultCode::Conflict,
            Old::Limit => FaultCode::Limit,
        },
        sub_code: None,
        message: fault.message,
        where_: fault.where_,
    }
}

fn finding(finding: old_types::Finding) -> Finding {
    Finding {
        code: finding.code,
        severity: match finding.severity {
            old_types::Severity::Info => Severity::Info,
            old_types::Severity::Warning => Severity::Warning,
            old_types::Severity::Error => Severity::Error,
        },
        message: finding.message,
        where_: finding.where_,
    }
}

fn document(document: old_ingest::Document) -> ingest::Document {
    ingest::Document {
        json: document.json,
        model: document.model,
        places: document.levels.iter().map(u32::to_string).collect(),
        headline: document.headline_level.to_string(),
        findings: document.findings.into_iter().map(finding).collect(),
        summary: document.summary,
    }
}

/// The policy of then, whose headline was a concurrency.
fn policy(policy: &Policy) -> std::result::Result<old::Policy, Fault> {
    let is_old = policy.file.is_none() && policy.choices.is_empty();
    is_old.then_some(()).ok_or_else(|| lacks("policy file"))?;
    let level = |place: &str| {
        let level = place.strip_prefix('c').unwrap_or(place).parse();
        level.map_err(|_| lacks(&format!("headline at {place:?}")))
    };
    let headline_level = policy.headline.as_deref().map(level).transpose()?;
    let tolerance = |tolerance: &Tolerance| old::Tolerance {
        metric: tolerance.metric.clone(),
        value: tolerance.value.clone(),
        origin: match tolerance.origin {
            ToleranceOrigin::Policy => old::ToleranceOrigin::Policy,
            ToleranceOrigin::CommandLine => old::ToleranceOrigin::CommandLine,
        },
    };
    Ok(old::Policy {
        tolerances: policy.tolerances.iter().map(tolerance).collect(),
        headline_level,
        vary: policy.vary.clone(),
        observe_tails: policy.observe_tails,
    })
}

/// How a place was not yet printed then.
fn printed(level: &str) -> String {
    match level.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("c{level}"),
        false => level.to_owned(),
    }
}

fn judgement(of: old::Judgement, texts: Vec<String>) -> judge::Judgement {
    judge::Judgement {
        verdict: match of.verdict {
            old::Verdict::Green => Verdict::Green,
            old::Verdict::Yellow => Verdict::Yellow,
            old::Verdict::Red => Verdict::Red,
            old::Verdict::NoVerdict => Verdict::NoVerdict,
        },
        rule: of.rule,
        reason: of.reason,
        tier: if of.promote.is_empty() {
            Tier::Verdict
        } else {
            Tier::Draft
        },
        promote: of.promote,
        gate: None,
        headline: judge::Headline {
            metric: of.headline_metric,
            place: printed(&of.headline_level),
            level: of.headline_level,
        },
        rows: of.rows.into_iter().map(row).collect(),
        findings: of.findings.into_iter().map(finding).collect(),
        recommendation: of.recommendation,
        texts,
    }
}

fn row(row: old::Row) -> judge::Row {
    // The contract gave numbers alone; a host that shows them has the texts.
    let shown = judge::Shown {
        baseline: String::new(),
        current: String::new(),
        change: String::new(),
        tolerance: String::new(),
    };
    judge::Row {
        metric: row.metric,
        place: printed(&row.level),
        level: row.level,
        unit: row.unit,
        higher_is_better: row.higher_is_better,
        baseline: row.baseline,
        current: row.current,
        delta: row.delta,
        delta_pct: row.delta_pct,
        tolerance: row.tolerance,
        tolerance_is_percent: row.tolerance_is_percent,
        tolerance_origin: match row.tolerance_origin.as_str() {
            "policy" => Some(ToleranceOrigin::Policy),
            "command-line" => Some(ToleranceOrigin::CommandLine),
            _ => None,
        },
        status: status(row.status),
        noise: row.noise.map(|noise| judge::Noise {
            method: noise.method,
            n: noise.n,
            std: noise.std,
            relative_floor: noise.relative_floor,
            degrees_of_freedom: noise.degrees_of_freedom,
        }),
        interval: row.interval.map(|interval| judge::Interval {
            low: interval.low,
            high: interval.high,
        }),
        p_value: row.p_value,
        p_adjusted: row.p_adjusted,
        trials_needed: row.trials_needed,
        detectable: row.detectable,
        explanation: row.explanation,
        shown,
    }
}

fn status(status: old::Status) -> judge::Status {
    use judge::Status as New;
    match status {
        old::Status::Regressed => New::Regressed,
        old::Status::Unresolved => New::Unresolved,
        old::Status::Improved => New::Improved,
        old::Status::Within => New::Within,
        old::Status::NullLegacyBaseline => New::NullLegacyBaseline,
        old::Status::UnmatchedLevel => New::UnmatchedLevel,
        old::Status::DefinitionMismatch => New::DefinitionMismatch,
        old::Status::Unreliable => New::Unreliable,
        old::Status::Observed => New::Observed,
    }
}
