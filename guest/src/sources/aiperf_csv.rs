//! AIPerf's `profile_export_aiperf.csv`: two decimals, all percentiles.
//!
//! Two tables in one file: `Metric,avg,min,…` with the statistics and `Metric,Value` with the single
//! values, and on machines with GPUs a third one that begins `Endpoint,GPU_Index,…`. The file states
//! neither the model nor the concurrency.
//!
//! The file is taken for whole when its last line has its line end, every row has all its cells, and the
//! second table reaches its row `Request Throughput`. The rows are sorted by AIPerf's metric tag, and
//! every row that is read here comes before that one.

#[cfg(test)]
mod tests;

use super::aiperf_definitions;
use super::aiperf_labels::{Collector, METRIC};
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::measure::Quantity;
use crate::run::{Format, LevelResult, Run, Speaker, States};
use crate::text;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "aiperf-csv",
        title: "AIPerf CSV export (profile_export_aiperf.csv)",
        tool: Some("AIPerf"),
        states: States::Results,
        speaker: Speaker::Tool,
        one_each: true,
        of_many_levels: false,
    },
    begins: None,
    by_content,
    by_name: |name| name == "profile_export_aiperf.csv",
    read,
};

/// A header line of AIPerf and a metric of AIPerf.
fn by_content(candidate: &Candidate<'_>) -> bool {
    has_tables(candidate) && !is_of_genai_perf(candidate)
}

/// GenAI-Perf's export has the same shape and other names.
pub(super) fn is_of_genai_perf(candidate: &Candidate<'_>) -> bool {
    candidate.has("Time To First Token") || candidate.has("(per sec)")
}

/// The tables that AIPerf has of GenAI-Perf.
pub(super) fn has_tables(candidate: &Candidate<'_>) -> bool {
    const METRICS: [&str; 3] = [
        "Request Throughput (",
        "Request Latency (",
        "Benchmark Duration (",
    ];
    let head = candidate.head;
    let first = head.lines().next().unwrap_or_default();
    let columns: Vec<&str> = first.split(',').collect();
    let has = |name| columns.contains(&name);
    has(METRIC)
        && ((has("avg") && has("max")) || columns.len() == 2 && has(VALUE))
        && METRICS.iter().any(|metric| candidate.has(metric))
}

/// The column of the single values.
const VALUE: &str = "Value";

/// The row up to which the second table must be there.
const LAST: &str = "Request Throughput";

fn read(run: &mut Run, tree: &dyn Tree, file: &str) -> Result<()> {
    let result = result(&SOURCE.format, tree, file)?;
    run.results.push(result);
    Ok(())
}

/// The result of the tables of a file.
pub(super) fn result(format: &'static Format, tree: &dyn Tree, file: &str) -> Result<LevelResult> {
    let text = &files::read_text(tree, file)?;
    if text.trim().is_empty() {
        return Err(Fault::damaged("found an empty file; expected the tables of AIPerf's CSV export. Copy it again from the run").at_line(file, 1));
    }
    let mut reader = Reader::new(format, file);
    for row in rows(text) {
        reader.row(&row)?;
    }
    let last = text.lines().count() as u64;
    if !text.ends_with('\n') {
        return Err(Fault::damaged("the last line has no line end: the file was cut, and its last number may be too. Copy it again from the run").at_line(file, last));
    }
    reader.finish(last)
}

struct Row {
    line: u64,
    cells: csv::StringRecord,
}

/// The rows that are not empty, with the line on which each begins.
fn rows(text: &str) -> impl Iterator<Item = Row> {
    let mut counted = 0;
    let mut line = 1;
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .into_records()
        // Rows of any length from UTF-8 text in memory: nothing is left that could fail.
        .filter_map(std::result::Result::ok)
        .map(move |cells| {
            // The reader's own line count lags behind at CR LF line ends.
            let at = cells.position().map_or(0, csv::Position::byte) as usize;
            let blank = text[at..]
                .bytes()
                .take_while(|byte| b"\r\n".contains(byte))
                .count();
            line += text[counted..at + blank]
                .bytes()
                .filter(|byte| *byte == b'\n')
                .count() as u64;
            counted = at + blank;
            Row { line, cells }
        })
}

/// Which table the rows belong to.
enum Section {
    Before,
    Statistics,
    Values,
    /// GPU telemetry.
    Other,
}

