//! The pages that the program carries: the files of `static/`, built in by `static/build.rs`.
//!
//! Files are at `/assets/<build hash>/…` and never change there, so a browser keeps them for good;
//! a file of another build is 404. A page is at its own path, names that hash, and is asked for
//! again each time, which is a 304 unless the program changed. Every path below a page's own is the
//! page too: which screen it shows is decided in the browser.
//!
//! Nothing here knows who is asking. The pages hold no data; they fetch it by the public API.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, IF_NONE_MATCH};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::api::etag;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::secrets::{digest, digest_parts};

/// Name, content and compressed content of every file.
const FILES: &[(&str, &[u8], &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The pages: their path, and the file that is given there and at every path below it.
const PAGES: &[(&str, &str)] = &[("/dashboard/", "index.html")];

/// Paths that lead to another.
const REDIRECTS: &[(&str, &str)] = &[("/", "/dashboard/"), ("/dashboard", "/dashboard/")];

const ASSETS: &str = "/assets/";
/// What stands in a page for the path of this build's files.
const ASSETS_MARK: &str = "{{assets}}";

/// Media types by the ending of a file's name. A type that is missing is a test that fails.
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("webmanifest", "application/manifest+json"),
];

/// What is given for a path.
struct Resource {
    media_type: &'static str,
    plain: Vec<u8>,
    compressed: Vec<u8>,
    tag: String,
    policy: String,
    kept: &'static str,
}

struct Site {
    /// What every path of a file begins with: `/assets/<build hash>/`.
    assets: String,
    files: HashMap<&'static str, Resource>,
    pages: Vec<(&'static str, Resource)>,
}

static SITE: LazyLock<Site> = LazyLock::new(Site::new);

/// The answer to a request for a page or a file; none if its path is neither.
pub fn answer(request: &HttpRequest) -> Option<Result<Answer>> {
    let path = request.path();
    if let Some((_, to)) = REDIRECTS.iter().find(|(from, _)| *from == path) {
        return Some(only_read(request.method()).map(|()| redirect(303, to)));
    }
    let resource = SITE.find(path)?;
    Some(only_read(request.method()).map(|()| resource.answer(request.headers())))
}

/// A page that another part of the program makes.
pub struct Page(Resource);

impl Page {
    /// A page of this HTML; it may name the files of this build.
    pub fn new(html: &str) -> Self {
        Self(Resource::page(html, &SITE.assets))
    }

    fn answer(&self, request: &HttpRequest) -> Result<Answer> {
        only_read(request.method()).map(|()| self.0.answer(request.headers()))
    }
}

/// What another part of the program has for a path.
pub enum Found {
    /// A page.
    Page(&'static Page),
    /// Another path.
    Elsewhere(&'static str),
    /// Another path, for good.
    Moved(&'static str),
}

impl Found {
    /// The answer to a request for it.
    pub fn answer(&self, request: &HttpRequest) -> Result<Answer> {
        match self {
            Self::Page(page) => page.answer(request),
            Self::Elsewhere(to) => only_read(request.method()).map(|()| redirect(303, to)),
            Self::Moved(to) => only_read(request.method()).map(|()| redirect(308, to)),
        }
    }
}

/// The path below which the files of this build are.
pub fn assets() -> &'static str {
    &SITE.assets
}

fn only_read(method: &Method) -> Result<()> {
    if *method == Method::GET || *method == Method::HEAD {
        return Ok(());
    }
    Err(Error::new(Code::MethodNotAllowed).extra("allowed", "GET, HEAD"))
}

fn redirect(status: u16, to: &str) -> Answer {
    let mut answer = Answer::no_content();
    answer.status = status;
    answer.location = Some(to.to_owned());
    answer
}

impl Site {
    fn new() -> Self {
        let parts: Vec<&[u8]> = FILES
            .iter()
            .flat_map(|(name, plain, _)| [name.as_bytes(), *plain])
            .collect();
        let assets = format!("{ASSETS}{}/", &hex(digest_parts(&parts).as_bytes())[..16]);
        let files = FILES
            .iter()
            .filter_map(|(name, plain, compressed)| {
                Some((*name, Resource::file(name, plain, compressed)?))
            })
            .collect();
        let pages = PAGES
            .iter()
            .filter_map(|(path, name)| {
                let (_, plain, _) = FILES.iter().find(|(other, ..)| other == name)?;
                Some((
                    *path,
                    Resource::page(&String::from_utf8_lossy(plain), &assets),
                ))
            })
            .collect();
        Self {
            assets,
            files,
            pages,
        }
    }

    fn find(&self, path: &str) -> Option<&Resource> {
        if let Some(name) = path.strip_prefix(self.assets.as_str()) {
            return self.files.get(name);
        }
        let found = self.pages.iter().find(|(own, _)| path.starts_with(own));
        found.map(|(_, page)| page)
    }
}

impl Resource {
    /// A file is never shown as a page of its own: what it may do then is nothing.
    fn file(name: &str, plain: &[u8], compressed: &[u8]) -> Option<Self> {
        let ending = name.rsplit('.').next()?;
        let (_, media_type) = MEDIA_TYPES.iter().find(|(known, _)| *known == ending)?;
        Some(Self {
            media_type,
            plain: plain.to_vec(),
            compressed: compressed.to_vec(),
            tag: hex(&digest_parts(&[plain]).as_bytes()[..16]),
            policy: "default-src 'none'; frame-ancestors 'none'".to_owned(),
            kept: "public, max-age=31536000, immutable",
        })
    }

    fn page(template: &str, assets: &str) -> Self {
        let text = template.replace(ASSETS_MARK, assets.trim_end_matches('/'));
        let plain = text.clone().into_bytes();
        Self {
            media_type: "text/html; charset=utf-8",
            compressed: compress(&plain),
            tag: hex(&digest_parts(&[&plain]).as_bytes()[..16]),
            policy: policy(&text),
            plain,
            kept: "no-cache",
        }
    }

    fn answer(&self, headers: &HeaderMap) -> Answer {
        let small = self.compressed.len() < self.plain.len() && takes_gzip(headers);
        // The two forms are different bytes, so a strong tag tells them apart.
        let tag = if small {
            format!("\"{}-gz\"", self.tag)
        } else {
            format!("\"{}\"", self.tag)
        };
        let known = headers
            .get_all(IF_NONE_MATCH)
            .filter_map(|line| line.to_str().ok())
            .any(|line| etag::none_match(line, &tag));
        let mut answer = if known {
            let mut unchanged = Answer::no_content();
            unchanged.status = 304;
            unchanged
        } else {
            let body = if small { &self.compressed } else { &self.plain };
            let mut whole = Answer::bytes(200, self.media_type, body.clone());
            if small {
                whole.headers.push(("content-encoding", "gzip".to_owned()));
            }
            whole
        };
        answer.etag = Some(tag);
        answer.headers.extend([
            ("vary", "Accept-Encoding".to_owned()),
            ("cache-control", self.kept.to_owned()),
            ("content-security-policy", self.policy.clone()),
        ]);
        answer
    }
}

/// What a page may load: its own origin's files, and of inline scripts the import map alone.
fn policy(page: &str) -> String {
    let map = page
        .split_once("<script type=\"importmap\">")
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map(|(map, _)| STANDARD.encode(digest(map).as_bytes()))
        .map_or_else(String::new, |hash| format!(" 'sha256-{hash}'"));
    format!(
        "default-src 'none'; script-src 'self'{map}; style-src 'self'; img-src 'self' blob:; \
         connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}

fn compress(plain: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail; if it did, the plain form would be given.
    match encoder.write_all(plain).and_then(|()| encoder.finish()) {
        Ok(small) => small,
        Err(_) => plain.to_vec(),
    }
}

/// Whether `Accept-Encoding` takes gzip (RFC 9110, section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let mut any = None;
    for range in headers
        .get_all(ACCEPT_ENCODING)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
    {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|parameter| {
            parameter.split_once('=').is_some_and(|(name, weight)| {
                name.trim().eq_ignore_ascii_case("q") && weight.trim().parse() == Ok(0.0_f32)
            })
        });
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            return !refused;
        }
        if name == "*" {
            any = Some(!refused);
        }
    }
    any.unwrap_or(false)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(hex_digit(byte >> 4));
        text.push(hex_digit(byte & 0xf));
    }
    text
}

fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0')
}
