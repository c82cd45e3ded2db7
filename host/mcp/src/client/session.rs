//! The conversation with the server: a thread that owns the process and the protocol, and questions to it.
//!
//! The thread lives as long as the session, because Linux ties a guarded child to the thread that started it.

use super::asked::Asked;
use super::choose::ServerCommand;
use super::error::ClientError;
use super::options::ClientOptions;
use super::pipe::Pipe;
use super::process::{Process, SharedLog};
use perfbridge_registry::Verb;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, Implementation,
    JsonObject, ProtocolVersion,
};
use rmcp::service::{RunningService, ServiceError};
use rmcp::{Peer, RoleClient, serve_client};
use std::sync::mpsc as std_mpsc;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};

/// What the server said about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The name of the program.
    pub name: String,
    /// Its version. Some servers give the version of their MCP library here.
    pub version: String,
    /// The version of the protocol.
    pub protocol: String,
}

type Outcome<T> = Result<T, ClientError>;
type Reply<T> = std_mpsc::SyncSender<Outcome<T>>;

enum Question {
    Tools(Reply<Vec<String>>),
    Call(Verb, Asked, JsonObject, Reply<CallToolResult>),
}

/// A server that has said hello.
pub(crate) struct Session {
    command: String,
    hello: Hello,
    questions: Option<mpsc::UnboundedSender<Question>>,
    thread: Option<JoinHandle<()>>,
}

impl Session {
    /// Starts the server and the conversation.
    pub fn start(command: ServerCommand, options: &ClientOptions) -> Outcome<Self> {
        let text = command.text();
        let (questions, inbox) = mpsc::unbounded_channel();
        let (started, hello) = std_mpsc::sync_channel(1);
        let options = options.clone();
        let thread = std::thread::Builder::new()
            .name("mcp-client".to_owned())
            .spawn(move || converse(&command, &options, &started, inbox))
            .map_err(|error| ClientError::new(format!("cannot start a thread: {error}")))?;
        let hello = hello.recv().unwrap_or_else(|_| Err(vanished(&text)));
        match hello {
            Ok(hello) => Ok(Self {
                command: text,
                hello,
                questions: Some(questions),
                thread: Some(thread),
            }),
            Err(error) => {
                // The thread has ended the server and is about to end.
                let _ = thread.join();
                Err(error)
            }
        }
    }

    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    pub fn command_text(&self) -> &str {
        &self.command
    }

    pub fn tools(&self) -> Outcome<Vec<String>> {
        self.ask(Question::Tools)
    }

    /// Calls the tool of a verb. `asked` is what an error message calls this call.
    pub fn call(&self, verb: Verb, asked: Asked, arguments: JsonObject) -> Outcome<CallToolResult> {
        self.ask(|reply| Question::Call(verb, asked, arguments, reply))
    }

    fn ask<T>(&self, question: impl FnOnce(Reply<T>) -> Question) -> Outcome<T> {
        let (reply, answer) = std_mpsc::sync_channel(1);
        let gone = || vanished(&self.command);
        let questions = self.questions.as_ref().ok_or_else(gone)?;
        questions.send(question(reply)).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.questions.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn vanished(command: &str) -> ClientError {
    ClientError::new(format!(
        "the conversation with the MCP server `{command}` ended unexpectedly"
    ))
}

fn converse(
    command: &ServerCommand,
    options: &ClientOptions,
    started: &std_mpsc::SyncSender<Outcome<Hello>>,
    mut inbox: mpsc::UnboundedReceiver<Question>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let why = format!("cannot make a runtime: {error}");
            let _ = started.send(Err(ClientError::new(why)));
            return;
        }
    };
    runtime.block_on(async {
        let (link, service) = match Link::open(command, options).await {
            Ok(open) => open,
            Err(error) => {
                let _ = started.send(Err(error));
                return;
            }
        };
        let _ = started.send(Ok(link.hello.clone()));
        while let Some(question) = inbox.recv().await {
            tokio::spawn(link.clone().answer(service.peer().clone(), question));
        }
        let _ = service.cancel().await;
        link.process.lock().await.end().await;
    });
}

/// What every question needs.
#[derive(Clone)]
struct Link {
    command: String,
    timeout: Duration,
    hello: Hello,
    log: SharedLog,
    process: Arc<Mutex<Process>>,
    /// The first failure after which the server was given up; whatever comes later is its consequence.
    failure: Arc<OnceLock<String>>,
}

