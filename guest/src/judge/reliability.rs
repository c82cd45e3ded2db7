//! Numbers that are artefacts of measuring.

use super::contradiction;
use crate::document::{Cell, Document, copies};
use crate::finding::{Finding, FindingCode};
use crate::measure::metrics::{Better, Family};
use crate::measure::{Metric, Name, Number, Place, Quantity, band, metrics};

/// A statistic that rests on a smaller share of the successful requests describes some of them only.
pub const LEAST_SHARE: f64 = 0.9;

/// The quantity whose 0 shows that whole streams arrived in one read.
pub(super) const ITL: Quantity = Quantity::ItlP50;

/// Three quarters of the gaps between chunks below this share of the mean gap: the chunks come in bursts.
const BURST: f64 = 0.05;

/// Fewer tokens than this are a short stream that may well come in one piece.
const STREAM: f64 = 8.0;

/// So many times better or worse is another unit: a factor of 1000, and a change of up to two times beside it.
const THOUSAND: std::ops::RangeInclusive<f64> = 500.0..=2000.0;
const BETTER: &str = "better";
const WORSE: &str = "worse";

/// Shares of kernels in percent sum to this much and more, also of a few kernels alone: fractions sum to 1.
const LEAST_SHARES: f64 = 1.5;

/// The names of the sides in messages.
pub(super) const SIDES: [&str; 2] = ["baseline", "current run"];

/// What speaks against the numbers of a place that both sides have.
pub struct Doubts<'a> {
    place: Place,
    cells: [&'a Cell; 2],
    /// The place is of one and the same run on both sides.
    pub same_run: bool,
    /// The numbers contradict each other, or the tool declares the place invalid.
    invalid: [bool; 2],
    /// The streams arrived whole or in bursts.
    coalesced: [bool; 2],
    /// The offered rate was not reached.
    rate_missed: [bool; 2],
    /// Numbers that the documents themselves say to be hardly of their unit.
    tells: [Vec<Number>; 2],
}

