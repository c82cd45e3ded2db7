//! AIPerf's per-request records, `profile_export.jsonl`: one line a request, warm-up included.

mod samples;

use super::record_clock::Clock;
use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{Entry, LineReader, Tree};
use crate::run::{Aborted, Format, Origin, Run, States};
use crate::scan::{Scan, Stop};
use samples::Samples;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "aiperf-records",
        title: "AIPerf per-request records (profile_export.jsonl)",
        tool: Some("AIPerf"),
        states: States::Results,
        origin: Origin::Tool,
        one_each: true,
        of_many_levels: false,
    },
    begins: None,
    by_content: is_records,
    by_name: |name| name == "profile_export.jsonl",
    read,
};

/// With `--export-level raw` AIPerf also writes what was sent and received, without a number: those records have
/// the same `metadata` and then no `metrics`.
fn is_records(candidate: &Candidate<'_>) -> bool {
    let first = candidate.head.lines().next().unwrap_or_default();
    first.starts_with('{')
        && first.contains("\"metadata\"")
        && first.contains("\"request_start_ns\"")
        && !first.contains("\"start_perf_ns\"")
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
        let found = "found no record; expected one line for each request: AIPerf was stopped before the first one ended. Run this level again, or take the file out of the bundle to judge without it";
        run.aborted.push(Aborted {
            file: path.to_owned(),
            fault: Fault::new(Code::Damaged, found).at(path),
        });
        return Ok(());
    }
    run.findings.extend(clock.finding(path));
    run.results.push(samples.into_result(&SOURCE.format, path));
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
