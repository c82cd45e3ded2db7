//! From rows to one verdict: the first rule that applies.

use super::identity::Identity;
use super::rows::{Row, Status};
use crate::document::trials::Numbers;
use crate::document::{Document, Level};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics;
use serde::Serialize;
use std::collections::BTreeSet;

/// An error rate above this share makes a level sick whatever the baseline's is.
pub const SICK_ERROR_RATE: f64 = 0.10;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Verdict {
    /// Nothing beyond tolerance.
    #[serde(rename = "GREEN")]
    Green,
    /// Something small, local or missing.
    #[serde(rename = "YELLOW")]
    Yellow,
    /// A regression.
    #[serde(rename = "RED")]
    Red,
    /// Nothing can be said.
    #[serde(rename = "NO_VERDICT")]
    NoVerdict,
}

impl Verdict {
    /// The verdict as it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Green => "GREEN",
            Verdict::Yellow => "YELLOW",
            Verdict::Red => "RED",
            Verdict::NoVerdict => "NO_VERDICT",
        }
    }
}

/// The verdict with the rule that gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// The answer.
    pub verdict: Verdict,
    /// Stable name of the rule.
    pub rule: &'static str,
    /// The rule in one sentence, with the numbers of this case.
    pub reason: String,
}

/// What the rules look at.
pub struct Case<'a> {
    /// The baseline.
    pub baseline: &'a Document,
    /// The current run.
    pub current: &'a Document,
    /// All rows.
    pub rows: &'a [Row],
    /// The identities.
    pub identity: &'a Identity,
    /// The headline level.
    pub headline_level: u32,
    /// Findings so far.
    pub findings: &'a [Finding],
}

