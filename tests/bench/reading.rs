//! Bundles read natively and in the component, and the CPU time of that.

use perfbridge_guest::document::{Options, build};
use perfbridge_guest::files::native::NativeTree;
use perfbridge_guest::sources::read_bundle;
use perfbridge_host::bundle::Bundle;
use perfbridge_host::error::Error;
use perfbridge_host::sandbox::{Sandbox, ingest};
use std::path::Path;

/// The model of the committed bundles.
const MODEL: &str = "tinyllama-7m";

/// What a step of a benchmark gives.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Reads a bundle natively.
pub fn read_native(bundle: &str) -> Outcome<()> {
    let options = Options {
        model: Some(MODEL.to_owned()),
        ..Options::default()
    };
    let run = read_bundle(&NativeTree::new(bundle)).map_err(|fault| fault.to_string())?;
    build(&run, None, &options).map_err(|fault| fault.to_string())?;
    Ok(())
}

/// Reads a bundle in the component; the CPU time of that in milliseconds. Hashes are made by the host before, and counted
/// in the whole process.
pub fn read_inside(sandbox: &Sandbox, bundle: &str) -> Outcome<f64> {
    let text = |error: Error| error.to_string();
    let bundle = Bundle::open(Path::new(bundle), &[]).map_err(text)?;
    let options = ingest::Options {
        // Records alone name no model.
        model: Some(MODEL.to_owned()),
        settings: vec![],
        folders: vec![],
        files: bundle.hashes(&mut |_| {}).map_err(text)?,
        profile_dir: None,
        profile_files: vec![],
        ceiling: None,
        operator: None,
        profile_and_optimize_sha: None,
        observation: false,
    };
    let granted = vec![bundle.grant("bundle").map_err(text)?];
    cpu_of(|| {
        let read = sandbox.read_bundle(granted, "bundle", &options);
        read.map(drop).map_err(|failure| failure.to_string().into())
    })
}

/// CPU time of this process while `work` runs, in milliseconds: user and system, from the kernel's account.
pub fn cpu_of(work: impl FnOnce() -> Outcome<()>) -> Outcome<f64> {
    let before = cpu_now();
    work()?;
    Ok(cpu_now() - before)
}

/// CPU time of this process in milliseconds, user and system.
pub fn cpu_now() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
