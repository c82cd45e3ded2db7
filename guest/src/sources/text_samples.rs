//! Real files and small helpers for the tests of the printed formats.

use super::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::native::NativeTree;
use crate::files::{self, HEAD, MemoryTree, Tree, read_head};
use crate::measure::Quantity;
use crate::order::Ordered as _;
use crate::run::{LevelResult, Run};
use serde_json::Value;

/// The bytes of a file below `tests/data/text`.
pub fn sample(path: &str) -> Vec<u8> {
    let tree = NativeTree::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/text"));
    files::read_whole(&tree, path).unwrap_or_else(|fault| panic!("{fault}"))
}

/// As [`sample`], as text.
pub fn sample_text(path: &str) -> String {
    String::from_utf8(sample(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Reads one file that is called `path`.
pub fn read(source: &Source, path: &str, bytes: &[u8]) -> Result<Run> {
    let tree = MemoryTree::new([(path, bytes)]);
    let mut run = Run::default();
    (source.read)(&mut run, &tree, path)?;
    // As for a bundle of this one file.
    match run.aborted.pop() {
        Some(aborted) => Err(aborted.fault),
        None => Ok(run),
    }
}

/// The run of a file that can be read.
pub fn good(source: &Source, path: &str, bytes: &[u8]) -> Run {
    read(source, path, bytes).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The one result of a file that has one.
pub fn only(source: &Source, path: &str, bytes: &[u8]) -> LevelResult {
    let mut run = good(source, path, bytes);
    assert_eq!(run.results.len(), 1, "{path}");
    run.results.remove(0)
}

/// The fault of a file that cannot be read.
pub fn bad(source: &Source, path: &str, bytes: &[u8]) -> Fault {
    match read(source, path, bytes) {
        Ok(run) => panic!("{path} was read: {:?}", run.results),
        Err(fault) => fault,
    }
}

/// Checks the fault of a file: its code, its place and pieces of its message.
pub fn refuse(
    source: &Source,
    path: &str,
    bytes: impl AsRef<[u8]>,
    code: Code,
    place: &str,
    pieces: &[&str],
) {
    let fault = bad(source, path, bytes.as_ref());
    assert_eq!(fault.code, code, "{fault}");
    assert_eq!(fault.place.as_deref(), Some(place), "{fault}");
    for piece in pieces {
        assert!(fault.message.contains(piece), "{fault}");
    }
}

/// Whether the content is taken for the source's format.
pub fn by_content(source: &Source, path: &str, bytes: &[u8]) -> bool {
    let tree = MemoryTree::new([(path, bytes)]);
    let head = tree
        .open(path)
        .and_then(|mut file| read_head(&mut *file, HEAD))
        .unwrap_or_else(|fault| panic!("{fault}"));
    let head = String::from_utf8_lossy(&head);
    (source.by_content)(&Candidate::new(path, &head))
}

/// The value of a quantity.
pub fn value(level: &LevelResult, quantity: Quantity) -> Option<f64> {
    level.get(quantity).map(|reading| reading.value)
}

/// AIPerf's own value of a quantity, from the JSON export at `path`.
pub fn expected(path: &str, quantity: Quantity) -> f64 {
    use Quantity as Q;
    let export: Value =
        serde_json::from_str(&sample_text(path)).unwrap_or_else(|error| panic!("{error}"));
    let (metric, statistic) = match quantity {
        Q::Throughput => ("output_token_throughput", "avg"),
        Q::TtftP50 => ("time_to_first_token", "p50"),
        Q::TtftP95 => ("time_to_first_token", "p95"),
        Q::TtftP99 => ("time_to_first_token", "p99"),
        Q::ItlP50 => ("inter_token_latency", "p50"),
        Q::TpsPerUser => ("output_token_throughput_per_user", "avg"),
        Q::RequestLatencyP50 => ("request_latency", "p50"),
        Q::Errors => ("error_request_count", "avg"),
        Q::Requests => ("completed_request_count", "avg"),
        Q::IslMean => ("input_sequence_length", "avg"),
        Q::OslMean => ("output_sequence_length", "avg"),
        Q::BenchmarkSeconds => ("benchmark_duration", "avg"),
        Q::RequestLatencyMean => ("request_latency", "avg"),
        Q::TtftMean => ("time_to_first_token", "avg"),
        Q::ItlMean => ("inter_token_latency", "avg"),
        Q::RequestsPlanned | Q::RequestRate | Q::ChunkGapMean | Q::ChunkGapP75 => ("", ""),
        other => panic!("{other:?} is no number of an export"),
    };
    if let Some(number) = left_out(path, quantity) {
        return number;
    }
    match &export[metric][statistic] {
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        // AIPerf leaves the metric out when no request failed.
        _ if quantity == Q::Errors => 0.0,
        other => panic!("{path}: {metric}.{statistic} is {other}"),
    }
}

/// What the whole exports have and the shortened ones of the corpus do not.
fn left_out(path: &str, quantity: Quantity) -> Option<f64> {
    let of_run = |numbers: [f64; 4]| match quantity {
        Quantity::RequestRate => Some(numbers[0]),
        Quantity::ChunkGapMean => Some(numbers[1]),
        Quantity::ChunkGapP75 => Some(numbers[2]),
        Quantity::RequestsPlanned => Some(numbers[3]),
        _ => None,
    };
    match path.split_once('/')?.0 {
        "errors-1" => of_run([
            2.4422591593468943,
            45.629933059418455,
            54.656668499999995,
            64.0,
        ]),
        "base-2" => of_run([6.524327937664652, 12.355402306981519, 13.97006575, 32.0]),
        _ => None,
    }
}

/// Checks each number against the JSON export, rounded to the decimals that were printed.
pub fn assert_as_exported(level: &LevelResult, json: &str, quantities: &[Quantity]) {
    let found: Vec<Quantity> = level
        .readings
        .iter()
        .map(|(quantity, _)| *quantity)
        .collect();
    let mut sorted = found.clone();
    sorted.order();
    let mut wanted = quantities.to_vec();
    wanted.order();
    assert_eq!(sorted, wanted, "{json}");
    for (quantity, reading) in &level.readings {
        let decimals = reading
            .decimals
            .unwrap_or_else(|| panic!("{quantity:?} has no decimals"))
            as usize;
        let rounded = format!("{:.decimals$}", expected(json, *quantity));
        assert_eq!(
            format!("{:.decimals$}", reading.value),
            rounded,
            "{quantity:?}"
        );
        assert_eq!(
            reading.value.to_string().parse(),
            rounded.parse::<f64>(),
            "{quantity:?}"
        );
    }
}

/// Reads every beginning of a file whose length is in `lengths`: a fault, or numbers that the whole file has too.
/// Gives back how many beginnings were refused and how many were read.
pub fn cut(
    source: &Source,
    path: &str,
    bytes: &[u8],
    lengths: impl Iterator<Item = usize>,
) -> (usize, usize) {
    let whole = good(source, path, bytes).results;
    let (mut refused, mut accepted) = (0, 0);
    for length in lengths {
        let Ok(run) = read(source, path, &bytes[..length]) else {
            refused += 1;
            continue;
        };
        accepted += 1;
        for level in &run.results {
            assert!(
                whole.iter().any(|known| is_part(level, known)),
                "cut at {length}: {level:?}"
            );
        }
    }
    (refused, accepted)
}

fn is_part(level: &LevelResult, whole: &LevelResult) -> bool {
    let same = |left: Option<f64>, right: Option<f64>| left.is_none() || left == right;
    (level.place.is_none() || level.place == whole.place)
        && (level.model.is_none() || level.model == whole.model)
        && level.complete == whole.complete
        && level
            .readings
            .iter()
            .all(|(quantity, reading)| same(Some(reading.value), value(whole, *quantity)))
}
