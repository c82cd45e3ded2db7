//! AIPerf's per-request records, `profile_export.jsonl`: one line a request, warm-up included.
//!
//! Statistics are computed the way AIPerf computes its own: over the successful requests of the measured
//! phase, percentiles by linear interpolation between order statistics (numpy's default).

use super::record_clock::Clock;
use super::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{Entry, LineReader, Tree};
use crate::percentile::percentile;
use crate::run::{Format, LevelResult, Quantity, Reading, Run};
use crate::scan::{Scan, Stop};

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

/// What one line says.
#[derive(Default)]
struct Record {
    measured: bool,
    failed: bool,
    credit_ns: Option<u64>,
    start_ns: Option<u64>,
    end_ns: Option<u64>,
    ttft: Option<f64>,
    itl: Option<f64>,
    per_user: Option<f64>,
    latency: Option<f64>,
    osl: Option<f64>,
    isl: Option<f64>,
}

/// Why a line cannot be used.
enum Trouble {
    /// It is not JSON, or not of this form.
    Stop(Stop),
    /// It lacks a field that every record has.
    Lacks(&'static str),
    /// A field holds what it cannot hold.
    Wrong {
        field: &'static str,
        found: String,
        expected: &'static str,
    },
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        Trouble::Stop(stop)
    }
}

impl Record {
    fn parse(line: &[u8]) -> std::result::Result<Record, Trouble> {
        let mut scan = Scan::new(line);
        let (mut record, mut metadata, mut metrics) = (Record::default(), false, false);
        scan.open_object()?;
        let mut first = true;
        while let Some(key) = scan.key(first)? {
            first = false;
            match key {
                b"metadata" => {
                    metadata = true;
                    record.metadata(&mut scan)?;
                }
                b"metrics" => {
                    metrics = true;
                    record.metrics(&mut scan)?;
                }
                b"error" => {
                    record.failed = !scan.null();
                    if record.failed {
                        scan.skip()?;
                    }
                }
                _ => {
                    scan.skip()?;
                }
            }
        }
        scan.end()?;
        let lacks = [
            (metadata, "metadata"),
            (metrics, "metrics"),
            (record.start_ns.is_some(), "metadata.request_start_ns"),
            (record.end_ns.is_some(), "metadata.request_end_ns"),
        ];
        match lacks.into_iter().find(|(has, _)| !has) {
            Some((_, field)) => Err(Trouble::Lacks(field)),
            None => Ok(record),
        }
    }

    fn metadata(&mut self, scan: &mut Scan<'_>) -> std::result::Result<(), Trouble> {
        scan.open_object()?;
        let (mut first, mut phase) = (true, false);
        while let Some(key) = scan.key(first)? {
            first = false;
            match key {
                b"benchmark_phase" => {
                    phase = true;
                    self.measured = scan.string()? == "profiling";
                }
                b"credit_issued_ns" if scan.null() => {}
                b"credit_issued_ns" => self.credit_ns = Some(scan.whole()?),
                b"request_start_ns" => self.start_ns = Some(scan.whole()?),
                b"request_end_ns" => self.end_ns = Some(scan.whole()?),
                _ => {
                    scan.skip()?;
                }
            }
        }
        if phase {
            Ok(())
        } else {
            Err(Trouble::Lacks("metadata.benchmark_phase"))
        }
    }

    fn metrics(&mut self, scan: &mut Scan<'_>) -> std::result::Result<(), Trouble> {
        scan.open_object()?;
        let mut first = true;
        while let Some(key) = scan.key(first)? {
            first = false;
            match key {
                b"time_to_first_token" => self.ttft = metric(scan, "ms", "time_to_first_token")?,
                b"inter_token_latency" => self.itl = metric(scan, "ms", "inter_token_latency")?,
                b"request_latency" => self.latency = metric(scan, "ms", "request_latency")?,
                b"output_token_throughput_per_user" => {
                    self.per_user =
                        metric(scan, "tokens/sec/user", "output_token_throughput_per_user")?;
                }
                b"output_sequence_length" => {
                    self.osl = metric(scan, "tokens", "output_sequence_length")?
                }
                b"input_sequence_length" => {
                    self.isl = metric(scan, "tokens", "input_sequence_length")?
                }
                _ => {
                    scan.skip()?;
                }
            }
        }
        Ok(())
    }
}

