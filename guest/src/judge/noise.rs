//! What repeated runs say about each row: noise, interval, and whether a change stands out of it.

use super::past::Past;
use super::row::{Arm, Arms, Known, Noise, Row};
use super::sessions;
use super::status::Status;
use crate::document::{Document, Numbers};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics::{Better, Family, HEADLINE, Kind};
use crate::measure::{Metric, Number, Place, Topic};
use crate::order::Ordered as _;
use crate::stats::cell::{LeftOut, Noise as Found};
use crate::stats::creep::{Creep, creep};
use crate::stats::pairs::{Pair, pairs};
use crate::stats::scale::present;
use crate::stats::summary::{mean, std};
use crate::stats::{self, Adverse, Evidence, Options, Resolution, Tolerance};

/// What is compared.
pub struct Compared<'a> {
    /// The baseline.
    pub baseline: &'a Document,
    /// The current side.
    pub current: &'a Document,
    /// Earlier baselines.
    pub past: &'a Past<'a>,
    /// Where the headline is.
    pub headline: Place,
}

/// What the runs say beyond single rows.
#[derive(Clone, Debug, Default)]
pub struct Weighed {
    /// A small but sure loss over all levels.
    pub creep: Option<Creep>,
}

/// Whether the noise of a row is a question. Failures are counted, not measured: one that is beyond its
/// tolerance is not excused by others like it.
fn is_measured(row: &Row) -> bool {
    row.metric.family != Family::Errors && row.status.is_judged()
}

/// How the statistics see a tolerance.
pub(super) fn tolerance(metric: &Metric, value: f64) -> Tolerance {
    match metric.kind {
        Kind::Percent => Tolerance::Percent(value),
        Kind::Absolute => Tolerance::Absolute(value),
    }
}

/// How the statistics see a direction.
pub(super) fn adverse(metric: &Metric) -> Adverse {
    match metric.better {
        Better::Higher => Adverse::Down,
        Better::Lower => Adverse::Up,
    }
}

/// Adds what trials and history say, and turns regressions that lie inside the noise into unresolved rows.
pub fn weigh(rows: &mut [Row], compared: &Compared, findings: &mut Vec<Finding>) -> Weighed {
    let measured: Vec<usize> = (0..rows.len())
        .filter(|at| is_measured(&rows[*at]))
        .collect();
    let names: Vec<[String; 2]> = measured
        .iter()
        .map(|at| [rows[*at].name(), rows[*at].level()])
        .collect();
    let cells = compared.cells(measured.iter().map(|at| &rows[*at]).zip(&names));
    let starts = [compared.baseline, compared.current].map(sessions::starts);
    let pairs = pairs(&starts[0], &starts[1]);
    let options = Options::default();
    let evidence = stats::assess(&cells, &pairs, &options);
    let numbers: Vec<usize> = compared.past.counted().map(|(at, _)| at + 1).collect();
    for ((at, evidence), cell) in measured.into_iter().zip(evidence).zip(&cells) {
        apply(&mut rows[at], evidence, cell, &numbers, findings);
    }
    left_out(rows, findings);
    compared.sessions(&pairs, findings);
    compared.slow_trials(&cells, &options, findings);
    compared.ratchet(&cells, &options, findings);
    Weighed {
        creep: compared.creep(&cells, &pairs, &options),
    }
}

/// The trials of one side in one row.
fn arm(values: &[Option<f64>]) -> Arm {
    let mut values = present(values);
    values.sort_unstable_by(f64::total_cmp);
    Arm {
        n: values.len(),
        mean: mean(&values),
        std: std(&values),
    }
}

