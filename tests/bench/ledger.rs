//! `ledger BASELINE.json CURRENT.json TEXT KEYS WARMUP RECORDS`: where the CPU time of a `diff` of two documents goes, and
//! that of reading request records, natively and in the component, beside what the same bytes cost where nothing is
//! understood of them. Medians of CPU time of this process; ratios count, since the speed of a machine is not that of another.
//!
//! The last four are bundles of the same size (`run.py` makes them): one text, records without the metrics that are read,
//! records of the warm-up, of which no statistics are made, and records.

#![allow(clippy::print_stdout, missing_docs, reason = "a benchmark prints")]

mod reading;

use perfbridge_host::sandbox::judge::Form;
use perfbridge_host::sandbox::{Carried, Case, Limits, Policy, Sandbox, quiet_runtime};
use reading::{Outcome, cpu_now, cpu_of, read_inside, read_native};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

const CWASM: &[u8] = include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.cwasm"));

// As the binary carries it.
static COMPILED: Carried<[u8; CWASM.len()]> = Carried(*include_bytes!(concat!(
    env!("PERFBRIDGE_DIST"),
    "/perfbridge.cwasm"
)));

/// What the component asks for at once.
const CHUNK: usize = 256 * 1024;
const ROUNDS: usize = 41;
/// Of reading 50 MB of request records.
const RECORD_ROUNDS: usize = 15;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let [baseline, current, text, keys, warmup, records] = arguments.as_slice() else {
        return Err("usage: ledger BASELINE.json CURRENT.json TEXT KEYS WARMUP RECORDS".into());
    };
    let runtime = quiet_runtime()?;
    let _entered = runtime.enter();
    // Once: the code in the binary is executed where it stands by the first only.
    let before = cpu_now();
    let loaded = Sandbox::carried(&Vec::new, &COMPILED, Limits::default());
    let sandbox = loaded.map_err(|failure| failure.to_string())?;
    let engine = cpu_now() - before;
    of_diff(&sandbox, engine, [baseline, current])?;
    let lines = Path::new(records).join("aiperf-c16/profile_export.jsonl");
    of_bytes(&lines)?;
    of_records(&sandbox, &lines, [text, keys, warmup, records])
}

/// The stages of a `diff`, each as the difference of two calls that differ in it alone.
fn of_diff(sandbox: &Sandbox, engine: f64, files: [&String; 2]) -> Outcome<()> {
    let read = || -> Outcome<[String; 2]> {
        Ok([
            std::fs::read_to_string(files[0])?,
            std::fs::read_to_string(files[1])?,
        ])
    };
    let [baseline, current] = &read()?;
    let policy = Policy {
        file: None,
        choices: Vec::new(),
        tolerances: Vec::new(),
        headline: None,
        vary: Vec::new(),
        observe_tails: false,
        baseline_max_age_days: None,
    };
    let judge = |forms: &[Form]| -> Outcome<String> {
        let case = Case {
            baseline,
            current,
            history: &[],
            policy: &policy,
        };
        let judged = sandbox.judge(&case, forms);
        let judged = judged.map_err(|failure| failure.to_string())?;
        Ok(judged.texts.into_iter().next().unwrap_or_default())
    };
    let check = |name: &str, json: &str| -> Outcome<()> {
        let checked = sandbox.check_document(name, json);
        checked
            .map(drop)
            .map_err(|failure| failure.to_string().into())
    };
    let instance = || -> Outcome<()> {
        let listed = sandbox.forms();
        listed
            .map(drop)
            .map_err(|failure| failure.to_string().into())
    };
    let text = judge(&[Form::json()])?;
    // In turn, and each difference within a round: what drifts on the machine falls on both.
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let reading = cpu_of(|| read().map(drop))?;
        let instance = cpu_of(instance)?;
        let parsed = cpu_of(|| check("baseline", baseline))?
            + cpu_of(|| check("current", current))?
            - 2.0 * instance;
        let judged = cpu_of(|| judge(&[]).map(drop))?;
        let whole = cpu_of(|| judge(&[Form::json()]).map(drop))?;
        let writing = cpu_of(|| Ok(std::fs::write("/dev/null", &text)?))?;
        let judging = judged - instance - parsed;
        rounds.push([reading, instance, parsed, judging, whole - judged, writing]);
    }
    let [reading, instance, parsed, judging, rendering, writing] = medians(&rounds);
    println!("| in the process of a diff of two documents | ms |\n|---|---:|");
    for (name, took) in [
        ("the engine and the compiled component", engine),
        ("both files read", reading),
        ("an instance", instance),
        ("both documents parsed and checked", parsed),
        ("judged", judging),
        ("rendered as JSON", rendering),
        ("written", writing),
    ] {
        println!("| {name} | {took:.2} |");
    }
    println!();
    Ok(())
}

