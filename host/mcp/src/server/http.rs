//! The server over Streamable HTTP.

use super::listen::{Answer, listen};
use super::runtime::{ServerOptions, runtime};
use super::tools_handler::ToolServer;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use perfbridge_registry::Verbs;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// The path of the endpoint.
const ENDPOINT: &str = "/mcp";

/// Who may call the server over HTTP.
#[derive(Clone)]
pub struct HttpOptions {
    /// Listens on an address that other machines can reach. Without it only loopback addresses are accepted.
    pub allow_non_loopback: bool,
    /// The token that every request has to carry as `Authorization: Bearer TOKEN`.
    pub bearer_token: Option<String>,
    /// Further names, with or without a port, that clients may use for this server in `Host`.
    pub allowed_hosts: Vec<String>,
    /// Further web pages that may call, as `https://name:port`. Programs send no `Origin` and are not concerned.
    pub allowed_origins: Vec<String>,
    /// The largest request, in bytes.
    pub max_body: usize,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            allow_non_loopback: false,
            bearer_token: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            max_body: 16 << 20,
        }
    }
}

/// Serves the verbs at `http://ADDRESS/mcp` for as long as the process lives. `ready` is told the address, with the
/// port that was chosen where the caller left it open (port 0).
///
/// # Errors
/// An address that is not loopback although that was not allowed, an empty token, or an address that cannot be had.
pub fn serve_http(
    address: SocketAddr,
    verbs: Arc<dyn Verbs>,
    options: &ServerOptions,
    http: HttpOptions,
    ready: impl FnOnce(SocketAddr),
) -> io::Result<()> {
    check(address, &http)?;
    let server = ToolServer::new(verbs, options);
    runtime()?.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
        })?;
        let address = listener.local_addr()?;
        let endpoint = Endpoint::new(server, address, http);
        ready(address);
        listen(listener, endpoint).await
    })
}

fn check(address: SocketAddr, http: &HttpOptions) -> io::Result<()> {
    let refuse = |message: String| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    if !address.ip().is_loopback() && !http.allow_non_loopback {
        return refuse(format!(
            "{address} can be reached from other machines; use 127.0.0.1 or [::1], or --allow-non-loopback"
        ));
    }
    match &http.bearer_token {
        Some(token) if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) => refuse(
            "the bearer token must be one or more printable ASCII characters without blanks"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

struct Endpoint {
    service: StreamableHttpService<ToolServer, NeverSessionManager>,
    authorization: Option<String>,
}

impl Endpoint {
    fn new(server: ToolServer, address: SocketAddr, http: HttpOptions) -> Self {
        // Verbs keep no state between calls, so there are no sessions to keep, to exhaust or to take over.
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_allowed_hosts(hosts(address, &http))
            .with_allowed_origins(origins(address, &http))
            .enforce_origin_validation()
            .with_max_request_body_bytes(http.max_body);
        let sessions = Arc::new(NeverSessionManager::default());
        Self {
            service: StreamableHttpService::new(move || Ok(server.clone()), sessions, config),
            authorization: http.bearer_token.map(|token| format!("Bearer {token}")),
        }
    }
}

impl Answer for Endpoint {
    type Body = BoxBody<Bytes, Infallible>;

    async fn answer(&self, request: Request<Incoming>) -> Response<Self::Body> {
        if request.uri().path() != ENDPOINT {
            return plain(StatusCode::NOT_FOUND, "Not found: the endpoint is /mcp");
        }
        if let Some(expected) = &self.authorization
            && !authorized(request.headers(), expected)
        {
            let mut response = plain(
                StatusCode::UNAUTHORIZED,
                "Unauthorized: bearer token needed",
            );
            let challenge = http::HeaderValue::from_static("Bearer realm=\"perfbridge\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            return response;
        }
        self.service.handle(request).await
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<BoxBody<Bytes, Infallible>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())).boxed());
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Compares in a time that does not tell how much of the token was right.
fn authorized(headers: &HeaderMap, expected: &str) -> bool {
    let Some(given) = headers.get(AUTHORIZATION) else {
        return false;
    };
    let (given, expected) = (given.as_bytes(), expected.as_bytes());
    let differences = given
        .iter()
        .zip(expected)
        .fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == expected.len() && differences == 0
}

/// The names of this server itself, so that no page can reach it under a name of its own (DNS rebinding).
fn own_names(address: SocketAddr) -> Vec<String> {
    let mut names = vec![authority(address.ip())];
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        names.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
    }
    names
}

fn authority(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

fn hosts(address: SocketAddr, http: &HttpOptions) -> Vec<String> {
    let port = address.port();
    let own = own_names(address);
    own.iter()
        .map(|name| format!("{name}:{port}"))
        .chain(http.allowed_hosts.iter().cloned())
        .collect()
}

fn origins(address: SocketAddr, http: &HttpOptions) -> Vec<String> {
    let port = address.port();
    let own = own_names(address);
    own.iter()
        .map(|name| format!("http://{name}:{port}"))
        .chain(http.allowed_origins.iter().cloned())
        .collect()
}
