//! Messages as lines, to and from the child. A line that is no message ends the conversation: whoever mixes its logs
//! into the protocol will sooner or later break a message too, and the reader of the error should know why.

use super::process::{Pipes, SharedLog};
use super::reply::excerpt;
use rmcp::RoleClient;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::ChildStdin;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 64 << 20;

/// A transport over the pipes of a child.
pub(crate) struct Pipe {
    stdin: Arc<Mutex<Option<ChildStdin>>>,
    messages: mpsc::Receiver<RxJsonRpcMessage<RoleClient>>,
}

impl Pipe {
    /// Starts to read. The task ends with the server, or with the first line that is no message.
    pub fn new(pipes: Pipes, log: SharedLog) -> (Self, JoinHandle<()>) {
        let (sender, messages) = mpsc::channel(16);
        let reader = tokio::spawn(read_all(pipes.stdout, sender, log));
        let stdin = Arc::new(Mutex::new(Some(pipes.stdin)));
        (Self { stdin, messages }, reader)
    }
}

impl Transport<RoleClient> for Pipe {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let stdin = self.stdin.clone();
        async move {
            let mut line = serde_json::to_vec(&item)?;
            line.push(b'\n');
            let mut stdin = stdin.lock().await;
            let stdin = stdin
                .as_mut()
                .ok_or(io::Error::from(io::ErrorKind::BrokenPipe))?;
            stdin.write_all(&line).await?;
            stdin.flush().await
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        self.messages.recv().await
    }

    async fn close(&mut self) -> io::Result<()> {
        self.stdin.lock().await.take();
        Ok(())
    }
}

async fn read_all<R: AsyncRead + Unpin>(
    stdout: R,
    sender: mpsc::Sender<RxJsonRpcMessage<RoleClient>>,
    log: SharedLog,
) {
    let mut stdout = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut bounded = (&mut stdout).take(LONGEST_LINE);
        match bounded.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match parse(&line) {
            Ok(message) => {
                if sender.send(message).await.is_err() {
                    return;
                }
            }
            Err(what) => return log.note_garbage(what),
        }
    }
}

fn parse(line: &[u8]) -> Result<RxJsonRpcMessage<RoleClient>, String> {
    if line.len() as u64 >= LONGEST_LINE {
        return Err(format!("a line of more than {} MiB", LONGEST_LINE >> 20));
    }
    if !line.ends_with(b"\n") {
        let text = String::from_utf8_lossy(line);
        return Err(format!("a line that is cut off: {}", excerpt(&text)));
    }
    serde_json::from_slice(line).map_err(|_| excerpt(String::from_utf8_lossy(line).trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_quoted() {
        let error = |line: &str| parse(line.as_bytes()).expect_err("no message");
        assert_eq!(error("Starting server...\n"), "\"Starting server...\"");
        assert_eq!(
            error("{\"level\":\"info\"}\n"),
            "\"{\\\"level\\\":\\\"info\\\"}\""
        );
        assert_eq!(
            error("{\"jsonrpc\":\"2.0\""),
            "a line that is cut off: \"{\\\"jsonrpc\\\":\\\"2.0\\\"\""
        );
        assert!(parse(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n").is_ok());
    }
}
