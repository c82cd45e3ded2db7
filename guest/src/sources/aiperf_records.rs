//! AIPerf's per-request records, `profile_export.jsonl`: one line a request, warm-up included.
//!
//! Statistics are computed the way AIPerf computes its own: over the successful requests of the measured
//! phase, percentiles by linear interpolation between order statistics (numpy's default).

use super::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{Entry, LineReader, Tree};
use crate::percentile::percentile;
use crate::run::{Format, LevelResult, Quantity, Reading, Run};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The format.
pub const SOURCE: Source = Source {
    name: "AIPerf per-request records (profile_export.jsonl)",
    by_content: is_records,
    by_name: |name| name == "profile_export.jsonl",
    read,
};

fn is_records(candidate: &Candidate<'_>) -> bool {
    let first = candidate.head.lines().next().unwrap_or_default();
    first.starts_with('{')
        && first.contains("\"metadata\"")
        && first.contains("\"request_start_ns\"")
}

#[derive(Deserialize)]
struct Record {
    metadata: Metadata,
    metrics: Metrics,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Metadata {
    benchmark_phase: Phase,
    #[serde(default)]
    credit_issued_ns: Option<u64>,
    request_start_ns: u64,
    request_end_ns: u64,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Phase {
    Warmup,
    Profiling,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Metrics {
    time_to_first_token: Option<Metric>,
    inter_token_latency: Option<Metric>,
    output_token_throughput_per_user: Option<Metric>,
    request_latency: Option<Metric>,
    output_sequence_length: Option<Metric>,
    input_sequence_length: Option<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    value: f64,
    unit: Unit,
}

#[derive(Deserialize, Debug, PartialEq, Clone, Copy)]
enum Unit {
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "tokens")]
    Tokens,
    #[serde(rename = "tokens/sec/user")]
    TokensPerSecondPerUser,
}

/// What is kept of the records: 8 bytes a request and metric, whatever the length of the lines.
#[derive(Default)]
struct Samples {
    ttft: Vec<f64>,
    itl: Vec<f64>,
    latency: Vec<f64>,
    per_user: Sum,
    isl: Sum,
    osl: Sum,
    requests: u64,
    errors: u64,
    first_ns: Option<u64>,
    last_ns: u64,
}

#[derive(Default)]
struct Sum {
    total: f64,
    count: u64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        self.total += value;
        self.count += 1;
    }

    fn mean(&self) -> Option<Reading> {
        (self.count > 0).then(|| Reading {
            value: self.total / self.count as f64,
            decimals: None,
            samples: Some(self.count),
        })
    }
}

fn read(run: &mut Run, tree: &dyn Tree, entry: &Entry) -> Result<()> {
    let path = entry.path.as_str();
    let mut lines = LineReader::new(tree.open(path)?, path);
    let mut samples = Samples::default();
    let mut records = 0_u64;
    loop {
        let number = lines.line() + 1;
        let Some(line) = lines.next_line()? else {
            break;
        };
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let record: Record =
            serde_json::from_slice(line).map_err(|error| damaged(path, number, line, &error))?;
        records += 1;
        if record.metadata.benchmark_phase == Phase::Profiling {
            samples
                .add(&record)
                .map_err(|fault| locate(fault, path, number))?;
        }
    }
    if records == 0 {
        return Err(Fault::new(
            Code::Damaged,
            "found no record; expected one line for each request",
        )
        .at(path));
    }
    run.results.push(samples.into_result(path));
    Ok(())
}

/// A fault of a record knows its field only; the line is known here.
fn locate(fault: Fault, path: &str, line: u64) -> Fault {
    let field = fault.place.clone().unwrap_or_default();
    Fault {
        place: None,
        ..fault
    }
    .at_field(path, Some(line), &field)
}

fn damaged(path: &str, number: u64, line: &[u8], error: &serde_json::Error) -> Fault {
    let detail = error.to_string();
    let detail = detail.split(" at line ").next().unwrap_or_default();
    let message = if error.is_eof() {
        "found the end of the line inside a record; expected the rest of it. The file was cut: copy it again from the run".to_owned()
    } else if ["NaN", "Infinity"]
        .iter()
        .any(|word| memchr::memmem::find(line, word.as_bytes()).is_some())
        && error.is_syntax()
    {
        "found NaN or Infinity in a record; expected finite numbers".to_owned()
    } else {
        format!(
            "found a record that cannot be read ({detail}); expected one of AIPerf's request records"
        )
    };
    Fault::new(Code::Damaged, message).at(format!("{path}:{number}:{}", error.column()))
}

