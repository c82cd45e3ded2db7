//! The rows of AIPerf's printed tables: which are read, in which units, and what they become.
//!
//! Display headers and units are those of AIPerf's metric classes; the console and the CSV export
//! print the same ones as `Header (unit)`.

use super::dimension::Dimension;
use crate::fault::{Code, Fault, Result};
use crate::measure::Quantity;
use crate::run::{LevelResult, Reading};
use crate::text;

/// Where a cell goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Level(Quantity),
    /// Requests that succeeded: AIPerf's `Request Count` leaves out the failed ones.
    Succeeded,
    /// Failed requests, in percent of all.
    ErrorRate,
}

struct Row {
    header: &'static str,
    dimension: Dimension,
    /// Statistic column and target. Single values stand in `avg` on the console and in `Value` in the CSV.
    cells: &'static [(&'static str, Target)],
}

const fn single(
    header: &'static str,
    dimension: Dimension,
    cells: &'static [(&'static str, Target)],
) -> Row {
    Row {
        header,
        dimension,
        cells,
    }
}

use Quantity as Q;
use Target::Level;

const ROWS: &[Row] = &[
    Row {
        header: "Time to First Token",
        dimension: Dimension::Milliseconds,
        cells: &[
            ("avg", Level(Q::TtftMean)),
            ("p50", Level(Q::TtftP50)),
            ("p95", Level(Q::TtftP95)),
            ("p99", Level(Q::TtftP99)),
        ],
    },
    single(
        "Inter Token Latency",
        Dimension::Milliseconds,
        &[("avg", Level(Q::ItlMean)), ("p50", Level(Q::ItlP50))],
    ),
    single(
        "Inter Chunk Latency",
        Dimension::Milliseconds,
        &[
            ("avg", Level(Q::ChunkGapMean)),
            ("p75", Level(Q::ChunkGapP75)),
        ],
    ),
    single(
        "Request Latency",
        Dimension::Milliseconds,
        &[
            ("avg", Level(Q::RequestLatencyMean)),
            ("p50", Level(Q::RequestLatencyP50)),
        ],
    ),
    single(
        "Request Throughput",
        Dimension::RequestsPerSecond,
        &[("avg", Level(Q::RequestRate))],
    ),
    single(
        "Goodput",
        Dimension::RequestsPerSecond,
        &[("avg", Level(Q::Goodput))],
    ),
    // Of GenAI-Perf.
    single(
        "Request Goodput",
        Dimension::RequestsPerSecond,
        &[("avg", Level(Q::Goodput))],
    ),
    single(
        "Output Token Throughput",
        Dimension::TokensPerSecond,
        &[("avg", Level(Q::Throughput))],
    ),
    single(
        "Output Token Throughput Per User",
        Dimension::TokensPerSecondPerUser,
        &[("avg", Level(Q::TpsPerUser))],
    ),
    single(
        "Input Sequence Length",
        Dimension::Tokens,
        &[("avg", Level(Q::IslMean))],
    ),
    single(
        "Output Sequence Length",
        Dimension::Tokens,
        &[("avg", Level(Q::OslMean))],
    ),
    single(
        "Completed Requests (Success + Error)",
        Dimension::Requests,
        &[("avg", Level(Q::Requests))],
    ),
    single(
        "Error Request Count",
        Dimension::Requests,
        &[("avg", Level(Q::Errors))],
    ),
    single(
        "Request Count",
        Dimension::Requests,
        &[("avg", Target::Succeeded)],
    ),
    single(
        "Request Error Rate",
        Dimension::Percent,
        &[("avg", Target::ErrorRate)],
    ),
    single(
        "Benchmark Duration",
        Dimension::Seconds,
        &[("avg", Level(Q::BenchmarkSeconds))],
    ),
];

/// Marks the rows in which AIPerf counts failed requests as infinitely slow. They bear the name of
/// the row that is meant, so that a match on the beginning of the name would take them for it.
const ERROR_ADJUSTED: &str = "(error-adjusted)";

/// The header of the column with the names of the metrics.
pub const METRIC: &str = "Metric";

/// Collects the rows of one result.
#[derive(Debug, Default)]
pub struct Collector {
    readings: Vec<(Quantity, Reading)>,
    succeeded: Option<f64>,
    error_rate: Option<f64>,
    seen: Vec<(&'static str, u64)>,
}

impl Collector {
    /// Takes a row that is known here and has the wanted columns; other rows are passed over.
    ///
    /// `cell` gives the text under a column header, `None` where there is no such column. Texts in
    /// `absent` (`N/A` on the console, nothing in the CSV) are no values.
    ///
    /// Faults: an unknown unit or no number ([`Code::BadValue`]), a row that was there before ([`Code::Conflict`]).
    pub fn row<'c>(
        &mut self,
        file: &str,
        line: u64,
        label: &str,
        absent: &str,
        cell: impl Fn(&str) -> Option<&'c str>,
    ) -> Result<()> {
        let Some((row, unit)) = lookup(label) else {
            return Ok(());
        };
        let unit = unit.map(|unit| row.dimension.completed(unit));
        if let Some((_, earlier)) = self.seen.iter().find(|(header, _)| *header == row.header) {
            return Err(Fault::new(
                Code::Conflict,
                format!("found this row a second time, the first is on line {earlier}; expected each metric once. Keep one result in a file"),
            )
            .at_field(file, Some(line), label));
        }
        self.seen.push((row.header, line));
        let exponent = row.dimension.exponent(unit.as_deref()).ok_or_else(|| {
            let found = unit.map_or_else(|| "no unit".to_owned(), |unit| format!("the unit `{}`", text::excerpt(&unit)));
            Fault::new(
                Code::BadValue,
                format!("found {found}; expected {}. This number cannot be compared: use the JSON export of the run", row.dimension.printed()),
            )
            .at_field(file, Some(line), row.header)
        })?;
        for (column, target) in row.cells {
            let is_there = |found: &&str| *found != absent && *found != "N/A";
            let Some(found) = cell(column).filter(is_there) else {
                continue;
            };
            let printed = text::number(found, exponent)
                .map_err(|error| bad_cell(file, line, label, column, found, error))?;
            let reading = Reading::printed(printed.value, printed.decimals);
            match target {
                Level(quantity) => self.readings.push((*quantity, reading)),
                Target::Succeeded => self.succeeded = Some(reading.value),
                Target::ErrorRate => self.error_rate = Some(reading.value),
            }
        }
        Ok(())
    }

