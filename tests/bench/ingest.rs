//! `ingest BUNDLE...`: reads each bundle natively and in the component, in turn, and prints medians of the
//! CPU time of this process and their ratio. CPU time, because other work may run on the machine.

#![allow(clippy::print_stdout, missing_docs, reason = "a benchmark prints")]

mod reading;

use perfbridge_host::sandbox::{Limits, Sandbox, quiet_runtime};
use reading::{cpu_of, median, read_inside, read_native};
use std::path::Path;

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
            native.push(cpu_of(|| read_native(&bundle))?);
            inside.push(read_inside(&sandbox, &bundle)?);
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