impl Samples {
    fn add(&mut self, record: &Record) -> Result<()> {
        self.requests += 1;
        let metadata = &record.metadata;
        let start = metadata
            .credit_issued_ns
            .unwrap_or(metadata.request_start_ns);
        self.first_ns = Some(self.first_ns.map_or(start, |first| first.min(start)));
        self.last_ns = self.last_ns.max(metadata.request_end_ns);
        if record.error.is_some() {
            self.errors += 1;
            return Ok(());
        }
        let metrics = &record.metrics;
        let ms = Unit::Milliseconds;
        self.ttft.extend(value(
            &metrics.time_to_first_token,
            ms,
            "time_to_first_token",
        )?);
        self.itl.extend(value(
            &metrics.inter_token_latency,
            ms,
            "inter_token_latency",
        )?);
        self.latency
            .extend(value(&metrics.request_latency, ms, "request_latency")?);
        let rate = Unit::TokensPerSecondPerUser;
        let per_user = &metrics.output_token_throughput_per_user;
        if let Some(rate) = value(per_user, rate, "output_token_throughput_per_user")? {
            self.per_user.add(rate);
        }
        if let Some(tokens) = value(
            &metrics.input_sequence_length,
            Unit::Tokens,
            "input_sequence_length",
        )? {
            self.isl.add(tokens);
        }
        if let Some(tokens) = value(
            &metrics.output_sequence_length,
            Unit::Tokens,
            "output_sequence_length",
        )? {
            self.osl.add(tokens);
        }
        Ok(())
    }

    fn into_result(mut self, path: &str) -> LevelResult {
        let mut result = LevelResult::new(Format::AiperfRecords, path);
        let seconds = self
            .first_ns
            .map(|first| self.last_ns.saturating_sub(first) as f64 / 1e9);
        let mut push = |quantity, reading: Option<Reading>| {
            if let Some(reading) = reading {
                result.push(quantity, reading);
            }
        };
        // AIPerf divides by the length of the phase, which the records do not hold: from the first credit to
        // the last answer is up to some percent longer or shorter, so this is the last resort.
        let throughput = seconds
            .filter(|seconds| *seconds > 0.0)
            .map(|seconds| self.osl.total / seconds);
        push(Quantity::Throughput, throughput.map(Reading::exact));
        push(Quantity::TtftP50, reading(&mut self.ttft, 50.0));
        push(Quantity::TtftP95, reading(&mut self.ttft, 95.0));
        push(Quantity::TtftP99, reading(&mut self.ttft, 99.0));
        push(Quantity::ItlP50, reading(&mut self.itl, 50.0));
        push(
            Quantity::RequestLatencyP50,
            reading(&mut self.latency, 50.0),
        );
        push(Quantity::TpsPerUser, self.per_user.mean());
        push(Quantity::IslMean, self.isl.mean());
        push(Quantity::OslMean, self.osl.mean());
        push(Quantity::Errors, Some(Reading::exact(self.errors as f64)));
        push(
            Quantity::Requests,
            Some(Reading::exact(self.requests as f64)),
        );
        push(Quantity::BenchmarkSeconds, seconds.map(Reading::exact));
        result
    }
}

fn reading(values: &mut [f64], rank: f64) -> Option<Reading> {
    let samples = Some(values.len() as u64);
    percentile(values, rank).map(|value| Reading {
        value,
        decimals: None,
        samples,
    })
}

fn value(metric: &Option<Metric>, unit: Unit, name: &str) -> Result<Option<f64>> {
    let Some(metric) = metric else {
        return Ok(None);
    };
    let refuse = |message: String| Err(Fault::new(Code::BadValue, message).at(name));
    if metric.unit != unit {
        return refuse(format!(
            "found the unit {:?}; expected {unit:?}",
            metric.unit
        ));
    }
    if metric.value < 0.0 {
        return refuse(format!(
            "found {}; expected a number that is not negative",
            metric.value
        ));
    }
    Ok(Some(metric.value))
}
