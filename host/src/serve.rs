//! A read-only server for one page and the files it was given, on the loopback interface.
//!
//! An address is good only with the token that the page carries, so another page or account on this computer
//! cannot guess it; the `Host` header must be this very address, so a name that was made to point here is refused.

use crate::bundle::Bundle;
use crate::error::{Error, Result};
use crate::exit::Exit;
use bytes::Bytes;
use cap_std::fs::{Dir, Metadata};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HOST, HeaderName, HeaderValue, RANGE};
use hyper::{Method, Request, Response, StatusCode};
use perfbridge_mcp::{Answer, listen, runtime};
use std::io::{self, Cursor, Read, Seek as _, SeekFrom};
use std::net::TcpListener;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

/// A directory and the files of it that may be fetched, by position.
struct Offer {
    dir: Dir,
    files: Vec<Offered>,
}

/// A file as it was when it was hashed. One that changed since is refused: its hash would be that of other bytes.
struct Offered {
    path: String,
    size: u64,
    modified: Option<SystemTime>,
}

/// When a file was written last, where the system says so.
fn modified(file: &Metadata) -> Option<SystemTime> {
    let time = file.modified().ok()?;
    Some(time.into_std())
}

/// The server; it answers once [`Server::run`] is called.
pub struct Server {
    listener: TcpListener,
    site: Site,
}

/// What is answered.
struct Site {
    host: String,
    token: String,
    offers: Vec<Offer>,
    page: String,
}

impl Server {
    /// Takes a free port of the loopback interface.
    pub fn bind() -> Result<Server> {
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
                offers: Vec::new(),
                page: String::new(),
            },
        })
    }

    /// Offers the files of a bundle; gives the address that a file's position is appended to. `path` stands in errors.
    pub fn offer(&mut self, bundle: Bundle, path: &Path) -> Result<String> {
        let mut files = Vec::with_capacity(bundle.files.len());
        for file in bundle.files {
            let found = bundle
                .dir
                .metadata(&file.path)
                .map_err(|error| Error::io("look at the file", &path.join(&file.path), &error))?;
            files.push(Offered {
                path: file.path,
                size: file.size,
                modified: modified(&found),
            });
        }
        let dir = bundle.dir;
        self.site.offers.push(Offer { dir, files });
        Ok(format!(
            "{}files/{}/",
            self.base(),
            self.site.offers.len() - 1
        ))
    }

    /// Sets the page; gives its address.
    pub fn page(&mut self, page: String) -> String {
        self.site.page = page;
        self.base()
    }

    fn base(&self) -> String {
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
        if header(&request, HOST) != Some(self.host.as_str()) {
            return refuse(StatusCode::FORBIDDEN);
        }
        let target = request.uri().to_string();
        let path = target
            .strip_prefix('/')
            .and_then(|url| url.strip_prefix(self.token.as_str()));
        match path {
            Some("/") => whole("text/html; charset=utf-8", self.page.clone().into_bytes()),
            Some(path) => self
                .file(path, header(&request, RANGE))
                .unwrap_or_else(|| refuse(StatusCode::NOT_FOUND)),
            None => refuse(StatusCode::NOT_FOUND),
        }
    }
}

impl Site {
    /// The file at `/files/OFFER/POSITION`, whole or the range that was asked for.
    fn file(&self, path: &str, range: Option<&str>) -> Option<Response<Content>> {
        let (offer, at) = path.strip_prefix("/files/")?.split_once('/')?;
        let offer = self.offers.get(offer.parse::<usize>().ok()?)?;
        let offered = offer.files.get(at.parse::<usize>().ok()?)?;
        let mut file = offer.dir.open(&offered.path).ok()?;
        let found = file.metadata().ok()?;
        let size = found.len();
        if size != offered.size || modified(&found) != offered.modified {
            return Some(refuse(StatusCode::CONFLICT));
        }
        let Some(range) = range else {
            return Some(respond(StatusCode::OK, OCTETS, Content::new(file, size)));
        };
        let Some((from, to)) = within(range, size) else {
            return Some(refuse(StatusCode::RANGE_NOT_SATISFIABLE));
        };
        file.seek(SeekFrom::Start(from)).ok()?;
        let part = Content::new(file, to - from + 1);
        let mut response = respond(StatusCode::PARTIAL_CONTENT, OCTETS, part);
        let place = format!("bytes {from}-{to}/{size}");
        let place = HeaderValue::from_str(&place).ok()?;
        response.headers_mut().insert("content-range", place);
        Some(response)
    }
}

const OCTETS: &str = "application/octet-stream";

