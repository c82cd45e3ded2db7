//! One request record.

use crate::json::{Scan, Stop};

/// What one line says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    pub(super) measured: bool,
    pub(super) failed: bool,
    pub(super) credit_ns: Option<u64>,
    pub(super) start_ns: Option<u64>,
    pub(super) end_ns: Option<u64>,
    /// In the order of [`METRICS`].
    pub(super) metrics: [Option<f64>; METRICS.len()],
}

/// What is read of the metrics, each with its unit.
pub(super) const METRICS: [(&str, &str); 6] = [
    ("time_to_first_token", "ms"),
    ("inter_token_latency", "ms"),
    ("request_latency", "ms"),
    ("output_token_throughput_per_user", "tokens/sec/user"),
    ("input_sequence_length", "tokens"),
    ("output_sequence_length", "tokens"),
];

/// The place of a key in [`METRICS`].
pub(super) fn metric_at(key: &[u8]) -> Option<usize> {
    METRICS.iter().position(|(name, _)| name.as_bytes() == key)
}

/// Why a line cannot be used.
pub(super) enum Trouble {
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
    /// Reads one line.
    pub(super) fn parse(line: &[u8]) -> std::result::Result<Record, Trouble> {
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
            if let Some(at) = metric_at(key) {
                let (name, unit) = METRICS[at];
                self.metrics[at] = metric(scan, unit, name)?;
            } else {
                scan.skip()?;
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
