//! The server on standard input and output.

use super::runtime::{ServerOptions, runtime};
use super::tools_handler::ToolServer;
use perfbridge_registry::Verbs;
use rmcp::model::{ClientRequest, JsonRpcMessage};
use rmcp::service::{RxJsonRpcMessage, ServerInitializeError, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::{RoleServer, serve_server};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

/// The longest line that is read, in bytes. A longer one is skipped.
const LONGEST_LINE: usize = 64 << 20;

/// How long verbs that are still at work may take to end after the client has left.
const LAST_WORK: Duration = Duration::from_secs(30);

/// Serves the verbs to the client at standard input and output until that client closes its end.
///
/// # Errors
/// The runtime cannot be made, or standard output cannot be written.
pub fn serve_stdio(verbs: Arc<dyn Verbs>, options: &ServerOptions) -> io::Result<()> {
    let server = ToolServer::new(verbs, options);
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let (input, output) = rmcp::transport::stdio_pipes();
        // The last request may come without its line end, from a client that writes a file and closes it.
        serve(server, input.chain(&b"\n"[..]), output).await
    });
    // A client that leaves in the middle of a call leaves a reader behind that nobody can interrupt.
    runtime.shutdown_timeout(LAST_WORK);
    outcome
}

/// Serves one client at a pair of byte streams.
async fn serve<R, W>(server: ToolServer, input: R, output: W) -> io::Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let lines = AsyncRwTransport::new_server(input, output).with_max_line_length(LONGEST_LINE);
    match serve_server(server, Patient::new(lines)).await {
        Ok(running) => {
            running.waiting().await.map_err(io::Error::other)?;
            Ok(())
        }
        // A client that leaves before it has begun.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(io::Error::other(error.to_string())),
    }
}

/// A transport that skips what no client may send before `initialize`: notifications and replies. The library
/// would end the connection over them.
struct Patient<T> {
    inner: T,
    begun: bool,
}

impl<T> Patient<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            begun: false,
        }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Patient<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let message = self.inner.receive().await?;
            match &message {
                JsonRpcMessage::Request(request) => {
                    let first = matches!(request.request, ClientRequest::InitializeRequest(_));
                    self.begun |= first;
                    return Some(message);
                }
                _ if self.begun => return Some(message),
                _ => {}
            }
        }
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}
