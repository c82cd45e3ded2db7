//! What can be typed after `list`, `show`, `pin`, `promote`, `promotions`, `verify` and `init`.

use clap::Args;
use std::path::PathBuf;

/// The registry and the form of the answer.
#[derive(Args, Debug)]
pub struct RootArgs {
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Only this model, or this measurement
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Only this family
    #[arg(long, value_name = "FAMILY")]
    pub family: Option<String>,
    #[command(flatten)]
    pub root: RootArgs,
}

/// `show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Entry directory, NAME (the pinned or newest), NAME@SLUG, NAME@ROLE or NAME@LABEL; a slug may be cut
    #[arg(value_name = "ENTRY")]
    pub entry: String,
    #[command(flatten)]
    pub root: RootArgs,
}

/// `pin`.
#[derive(Args, Debug)]
pub struct PinArgs {
    /// Entry directory, NAME (the newest), NAME@SLUG; a slug may be cut
    #[arg(value_name = "ENTRY")]
    pub entry: String,
    /// The role; the entry with the role `baseline` is the one that --model takes [default: baseline, without --label]
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// What the entry is called in list, and behind @ in a name
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// Take the role back
    #[arg(long)]
    pub release: bool,
    #[command(flatten)]
    pub root: RootArgs,
}

/// `promote`.
#[derive(Args, Debug)]
pub struct PromoteArgs {
    /// The run: bundle directory, document, or an entry that is registered already, by its path or name; several: trials
    #[arg(long, value_name = "RUN", required = true, num_args = 1..)]
    pub current: Vec<PathBuf>,
    /// Why, in one line; kept with the promotion
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Served model name; a run of another model is refused
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// State a field of a new entry's context, for instance deployment.quantization=NVFP4 (repeatable)
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub settings: Vec<String>,
    /// The role; the entry with the role `baseline` is the one that --model takes elsewhere
    #[arg(long, value_name = "ROLE", default_value = perfbridge_registry::BASELINE_ROLE)]
    pub role: String,
    /// Quality score of the run: NAME=NUMBER as in GPQA=0.71, or a result file of lm-evaluation-harness or NeMo Evaluator (repeatable)
    #[arg(long = "eval", value_name = "SCORE")]
    pub evals: Vec<String>,
    /// Kept with a new entry; scores in it count, for instance "GPQA=0.31. MMLU-Pro=0.12"
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        allow_hyphen_values = true
    )]
    pub notes: String,
    /// Only forward: GREEN and no draft against the entry that has the role now. Worse ends with exit code 1, what cannot be said with 3
    #[arg(long)]
    pub ratchet: bool,
    /// Policy file (TOML) of that comparison; none: not even the perfbridge.toml found here or above
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub root: RootArgs,
}

/// `promotions`.
#[derive(Args, Debug)]
pub struct PromotionsArgs {
    /// Only of this model, or this measurement
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Only this role
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    #[command(flatten)]
    pub root: RootArgs,
}

/// `verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// What to check alone: a diff bundle or a directory of diff --out, its verdict.json, or an entry; default: the whole registry
    #[arg(value_name = "DIR|ENTRY|VERDICT")]
    pub target: Option<String>,
    /// Judge every diff bundle of the registry anew too
    #[arg(long, conflicts_with = "target")]
    pub replay: bool,
    /// The component that judged, where the registry does not keep it
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,
    /// Demand a signature of the verdict by a key of this file, as ssh-keygen takes it
    #[arg(long, value_name = "FILE", requires = "target")]
    pub allowed_signers: Option<PathBuf>,
    /// Demand it of this signer
    #[arg(long, value_name = "NAME", requires = "allowed_signers")]
    pub signer: Option<String>,
    /// Sign the verdict with this private key, through ssh-keygen, if all of it holds
    #[arg(
        long,
        value_name = "FILE",
        requires = "target",
        conflicts_with = "allowed_signers"
    )]
    pub sign_key: Option<PathBuf>,
    #[command(flatten)]
    pub root: RootArgs,
}

/// `init`.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// Where; default: here
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
