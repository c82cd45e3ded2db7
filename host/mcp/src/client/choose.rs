//! Which server to call: the one on the command line, the one in the environment, or the entry of `.mcp.json`.

use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};

/// The environment variable that names a server.
pub const MCP_SERVER_VARIABLE: &str = "PERFBRIDGE_MCP_SERVER";

/// The entry of `.mcp.json` that is looked for.
const ENTRY: &str = "profile_and_optimize";

/// How to start a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerCommand {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables that are added to our environment.
    pub env: Vec<(String, String)>,
    /// Where it is started; `None` where we are.
    pub dir: Option<PathBuf>,
    /// Who named it, for messages.
    pub source: String,
}

impl ServerCommand {
    /// Splits a command line as a shell would, without expanding anything.
    ///
    /// # Errors
    /// An open quote, or nothing in it.
    pub fn parse(line: &str, source: &str) -> Result<Self, ChooseError> {
        let bad = |why: &str| {
            ChooseError(format!(
                "{source} is no command line: {line:?}: {why}; expected a program and its arguments, quoted as in a \
                 shell"
            ))
        };
        let mut words = shlex::split(line).ok_or_else(|| bad("a quote is not closed"))?;
        if words.is_empty() || words[0].is_empty() {
            return Err(bad("it names no program"));
        }
        let program = words.remove(0);
        Ok(Self {
            program,
            args: words,
            env: Vec::new(),
            dir: None,
            source: source.to_owned(),
        })
    }

    /// The command line, quoted for a shell.
    pub fn text(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.args);
        shlex::try_join(words.map(String::as_str)).unwrap_or_else(|_| self.program.clone())
    }
}

/// A server was named in a way that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChooseError(String);

impl fmt::Display for ChooseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ChooseError {}

/// The server to call: `option` (the value of `--mcp-server`), else `variable` (the value of
/// [`MCP_SERVER_VARIABLE`]; empty counts as unset), else the entry `profile_and_optimize` of `.mcp.json` in `project`,
/// if one is given. `None` if nobody named one.
///
/// # Errors
/// A command line that cannot be split, or a `.mcp.json` that is missing, unreadable or has no usable entry.
pub fn find_server(
    option: Option<&str>,
    variable: Option<&str>,
    project: Option<&Path>,
) -> Result<Option<ServerCommand>, ChooseError> {
    if let Some(line) = option {
        return ServerCommand::parse(line, "--mcp-server").map(Some);
    }
    if let Some(line) = variable.filter(|line| !line.is_empty()) {
        return ServerCommand::parse(line, MCP_SERVER_VARIABLE).map(Some);
    }
    let Some(dir) = project else {
        return Ok(None);
    };
    let file = dir.join(".mcp.json");
    let name = file.display().to_string();
    let text = std::fs::read_to_string(&file).map_err(|error| {
        ChooseError(format!(
            "cannot read {name}: {error}; name a server with --mcp-server or {MCP_SERVER_VARIABLE}"
        ))
    })?;
    let variables = |name: &str| std::env::var(name).ok();
    let mut server =
        of_json(&text, variables).map_err(|why| ChooseError(format!("{name}: {why}")))?;
    server.source = format!("{ENTRY} in {name}");
    server.dir.get_or_insert_with(|| dir.to_owned());
    Ok(Some(server))
}

/// Reads the entry. `${NAME}` and `${NAME:-default}` stand for variables, as they do for the clients that made this
/// file common.
fn of_json(
    text: &str,
    variables: impl Fn(&str) -> Option<String>,
) -> Result<ServerCommand, String> {
    let root: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let servers = root
        .get("mcpServers")
        .and_then(Value::as_object)
        .ok_or("mcpServers is missing or no object")?;
    let entry = servers.get(ENTRY).ok_or_else(|| {
        let names: Vec<_> = servers.keys().map(String::as_str).collect();
        format!(
            "mcpServers has no entry {ENTRY}; it has: {}",
            names.join(", ")
        )
    })?;
    let place = |field: &str| format!("mcpServers.{ENTRY}.{field}");
    if entry.get("url").is_some() {
        return Err(format!(
            "{} names a server on the network; only one that is started by a command can be called",
            place("url")
        ));
    }
    let word = |field: &str, value: &Value| -> Result<String, String> {
        let text = value
            .as_str()
            .ok_or_else(|| format!("{} must be text", place(field)))?;
        expand(text, &variables).map_err(|why| format!("{}: {why}", place(field)))
    };
    let command = entry
        .get("command")
        .ok_or_else(|| format!("{} is missing", place("command")))?;
    let args = match entry.get("args") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| word("args", item))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(format!("{} must be a list", place("args"))),
    };
    let env = match entry.get("env") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(members)) => members
            .iter()
            .map(|(name, value)| Ok((name.clone(), word("env", value)?)))
            .collect::<Result<_, String>>()?,
        Some(_) => return Err(format!("{} must be an object", place("env"))),
    };
    let dir = match entry.get("cwd") {
        None | Some(Value::Null) => None,
        Some(value) => Some(PathBuf::from(word("cwd", value)?)),
    };
    let program = word("command", command)?;
    if program.is_empty() {
        return Err(format!("{} is empty", place("command")));
    }
    Ok(ServerCommand {
        program,
        args,
        env,
        dir,
        source: ENTRY.to_owned(),
    })
}

fn expand(text: &str, variables: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, behind) = after
            .split_once('}')
            .ok_or_else(|| format!("${{ is not closed in {text:?}"))?;
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (inside, None),
        };
        let value = variables(name).filter(|value| default.is_none() || !value.is_empty());
        out.push_str(before);
        out.push_str(
            &value
                .or(default)
                .ok_or_else(|| format!("the environment has no {name}"))?,
        );
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
#[path = "choose_tests.rs"]
mod tests;