/// What the bytes cost natively where little or nothing is done with them.
fn of_bytes(path: &Path) -> Outcome<()> {
    let megabytes = std::fs::metadata(path)?.len() as f64 / 1e6;
    let mut hash = Sha256::new();
    println!("| the bytes of the request records, natively | MB/s |\n|---|---:|");
    for (name, took) in [
        (
            "read, in pieces of 256 KiB",
            cpu_of_pieces(path, &mut |_| {})?,
        ),
        (
            "and their lines counted (memchr)",
            cpu_of_pieces(path, &mut |piece| {
                std::hint::black_box(memchr::memchr_iter(b'\n', piece).count());
            })?,
        ),
        (
            "and hashed (SHA-256)",
            cpu_of_pieces(path, &mut |piece| hash.update(piece))?,
        ),
    ] {
        println!("| {name} | {:.0} |", megabytes / took * 1e3);
    }
    println!();
    Ok(())
}

fn cpu_of_pieces(path: &Path, with: &mut dyn FnMut(&[u8])) -> Outcome<f64> {
    let mut buffer = vec![0; CHUNK];
    let mut times = Vec::new();
    for _ in 0..3 {
        let before = cpu_now();
        let mut file = File::open(path)?;
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                length => with(&buffer[..length]),
            }
        }
        times.push(cpu_now() - before);
    }
    Ok(reading::median(times))
}

/// The stages of reading records, each as the difference of two bundles that differ in it alone.
fn of_records(sandbox: &Sandbox, lines: &Path, bundles: [&String; 4]) -> Outcome<()> {
    let mut rounds = Vec::new();
    // In turn, and each difference within a round: what drifts on the machine falls on both.
    for _ in 0..RECORD_ROUNDS {
        let mut all = [[0.0; 2]; 4];
        for (bundle, took) in bundles.iter().zip(&mut all) {
            *took = [
                cpu_of(|| read_native(bundle))?,
                read_inside(sandbox, bundle)?,
            ];
        }
        rounds.push((cpu_of_pieces(lines, &mut |_| {})?, all));
    }
    let of = |side: usize| {
        let stages: Vec<[f64; 6]> = rounds
            .iter()
            .map(|(system, all)| {
                let [text, keys, warmup, records] = all.map(|both| both[side]);
                let inner = [text - system, keys - text, warmup - keys, records - warmup];
                [*system, inner[0], inner[1], inner[2], inner[3], records]
            })
            .collect();
        medians(&stages)
    };
    let (natively, inside) = (of(0), of(1));
    let megabytes = std::fs::metadata(lines)?.len() as f64 / 1e6;
    println!(
        "| of {megabytes:.0} MB of request records, ms | natively | in the component |\n|---|---:|---:|"
    );
    for (at, name) in [
        "read by the system",
        "copied and passed over, as one text is",
        "keys and values found, times of requests read",
        "metrics read",
        "statistics",
        "all",
    ]
    .into_iter()
    .enumerate()
    {
        println!("| {name} | {:.1} | {:.1} |", natively[at], inside[at]);
    }
    println!(
        "\nIn the component {:.0} MB/s, {:.2} of the native time.\n",
        megabytes / inside[5] * 1e3,
        inside[5] / natively[5]
    );
    Ok(())
}

/// The median of each column.
fn medians<const N: usize>(rounds: &[[f64; N]]) -> [f64; N] {
    std::array::from_fn(|at| reading::median(rounds.iter().map(|round| round[at]).collect()))
}
