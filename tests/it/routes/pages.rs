//! The pages that the program carries, and the files that they are made of.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::source::root;
use crate::support::{Answer, Server};

/// The bytes over the wire until the first screen is drawn, at most.
const FIRST_SCREEN_BYTES: usize = 120_000;
/// All of `static/`, at most.
const ALL_BYTES: usize = 900_000;

/// Not served: it is for whoever works on the files.
const NOT_SERVED: &[&str] = &[
    "build.rs",
    "jsconfig.json",
    "vendor/README.md",
    "vendor/vendor.sh",
];

/// Addresses that are names or examples and are never asked for.
const NAMES: &[&str] = &[
    // What a form shows as examples of where an app goes back to.
    "https://app.example",
    "http://127.0.0.1/callback",
    // And where a webhook of the same computer is.
    "http://127.0.0.1:3000/hooks",
    "http://www.w3.org/",
    "https://coach.example",
];

/// The files of `static/`: name and content.
fn files() -> Vec<(String, Vec<u8>)> {
    let folder = root().join("static");
    let mut paths = Vec::new();
    walk(&folder, &mut paths);
    assert!(paths.len() > 20, "static/ was not found");
    let named = |path: PathBuf| {
        let name = path.strip_prefix(&folder).expect("below static/");
        let name = name.to_string_lossy().replace('\\', "/");
        (name, std::fs::read(path).expect("a file"))
    };
    paths.into_iter().map(named).collect()
}

fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn served() -> Vec<(String, Vec<u8>)> {
    let mut all = files();
    all.retain(|(name, _)| !NOT_SERVED.contains(&name.as_str()));
    all
}

fn inflated(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(answer.body.as_slice())
        .read_to_end(&mut plain)
        .expect("gzip");
    plain
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}

fn ends_in(name: &str, ending: &str) -> bool {
    name.rsplit('.').next() == Some(ending)
}

/// The values of an attribute in a page.
fn attributes(page: &str, before: &str) -> Vec<String> {
    let parts = page.split(before).skip(1);
    let values = parts.filter_map(|rest| rest.split('"').next());
    values.map(str::to_owned).collect()
}

fn page(server: &Server) -> String {
    server.anyone().get("/dashboard/").expect(200).text()
}

/// The path below which this build's files are, as the page names it.
fn assets(server: &Server) -> String {
    let page = page(server);
    let icon = attributes(&page, "href=\"").into_iter();
    let icon = icon.into_iter().find(|path| path.ends_with("/icon.svg"));
    icon.expect("an icon").replace("icon.svg", "")
}

#[test]
fn no_part_of_the_dashboard_leaves_the_focus_to_the_browser() {
    // A page that is drawn later than its document gets `autofocus` refused, with a complaint, when
    // the focus is somewhere already: whether it is depends on which came first.
    for (name, content) in served() {
        let own = ends_in(&name, "js") && !name.starts_with("vendor/");
        let text = String::from_utf8_lossy(&content);
        assert!(!own || !text.contains("autofocus"), "{name} has autofocus");
    }
}

#[test]
fn every_file_is_served_as_what_it_is() {
    let server = Server::start();
    let assets = assets(&server);
    for (name, content) in served() {
        let ending = name.rsplit('.').next().unwrap_or_default();
        let media_type = match ending {
            "js" | "mjs" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "txt" => "text/plain; charset=utf-8",
            "webmanifest" => "application/manifest+json",
            other => panic!("{name}: what is a .{other}?"),
        };

        let file = server.anyone().get(&format!("{assets}{name}")).expect(200);

        assert_eq!(file.header("content-type"), Some(media_type), "{name}");
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        let kept = file.header("cache-control");
        assert_eq!(kept, Some("public, max-age=31536000, immutable"));
        assert_eq!(file.header("vary"), Some("Accept-Encoding"));
        assert_eq!(file.body, content, "{name}");
    }
    for name in NOT_SERVED {
        let missing = server.anyone().get(&format!("{assets}{name}"));
        missing.refused(404, "route_not_found");
    }
}

#[test]
fn the_compressed_form_is_the_same_file_with_a_tag_of_its_own() {
    let server = Server::start();
    let assets = assets(&server);
    for (name, content) in served() {
        let path = format!("{assets}{name}");
        let plain = server.anyone().get(&path).expect(200);
        let small = server
            .anyone()
            .get_with(&path, &[("accept-encoding", "br, gzip;q=0.8")])
            .expect(200);
        if small.header("content-encoding").is_none() {
            assert!(content.len() < 200, "{name} could be compressed");
            continue;
        }
        assert_eq!(small.header("content-encoding"), Some("gzip"), "{name}");
        assert_eq!(inflated(&small), content, "{name}");
        assert_ne!(small.header("etag"), plain.header("etag"), "{name}");
    }
}

