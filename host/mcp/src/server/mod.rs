//! The server: the four verbs as MCP tools.

mod http;
mod listen;
mod reply;
mod runtime;
mod stdio;
mod tools_handler;

pub use http::{HttpOptions, serve_http};
pub use listen::{Answer, listen};
pub use runtime::{ServerOptions, runtime};
pub use stdio::serve_stdio;
