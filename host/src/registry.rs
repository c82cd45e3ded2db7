//! Which registry, and who writes it: the embedded one, or the MCP server that somebody named.

use crate::error::{Error, Result};
use clap::Args;
use perfbridge_mcp::{
    ClientOptions, Guard, MCP_SERVER_VARIABLE, McpVerbs, ServerCommand, find_server,
};
use perfbridge_registry::{
    Arbiter, Embedded, Grants, ROOT_VARIABLE, Real, Surroundings as _, Verbs, find_root,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Which server the verbs go to.
#[derive(Args, Debug)]
pub struct ServerArgs {
    /// Call the verbs on the MCP server that this command starts
    #[arg(long, value_name = "COMMAND", help_heading = "MCP")]
    pub mcp_server: Option<String>,
    /// Call the verbs on the profile_and_optimize server of .mcp.json in the root
    #[arg(long, help_heading = "MCP")]
    pub mcp: bool,
    /// Wait at most this long for an answer of that server, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT, value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "MCP")]
    pub mcp_timeout: u64,
}

/// Seconds that an answer of a server is waited for.
const TIMEOUT: u64 = 60;

impl Default for ServerArgs {
    /// That of the environment, if one is named there.
    fn default() -> Self {
        ServerArgs {
            mcp_server: None,
            mcp: false,
            mcp_timeout: TIMEOUT,
        }
    }
}

/// The family of every entry that we make.
pub const FAMILY: &str = "inference";

/// The hidden command that wraps a server which we start.
pub const CHILD_COMMAND: &str = "mcp-child";

/// The root of the registry: the one named, else the environment's, else the nearest one upwards.
pub fn root(explicit: Option<&Path>) -> Result<PathBuf> {
    let variable = std::env::var(ROOT_VARIABLE).ok();
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let root = find_root(explicit, variable.as_deref(), &cwd()?, home.as_deref())?;
    Ok(root)
}

/// The verbs: those of the server that was named, else the embedded registry's at `root`, where `arbiter` judges.
pub fn verbs(
    server: &ServerArgs,
    root: &Path,
    arbiter: Option<Box<dyn Arbiter>>,
) -> Result<Box<dyn Verbs>> {
    match external(server, Some(root))? {
        Some(command) => {
            let verbs = McpVerbs::start(command, &client_options(server)?)?;
            Ok(Box::new(verbs))
        }
        None => Ok(Box::new(match arbiter {
            Some(arbiter) => embedded(root)?.with_arbiter(arbiter),
            None => embedded(root)?,
        })),
    }
}

/// The embedded registry at `root`. On the command line the root that was named is the grant.
pub fn embedded(root: &Path) -> Result<Embedded> {
    Ok(Embedded::new(Grants {
        allowed_roots: None,
        ..Grants::new(root, cwd()?)
    }))
}

/// The server that was named on the command line, in the environment or, with `--mcp`, in `.mcp.json`.
pub fn external(
    server: &ServerArgs,
    explicit_root: Option<&Path>,
) -> Result<Option<ServerCommand>> {
    let variable = std::env::var(MCP_SERVER_VARIABLE).ok();
    let project = if server.mcp {
        Some(root(explicit_root)?)
    } else {
        None
    };
    find_server(
        server.mcp_server.as_deref(),
        variable.as_deref(),
        project.as_deref(),
    )
    .map_err(|error| Error {
        code: "mcp",
        ..Error::usage(error.to_string())
    })
}

/// How servers are started: wrapped, so that none outlives us.
pub fn client_options(server: &ServerArgs) -> Result<ClientOptions> {
    Ok(ClientOptions {
        guard: Some(guard()?),
        timeout: Duration::from_secs(server.mcp_timeout),
    })
}

/// This program as the guard of a server.
pub fn guard() -> Result<Guard> {
    let program = std::env::current_exe().map_err(|error| {
        Error::internal(format!("cannot find this program's own file: {error}"))
    })?;
    Ok(Guard {
        program,
        args: vec![CHILD_COMMAND.into()],
    })
}

/// The working directory.
pub fn cwd() -> Result<PathBuf> {
    std::env::current_dir()
        .map_err(|error| Error::io("find the working directory", Path::new("."), &error))
}

/// The commit that is checked out at `root`; none without git or outside a checkout.
pub fn revision(root: &Path) -> Option<String> {
    if !root.ancestors().any(|dir| dir.join(".git").exists()) {
        return None;
    }
    Real.git_sha(root)
}

/// The root of an entry that lies at its usual place below one.
pub fn root_of(entry: &Path) -> Option<PathBuf> {
    let entry = entry.canonicalize().ok()?;
    let root = entry.ancestors().nth(6)?;
    entry
        .starts_with(root.join("experiments/artifacts/perf-baselines"))
        .then(|| root.to_path_buf())
}