impl<'a> Doubts<'a> {
    /// Looks at a place as a whole.
    pub fn of(
        place: Place,
        documents: [&Document; 2],
        cells: [&'a Cell; 2],
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut doubts = Doubts {
            place,
            cells,
            same_run: same_run(documents, place),
            invalid: [false; 2],
            coalesced: cells.map(is_coalesced),
            rate_missed: documents.map(|document| document.missed_its_rate(place)),
            tells: documents.map(|document| {
                let all = document.findings.iter();
                let doubted = all.filter(|finding| finding.code == FindingCode::UnitDoubtful);
                doubted
                    .filter_map(|finding| finding.place.number())
                    .collect()
            }),
        };
        if doubts.same_run {
            findings.push(Finding::new(
                FindingCode::SameRun,
                place,
                "both sides hold the result of one and the same run; a run compared with itself says nothing",
            ));
        }
        for (at, name) in SIDES.into_iter().enumerate() {
            if let Some((code, why)) = contradiction::invalid(documents[at], place, cells[at]) {
                doubts.invalid[at] = true;
                findings.push(Finding::new(code, place, format!("in the {name}: {why}")));
            }
            findings.extend(contradiction::not_reached(name, place, cells[at]));
            // Of streams that arrived whole TTFT is not judged, whatever it says.
            let is_judged = !doubts.coalesced[at];
            let why = impossible(at, place, documents[at], cells[at]).filter(|_| is_judged);
            findings
                .extend(why.map(|why| Finding::new(FindingCode::ImpossibleNumbers, place, why)));
        }
        findings.extend(doubts.streams());
        doubts
    }

    /// The finding of coalesced streams.
    fn streams(&self) -> Option<Finding> {
        let affected = SIDES.iter().zip(self.coalesced).filter(|(_, is)| *is);
        let names: Vec<&str> = affected.map(|(name, _)| *name).collect();
        if names.is_empty() {
            return None;
        }
        let ttft = if self.coalesced[0] {
            "so ITL, tok/s/user and TTFT of this level are not judged"
        } else {
            "so ITL and tok/s/user of this level are not judged; TTFT is what users now get and is judged"
        };
        Some(Finding::new(
            FindingCode::CoalescedStreams,
            Number::new(ITL, self.place),
            format!(
                "in the {} streams arrived whole or in bursts (ITL p50 of 0, or three quarters of the gaps between chunks practically 0): {ttft}",
                names.join(" and the ")
            ),
        ))
    }

    /// Why a number of either side is an artefact.
    pub fn against(&self, metric: &Metric, findings: &mut Vec<Finding>) -> [Option<String>; 2] {
        [0, 1].map(|at| {
            let of_place = self.of_place(metric, at);
            let of_number = self.of_number(metric, at, findings);
            of_place.map(str::to_owned).or(of_number)
        })
    }

    fn of_place(&self, metric: &Metric, at: usize) -> Option<&'static str> {
        let is_current = at == 1;
        if self.same_run {
            return is_current.then_some("both sides hold one and the same run");
        }
        if self.invalid[at] && metric.is_performance() {
            return Some("the numbers of this place contradict each other or are invalid");
        }
        let of_first_token = metric.family == Family::FirstToken;
        // What only the current run's users get late is no artefact to them.
        let late_only_now = of_first_token && is_current && !self.coalesced[0];
        if self.coalesced[at] && metric.of_streams && !late_only_now {
            return Some("streams arrived whole or in bursts");
        }
        // A tool that saw no first token takes the whole latency for decoding.
        let unseen = self.cells[at].get(Quantity::TtftP50) == Some(0.0);
        if unseen && metric.family == Family::Decode {
            return Some("the TTFT is 0, so the time before the first token is in this number");
        }
        let of_throughput = metric.family == Family::Throughput;
        let judged_anyway = is_current && !self.rate_missed[0];
        if self.rate_missed[at] && metric.is_performance() && !of_throughput && !judged_anyway {
            return Some("the offered rate was not reached");
        }
        None
    }

    /// Whether seconds were taken for milliseconds, or thousands of tokens for tokens, in the current run: which way it
    /// looks, and the baseline's number. A loss of this size is told, and is judged as what it is.
    fn a_thousand_times(&self, metric: &Metric, at: usize) -> Option<(&'static str, f64)> {
        let [before, now] = self.cells.map(|cell| cell.get(metric.quantity));
        let (before, now) = (before.filter(|_| at == 1)?, now?);
        let (more, less) = match metric.better {
            Better::Higher => (BETTER, WORSE),
            Better::Lower => (WORSE, BETTER),
        };
        if THOUSAND.contains(&(now / before)) {
            return Some((more, before));
        }
        THOUSAND.contains(&(before / now)).then_some((less, before))
    }

