//! The verbs of another server.

use super::asked::Asked;
use super::choose::ServerCommand;
use super::error::ClientError;
use super::generation::{Generation, dropping_direction, refuses_direction, with_direction};
use super::options::ClientOptions;
use super::reply::{self, Answer};
use super::session::{Hello, Session};
use perfbridge_registry::options::{RECORD, parse};
use perfbridge_registry::python::argparse::Outcome;
use perfbridge_registry::{Call, Envelope, Query, Verb, VerbError, Verbs, is_safe_segment};
use rmcp::model::JsonObject;
use serde_json::json;
use std::sync::OnceLock;

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
    /// The server did not answer, or has no tool for `record`.
    pub fn generation(&self) -> Result<Generation, VerbError> {
        if let Some(known) = self.generation.get() {
            return Ok(*known);
        }
        let help = self.ask(Verb::Record, Asked::Probe, options(&["--help".to_owned()]))?;
        let found = Generation::of_help(&help);
        Ok(*self.generation.get_or_init(|| found))
    }

    fn command_line(&self, verb: Verb, args: &[String]) -> Result<Envelope, VerbError> {
        self.ask(verb, Asked::Verb(verb), options(args))
    }

    fn search(&self, verb: Verb, query: &Query) -> Result<Envelope, VerbError> {
        let mut fields = JsonObject::new();
        fields.insert("query".to_owned(), query.pattern.as_str().into());
        fields.insert("limit".to_owned(), query.limit.into());
        self.ask(verb, Asked::Verb(verb), fields)
    }

    fn ask(&self, verb: Verb, asked: Asked, arguments: JsonObject) -> Result<Envelope, VerbError> {
        let tool = verb.tool();
        let result = self.session.call(verb, asked, arguments)?;
        match reply::read(verb, &result) {
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
        let envelope = self.command_line(Verb::Record, &with_direction(args))?;
        // The probe was wrong after all. The refusal came before anything was written, so a second try is safe.
        if refuses_direction(&envelope) {
            return self.record_on_old(args);
        }
        Ok(envelope)
    }

    fn record_on_old(&self, args: &[String]) -> Result<Envelope, VerbError> {
        let (args, direction) = dropping_direction(args);
        if let Some(refusal) = refuse_names(&args) {
            return Ok(refusal);
        }
        let mut envelope = self.command_line(Verb::Record, &args)?;
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
    let stderr = match parse(&RECORD, &complete) {
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
    Some(Envelope::refused(Verb::Record, args.to_vec(), stderr))
}

/// The arguments of a tool that takes a command line. A refusal is asked for as an ordinary reply.
fn options(args: &[String]) -> JsonObject {
    let call = json!({"args": args, "allow_nonzero": true});
    JsonObject::from_iter([("params".to_owned(), call)])
}

impl Verbs for McpVerbs {
    fn call(&self, call: &Call) -> Result<Envelope, VerbError> {
        let verb = call.verb();
        match call {
            Call::Record(args) => match self.generation()? {
                Generation::Old => self.record_on_old(args),
                Generation::New => self.record_on_new(args),
            },
            Call::Diff(args) => self.command_line(verb, args),
            Call::Runbooks(query) | Call::Evidence(query) => self.search(verb, query),
        }
    }
}