    /// The number of a quantity so far.
    pub fn get(&self, quantity: Quantity) -> Option<&Reading> {
        self.readings
            .iter()
            .find(|(which, _)| *which == quantity)
            .map(|(_, reading)| reading)
    }

    /// Requests that succeeded, where the file says so.
    pub fn succeeded(&self) -> Option<f64> {
        self.succeeded
    }

    /// Adds a number that stands outside the table, unless the table has it.
    pub fn add(&mut self, quantity: Quantity, reading: Reading) {
        if self.get(quantity).is_none() {
            self.readings.push((quantity, reading));
        }
    }

    /// Works out the counts that the rows leave open and hands everything to `level`.
    ///
    /// All = succeeded + failed. Without a row of successes and with an error rate of 100 %, all failed.
    ///
    /// Faults: counts that contradict each other ([`Code::Damaged`]).
    pub fn finish(mut self, file: &str, level: &mut LevelResult) -> Result<()> {
        let count = |this: &Self, quantity| this.get(quantity).cloned();
        match (
            count(&self, Q::Requests),
            count(&self, Q::Errors),
            self.succeeded,
        ) {
            (Some(all), Some(failed), Some(good)) if all.value != failed.value + good => {
                return Err(contradiction(file, all.value, failed.value, good));
            }
            (Some(all), None, Some(good)) if all.value < good => {
                return Err(contradiction(file, all.value, 0.0, good));
            }
            (Some(all), None, Some(good)) => {
                self.add(
                    Q::Errors,
                    Reading {
                        value: all.value - good,
                        ..all
                    },
                );
            }
            (None, Some(failed), Some(good)) => {
                self.add(
                    Q::Requests,
                    Reading {
                        value: failed.value + good,
                        ..failed
                    },
                );
            }
            (Some(all), None, None) if self.error_rate == Some(100.0) => self.add(Q::Errors, all),
            (None, None, Some(good)) => self.add(Q::Requests, Reading::only_successes(good)),
            _ => {}
        }
        level.readings.append(&mut self.readings);
        Ok(())
    }
}

/// The row that a label names, and its unit. The whole of the label must be the header and one pair of brackets.
fn lookup(label: &str) -> Option<(&'static Row, Option<&str>)> {
    if label.contains(ERROR_ADJUSTED) {
        return None;
    }
    ROWS.iter().find_map(|row| {
        // `Time To First Token` of GenAI-Perf.
        let (name, rest) = label.split_at_checked(row.header.len())?;
        let rest = rest.trim();
        if !name.eq_ignore_ascii_case(row.header) {
            return None;
        }
        if rest.is_empty() {
            return Some((row, None));
        }
        // A unit that was too long for its column ends in `…`.
        let unit = rest.strip_prefix('(')?;
        let unit = unit
            .strip_suffix(')')
            .or_else(|| unit.ends_with(CUT).then_some(unit))?;
        (!unit.contains(['(', ')'])).then_some((row, Some(unit.trim())))
    })
}

/// The labels with their column, as the console and the CSV have them.
pub fn fields() -> Vec<(String, Quantity)> {
    let mut fields = Vec::new();
    for row in ROWS {
        for (column, target) in row.cells {
            if let Level(quantity) = target {
                fields.push((format!("{} {column}", row.header), *quantity));
            }
        }
    }
    fields
}

/// What stands for the rest of a text that was too long.
pub const CUT: char = '…';

/// Whether a name that was cut inside the name, and not inside its unit, may be one that is read.
pub fn may_be_known(label: &str) -> bool {
    let stem = label.split(CUT).next().unwrap_or_default().trim_end();
    let is_name = |row: &Row| row.header.starts_with(stem);
    lookup(label).is_none() && ROWS.iter().any(is_name)
}

fn bad_cell(
    file: &str,
    line: u64,
    label: &str,
    column: &str,
    found: &str,
    error: text::NumberError,
) -> Fault {
    Fault::new(
        Code::BadValue,
        format!(
            "found `{}`; expected {}. Copy the file again from the run, or take it out of the bundle",
            text::excerpt(found),
            error.expected()
        ),
    )
    .at_field(file, Some(line), &format!("{label} {column}"))
}

fn contradiction(file: &str, all: f64, failed: f64, good: f64) -> Fault {
    Fault::damaged(format!("found {all} completed, {good} successful and {failed} failed requests; expected the first to be the sum of the others. The file is not what AIPerf wrote: copy it again from the run"))
    .at_field(file, None, "Completed Requests (Success + Error)")
}