fn apply(
    row: &mut Row,
    evidence: Evidence,
    cell: &stats::Cell,
    numbers: &[usize],
    findings: &mut Vec<Finding>,
) {
    let pairs = evidence.noise.as_ref().map_or(0, |noise| noise.pairs);
    if let Some(change) = evidence.delta.filter(|_| pairs > 0) {
        row.judge_by_pairs(change);
    }
    if evidence.resolution == Resolution::InsideNoise {
        row.status = match row.status {
            Status::Regressed => Status::Unresolved,
            Status::Improved => Status::Within,
            other => other,
        };
    }
    let unresolved = row.status == Status::Unresolved;
    let has_trials = cell.baseline.len().max(cell.current.len()) > 1;
    row.known = Known {
        trials: has_trials.then(|| Arms {
            baseline: arm(&cell.baseline),
            current: arm(&cell.current),
        }),
        paired_change: row.known.paired_change,
        trials_needed: evidence.trials_needed().filter(|_| unresolved),
        interval: evidence.interval.map(|(low, high)| [low, high]),
        p_value: evidence.p_value,
        p_adjusted: evidence.p_adjusted,
        detectable: evidence.detectable,
        advice: evidence.advice,
        doubt: evidence.doubt,
        noise: evidence.noise.map(|noise| found(noise, numbers)),
    };
    if let Some(floor) = row.hidden_below() {
        let unit = row.unit_of_change();
        findings.push(Finding::new(
            FindingCode::NoiseAboveTolerance,
            row.number.clone(),
            format!(
                "identical runs differ by up to {floor:.3}{unit}, more than the tolerance of {}{unit}: a regression of that size could not have been seen",
                row.tolerance
            ),
        ));
    }
}

/// The noise of a row as it is shown; `numbers` are those of the entries that count in the list of the history.
fn found(noise: Found, numbers: &[usize]) -> Noise {
    let entry = |at: &usize| numbers.get(*at).copied().unwrap_or_default();
    let named = |left_out: &LeftOut| match left_out {
        LeftOut::Baseline(run) => format!("baseline trial {}", run + 1),
        LeftOut::Current(run) => format!("current trial {}", run + 1),
        LeftOut::History(at) => format!("history {}", entry(at)),
    };
    Noise {
        method: noise.method.name(),
        n: noise.n,
        std: noise.std,
        relative_floor: noise.relative_floor,
        degrees_of_freedom: noise.degrees_of_freedom,
        pairs: noise.pairs,
        history: noise.entries.iter().map(entry).collect(),
        left_out: noise.left_out.iter().map(named).collect(),
    }
}

/// Names the runs that were left out of the noise, each once with its rows.
fn left_out(rows: &[Row], findings: &mut Vec<Finding>) {
    let mut runs: Vec<(&str, Vec<String>)> = Vec::new();
    for row in rows {
        let of_row = row.known.noise.iter().flat_map(|noise| &noise.left_out);
        for run in of_row.filter(|run| !run.starts_with("history")) {
            let name = row.number.path();
            match runs.iter_mut().find(|known| known.0 == run) {
                Some(known) => known.1.push(name),
                None => runs.push((run, vec![name])),
            }
        }
    }
    runs.order();
    for (run, names) in runs {
        findings.push(Finding::new(
            FindingCode::TrialLeftOut,
            run.to_owned(),
            format!(
                "far from the other trials of both sides, so left out of the noise of {}; the medians hold it",
                names.join(", ")
            ),
        ));
    }
}