#[test]
fn gzip_is_sent_to_who_takes_it_only() {
    let server = Server::start();
    for (accepted, encoding) in [
        ("gzip", Some("gzip")),
        ("GZIP;q=0.1", Some("gzip")),
        ("*", Some("gzip")),
        ("br, *;q=0.2", Some("gzip")),
        ("gzip;q=0", None),
        ("*;q=0.0", None),
        ("gzip;q=0, *", None),
        ("br", None),
        ("identity", None),
    ] {
        let headers = [("accept-encoding", accepted)];
        let page = server.anyone().get_with("/dashboard/", &headers);
        assert_eq!(page.header("content-encoding"), encoding, "{accepted}");
    }
}

#[test]
fn what_is_known_is_not_sent_again() {
    let server = Server::start();
    let icon = format!("{}icon.svg", assets(&server));
    for path in ["/dashboard/", icon.as_str()] {
        for encoding in ["gzip", "identity"] {
            let encoding = ("accept-encoding", encoding);
            let first = server.anyone().get_with(path, &[encoding]).expect(200);
            let tag = first.header("etag").expect("a tag").to_owned();
            assert!(!tag.starts_with("W/"), "{path}");

            let again = server
                .anyone()
                .get_with(path, &[encoding, ("if-none-match", &tag)])
                .expect(304);

            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), Some(tag.as_str()));
            for name in ["vary", "cache-control"] {
                assert_eq!(again.header(name), first.header(name), "{path}");
            }
            let other = ("if-none-match", "\"another\"");
            server
                .anyone()
                .get_with(path, &[encoding, other])
                .expect(200);
        }
    }
}

#[test]
fn the_policy_allows_the_import_map_by_its_hash_and_no_other_inline_script() {
    let server = Server::start();
    let answer = server.anyone().get("/dashboard/").expect(200);
    let text = answer.text();
    let maps = attributes(
        &text.replace("</script>", "\""),
        "<script type=\"importmap\">",
    );
    let map = text
        .split_once("<script type=\"importmap\">")
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map(|(map, _)| map)
        .expect("an import map");
    let hash = STANDARD.encode(sha256(map.as_bytes()));

    assert_eq!(maps.len(), 1);
    assert_eq!(
        answer.header("content-security-policy"),
        Some(
            format!(
                "default-src 'none'; script-src 'self' 'sha256-{hash}'; style-src 'self'; \
                 img-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
                 frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
            )
            .as_str()
        )
    );
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(
        answer.header("cross-origin-opener-policy"),
        Some("same-origin")
    );
    assert_eq!(text.matches("<script").count(), 3, "theme, map and app");
    assert!(!text.contains("{{") && !text.contains(" style="));
}

#[test]
fn a_path_below_the_dashboard_is_the_page_and_any_other_is_json() {
    let server = Server::start();
    let anyone = server.anyone();
    let page = page(&server);
    for path in [
        "/dashboard/",
        "/dashboard/api-keys",
        "/dashboard/test/clients",
        "/dashboard/no/such/screen?x=1",
        "/dashboard/app.js",
    ] {
        let answer = anyone.get(path).expect(200);
        assert_eq!(answer.text(), page, "{path}");
        let media_type = answer.header("content-type");
        assert_eq!(media_type, Some("text/html; charset=utf-8"));
    }
    for (path, to) in [("/", "/dashboard/"), ("/dashboard", "/dashboard/")] {
        let answer = anyone.get(path).expect(303);
        assert_eq!(answer.header("location"), Some(to));
    }
    let assets = assets(&server);
    for path in [
        "/dashboards".to_owned(),
        "/Dashboard/".to_owned(),
        "/index.html".to_owned(),
        "/assets/".to_owned(),
        "/assets/0000000000000000/app.js".to_owned(),
        format!("{assets}no-such-file.js"),
        format!("{assets}../../Cargo.toml"),
        format!("{assets}%2e%2e/app.js"),
    ] {
        anyone.get(&path).refused(404, "route_not_found");
    }
}

#[test]
fn pages_and_files_can_be_read_and_nothing_else() {
    let server = Server::start();
    let file = format!("{}app.js", assets(&server));
    for path in [
        "/",
        "/dashboard",
        "/dashboard/",
        "/dashboard/api-keys",
        &file,
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let refused = server.anyone().send(method, path, &[], None);
            assert_eq!(
                refused.header("allow"),
                Some("GET, HEAD"),
                "{method} {path}"
            );
            refused.refused(405, "method_not_allowed");
        }
        let get = server.anyone().get(path);
        let head = server.anyone().send("HEAD", path, &[], None);
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(head.header("etag"), get.header("etag"), "{path}");
    }
}

#[test]
fn no_file_names_another_origin() {
    for (name, content) in files() {
        let mut text = String::from_utf8_lossy(&content).into_owned();
        // The licences are what they are; nobody follows a link in them.
        if name.starts_with("vendor/LICENSE") {
            continue;
        }
        for known in NAMES {
            text = text.replace(known, "");
        }
        for scheme in ["http://", "https://", "ws://", "wss://"] {
            assert!(!text.contains(scheme), "{name} names an address: {scheme}");
        }
        for host in ["registry.", "cdn.", "unpkg", "jsdelivr", "googleapis"] {
            assert!(!text.contains(host), "{name} names a host: {host}");
        }
    }
}

