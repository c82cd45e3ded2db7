//! Between the library's types and those of the wire.

use super::bindings::exports::perfbridge::bridge::{ingest, judge};
use super::bindings::perfbridge::bridge::types as wire;
use crate::document::Document;
use crate::document::build::Options;
use crate::document::ceiling::Ceiling;
use crate::fault::{Code, Fault};
use crate::finding::{Finding, Severity};
use crate::judge::Judgement;
use crate::judge::gate::Outcome;
use crate::judge::policy::{Origin, Request, Written};
use crate::judge::row::Row;
use crate::judge::status::Status;
use crate::judge::tier::Tier;
use crate::judge::verdict::Verdict;
use crate::measure::Place;
use crate::measure::metrics::{Better, Kind};
use crate::provenance::{FileDigest, Provenance};
use crate::render::{Form, Layout};
use crate::sources::runs::FoundRun;
use crate::stats::pairs::Arm;

pub(super) fn answer<T>(result: crate::fault::Result<T>) -> Result<T, wire::Fault> {
    result.map_err(
        |Fault {
             code,
             sub,
             message,
             place,
         }| wire::Fault {
            code: match code {
                Code::Usage => wire::FaultCode::Usage,
                Code::NotFound => wire::FaultCode::NotFound,
                Code::Unreadable => wire::FaultCode::Unreadable,
                Code::NotUnderstood => wire::FaultCode::NotUnderstood,
                Code::Damaged => wire::FaultCode::Damaged,
                Code::BadValue => wire::FaultCode::BadValue,
                Code::Conflict => wire::FaultCode::Conflict,
                Code::Limit => wire::FaultCode::Limit,
            },
            sub_code: sub.map(|sub| sub.as_str().to_owned()),
            message,
            where_: place,
        },
    )
}

pub(super) fn digests(files: Vec<ingest::FileDigest>) -> Vec<FileDigest> {
    let digest = |file: ingest::FileDigest| FileDigest {
        path: file.path,
        size: file.size,
        sha256: file.sha256,
    };
    files.into_iter().map(digest).collect()
}

/// All but the hashes of files, which come with the document.
pub(super) fn options(options: ingest::Options) -> Options {
    Options {
        model: options.model,
        settings: options
            .settings
            .into_iter()
            .map(|setting| (setting.path, setting.value))
            .collect(),
        provenance: Provenance {
            operator: options.operator,
            profile_and_optimize_sha: options.profile_and_optimize_sha,
            observation: options.observation,
            ..Provenance::default()
        },
        ceiling: options.ceiling.map(|ceiling| Ceiling {
            key: ceiling.key,
            peak_toks_per_s: ceiling.peak_toks_per_s,
            rigor: ceiling.rigor,
        }),
    }
}

pub(super) fn document(document: &Document, json: String) -> ingest::Document {
    ingest::Document {
        json,
        model: document.model.clone(),
        places: document.cell_places().map(Place::key).collect(),
        headline: document.headline().key(),
        findings: document.findings.iter().map(finding).collect(),
        summary: crate::render::report::headline(document),
    }
}

fn finding(finding: &Finding) -> wire::Finding {
    wire::Finding {
        code: finding.code.as_str().to_owned(),
        severity: match finding.severity {
            Severity::Info => wire::Severity::Info,
            Severity::Warning => wire::Severity::Warning,
            Severity::Error => wire::Severity::Error,
        },
        message: finding.message.clone(),
        where_: finding.place.text(),
    }
}

pub(super) fn request(policy: wire::Policy) -> Request {
    let written = |tolerance: wire::Tolerance| Written {
        metric: tolerance.metric,
        value: tolerance.value,
        origin: match tolerance.origin {
            wire::ToleranceOrigin::Policy => Origin::Policy,
            wire::ToleranceOrigin::CommandLine => Origin::CommandLine,
        },
    };
    Request {
        file: policy.file,
        choices: policy
            .choices
            .into_iter()
            .map(|choice| (choice.path, choice.value))
            .collect(),
        tolerances: policy.tolerances.into_iter().map(written).collect(),
        headline: policy.headline,
        vary: policy.vary,
        observe_tails: policy.observe_tails,
        baseline_max_age_days: policy.baseline_max_age_days,
    }
}

pub(super) fn entries(entries: Vec<judge::Entry>) -> Vec<crate::judge::history::Entry> {
    let entry = |entry: judge::Entry| crate::judge::history::Entry {
        slug: entry.slug,
        stamp: entry.stamp,
        json: entry.json,
    };
    entries.into_iter().map(entry).collect()
}

pub(super) fn run(run: FoundRun) -> ingest::Run {
    ingest::Run {
        name: run.name,
        dir: run.dir,
        folders: run.folders,
    }
}

pub(super) fn form(form: &Form) -> judge::FormInfo {
    judge::FormInfo {
        name: form.name.to_owned(),
        describes: form.describes.to_owned(),
        media_type: form.media_type.to_owned(),
        extension: form.extension.to_owned(),
    }
}