impl Case<'_> {
    /// Applies the rules in order.
    pub fn decide(&self) -> Ruling {
        let rules = [
            Self::not_comparable,
            Self::failed_level,
            Self::nothing_comparable,
            Self::headline,
            Self::many,
            Self::headline_unmeasured,
            Self::localized,
            Self::few,
            Self::unresolved,
            Self::unhealthy,
            Self::lost,
        ];
        rules
            .iter()
            .find_map(|rule| rule(self))
            .unwrap_or_else(|| Ruling {
                verdict: Verdict::Green,
                rule: "none",
                reason: "no judged metric is beyond its tolerance in the adverse direction"
                    .to_owned(),
            })
    }

    fn not_comparable(&self) -> Option<Ruling> {
        let fields = &self.identity.mismatched;
        (!fields.is_empty()).then(|| Ruling {
            verdict: Verdict::NoVerdict,
            rule: "not-comparable",
            reason: format!(
                "the two runs did not measure the same thing: they differ in {}",
                fields.join(", ")
            ),
        })
    }

    fn failed_level(&self) -> Option<Ruling> {
        self.common_levels().find_map(|(level, baseline, current)| {
            let failed = |reason| {
                Some(Ruling {
                    verdict: Verdict::Red,
                    rule: "failed-level",
                    reason,
                })
            };
            if some_succeeded(baseline) && none_succeeded(current) {
                return failed(format!(
                    "at concurrency {level} no request succeeded, in the baseline some did"
                ));
            }
            let rate = current
                .error_rate()
                .filter(|rate| *rate > SICK_ERROR_RATE)?;
            // Against a baseline that does not say how many requests it ran, the errors are counted instead.
            let row = self
                .row(metrics::ERROR_RATE, level)
                .or_else(|| self.row(metrics::ERRORS, level))?;
            let reason = format!(
                "at concurrency {level} {:.1} % of the requests failed",
                100.0 * rate
            );
            if row.status == Status::Regressed {
                failed(reason)
            } else {
                None
            }
        })
    }

    fn nothing_comparable(&self) -> Option<Ruling> {
        (!self.rows.iter().any(Row::is_judged_performance)).then(|| Ruling {
            verdict: Verdict::NoVerdict,
            rule: "nothing-comparable",
            reason: "no throughput and no latency could be compared".to_owned(),
        })
    }

    fn headline(&self) -> Option<Ruling> {
        let row = self
            .headline_row()
            .filter(|row| row.status == Status::Regressed)?;
        Some(Ruling {
            verdict: Verdict::Red,
            rule: "headline",
            reason: format!(
                "{} at concurrency {} changed by {:+.1} %, tolerance {} %",
                row.metric,
                row.level,
                row.delta_pct.unwrap_or_default(),
                row.tolerance
            ),
        })
    }

    fn many(&self) -> Option<Ruling> {
        let regressed = self.regressed();
        (regressed.len() >= 3 && !self.one_concurrency(&regressed)).then(|| Ruling {
            verdict: Verdict::Red,
            rule: "many",
            reason: format!(
                "{} metrics are beyond their tolerance, and not all of one concurrency level",
                regressed.len()
            ),
        })
    }

    fn headline_unmeasured(&self) -> Option<Ruling> {
        let level = self.headline_level;
        let why = match self.headline_row() {
            None => "is missing".to_owned(),
            Some(row) if row.status == Status::Unreliable => {
                "is an artefact of measuring".to_owned()
            }
            Some(row) if row.current.is_none() => "was not measured in the current run".to_owned(),
            Some(row) if row.status == Status::DefinitionMismatch => {
                "is not the same quantity on both sides".to_owned()
            }
            Some(_) => return None,
        };
        Some(Ruling {
            verdict: Verdict::NoVerdict,
            rule: "headline-unmeasured",
            reason: format!(
                "the headline, {} at concurrency {level}, {why}",
                metrics::HEADLINE
            ),
        })
    }

    fn localized(&self) -> Option<Ruling> {
        let regressed = self.regressed();
        (regressed.len() >= 3).then(|| Ruling {
            verdict: Verdict::Yellow,
            rule: "localized",
            reason: format!(
                "{} metrics are beyond their tolerance, all of concurrency {}",
                regressed.len(),
                regressed[0].level
            ),
        })
    }

    fn few(&self) -> Option<Ruling> {
        let regressed = self.regressed();
        let names: Vec<String> = regressed
            .iter()
            .map(|row| format!("{} at {}", row.metric, row.level))
            .collect();
        (!regressed.is_empty()).then(|| Ruling {
            verdict: Verdict::Yellow,
            rule: "few",
            reason: format!("beyond tolerance: {}", names.join(", ")),
        })
    }

    fn unresolved(&self) -> Option<Ruling> {
        let rows: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.status == Status::Unresolved)
            .collect();
        let first = rows.first()?;
        let trials = rows.iter().filter_map(|row| row.known.trials_needed).max();
        let settle = match trials {
            Some(trials) => format!("; {trials} trials a side would settle it"),
            None => String::new(),
        };
        Some(Ruling {
            verdict: Verdict::Yellow,
            rule: "unresolved",
            reason: format!(
                "{} row{} beyond tolerance but inside the noise, first {} at {}{settle}",
                rows.len(),
                if rows.len() == 1 { " is" } else { "s are" },
                first.metric,
                first.level
            ),
        })
    }

    fn unhealthy(&self) -> Option<Ruling> {
        self.common_levels().find_map(|(level, _, current)| {
            let rate = current.error_rate().filter(|rate| *rate > SICK_ERROR_RATE)?;
            Some(Ruling {
                verdict: Verdict::Yellow,
                rule: "unhealthy",
                reason: format!(
                    "at concurrency {level} {:.1} % of the requests failed, as in the baseline; the latencies are those of the survivors",
                    100.0 * rate
                ),
            })
        })
    }

    fn lost(&self) -> Option<Ruling> {
        let yellow = |reason| {
            Some(Ruling {
                verdict: Verdict::Yellow,
                rule: "lost",
                reason,
            })
        };
        let missing = self
            .baseline
            .levels
            .keys()
            .find(|level| !self.current.levels.contains_key(level));
        if let Some(level) = missing {
            return yellow(format!(
                "the baseline has concurrency {level}, the current run does not"
            ));
        }
        if let Some((level, trial)) = self.lost_in_a_trial() {
            return yellow(format!(
                "the baseline has concurrency {level}, trial {trial} of the current run does not"
            ));
        }
        let lost = self
            .findings
            .iter()
            .find(|finding| finding.code == FindingCode::LostMeasurement)?;
        yellow(format!(
            "the current run lost {}",
            lost.place.as_deref().unwrap_or("a measurement")
        ))
    }

    /// A level of the baseline that one of several runs lacks: the median of the others hides it.
    fn lost_in_a_trial(&self) -> Option<(u32, usize)> {
        let mut levels = self.baseline.levels.keys();
        levels.find_map(|level| {
            let path = format!("metrics.{level}.");
            let lacks = |run: &Numbers| !run.keys().any(|key| key.starts_with(&path));
            let at = self.current.trials.iter().position(lacks)?;
            Some((*level, at + 1))
        })
    }

    fn headline_row(&self) -> Option<&Row> {
        self.row(metrics::HEADLINE, self.headline_level)
    }

    fn row(&self, metric: &str, level: u32) -> Option<&Row> {
        let level = level.to_string();
        self.rows
            .iter()
            .find(|row| row.metric == metric && row.level == level)
    }

    fn regressed(&self) -> Vec<&Row> {
        self.rows
            .iter()
            .filter(|row| row.status == Status::Regressed)
            .collect()
    }

    fn one_concurrency(&self, rows: &[&Row]) -> bool {
        let levels: BTreeSet<Option<u32>> =
            crate::order::set(rows.iter().map(|row| row.concurrency()));
        levels.len() == 1 && !levels.contains(&None)
    }

    fn common_levels(&self) -> impl Iterator<Item = (u32, &Level, &Level)> {
        self.baseline.levels.iter().filter_map(|(level, baseline)| {
            Some((*level, baseline, self.current.levels.get(level)?))
        })
    }
}

fn some_succeeded(level: &Level) -> bool {
    match level.succeeded() {
        Some(succeeded) => succeeded > 0.0,
        None => level
            .values
            .get(metrics::HEADLINE)
            .is_some_and(|throughput| *throughput > 0.0),
    }
}

fn none_succeeded(level: &Level) -> bool {
    match level.succeeded() {
        Some(succeeded) => succeeded == 0.0,
        None => level.values.get(metrics::HEADLINE) == Some(&0.0),
    }
}
