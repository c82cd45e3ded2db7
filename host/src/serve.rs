//! A read-only server for one page, on the loopback interface.
//!
//! The address is good only with its token, so another page or account on this computer cannot guess it; the `Host` header
//! must be this very address, so a name that was made to point here is refused.

use crate::error::{Error, Result};
use crate::exit::Exit;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use perfbridge_mcp::{Answer, listen, runtime};
use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The server; it answers once [`Server::run`] is called.
pub struct Server {
    listener: TcpListener,
    site: Site,
}

/// What is answered.
struct Site {
    host: String,
    token: String,
    page: Bytes,
}

impl Server {
    /// Takes a free port of the loopback interface for a page.
    ///
    /// Errors: no port is free, and the system gives no random bytes.
    pub fn bind(page: String) -> Result<Server> {
        let bound = TcpListener::bind("127.0.0.1:0");
        let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.map_err(|error| {
            Error::internal(format!(
                "cannot listen on the loopback interface ({error}); expected a free port on 127.0.0.1"
            ))
        })?;
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|error| Error::internal(format!("cannot make a random address: {error}")))?;
        let token = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Server {
            listener,
            site: Site {
                host: address.to_string(),
                token,
                page: page.into(),
            },
        })
    }

    /// Where the page is.
    pub fn address(&self) -> String {
        format!("http://{}/{}/", self.site.host, self.site.token)
    }

    /// Answers requests until the process ends.
    pub fn run(self) -> Result<Exit> {
        let served = runtime().and_then(|runtime| {
            runtime.block_on(async {
                self.listener.set_nonblocking(true)?;
                let listener = tokio::net::TcpListener::from_std(self.listener)?;
                listen(listener, self.site).await
            })
        });
        served.map_err(|error| Error::internal(format!("cannot serve the page: {error}")))?;
        Ok(Exit::Pass)
    }
}

impl Answer for Site {
    type Body = Content;

    async fn answer(&self, request: Request<Incoming>) -> Response<Content> {
        if request.method() != Method::GET {
            return refuse(StatusCode::METHOD_NOT_ALLOWED);
        }
        if host(&request) != Some(self.host.as_str()) {
            return refuse(StatusCode::FORBIDDEN);
        }
        let target = request.uri().to_string();
        let path = target
            .strip_prefix('/')
            .and_then(|url| url.strip_prefix(self.token.as_str()));
        match path {
            Some("/") => respond(
                StatusCode::OK,
                "text/html; charset=utf-8",
                self.page.clone(),
            ),
            _ => refuse(StatusCode::NOT_FOUND),
        }
    }
}

fn host(request: &Request<Incoming>) -> Option<&str> {
    let mut found = request.headers().get_all(HOST).iter();
    let value = found.next()?.to_str().ok()?;
    // Two of them are a trick.
    found.next().is_none().then_some(value)
}

fn refuse(status: StatusCode) -> Response<Content> {
    let reason = status.canonical_reason().unwrap_or_default();
    respond(status, "text/plain", Bytes::from_static(reason.as_bytes()))
}

fn respond(status: StatusCode, kind: &'static str, content: Bytes) -> Response<Content> {
    let mut response = Response::new(Content(content));
    *response.status_mut() = status;
    for (name, value) in [
        ("content-type", kind),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// Bytes that are held whole; their length is told to the client before them.
struct Content(Bytes);

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let bytes = std::mem::take(&mut self.0);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::Server;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    /// Sends a head of lines and gives the whole answer.
    fn ask(host: &str, lines: &[&str]) -> String {
        let mut stream = TcpStream::connect(host).expect("a connection");
        let head = lines.join("\r\n") + "\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    #[test]
    fn only_the_page_is_answered() {
        let server = Server::bind("<p>page</p>".to_owned()).expect("a port");
        let page = server.address();
        let (host, home) = page[7..].split_once('/').expect("an address");
        let (host, home) = (host.to_owned(), format!("/{home}"));
        std::thread::spawn(|| server.run());

        let own = format!("Host: {host}");
        let get = |path: &str| format!("GET {path} HTTP/1.1");
        let answers = |lines: &[&str], status: &str| {
            let answer = ask(&host, lines);
            // HTTP/1.0 is answered in HTTP/1.0.
            let expected = format!(" {status}\r\n");
            let told = answer
                .strip_prefix("HTTP/1.1")
                .or(answer.strip_prefix("HTTP/1.0"));
            assert!(
                told.is_some_and(|told| told.starts_with(&expected)),
                "{lines:?}: {answer}"
            );
            answer
        };
        let answer = answers(&[&get(&home), &own], "200 OK");
        assert!(answer.ends_with("\r\n\r\n<p>page</p>"), "{answer}");
        for header in [
            "content-type: text/html; charset=utf-8",
            "content-length: 11",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cross-origin-resource-policy: same-origin",
            "x-frame-options: DENY",
        ] {
            assert!(
                answer.contains(&format!("\r\n{header}\r\n")),
                "{header}: {answer}"
            );
        }
        answers(&[&get(&format!("{home}files/0/0")), &own], "404 Not Found");
        answers(&[&get("/"), &own], "404 Not Found");
        answers(&[&get(&format!("{home}?x")), &own], "404 Not Found");
        let post = format!("POST {home} HTTP/1.1");
        answers(&[&post, &own], "405 Method Not Allowed");
        answers(&[&get(&home), "Host: attacker.example"], "403 Forbidden");
        answers(&[&get(&home), &own, &own], "403 Forbidden");
        answers(&[&format!("GET {home} HTTP/1.0")], "403 Forbidden");
    }
}
