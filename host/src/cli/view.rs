//! `view`: the viewer on the loopback interface, with runs preloaded.

use super::args::ViewArgs;
use super::baseline::{is_entry, read_current};
use super::html::name;
use super::inputs::Reading;
use super::output::Output;
use super::trials;
use crate::bundle::Bundle;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Given, Run, Served, ServedFile, Sides, page};
use crate::sandbox::Sandbox;
use crate::serve::{Offer, Server};
use std::path::Path;
use std::process::{Command, Stdio};

/// Serves until it is interrupted.
pub fn view(sandbox: &Sandbox, template: &str, args: &ViewArgs, output: &Output) -> Result<Exit> {
    let mut server = Server::bind()?;
    let mut given = Given::default();
    let mut served = Sides::default();
    // What was put together for the page stays until the server ends.
    let mut expanded = Vec::new();
    for (at, path) in args.inputs.iter().enumerate() {
        let first = at == 0;
        if path.is_dir() && !is_entry(path) {
            let side = if first {
                &mut served.baseline
            } else {
                &mut served.current
            };
            let runs = trials::expand(std::slice::from_ref(path))?;
            for run in &runs.paths {
                side.push(offer(&mut server, run, output)?);
            }
            expanded.push(runs);
        } else {
            let document = read_current(sandbox, path, &Reading::default(), output)?;
            let side = if first {
                &mut given.baseline
            } else {
                &mut given.current
            };
            side.push(Run {
                name: name(path),
                json: document.json,
            });
        }
    }
    given.served = Some(served);
    // This page fetches its files; a report never fetches anything.
    let page = page(template, &given)?.replace("connect-src 'none'", "connect-src 'self'");
    let url = server.page(page);
    output.data(&format!("{url}\n"))?;
    output.say("serving on this computer only; end with Ctrl-C");
    if !args.no_open && !open(&url) {
        output.say("no browser could be started; open the address yourself");
    }
    server.run()
}

fn offer(server: &mut Server, path: &Path, output: &Output) -> Result<Served> {
    let mut seen = 0;
    let bundle = Bundle::open(path, &mut |bytes| {
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
    let paths = bundle.files.into_iter().map(|file| file.path).collect();
    Ok(Served {
        name: name(
            &path
                .canonicalize()
                .map_err(|error| Error::io("open the directory", path, &error))?,
        ),
        url: server.offer(Offer {
            dir: bundle.dir,
            paths,
        }),
        files,
    })
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
