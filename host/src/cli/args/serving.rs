//! What can be typed after `mcp` and `doctor`.

use crate::registry::ServerArgs;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `mcp`.
#[derive(Args, Debug)]
pub struct McpArgs {
    /// Serve Streamable HTTP at this address instead of stdio, for instance 127.0.0.1:8931
    #[arg(long, value_name = "ADDRESS")]
    pub http: Option<SocketAddr>,
    /// Serve diff and search without any right to write baselines
    #[arg(long)]
    pub read_only: bool,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    /// Judge by this policy file; default: perfbridge.toml here or above (none: without one)
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Let callers name this root, or one below it, with --repo-root (repeatable)
    #[arg(long, value_name = "DIR")]
    pub allow_root: Vec<PathBuf>,
    /// Let --http listen where other machines can reach it
    #[arg(long, requires = "http")]
    pub allow_non_loopback: bool,
    /// A further name that clients may use for this server (repeatable)
    #[arg(long, value_name = "HOST", requires = "http")]
    pub allow_host: Vec<String>,
    /// A web page that may call this server, as https://name:port (repeatable)
    #[arg(long, value_name = "ORIGIN", requires = "http")]
    pub allow_origin: Vec<String>,
}

/// `doctor`.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// Root of the registry
    #[arg(long, value_name = "DIR")]
    pub repo_root: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
