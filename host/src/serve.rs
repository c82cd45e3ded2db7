//! A read-only server for one page and the files it was given, on the loopback interface.
//!
//! An address is good only with the token that the page carries, so another page or account on this computer
//! cannot guess it; the `Host` header must be this very address, so a name that was made to point here is refused.

use crate::bundle::Bundle;
use crate::error::{Error, Result};
use crate::exit::Exit;
use cap_std::fs::{Dir, Metadata};
use std::io::{Cursor, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::time::SystemTime;
use tiny_http::{Header, Method, Request, Response, StatusCode};

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
    http: tiny_http::Server,
    host: String,
    token: String,
    offers: Vec<Offer>,
    page: String,
}

type Body = Box<dyn Read + Send>;

impl Server {
    /// Takes a free port of the loopback interface.
    pub fn bind() -> Result<Server> {
        let http = tiny_http::Server::http("127.0.0.1:0").map_err(|error| {
            Error::internal(format!(
                "cannot listen on the loopback interface ({error}); expected a free port on 127.0.0.1"
            ))
        })?;
        let host = http.server_addr().to_string();
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|error| Error::internal(format!("cannot make a random address: {error}")))?;
        let token = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Server {
            http,
            host,
            token,
            offers: Vec::new(),
            page: String::new(),
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
        self.offers.push(Offer { dir, files });
        Ok(format!("{}files/{}/", self.base(), self.offers.len() - 1))
    }

    /// Sets the page; gives its address.
    pub fn page(&mut self, page: String) -> String {
        self.page = page;
        self.base()
    }

    fn base(&self) -> String {
        format!("http://{}/{}/", self.host, self.token)
    }

    /// Answers requests until the process ends.
    pub fn run(self) -> Result<Exit> {
        for request in self.http.incoming_requests() {
            let response = self.answer(&request);
            // The browser may be gone; nobody is left to tell.
            let _ = request.respond(response);
        }
        Ok(Exit::Pass)
    }

    fn answer(&self, request: &Request) -> Response<Body> {
        if *request.method() != Method::Get {
            return refuse(405);
        }
        if header(request, "Host") != Some(self.host.as_str()) {
            return refuse(403);
        }
        let path = request
            .url()
            .strip_prefix('/')
            .and_then(|url| url.strip_prefix(self.token.as_str()));
        match path {
            Some("/") => whole("text/html; charset=utf-8", self.page.clone().into_bytes()),
            Some(path) => self
                .file(path, header(request, "Range"))
                .unwrap_or_else(|| refuse(404)),
            None => refuse(404),
        }
    }

    /// The file at `/files/OFFER/POSITION`, whole or the range that was asked for.
    fn file(&self, path: &str, range: Option<&str>) -> Option<Response<Body>> {
        let (offer, at) = path.strip_prefix("/files/")?.split_once('/')?;
        let offer = self.offers.get(offer.parse::<usize>().ok()?)?;
        let offered = offer.files.get(at.parse::<usize>().ok()?)?;
        let mut file = offer.dir.open(&offered.path).ok()?;
        let found = file.metadata().ok()?;
        let size = found.len();
        if size != offered.size || modified(&found) != offered.modified {
            return Some(refuse(409));
        }
        let Some(range) = range else {
            return Some(respond(200, OCTETS, vec![], Box::new(file), size));
        };
        let Some((from, to)) = within(range, size) else {
            return Some(refuse(416));
        };
        file.seek(SeekFrom::Start(from)).ok()?;
        let length = to - from + 1;
        let place = ("Content-Range", format!("bytes {from}-{to}/{size}"));
        Some(respond(
            206,
            OCTETS,
            vec![place],
            Box::new(file.take(length)),
            length,
        ))
    }
}

const OCTETS: &str = "application/octet-stream";

/// `bytes=FROM-TO`, both included, cut to the file. The page asks for nothing else.
fn within(range: &str, size: u64) -> Option<(u64, u64)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = (from.parse().ok()?, to.parse::<u64>().ok()?);
    (from <= to && from < size).then(|| (from, to.min(size - 1)))
}

fn header<'a>(request: &'a Request, name: &'static str) -> Option<&'a str> {
    let mut found = request
        .headers()
        .iter()
        .filter(|header| header.field.equiv(name));
    let value = found.next()?.value.as_str();
    // Two of them are a trick.
    found.next().is_none().then_some(value)
}

fn whole(kind: &str, bytes: Vec<u8>) -> Response<Body> {
    let length = bytes.len() as u64;
    respond(200, kind, vec![], Box::new(Cursor::new(bytes)), length)
}

fn refuse(status: u16) -> Response<Body> {
    let text = StatusCode(status).default_reason_phrase();
    respond(
        status,
        "text/plain",
        vec![],
        Box::new(Cursor::new(text)),
        text.len() as u64,
    )
}

fn respond(
    status: u16,
    kind: &str,
    more: Vec<(&str, String)>,
    body: Body,
    length: u64,
) -> Response<Body> {
    let mut headers = vec![
        ("Content-Type", kind.to_owned()),
        ("Cache-Control", "no-store".to_owned()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
        ("Referrer-Policy", "no-referrer".to_owned()),
        ("Cross-Origin-Resource-Policy", "same-origin".to_owned()),
        ("X-Frame-Options", "DENY".to_owned()),
    ];
    headers.extend(more);
    let headers = headers
        .iter()
        .filter_map(|(name, value)| Header::from_bytes(*name, value.as_str()).ok())
        .collect();
    Response::new(
        StatusCode(status),
        headers,
        body,
        usize::try_from(length).ok(),
        None,
    )
    // Chunks would hide the length that the page checks.
    .with_chunked_threshold(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::within;

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
