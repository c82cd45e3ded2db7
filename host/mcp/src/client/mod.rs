//! The client: another server's verbs.

mod asked;
mod choose;
mod doctor;
mod error;
mod generation;
mod guard;
mod options;
mod pipe;
mod process;
mod reply;
mod session;
mod verbs;

pub use choose::{ChooseError, MCP_SERVER_VARIABLE, ServerCommand, find_server};
pub use doctor::{Diagnosis, Step, doctor, helped, try_verbs};
pub use error::ClientError;
pub use generation::Generation;
pub use guard::{Guard, run_guarded};
pub use options::ClientOptions;
pub use session::Hello;
pub use verbs::McpVerbs;