/// `{"value": number, "unit": text}`; null is absent.
fn metric(
    scan: &mut Scan<'_>,
    unit: &'static str,
    field: &'static str,
) -> std::result::Result<Option<f64>, Trouble> {
    if scan.null() {
        return Ok(None);
    }
    scan.open_object()?;
    let (mut first, mut value, mut unit_seen) = (true, None, false);
    while let Some(key) = scan.key(first)? {
        first = false;
        match key {
            b"value" if scan.null() => {}
            b"value" => {
                let mut here = scan.clone();
                value = Some(scan.number().map_err(|stop| match here.skip() {
                    Ok(text) => Trouble::Wrong {
                        field,
                        found: String::from_utf8_lossy(text).chars().take(40).collect(),
                        expected: "a finite number or null",
                    },
                    Err(_) => Trouble::Stop(stop),
                })?);
            }
            b"unit" => {
                let found = scan.string()?;
                if found != unit {
                    return Err(Trouble::Wrong {
                        field,
                        found: format!("the unit {found:?}"),
                        expected: unit,
                    });
                }
                unit_seen = true;
            }
            _ => {
                scan.skip()?;
            }
        }
    }
    match value {
        Some(value) if value < 0.0 => Err(Trouble::Wrong {
            field,
            found: value.to_string(),
            expected: "a number that is not negative",
        }),
        Some(_) if !unit_seen => Err(Trouble::Wrong {
            field,
            found: "no unit".to_owned(),
            expected: unit,
        }),
        value => Ok(value),
    }
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
    let (mut records, mut clock) = (0_u64, Clock::default());
    loop {
        let number = lines.line() + 1;
        let Some(line) = lines.next_line()? else {
            break;
        };
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let record = Record::parse(line).map_err(|trouble| damaged(path, number, trouble))?;
        records += 1;
        if record.measured {
            samples.add(&record);
            if let (Some(start), Some(end)) = (record.start_ns, record.end_ns) {
                clock.add(number, record.credit_ns, start, end);
            }
        }
    }
    if records == 0 {
        return Err(Fault::new(
            Code::Damaged,
            "found no record; expected one line for each request",
        )
        .at(path));
    }
    run.findings.extend(clock.finding(path));
    run.results.push(samples.into_result(path));
    Ok(())
}

fn damaged(path: &str, line: u64, trouble: Trouble) -> Fault {
    match trouble {
        Trouble::Stop(Stop { at, ended: true, .. }) => Fault::new(
            Code::Damaged,
            "found the end of the line inside a record; expected the rest of it. The file was cut: copy it again from the run",
        )
        .at(format!("{path}:{line}:{}", at + 1)),
        Trouble::Stop(Stop { at, expected, .. }) => Fault::new(
            Code::Damaged,
            format!("found a record that cannot be read; expected {expected} at this place"),
        )
        .at(format!("{path}:{line}:{}", at + 1)),
        Trouble::Lacks(field) => Fault::new(
            Code::NotUnderstood,
            "found a record without this field; expected one of AIPerf's request records",
        )
        .at_field(path, Some(line), field),
        Trouble::Wrong { field, found, expected } => {
            Fault::new(Code::BadValue, format!("found {found}; expected {expected}")).at_field(path, Some(line), field)
        }
    }
}

impl Samples {
    fn add(&mut self, record: &Record) {
        self.requests += 1;
        // The start stands for records of older versions, which do not say when the credit was issued.
        if let Some(start) = record.credit_ns.or(record.start_ns) {
            self.first_ns = Some(self.first_ns.map_or(start, |first| first.min(start)));
        }
        self.last_ns = self.last_ns.max(record.end_ns.unwrap_or_default());
        if record.failed {
            self.errors += 1;
            return;
        }
        self.ttft.extend(record.ttft);
        self.itl.extend(record.itl);
        self.latency.extend(record.latency);
        let sums = [
            (&mut self.per_user, record.per_user),
            (&mut self.isl, record.isl),
            (&mut self.osl, record.osl),
        ];
        for (sum, value) in sums {
            if let Some(value) = value {
                sum.add(value);
            }
        }
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
        // AIPerf divides by the length of the phase, which the records do not hold. From the first credit to the
        // last answer is shorter: by 0.00 to 0.8 % on 37 of 38 real levels, by 2.3 % on one. A last resort.
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
