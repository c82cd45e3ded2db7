//! `view`: the viewer on the loopback interface, with runs preloaded.

use super::args::ViewArgs;
use super::baseline::{is_entry, read_current};
use super::html::name;
use super::inputs::Reading;
use super::output::Output;
use super::runs::{self, Input};
use crate::bundle::Bundle;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Given, Run, Served, ServedDir, ServedFile, Sides, page};
use crate::sandbox::Sandbox;
use crate::serve::Server;
use std::path::Path;
use std::process::{Command, Stdio};

/// Serves until it is interrupted.
pub fn view(sandbox: &Sandbox, template: &str, args: &ViewArgs, output: &Output) -> Result<Exit> {
    refuse_without_run(args)?;
    let mut server = Server::bind()?;
    let mut given = Given::default();
    let mut served = Sides::default();
    let (baseline, current) = args.inputs.split_at(args.inputs.len().min(1));
    for (inputs, profile, documents, bundles) in [
        (
            baseline,
            &args.baseline_profile,
            &mut given.baseline,
            &mut served.baseline,
        ),
        (
            current,
            &args.profile,
            &mut given.current,
            &mut served.current,
        ),
    ] {
        let paired = match profile {
            Some(path) => Some(offer(&mut server, path, &[], output)?),
            None => None,
        };
        for path in inputs {
            if path.is_dir() && !is_entry(path) {
                for run in runs::expand(sandbox, std::slice::from_ref(path))? {
                    bundles.push(Served {
                        name: name_of(&run)?,
                        dir: offer(&mut server, &run.path, &run.folders, output)?,
                        profile: paired.clone(),
                    });
                }
            } else {
                let reading = Reading {
                    profile: profile.as_ref(),
                    ..Reading::default()
                };
                documents.push(Run {
                    name: name(path),
                    json: read_current(sandbox, &Input::of(path), &reading, output)?.json,
                });
            }
        }
    }
    given.served = Some(served);
    // This page fetches its files; a report never fetches anything.
    let page = page(template, &given)?.replace("connect-src 'none'", "connect-src 'self'");
    let url = server.page(page);
    output.data(&format!("{url}\n"))?;
    output.say("serving on this computer only; end with Ctrl-C");
    std::thread::scope(|scope| {
        if !args.no_open {
            // Beside the server: some openers end only when the browser does, and that waits for the page.
            scope.spawn(|| {
                if !open(&url) {
                    output.say("no browser could be started; open the address yourself");
                }
            });
        }
        server.run()
    })
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
    if !run.folders.is_empty() {
        return Ok(name(Path::new(&run.name)));
    }
    let whole = run
        .path
        .canonicalize()
        .map_err(|error| Error::io("open the directory", &run.path, &error))?;
    Ok(name(&whole))
}

fn offer(
    server: &mut Server,
    path: &Path,
    folders: &[String],
    output: &Output,
) -> Result<ServedDir> {
    let mut seen = 0;
    let bundle = Bundle::open(path, folders, &mut |bytes| {
        output.progress("hashing", bytes);
        seen = bytes;
    })?;
    output.progress_done(seen);
    let files = bundle.files.iter().map(|file| ServedFile {
        path: file.path.clone(),
        size: file.size,
        sha256: file.sha256.clone(),
    });
    let files = files.collect();
    let url = server.offer(bundle, path)?;
    Ok(ServedDir { url, files })
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
