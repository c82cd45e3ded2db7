//! The command line.

mod again;
mod archive;
mod args;
mod at_once;
mod at_ref;
mod baseline;
mod calibrate;
mod candidate;
mod case;
mod checks;
mod confirm;
mod curves;
mod diff;
mod drawn;
mod evals;
mod explain;
mod formats;
mod forms;
mod gate;
mod handbook;
mod history;
mod html;
mod ingest;
mod inputs;
mod inspect;
mod listing;
mod manage;
mod mcp;
mod naming;
mod notify;
mod output;
mod pin;
mod plan;
mod policies;
mod policy;
mod pool;
mod progress;
mod promote;
mod promotions;
mod record;
mod replay;
mod report;
mod report_at;
mod runs;
mod scratch;
mod seen;
mod sweep;
mod tolerances;
mod verify;
mod view;
mod written;

pub use crate::artefacts::Artefacts;

use crate::error::Result;
use crate::exit::Exit;
use crate::sandbox::Limits;
use args::{Cli, Command};
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use output::Output;
use std::ffi::OsString;

/// Runs one command line.
pub fn run(arguments: impl IntoIterator<Item = OsString>, artefacts: Artefacts) -> Exit {
    let arguments = tolerances::rewrite(arguments);
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        // The examples are made for whom they are shown.
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            let helped = args::with_examples(Cli::command()).try_get_matches_from(arguments);
            return output::usage(&helped.err().unwrap_or(error));
        }
        Err(error) => return output::usage(&error),
    };
    let output = Output::new(cli.command.wants_json(), cli.talk);
    match dispatch(cli, artefacts, &output) {
        Ok(exit) => exit,
        Err(error) => output.error(&error),
    }
}

fn dispatch(cli: Cli, artefacts: Artefacts, output: &Output) -> Result<Exit> {
    let limits = Limits {
        seconds: cli.timeout,
        memory_bytes: cli.memory << 20,
    };
    // Found by the sandbox's file system; inside `mcp` the server brings its own.
    let runtime = crate::sandbox::quiet_runtime().map_err(|error| {
        crate::error::Error::internal(format!("cannot start a runtime: {error:?}"))
    })?;
    let _entered = runtime.enter();
    let sandbox = || artefacts.sandbox(limits).map_err(crate::error::Error::from);
    // The process ends with the command: what the system takes back then is not taken down piece by piece before.
    let lasting = || sandbox().map(|sandbox| &*Box::leak(Box::new(sandbox)));
    let _shown = cli.command.shown().and_then(|doing| output.progress(doing));
    match cli.command {
        Command::Ingest(arguments) => ingest::ingest(lasting()?, &arguments, output),
        Command::Inspect(arguments) => inspect::inspect(lasting()?, &arguments, output),
        Command::Formats(arguments) => formats::formats(lasting()?, &arguments, output),
        Command::Record(arguments) => record::record(lasting()?, &arguments, output),
        Command::Diff(mut arguments) => {
            arguments.place()?;
            diff::diff(lasting()?, &arguments, artefacts, output)
        }
        Command::Gate(mut arguments) => {
            let runs = std::mem::take(&mut arguments.runs);
            arguments.case.current.extend(runs);
            gate::gate(lasting()?, &arguments, artefacts, output)
        }
        Command::Sweep(arguments) => sweep::sweep(lasting()?, &arguments, artefacts, output),
        Command::Policy(mut arguments) => {
            arguments.place()?;
            policies::policy(lasting()?, &arguments, output)
        }
        Command::Explain(arguments) => explain::explain(lasting()?, &arguments, output),
        Command::Calibrate(arguments) => calibrate::calibrate(lasting()?, &arguments, output),
        Command::Plan(arguments) => plan::plan(lasting()?, &arguments, output),
        Command::History(arguments) => history::history(lasting()?, &arguments, output),
        Command::View(arguments) => view::view(lasting()?, &artefacts.viewer(), &arguments, output),
        Command::Report(arguments) => {
            report::report(lasting()?, &artefacts.viewer(), &arguments, output)
        }
        Command::List(arguments) => listing::list(sandbox, &arguments, output),
        Command::Pin(arguments) => pin::pin(&arguments, output),
        Command::Show(arguments) => manage::show(lasting()?, &arguments, output),
        Command::Promote(arguments) => promote::promote(lasting()?, &arguments, artefacts, output),
        Command::Promotions(arguments) => promotions::promotions(&arguments, output),
        Command::Verify(arguments) => {
            verify::verify(sandbox, &arguments, (artefacts, limits), output)
        }
        Command::Init(arguments) => manage::init(&arguments, output),
        Command::Mcp(arguments) => mcp::serve(&arguments, artefacts, limits, output),
        Command::Doctor(arguments) => mcp::doctor(&arguments, output),
        Command::Completions { shell } => handbook::completions(shell, output),
        Command::Man { dir } => handbook::man(&dir, output),
        Command::McpChild { command } => mcp::child(&command, output),
    }
}
