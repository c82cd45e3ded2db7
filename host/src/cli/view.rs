//! `view`: the viewer on the loopback interface, with runs preloaded.

use super::args::ViewArgs;
use super::baseline::{is_entry, read_current};
use super::html::name;
use super::inputs::Reading;
use super::output::Output;
use super::runs::{self, Input};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Given, Run, page};
use crate::sandbox::Sandbox;
use crate::serve::Server;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Reads every run, then serves the page with their documents until it is interrupted.
pub fn view(sandbox: &Sandbox, template: &str, args: &ViewArgs, output: &Output) -> Result<Exit> {
    refuse_without_run(args)?;
    let given = {
        let _shown = output.progress("reading");
        let (baseline, current) = args.inputs.split_at(args.inputs.len().min(1));
        Given {
            baseline: read_side(sandbox, baseline, args.baseline_profile.as_ref(), output)?,
            current: read_side(sandbox, current, args.profile.as_ref(), output)?,
            ..Given::default()
        }
    };
    let server = Server::bind(page(template, &given)?)?;
    let url = server.address();
    output.data(&format!("{url}\n"))?;
    output.say("serving on this computer only; end with Ctrl-C");
    serve(server, &url, args.no_open, output)
}

/// Serves, and starts a browser beside it where one is wanted.
fn serve(server: Server, url: &str, no_open: bool, output: &Output) -> Result<Exit> {
    std::thread::scope(|scope| {
        if !no_open {
            // Beside the server: some openers end only when the browser does, and that waits for the page.
            scope.spawn(|| {
                if !open(url) {
                    output.say("no browser could be started; open the address yourself");
                }
            });
        }
        server.run()
    })
}

/// The documents of one side. The runs of a directory of several stay apart, as they do on the page.
fn read_side(
    sandbox: &Sandbox,
    inputs: &[PathBuf],
    profile: Option<&PathBuf>,
    output: &Output,
) -> Result<Vec<Run>> {
    let reading = Reading {
        profile,
        ..Reading::default()
    };
    let mut documents = Vec::new();
    for path in inputs {
        let runs = match is_entry(path) {
            true => vec![Input::of(path)],
            false => runs::expand(sandbox, std::slice::from_ref(path))?,
        };
        for run in runs {
            documents.push(Run {
                name: name_of(&run)?,
                json: read_current(sandbox, &run, &reading, None, output)?.json,
            });
        }
    }
    Ok(documents)
}

/// A profile is read with a run; alone it would be left out without a word.
fn refuse_without_run(args: &ViewArgs) -> Result<()> {
    for (profile, least, option, run) in [
        (&args.baseline_profile, 1, "--baseline-profile", "baseline"),
        (&args.profile, 2, "--profile", "current run"),
    ] {
        if profile.is_some() && args.inputs.len() < least {
            return Err(Error::usage(format!(
                "found {option} without a {run}; expected the run that was profiled: perfbridge view BASELINE CURRENT {option} DIR"
            )));
        }
    }
    Ok(())
}

/// The last part of a run's name, also of `.`.
fn name_of(run: &Input) -> Result<String> {
    if !run.path.is_dir() {
        return Ok(name(&run.path));
    }
    if !run.folders.is_empty() || run.unpacked.is_some() {
        return Ok(name(Path::new(&run.name)));
    }
    let whole = run
        .path
        .canonicalize()
        .map_err(|error| Error::io("open the directory", &run.path, &error))?;
    Ok(name(&whole))
}

/// Starts the browser that the desktop prefers.
fn open(url: &str) -> bool {
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    Command::new(program)
        .args(arguments)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
