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
use crate::judge::row::Row;
use crate::judge::status::Status;
use crate::judge::verdict::Verdict;
use crate::measure::Place;
use crate::measure::metrics::{Better, Kind};
use crate::provenance::{FileDigest, Provenance};

pub(super) fn answer<T>(result: crate::fault::Result<T>) -> Result<T, wire::Fault> {
    result.map_err(
        |Fault {
             code,
             sub: _,
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
        levels: document
            .cell_places()
            .filter_map(Place::concurrency)
            .collect(),
        headline_level: document.headline().concurrency().unwrap_or_default(),
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

pub(super) fn request(policy: judge::Policy) -> Request {
    let written = |tolerance: judge::Tolerance| Written {
        metric: tolerance.metric,
        value: tolerance.value,
        origin: match tolerance.origin {
            judge::ToleranceOrigin::Policy => Origin::Policy,
            judge::ToleranceOrigin::CommandLine => Origin::CommandLine,
        },
    };
    Request {
        tolerances: policy.tolerances.into_iter().map(written).collect(),
        headline: policy.headline_level.map(|level| level.to_string()),
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

pub(super) fn judgement(judgement: &Judgement) -> judge::Judgement {
    judge::Judgement {
        verdict: match judgement.verdict {
            Verdict::Green => judge::Verdict::Green,
            Verdict::Yellow => judge::Verdict::Yellow,
            Verdict::Red => judge::Verdict::Red,
            Verdict::NoVerdict => judge::Verdict::NoVerdict,
        },
        rule: judgement.rule.as_str().to_owned(),
        reason: judgement.reason.clone(),
        tier: judgement.tier.as_str().to_owned(),
        promote: judgement.promote.clone(),
        headline_metric: judgement.headline.name.to_string(),
        headline_level: judgement.headline.place.key(),
        rows: judgement.rows.iter().map(row).collect(),
        findings: judgement.findings.iter().map(finding).collect(),
        recommendation: judgement.recommendation.clone(),
        json: judgement.to_json(),
    }
}

fn row(row: &Row) -> judge::Row {
    judge::Row {
        metric: row.name(),
        level: row.level(),
        unit: row.metric.unit().as_str().to_owned(),
        higher_is_better: row.metric.better == Better::Higher,
        baseline: row.baseline,
        current: row.current,
        delta: row.delta,
        delta_pct: row.delta_pct,
        tolerance: row.tolerance,
        tolerance_is_percent: row.metric.kind == Kind::Percent,
        tolerance_origin: row.origin.as_str().to_owned(),
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
    }
}
