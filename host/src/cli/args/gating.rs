//! What can be typed after `gate` and `policy`.

use super::forms::FormArgs;
use super::judging::{CaseArgs, FailOn, Tier};
use crate::error::{Error, Result};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What becomes of a judgement that is neither good nor bad.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inconclusive {
    /// It ends with 3
    Fail,
    /// It ends with 0, and is called not judged
    Pass,
    /// It ends with 0 as what it is, for platforms that know a third state
    Neutral,
}

/// `gate`.
#[derive(Args, Debug)]
#[command(
    after_help = EXITS,
    mut_arg("baseline", |arg| arg.help("Registry entry, bundle directory, document or NAME@SLUG; with --baseline-ref a name in the registry; repeated: trials")),
    mut_arg("model", |arg| arg.help("Take the registered baseline of this model: the pinned one, else the newest [default: the current run's]")),
    mut_arg("current", |arg| arg.num_args(1..)),
)]
pub struct GateArgs {
    /// The current run; several are its trials
    #[arg(value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    #[command(flatten)]
    pub case: CaseArgs,
    /// Take the registry and the policy file of this git ref, as origin/main: a pull request cannot bring its own then
    #[arg(long, value_name = "REF")]
    pub baseline_ref: Option<String>,
    /// When to end with exit code 1 [default: red, or what the policy says]
    #[arg(long, value_name = "WHEN", value_enum, help_heading = "Judging")]
    pub fail_on: Option<FailOn>,
    /// What is enough for a pass [default: verdict, or what the policy says]
    #[arg(long, value_name = "TIER", value_enum, help_heading = "Judging")]
    pub require_tier: Option<Tier>,
    /// What becomes of NO_VERDICT, of YELLOW by rule lost and of what is a draft [default: fail, or what the policy says]
    #[arg(long, value_name = "WHAT", value_enum, help_heading = "Judging")]
    pub inconclusive: Option<Inconclusive>,
    /// Take this as today's date, by which waivers end; for replays [default: that of this machine, in UTC]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Judging")]
    pub today: Option<String>,
    #[command(flatten)]
    pub forms: FormArgs,
    #[command(flatten)]
    pub notify: NotifyArgs,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
}

/// Who is told, and when.
#[derive(Args, Debug)]
pub struct NotifyArgs {
    /// Run this with sh -c and give it the judgement: the JSON on stdin, the line for a chat in $PERFBRIDGE_LINE
    #[arg(long, value_name = "COMMAND", help_heading = "Notifying")]
    pub notify: Option<String>,
    /// When to run it [default: always]
    #[arg(long, value_name = "WHEN", value_enum, help_heading = "Notifying")]
    pub notify_on: Option<NotifyOn>,
    /// For --notify-on change: keep here what was decided, so that the next gate knows
    #[arg(long, value_name = "FILE", help_heading = "Notifying")]
    pub notify_state: Option<PathBuf>,
    /// Stop it after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Notifying")]
    pub notify_timeout: u64,
}

/// When somebody is told.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotifyOn {
    /// Verdict, tier or outcome is another than at the last gate of this measurement
    Change,
    /// The verdict is RED, or the gate fails
    Red,
    /// Every time that something was judged
    Always,
}

const EXITS: &str = "\
Exit codes:
  0   the gate passes; or it is not judged, and the policy lets that pass
  1   RED, or YELLOW with --fail-on yellow; an expired waiver; a ratchet or sol_pct of the policy
  2   usage, input that cannot be read, or a ceiling that the policy asks for and nobody gave
  3   inconclusive: NO_VERDICT, YELLOW by rule lost, a draft, or no baseline";

/// `policy`.
#[derive(Args, Debug)]
pub struct PolicyArgs {
    /// What to do
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// What can be done with a policy.
#[derive(Subcommand, Debug)]
pub enum PolicyCommand {
    /// Say whether a file is a policy
    Check(PolicyCheckArgs),
    /// Say what a policy makes of each row, and why
    Explain(Box<PolicyExplainArgs>),
}

/// `policy check`.
#[derive(Args, Debug)]
pub struct PolicyCheckArgs {
    /// The file; without one the perfbridge.toml of this directory or the nearest above it
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `policy explain`.
#[derive(Args, Debug)]
#[command(mut_arg("current", |arg| arg.num_args(1..)))]
pub struct PolicyExplainArgs {
    /// One run or document, or a baseline and the current run
    #[arg(value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    #[command(flatten)]
    pub case: CaseArgs,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl PolicyArgs {
    /// Puts the runs that were named without an option on their sides: one alone is both.
    ///
    /// # Errors
    /// No run at all.
    pub fn place(&mut self) -> Result<()> {
        let PolicyCommand::Explain(args) = &mut self.command else {
            return Ok(());
        };
        let case = &mut args.case;
        let mut runs = std::mem::take(&mut args.runs);
        let named = !case.baseline.is_empty() || case.model.is_some();
        if let (false, [only], []) = (named, runs.as_slice(), case.current.as_slice()) {
            case.baseline.push(only.clone());
        } else if !named && !runs.is_empty() {
            case.baseline.push(runs.remove(0));
        }
        case.current.append(&mut runs);
        if case.current.is_empty() || case.baseline.is_empty() && case.model.is_none() {
            return Err(Error::usage(
                "found no run; expected perfbridge policy explain RUN, or BASELINE CURRENT",
            ));
        }
        Ok(())
    }
}
