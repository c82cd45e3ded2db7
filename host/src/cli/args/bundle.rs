//! What can be typed after `ingest` and `record`, and how a bundle is read.

use crate::registry::ServerArgs;
use clap::Args;
use std::path::PathBuf;

/// How a bundle is read.
#[derive(Args, Debug)]
pub struct BundleArgs {
    /// Served model name; needed where the bundle names none or several
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    #[command(flatten)]
    pub additions: Additions,
}

/// What is added to a bundle while it is read.
#[derive(Args, Debug)]
pub struct Additions {
    /// State a field of the context, for instance deployment.quantization=NVFP4 (repeatable)
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub settings: Vec<String>,
    /// Paired profile: a directory with a zymtrace or Nsight Systems bundle
    #[arg(long, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// File of speed-of-light ceilings (YAML), for sol_pct
    #[arg(long, value_name = "FILE", requires = "sol_key")]
    pub sol_ceilings: Option<PathBuf>,
    /// Dotted key of the ceiling in that file
    #[arg(long, value_name = "KEY", requires = "sol_ceilings")]
    pub sol_key: Option<String>,
}

/// What is read.
#[derive(Args, Debug)]
pub struct Sources {
    /// Directory of the benchmark run, a .zip of it, a result file, a document, or - for a document on stdin; several: trials of one configuration
    #[arg(value_name = "RUN", required_unless_present = "source")]
    runs: Vec<PathBuf>,
    /// The same as RUN; repeated: trials of one configuration
    #[arg(long, value_name = "PATH", num_args = 1..)]
    source: Vec<PathBuf>,
}

impl Sources {
    /// All of them.
    pub fn paths(&self) -> Vec<PathBuf> {
        [&self.source[..], &self.runs].concat()
    }
}

/// `ingest`.
#[derive(Args, Debug)]
pub struct IngestArgs {
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub bundle: BundleArgs,
    /// Print the document on a terminal too, where a table of what is in the directory stands otherwise; errors as JSON
    #[arg(long)]
    pub json: bool,
}

/// `record`.
#[derive(Args, Debug)]
pub struct RecordArgs {
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub bundle: BundleArgs,
    /// Keep the run as an observation: part of the history that noise is taken from, and no baseline that --model picks
    #[arg(long)]
    pub observe: bool,
    /// What the entry is called in list, and behind @ in a name; at most 60 characters
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// Quality score of the run: NAME=NUMBER as in GPQA=0.71, or a result file of lm-evaluation-harness or NeMo Evaluator (repeatable)
    #[arg(long = "eval", value_name = "SCORE")]
    pub evals: Vec<String>,
    /// Kept with the entry; scores in it count, for instance "GPQA=0.31. MMLU-Pro=0.12"
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        allow_hyphen_values = true
    )]
    pub notes: String,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}