/// `bytes=FROM-TO`, both included, cut to the file. The page asks for nothing else.
fn within(range: &str, size: u64) -> Option<(u64, u64)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = (from.parse().ok()?, to.parse::<u64>().ok()?);
    (from <= to && from < size).then(|| (from, to.min(size - 1)))
}

fn header(request: &Request<Incoming>, name: HeaderName) -> Option<&str> {
    let mut found = request.headers().get_all(name).iter();
    let value = found.next()?.to_str().ok()?;
    // Two of them are a trick.
    found.next().is_none().then_some(value)
}

fn whole(kind: &'static str, bytes: Vec<u8>) -> Response<Content> {
    let length = bytes.len() as u64;
    respond(
        StatusCode::OK,
        kind,
        Content::new(Cursor::new(bytes), length),
    )
}

fn refuse(status: StatusCode) -> Response<Content> {
    let reason = status.canonical_reason().unwrap_or_default();
    let content = Content::new(Cursor::new(reason), reason.len() as u64);
    respond(status, "text/plain", content)
}

fn respond(status: StatusCode, kind: &'static str, content: Content) -> Response<Content> {
    let mut response = Response::new(content);
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

/// So much of a file is read at a time.
const CHUNK: u64 = 256 * 1024;

/// Bytes of a length that is known, and told to the client, before they are read.
struct Content {
    source: Box<dyn Read + Send>,
    left: u64,
}

impl Content {
    fn new(source: impl Read + Send + 'static, length: u64) -> Self {
        Content {
            source: Box::new(source),
            left: length,
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut chunk = vec![0; self.left.min(CHUNK) as usize];
        // One page reads its own files here, one after another: nobody else waits for the disk.
        Poll::Ready(Some(self.source.read(&mut chunk).and_then(|read| {
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            chunk.truncate(read);
            self.left -= read as u64;
            Ok(Frame::data(chunk.into()))
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::{Server, within};
    use crate::bundle::Bundle;
    use std::fs;
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
    fn only_the_page_and_the_offered_files_are_answered() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("a.txt"), "0123456789").expect("written");
        fs::write(dir.path().join("b.txt"), "before").expect("written");
        let bundle = Bundle::open(dir.path(), &[], &mut |_| {}).expect("a bundle");
        let mut server = Server::bind().expect("a port");
        let files = server.offer(bundle, dir.path()).expect("offered");
        let page = server.page("<p>page</p>".to_owned());
        let (host, home) = page[7..].split_once('/').expect("an address");
        let (host, home) = (host.to_owned(), format!("/{home}"));
        let files = files[7 + host.len()..].to_owned();
        std::thread::spawn(|| server.run());
        // Another length and another time.
        fs::write(dir.path().join("b.txt"), "afterwards").expect("written");

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
        let (a, b) = (get(&format!("{files}0")), get(&format!("{files}1")));
        let answer = answers(&[&a, &own], "200 OK");
        assert!(answer.ends_with("\r\n\r\n0123456789"), "{answer}");
        let answer = answers(&[&a, &own, "Range: bytes=2-5"], "206 Partial Content");
        assert!(answer.contains("\r\ncontent-range: bytes 2-5/10\r\n"));
        assert!(answer.contains("\r\ncontent-length: 4\r\n"));
        assert!(answer.ends_with("\r\n\r\n2345"), "{answer}");
        let wrong = [&a, own.as_str(), "Range: bytes=10-11"];
        let answer = answers(&wrong, "416 Range Not Satisfiable");
        assert!(answer.ends_with("\r\n\r\nRange Not Satisfiable"));
        answers(&[&b, &own], "409 Conflict");
        answers(&[&get(&format!("{files}2")), &own], "404 Not Found");
        answers(&[&get("/"), &own], "404 Not Found");
        answers(&[&get(&format!("{home}?x")), &own], "404 Not Found");
        let post = format!("POST {home} HTTP/1.1");
        answers(&[&post, &own], "405 Method Not Allowed");
        answers(&[&get(&home), "Host: attacker.example"], "403 Forbidden");
        answers(&[&get(&home), &own, &own], "403 Forbidden");
        answers(&[&format!("GET {home} HTTP/1.0")], "403 Forbidden");
    }

    #[test]
    fn a_range_is_cut_to_the_file_and_never_outside() {
        assert_eq!(within("bytes=0-9", 10), Some((0, 9)));
        assert_eq!(within("bytes=4-99", 10), Some((4, 9)));
        for wrong in [
            "bytes=10-11",
            "bytes=5-4",
            "bytes=-5",
            "bytes=5-",
            "bytes=0-1,3-4",
            "items=0-1",
            "bytes=a-b",
        ] {
            assert_eq!(within(wrong, 10), None, "{wrong}");
        }
        assert_eq!(within("bytes=0-0", 0), None);
    }
}