impl Compared<'_> {
    /// The runs of each row. A number of another definition is no value of a row's history. An entry with trials counts as its
    /// first: medians differ less than runs do.
    fn cells<'r, 'n>(
        &self,
        rows: impl Iterator<Item = (&'r Row, &'n [String; 2])>,
    ) -> Vec<stats::Cell<'n>> {
        let runs = [self.baseline, self.current].map(Document::runs);
        let past: Vec<(&Document, Numbers)> = self
            .past
            .counted()
            .map(|(_, document)| (document, document.runs()[0].clone()))
            .collect();
        let headline = Number::new(HEADLINE, self.headline);
        let cell = |(row, [metric, level]): (&'r Row, &'n [String; 2])| {
            let of = |numbers: &Numbers| numbers.get(&row.number).copied();
            let defined = |document: &Document| {
                Topic::covering(row.metric.quantity).all(|topic| {
                    let of = |side: &Document| side.definitions.get(topic.name).cloned();
                    !matches!((of(self.baseline), of(document)), (Some(a), Some(b)) if a != b)
                })
            };
            let earlier = |(document, numbers): &(&Document, Numbers)| {
                of(numbers).filter(|_| defined(document))
            };
            stats::Cell {
                metric,
                level,
                adverse: adverse(row.metric),
                tolerance: tolerance(row.metric, row.tolerance),
                baseline: runs[0].iter().map(of).collect(),
                current: runs[1].iter().map(of).collect(),
                history: past.iter().map(earlier).collect(),
                headline: row.number == headline,
            }
        };
        rows.map(cell).collect()
    }

    fn headline_cell(&self, cells: &[stats::Cell]) -> Option<usize> {
        cells.iter().position(|cell| cell.headline)
    }

    /// Arms that are not pairs, of two sessions, without a history that knows what differs between sessions.
    fn sessions(&self, pairs: &[Pair], findings: &mut Vec<Finding>) {
        let known = self.past.counted().count() >= stats::history::MIN_HISTORY;
        if !pairs.is_empty() || known {
            return;
        }
        if let Some(hours) = sessions::apart(self.baseline, self.current) {
            findings.push(Finding::new(
                FindingCode::SessionsApart,
                None,
                format!(
                    "the nearest runs of the two sides began {hours:.1} hours apart: what differs between the two sessions is taken for a change. Run the trials alternating, or keep five earlier baselines of this configuration"
                ),
            ));
        }
    }

    fn slow_trials(&self, cells: &[stats::Cell], options: &Options, findings: &mut Vec<Finding>) {
        let Some(headline) = self.headline_cell(cells) else {
            return;
        };
        let unit = match cells[headline].tolerance {
            Tolerance::Percent(_) => " %",
            Tolerance::Absolute(_) => "",
        };
        for slow in stats::predict::slow_trials(cells, headline, options) {
            findings.push(Finding::new(
                FindingCode::TrialSlow,
                format!("current trial {}", slow.run + 1),
                format!(
                    "its {} is {:+.1}{unit} from the baseline's median, although the median of the current trials is within tolerance; the baseline's trials predict one run down to {:+.1}{unit} (99 % interval)",
                    Number::new(HEADLINE, self.headline).path(),
                    slow.change,
                    slow.limit
                ),
            ));
        }
    }

    /// A loss against the best of the last baselines, whatever the engine was then.
    fn ratchet(&self, cells: &[stats::Cell], options: &Options, findings: &mut Vec<Finding>) {
        let Some(headline) = self.headline_cell(cells) else {
            return;
        };
        let number = Number::new(HEADLINE, self.headline);
        let earlier: Vec<(usize, &Document)> = self.past.baselines().collect();
        let values: Vec<Option<f64>> = earlier
            .iter()
            .map(|(_, document)| document.number(&number))
            .collect();
        if let Some(loss) = stats::creep::ratchet(cells, headline, &values, options) {
            let (at, best) = earlier[loss.entry];
            let when = best.provenance("captured_at").and_then(|it| it.as_str());
            findings.push(Finding::new(
                FindingCode::Ratchet,
                format!("history {}", at + 1),
                format!(
                    "{} is {:+.1} % from {}, the best of the last {} baselines{}: losses that each passed add up",
                    number.path(),
                    loss.change,
                    loss.best,
                    values.len().min(stats::creep::RATCHET),
                    when.map_or(String::new(), |when| format!(" ({when})")),
                ),
            ));
        }
    }

    fn creep(&self, cells: &[stats::Cell], pairs: &[Pair], options: &Options) -> Option<Creep> {
        let name = HEADLINE.name();
        let levels: Vec<stats::Cell> = cells
            .iter()
            .filter(|cell| cell.metric == name)
            .cloned()
            .collect();
        creep(&levels, pairs, options)
    }
}
