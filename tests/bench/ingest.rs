//! `ingest BUNDLE...`: reads each bundle natively and in the component, in turn, and prints medians of the
//! CPU time of this process and their ratio. CPU time, because other work may run on the machine.

#![allow(clippy::print_stdout, missing_docs, reason = "a benchmark prints")]

use perfbridge_guest::document::{Options, build};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::sources::read_bundle;
use perfbridge_host::bundle::Bundle;
use perfbridge_host::sandbox::{Grant, Limits, Sandbox, ingest, quiet_runtime};
use std::path::Path;

/// The model of the committed bundles.
const MODEL: &str = "tinyllama-7m";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bundles: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let dist = Path::new(env!("PERFBRIDGE_DIST"));
    let component = std::fs::read(dist.join("perfbridge.wasm"))?;
    let compiled = std::fs::read(dist.join("perfbridge.cwasm"))?;
    let runtime = quiet_runtime()?;
    let _entered = runtime.enter();
    let sandbox = Sandbox::new(&component, &compiled, Limits::default())
        .map_err(|error| error.to_string())?;
    println!("| bundle | MB | native ms | component ms | ratio | component MB/s |");
    println!("|---|---:|---:|---:|---:|---:|");
    for bundle in bundles {
        let size = size_of(Path::new(&bundle))? as f64 / 1e6;
        let rounds = if size > 50.0 { 5 } else { 25 };
        let (mut native, mut inside) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            native.push(cpu_ms(|| read_native(&bundle))?);
            // Hashes are made by the host before, and counted in the whole process.
            let opened = Bundle::open(Path::new(&bundle), &[], &mut |_| {})
                .map_err(|error| error.to_string())?;
            inside.push(cpu_ms(|| read_inside(&sandbox, opened))?);
        }
        let (native, inside) = (median(native), median(inside));
        let name = Path::new(&bundle)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        println!(
            "| {name} | {size:.1} | {native:.2} | {inside:.2} | {:.2} | {:.0} |",
            inside / native,
            size / inside * 1e3
        );
    }
    Ok(())
}

fn read_native(bundle: &str) -> Result<(), String> {
    let run = read_bundle(&NativeTree::new(bundle)).map_err(|fault| fault.to_string())?;
    build(
        &run,
        None,
        &Options {
            model: Some(MODEL.to_owned()),
            ..Options::default()
        },
    )
    .map(drop)
    .map_err(|fault| fault.to_string())
}

fn read_inside(sandbox: &Sandbox, bundle: Bundle) -> Result<(), String> {
    let granted = vec![Grant {
        name: "bundle".to_owned(),
        dir: bundle.dir,
    }];
    let options = ingest::Options {
        // Records alone name no model.
        model: Some(MODEL.to_owned()),
        settings: vec![],
        folders: vec![],
        files: bundle.files,
        profile_dir: None,
        profile_files: vec![],
        ceiling: None,
        operator: None,
        profile_and_optimize_sha: None,
        observation: false,
    };
    sandbox
        .read_bundle(granted, "bundle", &options)
        .map(drop)
        .map_err(|failure| failure.to_string())
}

/// CPU time of this process while `work` runs, in milliseconds: user and system, from the kernel's account.
fn cpu_ms(work: impl FnOnce() -> Result<(), String>) -> Result<f64, String> {
    let before = cpu_now()?;
    work()?;
    Ok(cpu_now()? - before)
}

fn cpu_now() -> Result<f64, String> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Ok(time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn size_of(dir: &Path) -> std::io::Result<u64> {
    let mut size = 0;
    for item in std::fs::read_dir(dir)? {
        let item = item?;
        let kind = item.metadata()?;
        size += if kind.is_dir() {
            size_of(&item.path())?
        } else {
            kind.len()
        };
    }
    Ok(size)
}
