//! Between the library's types and those of the wire.

use super::exports::perfbridge::bridge::{ingest, judge};
use super::perfbridge::bridge::types as wire;
use crate::document::Document;
use crate::document::build::Options;
use crate::document::ceiling::Ceiling;
use crate::fault::{Code, Fault};
use crate::finding::{Finding, Severity};
use crate::judge::Judgement;
use crate::judge::policy::{Origin, Request, Written};
use crate::judge::rows::{Row, Status};
use crate::judge::verdict::Verdict;
use crate::measure::metrics::{Better, Kind};
use crate::provenance::{FileDigest, Provenance};
use crate::render::{Form, Layout};
use crate::sources::runs::FoundRun;

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

pub(super) fn options(options: ingest::Options) -> Options {
    let digests = |files: Vec<ingest::FileDigest>| {
        let digest = |file: ingest::FileDigest| FileDigest {
            path: file.path,
            size: file.size,
            sha256: file.sha256,
        };
        files.into_iter().map(digest).collect()
    };
    Options {
        model: options.model,
        settings: options
            .settings
            .into_iter()
            .map(|setting| (setting.path, setting.value))
            .collect(),
        provenance: Provenance {
            files: digests(options.files),
            profile_files: digests(options.profile_files),
            operator: options.operator,
            profile_and_optimize_sha: options.profile_and_optimize_sha,
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
        places: document
            .levels
            .keys()
            .map(|level| level.to_string())
            .collect(),
        headline: document.headline_level().to_string(),
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
        where_: finding.place.clone(),
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
        tolerances: policy.tolerances.into_iter().map(written).collect(),
        headline_level: policy
            .headline
            .and_then(|it| it.trim_start_matches('c').parse().ok()),
        vary: policy.vary,
        observe_tails: policy.observe_tails,
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

fn tier(judgement: &Judgement) -> wire::Tier {
    if judgement.promote.is_empty() {
        wire::Tier::Verdict
    } else {
        wire::Tier::Draft
    }
}

pub(super) fn summary(judgement: &Judgement) -> wire::Summary {
    wire::Summary {
        verdict: verdict(judgement.verdict),
        rule: judgement.rule.to_owned(),
        tier: tier(judgement),
        answer: crate::render::answer::render(judgement),
    }
}

pub(super) fn judgement(judgement: &Judgement, texts: Vec<String>) -> judge::Judgement {
    judge::Judgement {
        verdict: verdict(judgement.verdict),
        rule: judgement.rule.to_owned(),
        reason: judgement.reason.clone(),
        tier: tier(judgement),
        promote: judgement.promote.clone(),
        headline: judge::Headline {
            metric: judgement.headline.metric.to_owned(),
            level: judgement.headline.level.clone(),
            place: place(&judgement.headline.level),
        },
        rows: judgement.rows.iter().map(row).collect(),
        findings: judgement.findings.iter().map(finding).collect(),
        recommendation: judgement.recommendation.clone(),
        texts,
    }
}

fn place(level: &str) -> String {
    if level.parse::<u32>().is_ok() {
        format!("c{level}")
    } else {
        level.to_owned()
    }
}

fn row(row: &Row) -> judge::Row {
    judge::Row {
        metric: row.metric.clone(),
        level: row.level.clone(),
        place: place(&row.level),
        unit: row.unit.to_owned(),
        higher_is_better: row.direction == Better::Higher.as_str(),
        baseline: row.baseline,
        current: row.current,
        delta: row.delta,
        delta_pct: row.delta_pct,
        tolerance: row.tolerance,
        tolerance_is_percent: row.tolerance_kind == Kind::Percent.as_str(),
        tolerance_origin: match row.tolerance_origin {
            "policy" => Some(wire::ToleranceOrigin::Policy),
            "command-line" => Some(wire::ToleranceOrigin::CommandLine),
            _ => None,
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
            baseline: row.baseline.map(|it| it.to_string()).unwrap_or_default(),
            current: row.current.map(|it| it.to_string()).unwrap_or_default(),
            change: row
                .delta_pct
                .map(|it| format!("{it:+.1} %"))
                .unwrap_or_default(),
            tolerance: row.tolerance.to_string(),
        },
    }
}
