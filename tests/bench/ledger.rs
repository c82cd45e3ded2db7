//! `ledger BASELINE.json CURRENT.json RECORDS.jsonl`: where the CPU time of a `diff` of two documents goes, and that of
//! reading request records, beside what the same bytes cost where nothing is understood of them. Medians of CPU time of
//! this process; ratios count, since the speed of a machine is not that of another.

#![allow(clippy::print_stdout, missing_docs, reason = "a benchmark prints")]

use perfbridge_host::sandbox::judge::Form;
use perfbridge_host::sandbox::{Carried, Case, Limits, Policy, Sandbox, quiet_runtime};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;

const CWASM: &[u8] = include_bytes!(concat!(env!("PERFBRIDGE_DIST"), "/perfbridge.cwasm"));

// As the binary carries it.
static COMPILED: Carried<[u8; CWASM.len()]> = Carried(*include_bytes!(concat!(
    env!("PERFBRIDGE_DIST"),
    "/perfbridge.cwasm"
)));

/// What the component asks for at once.
const CHUNK: usize = 256 * 1024;
const ROUNDS: usize = 41;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let [baseline, current, records] = arguments.as_slice() else {
        return Err("usage: ledger BASELINE.json CURRENT.json RECORDS.jsonl".into());
    };
    let runtime = quiet_runtime()?;
    let _entered = runtime.enter();
    of_diff(
        &std::fs::read_to_string(baseline)?,
        &std::fs::read_to_string(current)?,
    )?;
    of_bytes(records)
}

/// The stages of a `diff`, each as the difference of two calls that differ in it alone.
fn of_diff(baseline: &str, current: &str) -> Outcome<()> {
    // Once: the code in the binary is executed where it stands by the first only.
    let before = cpu_now();
    let loaded = Sandbox::carried(Vec::new, &COMPILED, Limits::default());
    let sandbox = loaded.map_err(|failure| failure.to_string())?;
    let engine = cpu_now() - before;
    let policy = Policy {
        file: None,
        choices: Vec::new(),
        tolerances: Vec::new(),
        headline: None,
        vary: Vec::new(),
        observe_tails: false,
        baseline_max_age_days: None,
    };
    let judge = |forms: &[Form]| {
        let case = Case {
            baseline,
            current,
            history: &[],
            policy: &policy,
        };
        let judged = sandbox.judge(&case, forms);
        judged
            .map(drop)
            .map_err(|failure| failure.to_string().into())
    };
    let check = |name: &str, json: &str| {
        let checked = sandbox.check_document(name, json);
        checked
            .map(drop)
            .map_err(|failure| failure.to_string().into())
    };
    let instance = median(|| {
        Ok(sandbox
            .forms()
            .map(drop)
            .map_err(|failure| failure.to_string())?)
    })?;
    let parsed = median(|| check("baseline", baseline))? + median(|| check("current", current))?
        - 2.0 * instance;
    let judged = median(|| judge(&[]))?;
    let whole = median(|| judge(&[Form::json()]))?;
    println!("| in the process of a diff of two documents | ms |\n|---|---:|");
    for (name, took) in [
        ("the engine and the compiled component", engine),
        ("an instance", instance),
        ("both documents parsed and checked", parsed),
        ("judged", judged - instance - parsed),
        ("written as JSON", whole - judged),
    ] {
        println!("| {name} | {took:.2} |");
    }
    println!();
    Ok(())
}

/// What the bytes cost natively where little or nothing is done with them.
fn of_bytes(path: &str) -> Outcome<()> {
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

fn cpu_of_pieces(path: &str, with: &mut dyn FnMut(&[u8])) -> Outcome<f64> {
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
    Ok(middle(times))
}

fn median(mut work: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let before = cpu_now();
        work()?;
        times.push(cpu_now() - before);
    }
    Ok(middle(times))
}

/// CPU time of this process in milliseconds, user and system.
fn cpu_now() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