#[test]
fn the_libraries_are_what_the_table_says() {
    let all = files();
    let table = all.iter().find(|(name, _)| name == "vendor/README.md");
    let table = String::from_utf8_lossy(&table.expect("a table").1).into_owned();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.contains("package |"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let mut listed = BTreeSet::new();
    for row in &rows {
        let [package, version, _, here, sum, licence] = row[..] else {
            panic!("six columns: {row:?}");
        };
        let found = all
            .iter()
            .find(|(name, _)| *name == format!("vendor/{here}"));
        let (_, content) = found.unwrap_or_else(|| panic!("no file {here}"));
        let hex = hex(&sha256(content));
        assert_eq!(hex, sum, "{here} of {package} {version} was changed");
        let flat = package.replace('@', "").replace('/', "-");
        let terms = all
            .iter()
            .find(|(name, _)| *name == format!("vendor/LICENSE-{flat}.txt"));
        let terms = String::from_utf8_lossy(&terms.expect("a licence").1).into_owned();
        let words = if licence == "MIT" { "MIT" } else { "Apache" };
        assert!(terms.contains(words), "{package}");
        listed.insert(here.to_owned());
    }
    for (name, _) in &all {
        let library = name.strip_prefix("vendor/");
        if let Some(library) = library.filter(|name| name.ends_with("js")) {
            assert!(listed.contains(library), "{library} is not in the table");
        }
    }
    assert!(rows.len() >= 5);
}

#[test]
fn the_first_screen_is_small() {
    let server = Server::start();
    let page = page(&server);
    let gzip = [("accept-encoding", "gzip")];
    let mut wanted: BTreeSet<String> = attributes(&page, "href=\"").into_iter().collect();
    wanted.extend(attributes(&page, "src=\""));
    wanted.retain(|path| path.starts_with("/assets/"));
    wanted.insert("/dashboard/".to_owned());
    // The page of the first visit is loaded beside what the shell needs.
    wanted.insert(format!("{}pages/set-up.js", assets(&server)));
    let size = |path: &String| {
        let answer = server.anyone().get_with(path, &gzip).expect(200);
        let head: usize = answer
            .headers
            .iter()
            .map(|(n, v)| n.len() + v.len() + 4)
            .sum();
        answer.body.len() + head
    };
    let bytes: usize = wanted.iter().map(size).sum();
    println!(
        "the first screen: {bytes} bytes in {} answers",
        wanted.len()
    );
    assert!(wanted.len() > 15, "{wanted:?}");
    assert!(bytes <= FIRST_SCREEN_BYTES, "{bytes} bytes");

    let all: usize = files().iter().map(|(_, content)| content.len()).sum();
    println!("all files: {all} bytes");
    assert!(all <= ALL_BYTES, "{all} bytes");
}

/// Whatever a module of the first screen imports is loaded with it, and not after it.
#[test]
fn what_the_first_screen_imports_is_loaded_at_once() {
    let server = Server::start();
    let page = page(&server);
    let assets = assets(&server);
    let all = files();
    let mut known: BTreeSet<String> = attributes(&page, "href=\"").into_iter().collect();
    known.extend(attributes(&page, "src=\""));
    let mut checked = 0;
    for (name, content) in &all {
        let path = format!("{assets}{name}");
        if !known.contains(&path) || !ends_in(name, "js") {
            continue;
        }
        let text = String::from_utf8_lossy(content).into_owned();
        for line in text.lines().filter(|line| line.contains(" from '.")) {
            let from = line
                .split(" from '")
                .nth(1)
                .and_then(|rest| rest.split('\'').next());
            let from = from.expect("a module");
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let full = match from.strip_prefix("../") {
                Some(above) => above.to_owned(),
                None if folder.is_empty() => from.replace("./", ""),
                None => from.replace("./", &format!("{folder}/")),
            };
            checked += 1;
            let imported = format!("{assets}{full}");
            assert!(
                known.contains(&imported),
                "{name} imports {full}: preload it"
            );
        }
    }
    assert!(checked > 20, "only {checked} imports were found");
}

/// Colours have names, so that both themes and their contrast are decided in one place.
#[test]
fn only_the_tokens_hold_colours() {
    for (name, content) in files() {
        let text = String::from_utf8_lossy(&content).into_owned();
        if ends_in(&name, "css") && name != "styles/tokens.css" {
            for (at, line) in text.lines().enumerate() {
                let coloured = ["rgb(", "hsl(", "oklch(", "light-dark("].iter();
                let mut found = coloured.filter(|word| line.contains(**word));
                assert_eq!(found.next(), None, "{name}:{}", at + 1);
                let hex = line.split('#').skip(1).any(|rest| {
                    let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
                    [3, 4, 6, 8].contains(&digits)
                });
                assert!(!hex, "{name}:{}: {line}", at + 1);
            }
        }
    }
}
