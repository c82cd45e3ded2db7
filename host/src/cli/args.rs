//! What can be typed.

mod bundle;
mod examples;
mod forms;
mod gating;
mod judging;
mod looking;
mod managing;
mod planning;
mod serving;
mod sweeping;
mod talking;
mod viewing;

pub use bundle::{Additions, BundleArgs, IngestArgs, RecordArgs, Sources};
pub use examples::added as with_examples;
pub use forms::{EXPLAINED, FormArgs, JSON, MARKDOWN, TEXT};
pub use gating::{
    GateArgs, Inconclusive, NotifyArgs, NotifyOn, PolicyArgs, PolicyCheckArgs, PolicyCommand,
    PolicyExplainArgs,
};
pub use judging::{CaseArgs, DiffArgs, FailOn, Tails, Tier, full_name, is_stdin};
pub use looking::{FormatsArgs, InspectArgs};
pub use managing::{
    InitArgs, ListArgs, PinArgs, PromoteArgs, PromotionsArgs, ShowArgs, VerifyArgs,
};
pub use planning::{CalibrateArgs, ExplainArgs, HistoryArgs, PlanArgs};
pub use serving::{DoctorArgs, McpArgs};
pub use sweeping::SweepArgs;
pub use talking::{Color, Talk};
pub use viewing::{ReportArgs, ViewArgs};

use clap::{Parser, Subcommand};

const AFTER: &str = "\
Exit codes:
  0   pass: done, or GREEN, or YELLOW
  1   gate failed: RED, or YELLOW with --fail-on yellow; verify: something is wrong;
      promote --ratchet: worse than what it would replace
  2   usage, or input that cannot be read
  3   no verdict: nothing can be said about the two runs
  70  internal error";

/// Is this inference performance regression real?
#[derive(Parser, Debug)]
#[command(name = "perfbridge", version, after_help = AFTER, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub talk: Talk,
    /// Stop the component after this many seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400), help_heading = "Limits")]
    pub timeout: u64,
    /// Give the component at most this much memory, in MiB
    #[arg(long, global = true, value_name = "MIB", default_value_t = 512, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=4096), help_heading = "Limits")]
    pub memory: usize,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Judge a run against a baseline
    Diff(Box<DiffArgs>),
    /// Judge a run against the registered baseline and end by the policy: one command for CI
    Gate(Box<GateArgs>),
    /// Judge every registered measurement against its most recent run, and group what fails together
    Sweep(Box<SweepArgs>),
    /// Check a policy file, or say what it makes of each row
    Policy(PolicyArgs),
    /// Read a bundle and register it as a baseline
    Record(RecordArgs),
    /// Open runs in the browser: the first is the baseline
    View(ViewArgs),
    /// Read a bundle and print its document
    Ingest(IngestArgs),
    /// List everything in a directory of mixed results
    Inspect(InspectArgs),
    /// List what is read: formats, versions, fields and what each number is
    Formats(FormatsArgs),
    /// Say in one sentence why a row of a judgement has its status
    Explain(Box<ExplainArgs>),
    /// Measure the noise of repeated runs, and what tolerance it asks for
    Calibrate(CalibrateArgs),
    /// Print in which order to run the trials of two sides, or a script that does
    Plan(PlanArgs),
    /// Show one number over the registered baselines, and where it changed
    History(HistoryArgs),
    /// Make the page of a diff that was written before
    Report(ReportArgs),
    /// List registered baselines
    List(ListArgs),
    /// Show one registered baseline
    Show(ShowArgs),
    /// Say which registered baseline stands for its model, or what one is called
    Pin(PinArgs),
    /// Make a run the baseline of record, for a reason and with its quality scores
    Promote(Box<PromoteArgs>),
    /// List who promoted what and why
    Promotions(PromotionsArgs),
    /// Check every hash of the registry, or judge one verdict anew from its inputs
    Verify(VerifyArgs),
    /// Make an empty registry
    Init(InitArgs),
    /// Serve the four verbs to MCP clients, on stdio or HTTP
    Mcp(McpArgs),
    /// Say which registry the verbs go to, and whether it works
    Doctor(DoctorArgs),
    /// Print what a shell needs to complete commands and options
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write a man page for each command
    Man {
        /// Directory, made if it is not there
        #[arg(value_name = "DIR")]
        dir: std::path::PathBuf,
    },
    /// Become a command that ends when the parent does
    #[command(name = crate::registry::CHILD_COMMAND, hide = true)]
    McpChild {
        /// The command
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
}

impl Command {
    /// What a terminal is told that the command is at, if it takes long; none for those that end at once or serve.
    pub fn shown(&self) -> Option<&'static str> {
        match self {
            Command::Diff(_) | Command::Gate(_) | Command::Policy(_) | Command::Explain(_) => {
                Some("judging")
            }
            Command::Record(_) | Command::Ingest(_) | Command::Inspect(_) => Some("reading"),
            Command::Sweep(_) => Some("sweeping"),
            Command::Calibrate(_) => Some("calibrating"),
            Command::History(_) | Command::List(_) | Command::Show(_) | Command::Pin(_) => {
                Some("reading the registry")
            }
            Command::Promote(_) => Some("judging"),
            Command::Promotions(_) => Some("reading the registry"),
            Command::Verify(_) => Some("hashing the registry"),
            Command::Report(_) => Some("making the page"),
            Command::Doctor(_) => Some("asking the registry"),
            Command::Plan(_)
            | Command::View(_)
            | Command::Formats(_)
            | Command::Init(_)
            | Command::Mcp(_)
            | Command::McpChild { .. }
            | Command::Completions { .. }
            | Command::Man { .. } => None,
        }
    }

    /// Whether data goes to stdout as JSON, errors included.
    pub fn wants_json(&self) -> bool {
        match self {
            Command::Ingest(args) => args.json,
            Command::Inspect(args) => args.json,
            Command::Formats(args) => args.json,
            Command::Record(args) => args.json,
            Command::Diff(args) => args.forms.is_json(),
            Command::Gate(args) => args.forms.is_json(),
            Command::Sweep(args) => args.forms().is_json(),
            Command::Policy(args) => match &args.command {
                PolicyCommand::Check(args) => args.json,
                PolicyCommand::Explain(args) => args.json,
            },
            Command::Explain(args) => args.json,
            Command::Calibrate(args) => args.json,
            Command::Plan(args) => args.json,
            Command::History(args) => args.root.json,
            Command::View(_) | Command::Report(_) => false,
            Command::List(args) => args.root.json,
            Command::Show(args) => args.root.json,
            Command::Pin(args) => args.root.json,
            Command::Promote(args) => args.root.json,
            Command::Promotions(args) => args.root.json,
            Command::Verify(args) => args.root.json,
            Command::Init(args) => args.json,
            Command::Doctor(args) => args.json,
            Command::Mcp(_)
            | Command::McpChild { .. }
            | Command::Completions { .. }
            | Command::Man { .. } => false,
        }
    }
}
