//! `calibrate`.

use super::args::CalibrateArgs;
use super::baseline::read_current;
use super::inputs::{self, Reading};
use super::output::Output;
use super::runs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::Sandbox;
use perfbridge_registry::write_new_aside;
use std::io::ErrorKind;
use std::path::Path;

/// Measures the noise of repeated runs; with `--write` makes a policy of it.
pub fn calibrate(sandbox: &Sandbox, args: &CalibrateArgs, output: &Output) -> Result<Exit> {
    if let Some(file) = &args.write
        && file.symlink_metadata().is_ok()
    {
        // Found before the runs are read; what comes in between is refused when it is written.
        return Err(exists(file));
    }
    let reading = Reading {
        model: args.model.as_deref(),
        ..Reading::default()
    };
    let runs = runs::expand(sandbox, &args.runs)?;
    let read = runs.iter().map(|run| {
        read_current(sandbox, run, &reading, None, output).map(|document| document.json)
    });
    let documents = read.collect::<Result<Vec<String>>>()?;
    let calibration = sandbox
        .calibrate(&documents, args.trials)
        .map_err(|failure| inputs::naming(failure, &runs))?;
    if let Some(file) = &args.write {
        write(file, &calibration.policy)?;
    }
    output.data(if args.json {
        &calibration.json
    } else {
        &calibration.text
    })?;
    if let Some(file) = &args.write {
        output.say(&format!("written: {}", file.display()));
    }
    Ok(Exit::Pass)
}

fn write(file: &Path, policy: &str) -> Result<()> {
    write_new_aside(file, policy.as_bytes()).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(file),
        _ => Error::io("write the policy", file, &error),
    })
}

fn exists(file: &Path) -> Error {
    Error {
        place: Some(file.display().to_string()),
        ..Error::usage(
            "found a file; expected a name that is free, since a policy is never replaced. Choose another name, or move the file away",
        )
    }
}
