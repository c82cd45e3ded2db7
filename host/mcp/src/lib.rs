//! The four verbs over MCP (Model Context Protocol), in both directions.
//!
//! [`serve_stdio`] and [`serve_http`] offer any [`Verbs`](perfbridge_registry::Verbs) to MCP clients. [`McpVerbs`] is a
//! [`Verbs`](perfbridge_registry::Verbs) that calls another server, which it starts as a child process. Tool names,
//! envelopes and the forms of a reply are those of an existing server, so that clients and registries can change sides.
//!
//! Nothing here decides anything about numbers or paths: that is for the verbs behind it.

mod arguments;
mod client;
mod server;
mod tools;

pub use client::{
    ChooseError, ClientError, ClientOptions, Diagnosis, Generation, Guard, Hello,
    MCP_SERVER_VARIABLE, McpVerbs, ServerCommand, Step, doctor, find_server, helped, run_guarded,
    try_verbs,
};
pub use server::{Answer, HttpOptions, ServerOptions, listen, runtime, serve_http, serve_stdio};