struct Reader<'a> {
    format: &'static Format,
    file: &'a str,
    section: Section,
    header: csv::StringRecord,
    metric: usize,
    has_values: bool,
    has_last: bool,
    rows: Collector,
}

impl<'a> Reader<'a> {
    fn new(format: &'static Format, file: &'a str) -> Self {
        Reader {
            format,
            file,
            section: Section::Before,
            header: csv::StringRecord::new(),
            metric: 0,
            has_values: false,
            has_last: false,
            rows: Collector::default(),
        }
    }

    fn row(&mut self, row: &Row) -> Result<()> {
        if let Some(metric) = row.cells.iter().position(|cell| cell == METRIC) {
            return self.start_section(row, metric);
        }
        self.check_width(row)?;
        let label = row.cells.get(self.metric).unwrap_or_default();
        let header = &self.header;
        let cell = |column: &str| {
            let at = header.iter().position(|name| name == column)?;
            row.cells.get(at)
        };
        match self.section {
            Section::Before => Err(self.no_header(row)),
            Section::Statistics => self.rows.row(self.file, row.line, label, "", cell),
            Section::Values => {
                self.has_last |= label.starts_with(LAST);
                // The one value of a metric is what the console and the JSON export call its average.
                let value = |column: &str| (column == "avg").then(|| cell(VALUE)).flatten();
                self.rows.row(self.file, row.line, label, "", value)
            }
            Section::Other => Ok(()),
        }
    }

    fn start_section(&mut self, row: &Row, metric: usize) -> Result<()> {
        if let Some(twice) = repeated(&row.cells) {
            return Err(Fault::new(
                Code::Conflict,
                format!("found the column `{twice}` twice; expected each column once"),
            )
            .at_line(self.file, row.line));
        }
        let has = |name: &str| row.cells.iter().any(|cell| cell == name);
        self.section = match () {
            () if has("Endpoint") => Section::Other,
            () if has(VALUE) => Section::Values,
            () => Section::Statistics,
        };
        self.has_values |= matches!(self.section, Section::Values);
        self.header = row.cells.clone();
        self.metric = metric;
        Ok(())
    }

    fn check_width(&self, row: &Row) -> Result<()> {
        let (found, expected) = (row.cells.len(), self.header.len());
        if found == expected || matches!(self.section, Section::Before) {
            return Ok(());
        }
        let column = self.header.get(found).or(self.header.get(expected - 1));
        Err(Fault::damaged(format!(
            "found {found} cells in this row; expected {expected}, as in its header. The file was cut or edited: copy it again from the run"
        ))
        .at_field(self.file, Some(row.line), column.unwrap_or(METRIC)))
    }

    fn no_header(&self, row: &Row) -> Fault {
        let found = row.cells.iter().collect::<Vec<_>>().join(",");
        Fault::new(
            Code::NotUnderstood,
            format!(
                "found `{}` first; expected a header with the column `{METRIC}`, as in AIPerf's CSV export",
                text::excerpt(&found)
            ),
        )
        .at_line(self.file, row.line)
    }

    /// Checks that the file reaches its end, and closes the counts.
    fn finish(self, last_line: u64) -> Result<LevelResult> {
        let count = |this: &Self, quantity| this.rows.get(quantity).map(|reading| reading.value);
        let all_failed = count(&self, Quantity::Requests)
            .is_some_and(|all| all > 0.0 && count(&self, Quantity::Errors) == Some(all));
        // Without a single success there is no request throughput to print.
        if !self.has_last && !all_failed {
            let found = if self.has_values {
                format!("the second table ends before its row `{LAST}`")
            } else {
                format!("the file ends without its second table, `{METRIC},{VALUE}`")
            };
            return Err(Fault::damaged(format!(
                "{found}: the file was cut. Copy it again from the run"
            ))
            .at_line(self.file, last_line));
        }
        let mut result = LevelResult::new(self.format, self.file);
        aiperf_definitions::define(&mut result);
        self.rows.finish(self.file, &mut result)?;
        Ok(result)
    }
}

fn repeated(header: &csv::StringRecord) -> Option<&str> {
    let names: Vec<&str> = header.iter().collect();
    (0..names.len())
        .find(|at| names[..*at].contains(&names[*at]))
        .map(|at| names[at])
}