impl Link {
    async fn open(
        command: &ServerCommand,
        options: &ClientOptions,
    ) -> Outcome<(Self, RunningService<RoleClient, ClientConfig>)> {
        let (mut process, pipes) = Process::start(command, options)?;
        let log = process.log.clone();
        let (pipe, reader) = Pipe::new(pipes, log.clone());
        process.add_reader(reader);
        let mut link = Self {
            command: command.text(),
            timeout: options.timeout,
            hello: Hello {
                name: "(unnamed)".to_owned(),
                version: String::new(),
                protocol: String::new(),
            },
            log,
            process: Arc::new(Mutex::new(process)),
            failure: Arc::default(),
        };
        let us = Implementation::new("perfbridge", env!("CARGO_PKG_VERSION"));
        let config = ClientConfig::new(ClientCapabilities::default(), us);
        let handshake = serve_client(config, pipe);
        let service = match tokio::time::timeout(options.timeout, handshake).await {
            Ok(Ok(service)) => service,
            Ok(Err(error)) => return Err(link.broken(Asked::Initialize, &error.to_string()).await),
            Err(_) => return Err(link.late(Asked::Initialize).await),
        };
        if let Some(peer) = service.peer_info() {
            if let Some(server) = &peer.server_info {
                link.hello.name = server.name.clone();
                link.hello.version = server.version.clone();
            }
            link.hello.protocol = peer.protocol_version.to_string();
        }
        if let Err(error) = link.check_protocol() {
            link.process.lock().await.kill().await;
            return Err(error);
        }
        Ok((link, service))
    }

    fn check_protocol(&self) -> Outcome<()> {
        let known = ProtocolVersion::KNOWN_VERSIONS;
        let known: Vec<_> = known
            .iter()
            .filter(|version| version.has_initialize())
            .collect();
        if known
            .iter()
            .any(|version| version.as_str() == self.hello.protocol)
        {
            return Ok(());
        }
        let known: Vec<_> = known.iter().map(|version| version.as_str()).collect();
        Err(ClientError::new(format!(
            "the MCP server `{}` answered initialize with protocol version {:?}; this client speaks {}",
            self.command,
            self.hello.protocol,
            known.join(", ")
        )))
    }

    async fn answer(self, peer: Peer<RoleClient>, question: Question) {
        match question {
            Question::Tools(reply) => {
                let tools = self.within(Asked::Tools, peer.list_all_tools()).await;
                let names = |tools: Vec<rmcp::model::Tool>| {
                    tools.iter().map(|tool| tool.name.to_string()).collect()
                };
                let _ = reply.send(tools.map(names));
            }
            Question::Call(verb, asked, arguments, reply) => {
                let params = CallToolRequestParams::new(verb.tool()).with_arguments(arguments);
                let result = self.within(asked, peer.call_tool(params)).await;
                let _ = reply.send(result);
            }
        }
    }

    async fn within<T>(
        &self,
        asked: Asked,
        answer: impl Future<Output = Result<T, ServiceError>>,
    ) -> Outcome<T> {
        if let Some(first) = self.failure.get() {
            return Err(self.given_up(asked, first));
        }
        match tokio::time::timeout(self.timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(ServiceError::McpError(error))) => Err(ClientError::new(format!(
                "the MCP server `{}` answered {asked} with an error: {} (code {})",
                self.command, error.message, error.code.0
            ))),
            Ok(Err(error)) => Err(self.broken(asked, &error.to_string()).await),
            Err(_) => Err(self.late(asked).await),
        }
    }

    fn given_up(&self, asked: Asked, first: &str) -> ClientError {
        ClientError::new(format!(
            "{asked} was not answered because the MCP server was given up earlier: {first}"
        ))
    }

    fn give_up(&self, asked: Asked, what: &str) -> ClientError {
        let message = format!(
            "the MCP server `{}` {what}{}",
            self.command,
            asked.unanswered()
        );
        match self.failure.set(message.clone()) {
            Ok(()) => ClientError {
                message,
                last_words: self.log.last_words(),
            },
            Err(_) => self.given_up(asked, self.failure.get().map_or("", String::as_str)),
        }
    }

    /// The conversation broke: the server has printed something else, or has ended, or nobody knows.
    async fn broken(&self, asked: Asked, why: &str) -> ClientError {
        let status = self.process.lock().await.end().await;
        let what = match (self.log.garbage(), status) {
            (Some(garbage), _) => format!(
                "printed something on stdout during {asked} that is no MCP message: {garbage}. \
                 stdout is for the protocol alone, logs belong on stderr"
            ),
            (None, Some(status)) => format!("ended during {asked} ({status})"),
            (None, None) => format!("broke off during {asked} ({why})"),
        };
        self.give_up(asked, &what)
    }

    async fn late(&self, asked: Asked) -> ClientError {
        let what = format!(
            "did not answer {asked} within {} s and was ended; give it more time if it needs that",
            self.timeout.as_secs_f64()
        );
        self.process.lock().await.kill().await;
        self.give_up(asked, &what)
    }
}
