//! `view`: the viewer on the loopback interface, with runs preloaded.

use super::args::ViewArgs;
use super::baseline::{is_entry, read_current};
use super::html::name;
use super::inputs::{Reading, hashing};
use super::output::Output;
use super::progress;
use super::runs::{self, Input};
use crate::bundle::Bundle;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Given, Run, Served, ServedDir, ServedFile, Sides, page};
use crate::sandbox::Sandbox;
use crate::serve::Server;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Serves until it is interrupted.
pub fn view(sandbox: &Sandbox, template: &str, args: &ViewArgs, output: &Output) -> Result<Exit> {
    refuse_without_run(args)?;
    let mut server = Server::bind()?;
    let given = {
        let _shown = output.progress("reading");
        let mut intake = Intake {
            sandbox,
            server: &mut server,
            output,
        };
        let (baseline, current) = args.inputs.split_at(args.inputs.len().min(1));
        let (baseline, served_baseline) = intake.side(baseline, args.baseline_profile.as_ref())?;
        let (current, served_current) = intake.side(current, args.profile.as_ref())?;
        Given {
            baseline,
            current,
            served: Some(Sides {
                baseline: served_baseline,
                current: served_current,
            }),
            ..Given::default()
        }
    };
    // This page fetches its files; a report never fetches anything.
    let page = page(template, &given)?.replace("connect-src 'none'", "connect-src 'self'");
    let url = server.page(page);
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

/// Takes in what was named.
struct Intake<'a> {
    sandbox: &'a Sandbox,
    server: &'a mut Server,
    output: &'a Output,
}

impl Intake<'_> {
    /// The documents of one side, which the page gets whole, and its bundles, whose files it fetches.
    fn side(
        &mut self,
        inputs: &[PathBuf],
        profile: Option<&PathBuf>,
    ) -> Result<(Vec<Run>, Vec<Served>)> {
        let paired = profile
            .map(|path| offer(self.server, path, &[]))
            .transpose()?;
        let (mut documents, mut bundles) = (Vec::new(), Vec::new());
        for path in inputs {
            if path.is_dir() && !is_entry(path) {
                for run in runs::expand(self.sandbox, std::slice::from_ref(path))? {
                    bundles.push(Served {
                        name: name_of(&run)?,
                        dir: offer(self.server, &run.path, &run.folders)?,
                        profile: paired.clone(),
                    });
                }
                continue;
            }
            let reading = Reading {
                profile,
                ..Reading::default()
            };
            let run = Input::of(path);
            documents.push(Run {
                name: name(path),
                json: read_current(self.sandbox, &run, &reading, None, self.output)?.json,
            });
        }
        Ok((documents, bundles))
    }
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

fn offer(server: &mut Server, path: &Path, folders: &[String]) -> Result<ServedDir> {
    let mut progress = |bytes| progress::note(|| hashing(path, bytes));
    let bundle = Bundle::open(path, folders, &mut progress)?;
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
