//! Answering HTTP requests on a listener.

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How many connections are served at a time; more wait.
const CONNECTIONS: usize = 64;

/// What answers a request.
pub trait Answer: Send + Sync + 'static {
    /// What the answer consists of.
    type Body: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// Answers.
    fn answer(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// Answers requests for as long as the process lives.
///
/// # Errors
/// None that a client can cause.
pub async fn listen<A: Answer>(listener: TcpListener, answers: A) -> io::Result<()> {
    let answers = Arc::new(answers);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = places
            .clone()
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                // A client that left at once, or no descriptors at the moment; the listener itself is sound.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let answers = answers.clone();
        tokio::spawn(async move {
            serve_connection(stream, answers).await;
            drop(place);
        });
    }
}

async fn serve_connection<A: Answer>(stream: TcpStream, answers: Arc<A>) {
    // Replies are small: none should wait for a packet to fill up.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let answers = answers.clone();
        async move { Ok::<_, Infallible>(answers.answer(request).await) }
    });
    // A connection that breaks is the client's affair.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
