//! AIPerf's `server_metrics_export.csv`: the JSON export once more, with four decimals.
//!
//! Read only where the JSON is missing. Up to four sections, each with its own header: gauges, counters,
//! histograms, and facts as one row a label.

use super::csv_row;
use super::server_metrics_json::NAME as JSON_NAME;
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, LineReader, Tree};
use crate::run::server::{Export, ExportFormat, Family, Summary};
use crate::run::{Format, Labels, Run, Speaker, States};
use crate::server::catalog;
use crate::server::config;
use crate::text;
use std::collections::{BTreeMap, BTreeSet};

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "server-metrics-csv",
        title: "AIPerf server metrics (`server_metrics_export.csv`)",
        tool: Some("AIPerf"),
        states: States::Server,
        speaker: Speaker::Server,
        one_each: false,
        of_many_levels: false,
    },
    begins: None,
    by_content: |candidate: &Candidate<'_>| candidate.head.starts_with(TITLE),
    by_name: |name| name == NAME,
    read,
};

/// How AIPerf calls the file.
pub(super) const NAME: &str = "server_metrics_export.csv";

const TITLE: &str = "# AIPerf Server Metrics Export";

/// Columns that are no labels, in any section.
const NO_LABELS: &[&str] = &[
    "Endpoint",
    "Type",
    "Metric",
    "Unit",
    "Description",
    "Key",
    "Value",
    "avg",
    "min",
    "max",
    "std",
    "p1",
    "p5",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
    "p95",
    "p99",
    "total",
    "rate",
    "rate_avg",
    "rate_min",
    "rate_max",
    "rate_std",
];

fn read(run: &mut Run, tree: &dyn Tree, path: &str) -> Result<()> {
    let json = files::join(files::folder(path), JSON_NAME);
    if tree.open(&json).is_ok() {
        return Ok(());
    }
    let mut table = Table::default();
    let mut reader = LineReader::new(tree.open(path)?, path);
    while let Some(bytes) = reader.next_line()? {
        let outcome = std::str::from_utf8(bytes)
            .map_err(|_| Fault::damaged("found bytes that are not UTF-8; expected text"))
            .and_then(|line| table.take(line));
        if let Err(fault) = outcome {
            let line = reader.line();
            return Err(match fault.place.clone() {
                Some(field) => {
                    Fault::new(fault.code, fault.message).at_field(path, Some(line), &field)
                }
                None => fault.at_line(path, line),
            });
        }
    }
    if table.sections == 0 {
        return Err(Fault::damaged("found no table; expected a header line that begins with `Endpoint,`. The file was cut: copy it again from the run")
        .at(path));
    }
    let facts: Vec<Labels> = table.facts();
    config::state(run, &SOURCE.format, path, &facts);
    if !table
        .series
        .iter()
        .any(|one| catalog::engine(one.family).is_some())
    {
        run.server.note_strangers(path, &table.strangers);
    }
    run.server.exports.push(Export {
        file: path.to_owned(),
        format: ExportFormat::Csv,
        phase: None,
        series: table.series,
    });
    Ok(())
}

#[derive(Default)]
struct Table {
    sections: usize,
    header: Vec<String>,
    series: Vec<Summary>,
    /// Names of metrics that are not kept.
    strangers: BTreeSet<String>,
    /// Labels of `cache_config_info` by endpoint.
    facts: BTreeMap<String, Vec<(String, String)>>,
}

impl Table {
    /// Takes one line; a fault carries the metric as its place.
    fn take(&mut self, line: &str) -> Result<()> {
        if line.is_empty() {
            self.header.clear();
            return Ok(());
        }
        if line.starts_with('#') {
            return Ok(());
        }
        let row = csv_row::split(line)
            .map_err(|found| Fault::damaged(format!("{found}; expected one CSV row a line")))?;
        if row[0] == "Endpoint" {
            self.sections += 1;
            self.header = row;
            return Ok(());
        }
        if self.header.is_empty() || row.len() != self.header.len() {
            return Err(Fault::damaged(format!(
                "found a row of {} fields; expected {}, as in the header. The file was cut: copy it again from the run",
                row.len(),
                self.header.len()
            )));
        }
        self.row(&row)
    }

    fn cell<'a>(&self, row: &'a [String], column: &str) -> Option<&'a str> {
        let at = self.header.iter().position(|name| name == column)?;
        row.get(at)
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
    }

    fn row(&mut self, row: &[String]) -> Result<()> {
        let name = self.cell(row, "Metric").unwrap_or_default();
        let Some(entry) = catalog::lookup(name) else {
            if !name.is_empty() && !self.strangers.contains(name) {
                self.strangers.insert(name.to_owned());
            }
            return Ok(());
        };
        if let (Some(key), Some(value)) = (self.cell(row, "Key"), self.cell(row, "Value")) {
            if entry.family == Family::CacheConfig {
                let labels = self.facts.entry(row[0].clone()).or_default();
                labels.push((key.to_owned(), value.to_owned()));
            }
            return Ok(());
        }
        let labels = self.labels(row).map_err(|key| {
            Fault::new(
                Code::Conflict,
                format!("found the column `{key}` twice; expected each once"),
            )
            .at(name)
        })?;
        if !entry.takes(&labels) {
            return Ok(());
        }
        let stat = |column: &str| -> Result<Option<f64>> {
            let Some(cell) = self.cell(row, column) else {
                return Ok(None);
            };
            let place = format!("{name}: {column}");
            let number: f64 = cell.parse().map_err(|_| {
                let message = format!("found `{}`; expected a number", text::shorten(cell));
                Fault::damaged(message).at(&*place)
            })?;
            match entry.refuse(number) {
                Some(expected) if column != "total" || !number.is_finite() => {
                    Err(Fault::new(Code::BadValue, format!("found {cell}; {expected}")).at(place))
                }
                _ => Ok(Some(number)),
            }
        };
        self.series
            .push(Summary::read(entry.family, name, labels, stat)?);
        Ok(())
    }

    fn labels(&self, row: &[String]) -> std::result::Result<Labels, String> {
        let mut labels: Vec<(String, String)> = self
            .header
            .iter()
            .zip(row)
            .filter(|(column, cell)| !NO_LABELS.contains(&column.as_str()) && !cell.is_empty())
            .map(|(column, cell)| (column.clone(), cell.clone()))
            .collect();
        if !labels.iter().any(|(key, _)| key == "endpoint") {
            labels.push(("endpoint".to_owned(), row[0].clone()));
        }
        Labels::new(labels)
    }

    /// The CSV has no engine in this section, so several engines of one endpoint repeat their labels;
    /// then it is not known which belong together and only the first of each is taken.
    fn facts(&self) -> Vec<Labels> {
        self.facts
            .values()
            .map(|labels| {
                let mut first: Vec<(String, String)> = Vec::new();
                for (key, value) in labels {
                    if !first.iter().any(|(known, _)| known == key) {
                        first.push((key.clone(), value.clone()));
                    }
                }
                Labels::new(first).unwrap_or_default()
            })
            .collect()
    }
}