    fn of_number(&self, metric: &Metric, at: usize, findings: &mut Vec<Finding>) -> Option<String> {
        let (cell, name) = (self.cells[at], SIDES[at]);
        let number = Number::new(metric.quantity, self.place);
        let value = cell.get(metric.quantity)?;
        let mut say = |code: FindingCode, message: String| {
            findings.push(Finding::new(code, number.clone(), message.clone()));
            Some(message)
        };
        if is_zero(metric, value, at == 0) {
            let message = format!(
                "the {name} has exactly 0 {}, which no run of requests gives",
                metric.unit().as_str()
            );
            // The finding of coalesced streams says it already.
            return if metric.quantity == ITL {
                Some(message)
            } else {
                say(FindingCode::ImplausibleZero, message)
            };
        }
        // Nothing met its SLOs: of that no percentage says a change.
        if metric.quantity == Quantity::Goodput && value == 0.0 && at == 0 {
            return Some(
                "no request of the baseline met its SLOs, and of 0 there is no percentage"
                    .to_owned(),
            );
        }
        if let Some(why) = band::doubt(metric.quantity, value) {
            let message = format!("the {name} {why}");
            // A document that was read from a bundle says it itself.
            return match self.tells[at].contains(&number) {
                true => Some(message),
                false => say(FindingCode::UnitDoubtful, message),
            };
        }
        if let Some((times, before)) = self.a_thousand_times(metric, at) {
            let unit = metric.unit().as_str();
            let told = say(
                FindingCode::UnitDoubtful,
                format!(
                    "the current run has {value} {unit}, the baseline {before} {unit}, a thousand times {times}: hardly of one unit"
                ),
            );
            if times == BETTER {
                return told;
            }
        }
        let samples = *cell.samples.get(&metric.quantity)?;
        let succeeded = cell.succeeded().filter(|succeeded| *succeeded > 0.0)?;
        if samples < LEAST_SHARE * succeeded {
            return say(
                FindingCode::PartialSample,
                format!(
                    "in the {name} the statistic rests on {samples} of {succeeded} successful requests, less than 90 %"
                ),
            );
        }
        None
    }
}

/// Whether a place of both documents is of one and the same run: one bundle or document, one result file, or one
/// run id. With trials one shared run is enough.
pub fn same_run([baseline, current]: [&Document; 2], place: Place) -> bool {
    baseline.map == current.map
        || baseline.shares_bundle(current)
        || copies::share_a_run(current, baseline, place)
}

/// Whether streams arrived in one read, or in bursts behind a first token that came late.
fn is_coalesced(cell: &Cell) -> bool {
    if cell.get(ITL) == Some(0.0) {
        return true;
    }
    let bursts = || -> Option<bool> {
        let (p75, mean) = (
            cell.get(Quantity::ChunkGapP75)?,
            cell.get(Quantity::ChunkGapMean)?,
        );
        let (first, whole) = (
            cell.get(Quantity::TtftP50)?,
            cell.get(Quantity::RequestLatencyP50)?,
        );
        let tokens = cell.get(Quantity::OslMean)?;
        Some(p75 < BURST * mean && first > 0.5 * whole && tokens >= STREAM)
    };
    bursts() == Some(true)
}

/// A time of exactly 0, or a speed of 0 in the baseline, of which there is no percentage.
fn is_zero(metric: &Metric, value: f64, is_baseline: bool) -> bool {
    let unit = metric.unit();
    let cannot_be = unit.is_duration() || unit.is_speed() && is_baseline;
    cannot_be && value == 0.0
}

/// Numbers of a side that no run gives together. A median hides those of one of several trials, so that each is asked.
fn impossible(at: usize, place: Place, side: &Document, cell: &Cell) -> Option<String> {
    let name = SIDES[at];
    if let Some(why) = contradiction::impossible(side, cell) {
        return Some(format!("in the {name} {why}"));
    }
    side.trial_cells(place)
        .into_iter()
        .find_map(|(trial, cell)| {
            let zero = || {
                let of_trial = |metric: &&Metric| {
                    let value = cell.get(metric.quantity);
                    value.is_some_and(|value| is_zero(metric, value, at == 0))
                };
                let metric = metrics::of_cells().find(of_trial)?;
                Some(format!("{} is 0", metric.name()))
            };
            let why = contradiction::impossible(side, &cell)
                .or_else(|| contradiction::equation(side, place, &cell))
                .or_else(zero)?;
            Some(format!("in trial {trial} of the {name} {why}"))
        })
}

/// The sum of the shares of kernels, where it is that of fractions.
pub(super) fn doubtful_shares(side: &Document) -> Option<f64> {
    let numbers = &side.cell(Place::Profile)?.numbers;
    let classes = numbers
        .iter()
        .filter(|(name, _)| matches!(name, Name::Class(_)));
    let sum: f64 = classes.map(|(_, share)| share).sum();
    (sum > 0.0 && sum < LEAST_SHARES).then_some(sum)
}