pub(super) fn layout(form: &judge::Form) -> Layout {
    Layout {
        width: form.width as usize,
        colour: form.colour,
    }
}

fn verdict(verdict: Verdict) -> wire::Verdict {
    match verdict {
        Verdict::Green => wire::Verdict::Green,
        Verdict::Yellow => wire::Verdict::Yellow,
        Verdict::Red => wire::Verdict::Red,
        Verdict::NoVerdict => wire::Verdict::NoVerdict,
    }
}

fn tier(tier: Tier) -> wire::Tier {
    match tier {
        Tier::Draft => wire::Tier::Draft,
        Tier::Verdict => wire::Tier::Verdict,
    }
}

pub(super) fn summary(judgement: &Judgement) -> wire::Summary {
    wire::Summary {
        verdict: verdict(judgement.verdict),
        rule: judgement.rule.as_str().to_owned(),
        tier: tier(judgement.tier),
        answer: crate::render::answer::render(judgement),
    }
}

pub(super) fn judgement(judgement: &Judgement, texts: Vec<String>) -> judge::Judgement {
    judge::Judgement {
        verdict: verdict(judgement.verdict),
        rule: judgement.rule.as_str().to_owned(),
        reason: judgement.reason.clone(),
        tier: tier(judgement.tier),
        promote: judgement.promote.clone(),
        gate: judgement.gate.as_ref().map(gate),
        headline: judge::Headline {
            metric: judgement.headline.name.to_string(),
            level: judgement.headline.place.key(),
            place: judgement.headline.place.to_string(),
        },
        rows: judgement.rows.iter().map(row).collect(),
        findings: judgement.findings.iter().map(finding).collect(),
        recommendation: judgement.recommendation.clone(),
        texts,
    }
}

fn gate(gate: &crate::judge::gate::Gate) -> judge::Gate {
    judge::Gate {
        outcome: match gate.outcome {
            Outcome::Pass => judge::GateOutcome::Pass,
            Outcome::Fail => judge::GateOutcome::Fail,
            Outcome::Error => judge::GateOutcome::Error,
            Outcome::Inconclusive => judge::GateOutcome::Inconclusive,
            Outcome::NotJudged => judge::GateOutcome::NotJudged,
        },
        exit_code: gate.exit,
        sentence: gate.sentence.clone(),
        notes: gate.notes.clone(),
    }
}

fn row(row: &Row) -> judge::Row {
    judge::Row {
        metric: row.name(),
        level: row.level(),
        place: row.number.place.to_string(),
        unit: row.metric.unit().as_str().to_owned(),
        higher_is_better: row.metric.better == Better::Higher,
        baseline: row.baseline,
        current: row.current,
        delta: row.delta,
        delta_pct: row.delta_pct,
        tolerance: row.tolerance,
        tolerance_is_percent: row.metric.kind == Kind::Percent,
        tolerance_origin: match row.applied.origin {
            Origin::Default => None,
            Origin::Policy => Some(wire::ToleranceOrigin::Policy),
            Origin::CommandLine => Some(wire::ToleranceOrigin::CommandLine),
        },
        status: match row.status {
            Status::Regressed => judge::Status::Regressed,
            Status::Unresolved => judge::Status::Unresolved,
            Status::Observed => judge::Status::Observed,
            Status::Improved => judge::Status::Improved,
            Status::Within => judge::Status::Within,
            Status::NullLegacyBaseline => judge::Status::NullLegacyBaseline,
            Status::UnmatchedLevel => judge::Status::UnmatchedLevel,
            Status::DefinitionMismatch => judge::Status::DefinitionMismatch,
            Status::Unreliable => judge::Status::Unreliable,
        },
        noise: row.known.noise.as_ref().map(|noise| judge::Noise {
            method: noise.method.to_owned(),
            n: noise.n as u32,
            std: noise.std,
            relative_floor: noise.relative_floor,
            degrees_of_freedom: noise.degrees_of_freedom,
        }),
        interval: row
            .known
            .interval
            .map(|[low, high]| judge::Interval { low, high }),
        p_value: row.known.p_value,
        p_adjusted: row.known.p_adjusted,
        trials_needed: row.known.trials_needed,
        detectable: row.known.detectable,
        explanation: row.explanation.clone(),
        shown: judge::Shown {
            baseline: row.shown.baseline.clone(),
            current: row.shown.current.clone(),
            change: row.shown.change.clone(),
            tolerance: row.shown.tolerance.clone(),
        },
    }
}

pub(super) fn plan(plan: crate::judge::plan::Plan) -> judge::Plan {
    let arm = |arm| match arm {
        Arm::Baseline => judge::Arm::Baseline,
        Arm::Current => judge::Arm::Current,
    };
    judge::Plan {
        order: plan.order.into_iter().map(arm).collect(),
        reason: plan.reason,
    }
}
