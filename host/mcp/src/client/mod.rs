//! The client: another server's verbs.

mod choose;
mod doctor;
mod generation;
mod guard;
mod pipe;
mod process;
mod reply;
mod session;

pub use choose::{ChooseError, MCP_SERVER_VARIABLE, ServerCommand, find_server};
pub use doctor::{Diagnosis, Step, doctor, try_verbs};
pub use generation::Generation;
pub use guard::{Guard, run_guarded};
pub use session::Hello;

use generation::{dropping_direction, with_direction};
use perfbridge_registry::args::{self, Outcome};
use perfbridge_registry::{Envelope, VerbError, Verbs, is_safe_segment};
use reply::Answer;
use serde_json::{Map, Value, json};
use session::Session;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

/// How the client deals with its server.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// How long one answer may take.
    pub timeout: Duration,
    /// Ties the life of the server to ours; see [`Guard`].
    pub guard: Option<Guard>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            guard: None,
        }
    }
}

/// Why the server could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientError {
    /// The command, the step and what happened.
    pub message: String,
    /// The end of the server's stderr, on lines of its own; empty where nothing was started or it is not known.
    pub last_words: String,
}

impl ClientError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            last_words: String::new(),
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.message, self.last_words)
    }
}

impl std::error::Error for ClientError {}

impl From<ClientError> for VerbError {
    fn from(error: ClientError) -> Self {
        VerbError::Unreachable {
            message: error.message,
            last_words: error.last_words,
        }
    }
}

/// The verbs of a server that runs as a child process. Dropping it ends the server.
pub struct McpVerbs {
    session: Session,
    generation: OnceLock<Generation>,
}

impl McpVerbs {
    /// Starts the server and says hello.
    ///
    /// # Errors
    /// It cannot be started, ends or hangs during the handshake, or speaks another protocol.
    pub fn start(command: ServerCommand, options: &ClientOptions) -> Result<Self, ClientError> {
        Ok(Self {
            session: Session::start(command, options)?,
            generation: OnceLock::new(),
        })
    }

    /// What the server said about itself in the handshake.
    pub fn hello(&self) -> &Hello {
        self.session.hello()
    }

    /// The names of the server's tools.
    ///
    /// # Errors
    /// The server did not answer.
    pub fn tools(&self) -> Result<Vec<String>, ClientError> {
        self.session.tools()
    }

    /// Which generation of the contract the server keeps, found out with a harmless call of `record --help`. The
    /// answer is remembered.
    ///
    /// # Errors
    /// The server did not answer, or has no tool `perf_baseline_record`.
    pub fn generation(&self) -> Result<Generation, VerbError> {
        if let Some(known) = self.generation.get() {
            return Ok(*known);
        }
        let help = json!({"params": {"args": ["--help"], "allow_nonzero": true}});
        let help = self.call("perf_baseline_record", "the probe (record --help)", help)?;
        let found = Generation::of_help(&help);
        Ok(*self.generation.get_or_init(|| found))
    }

    fn command_line(&self, tool: &'static str, args: &[String]) -> Result<Envelope, VerbError> {
        let params = json!({"params": {"args": args, "allow_nonzero": true}});
        self.call(tool, tool, params)
    }

    fn search(&self, tool: &'static str, query: &str, limit: u32) -> Result<Envelope, VerbError> {
        self.call(tool, tool, json!({"query": query, "limit": limit}))
    }

    fn call(
        &self,
        tool: &'static str,
        step: &'static str,
        arguments: Value,
    ) -> Result<Envelope, VerbError> {
        let fields = match arguments {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let result = self.session.call(tool, step, fields)?;
        match reply::read(tool, &result) {
            Answer::Envelope(envelope) => Ok(*envelope),
            Answer::Exception(message) => Err(VerbError::Argument(message)),
            Answer::NoTool => Err(self.no_use(&format!(
                "has no tool {tool}; is it a profile_and_optimize server?"
            ))),
            Answer::Strange(found) => Err(self.no_use(&format!(
                "answered {tool} with something that is no reply of this verb: {found}"
            ))),
        }
    }

    fn no_use(&self, what: &str) -> VerbError {
        let command = self.session.command_text();
        ClientError::new(format!("the MCP server `{command}` {what}")).into()
    }

    fn record_on_new(&self, args: &[String]) -> Result<Envelope, VerbError> {
        let envelope = self.command_line("perf_baseline_record", &with_direction(args))?;
        // The probe was wrong after all. The refusal came before anything was written, so a second try is safe.
        if generation::refuses_direction(&envelope) {
            return self.record_on_old(args);
        }
        Ok(envelope)
    }

    fn record_on_old(&self, args: &[String]) -> Result<Envelope, VerbError> {
        let (args, direction) = dropping_direction(args);
        if let Some(refusal) = refuse_names(&args) {
            return Ok(refusal);
        }
        let mut envelope = self.command_line("perf_baseline_record", &args)?;
        if let Some(direction) = direction.filter(|direction| direction != "two-sided") {
            envelope.stderr.push_str(&format!(
                "warning: this server is of a generation that keeps no direction; {direction} is not recorded and \
                 its comparisons are two-sided\n"
            ));
        }
        Ok(envelope)
    }
}

/// An old server checks no names and would write wherever `..` leads.
fn refuse_names(args: &[String]) -> Option<Envelope> {
    let mut complete = args.to_vec();
    complete.extend(["--direction".to_owned(), "two-sided".to_owned()]);
    let stderr = match args::parse(&args::RECORD, &complete) {
        Outcome::Help(_) => return None,
        Outcome::Refused(usage) => usage,
        Outcome::Run(parsed) => {
            let unsafe_name = ["--family", "--measurement"]
                .into_iter()
                .find(|name| !parsed.text(name).is_some_and(is_safe_segment))?;
            let label = unsafe_name.trim_start_matches('-');
            format!("FATAL: {label} must be one safe path segment\n")
        }
    };
    Some(Envelope {
        tool: "perf_baseline_record".to_owned(),
        library: "perf_baseline".to_owned(),
        verb: "record".to_owned(),
        safety: "writes_artifacts".to_owned(),
        ack_required: false,
        ack_field: None,
        args: args.to_vec(),
        returncode: 2,
        stdout: String::new(),
        stderr,
        json: None,
    })
}

impl Verbs for McpVerbs {
    fn record(&self, args: &[String]) -> Result<Envelope, VerbError> {
        match self.generation()? {
            Generation::Old => self.record_on_old(args),
            Generation::New => self.record_on_new(args),
        }
    }

    fn diff(&self, args: &[String]) -> Result<Envelope, VerbError> {
        self.command_line("perf_baseline_diff", args)
    }

    fn search_evidence(&self, query: &str, limit: u32) -> Result<Envelope, VerbError> {
        self.search("search_evidence", query, limit)
    }

    fn search_runbooks(&self, query: &str, limit: u32) -> Result<Envelope, VerbError> {
        self.search("search_runbooks", query, limit)
    }
}
