//! The rules of the architecture, read off the source tree.
//!
//! A list of exceptions stands beside each rule that has any, with reasons. A list may only shrink:
//! an entry that is no longer needed fails the test too.

#![expect(
    clippy::expect_used,
    reason = "a test that finds nothing to check must fail"
)]

use std::collections::BTreeSet;

use crate::source::{File, files, root};

/// The longest file that needs no excuse.
const FILE_LINES: usize = 600;

/// Files beyond the budget and how long each is: none may grow.
const LONG_FILES: &[(&str, usize)] = &[
    // One dialect of JSON, its readers and 80 lines of tests: to be split by reader.
    ("api/json.rs", 612),
];

/// Files that own a table without having a `store.rs`.
const OWNS_A_TABLE: &[(&str, &str)] = &[
    (
        "idempotency.rs",
        "machinery; its SQL is in an inner `store`",
    ),
    (
        "access/audit.rs",
        "one insert and one page: less than a layer each",
    ),
];

/// Files that use a monotonic clock.
const MEASURES_TIME: &[(&str, &str)] = &[
    (
        "db/writer.rs",
        "bounds a batch and reports slow jobs by elapsed time; no value of it is kept or compared \
         with a time of the clock",
    ),
    (
        "server/idle.rs",
        "how long a connection is silent, which no moved clock may shorten or stretch",
    ),
    (
        "server/log.rs",
        "how long a request took, which the request log tells; no moved clock may change it",
    ),
    (
        "outside/http.rs",
        "the deadline of a call and how long it took, which no moved clock may shorten or stretch",
    ),
    (
        "server/body.rs",
        "the deadline of a body on its way in, which no moved clock may shorten or stretch",
    ),
];

/// Features whose noun writes.
const NOUN_WRITES: &[(&str, &str)] = &[(
    "events",
    "machinery: `events::record` is what every feature's actions call, it has no verbs of its own",
)];

/// Names that reach the storage engine.
const STORAGE: &[&str] = &["rusqlite", "r2d2", "r2d2_sqlite", "libsqlite3_sys"];
/// Names that reach the HTTP library.
const HTTP: &[&str] = &["actix_web", "actix_http", "actix_rt"];
/// Names that leave the process.
const OUTBOUND: &[&str] = &["reqwest", "hyper", "lettre", "ureq"];
/// Names that ask the machine for the time.
const CLOCKS: &[&str] = &[
    "SystemTime::now",
    "Zoned::now",
    "jiff::Timestamp::now",
    "Utc::now",
];
/// Names that draw randomness.
const RANDOM: &[&str] = &[
    "getrandom",
    "rand",
    "fastrand",
    "OsRng",
    "thread_rng",
    "new_v4",
    "new_v7",
    "now_v7",
];

/// The layers of a feature, lowest first; a layer uses only those before it. `body.rs` is what
/// actions and routes share: the one shape that an object has in answers and in events.
const LAYERS: &[&[&str]] = &[
    &["mod"],
    &["store"],
    &["body"],
    &["actions"],
    &["routes", "jobs"],
];

fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}\n  {}\n", found.join("\n  "));
}

fn at(file: &File, place: usize) -> String {
    format!("src/{}:{}", file.path, file.line(place))
}

/// The modules of `lib.rs`, in its order.
fn modules() -> Vec<String> {
    let lib = files().into_iter().find(|file| file.path == "lib.rs");
    let lib = lib.expect("lib.rs");
    let declared = lib.code.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("pub mod ")?;
        name.strip_suffix(';').map(str::to_owned)
    });
    declared.collect()
}

fn top_module(path: &str) -> &str {
    let first = path.split('/').next().unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(first)
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let order = modules();
    assert!(order.len() > 10, "lib.rs was not understood: {order:?}");
    let place_of = |name: &str| order.iter().position(|module| module == name);
    let mut found = Vec::new();
    for file in files() {
        let own = top_module(&file.path);
        if ["lib", "main"].contains(&own) {
            continue;
        }
        let own_place = place_of(own).unwrap_or_else(|| panic!("lib.rs does not name {own}"));
        for (place, used) in file.named_after("crate::") {
            match place_of(&used) {
                Some(used_place) if used_place <= own_place => {}
                Some(_) => found.push(format!("{}: {own} uses {used}", at(&file, place))),
                None => found.push(format!("{}: crate::{used} is no module", at(&file, place))),
            }
        }
        // Climbing to the root by `super` would go around the rule.
        let depth = file.path.trim_end_matches("/mod.rs").split('/').count();
        let climb = "super::".repeat(depth.max(2));
        for place in file.places(&climb) {
            found.push(format!(
                "{}: name the module by `crate::`",
                at(&file, place)
            ));
        }
    }
    assert_none(
        "A top-level module uses only those listed above it in lib.rs:",
        &found,
    );
}

#[test]
fn the_library_file_is_a_table_of_contents() {
    let lib = files().into_iter().find(|file| file.path == "lib.rs");
    let lib = lib.expect("lib.rs");
    let other = lib
        .code
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let other: Vec<String> = other
        .filter(|line| !(line.starts_with("pub mod ") && line.ends_with(';')))
        .map(str::to_owned)
        .collect();
    assert_none("lib.rs declares modules and holds no code:", &other);
}

/// The folder of a feature and the layer of a file in it; none for what is no part of a feature.
fn layer<'f>(file: &'f File, features: &BTreeSet<String>) -> Option<(&'f str, &'f str)> {
    features.iter().find_map(|feature| {
        let folder = file.path.get(..feature.len())?;
        let rest = file.path.strip_prefix(feature)?.strip_prefix('/')?;
        let first = rest.split('/').next()?;
        let name = first.strip_suffix(".rs").unwrap_or(first);
        LAYERS
            .iter()
            .any(|names| names.contains(&name))
            .then_some((folder, name))
    })
}

/// Folders that have a layer besides `mod.rs`.
fn features(all: &[File]) -> BTreeSet<String> {
    let layered = all.iter().filter_map(|file| {
        let (folder, name) = file.path.rsplit_once('/')?;
        let name = name.strip_suffix(".rs")?;
        let named = LAYERS[1..].iter().any(|names| names.contains(&name));
        // The server's own `body.rs` reads request bodies.
        (named && !folder.starts_with("server")).then(|| folder.to_owned())
    });
    // `api/routes.rs` would be none either, but there is none.
    layered.collect()
}

fn rank(layer: &str) -> usize {
    let found = LAYERS.iter().position(|names| names.contains(&layer));
    found.unwrap_or(0)
}

#[test]
fn a_layer_of_a_feature_uses_only_layers_below_it() {
    let all = files();
    let features = features(&all);
    assert!(features.contains("clients") && features.contains("access/api_keys"));
    let mut found = Vec::new();
    let mut excused = BTreeSet::new();
    for file in &all {
        let Some((feature, own)) = layer(file, &features) else {
            continue;
        };
        let mut used = file.named_after("super::");
        let absolute = format!("crate::{}::", feature.replace('/', "::"));
        used.extend(file.named_after(&absolute));
        used.extend(file.named_after("self::"));
        if own == "mod" {
            // Here the layers are children: they are named without a prefix.
            for child in LAYERS[1..].iter().copied().flatten() {
                let path = format!("{child}::");
                let places = file.places(&path).into_iter();
                // Behind a prefix it is a module of somewhere else, such as `crate::jobs`.
                let children = places.filter(|at| !file.code[..*at].ends_with("::"));
                used.extend(children.map(|at| (at, (*child).to_owned())));
            }
        }
        for (place, name) in used {
            let is_layer = LAYERS.iter().any(|names| names.contains(&name.as_str()));
            if is_layer && name != own && rank(&name) >= rank(own) {
                if own == "mod" && NOUN_WRITES.iter().any(|(excused, _)| *excused == feature) {
                    excused.insert(feature);
                    continue;
                }
                found.push(format!("{}: {own} uses {name}", at(file, place)));
            }
        }
        // Routes are the edge: no lower layer of any feature knows those of another.
        if rank(own) < rank("routes") {
            for place in file.places("routes::") {
                found.push(format!("{}: {own} reaches up into routes", at(file, place)));
            }
        }
    }
    found.sort();
    found.dedup();
    assert_none("mod <- store <- body <- actions <- routes, jobs:", &found);
    assert_eq!(
        excused.len(),
        NOUN_WRITES.len(),
        "shrink NOUN_WRITES to {excused:?}"
    );
}

/// Names of the functions of a store that take a transaction.
fn writes(store: &File) -> Vec<String> {
    let functions = store.code.match_indices("fn ").filter_map(|(at, _)| {
        let rest = &store.code[at + 3..];
        let (name, parameters) = rest.split_once('(')?;
        let takes_tx = parameters.trim_start().starts_with("tx: &Tx");
        takes_tx.then(|| name.split('<').next().unwrap_or(name).to_owned())
    });
    functions.collect()
}

#[test]
fn writes_go_through_actions() {
    let all = files();
    let features = features(&all);
    let mut found = Vec::new();
    let mut seen = 0;
    for store in all.iter().filter(|file| file.name() == "store.rs") {
        let feature = store.path.trim_end_matches("/store.rs");
        for name in writes(store) {
            seen += 1;
            if store.says(&format!("pub fn {name}")) {
                found.push(format!(
                    "src/{}: {name} takes a Tx and is public",
                    store.path
                ));
            }
            let call = format!("store::{name}");
            let callers = all.iter().filter(|file| {
                let own = layer(file, &features);
                own.is_some_and(|(folder, layer)| folder == feature && layer != "actions")
                    && file.says(&call)
            });
            let excused = NOUN_WRITES.iter().any(|(excused, _)| *excused == feature);
            found.extend(
                callers
                    .filter(|file| !(excused && file.name() == "mod.rs"))
                    .map(|file| format!("src/{} calls {call}", file.path)),
            );
        }
    }
    assert!(seen > 5, "the stores were not understood");
    assert_none(
        "A store's writes are called by its feature's actions alone:",
        &found,
    );
}

/// Fails for every file that says one of these words without being allowed to.
fn only_in(rule: &str, words: &[&str], allowed: impl Fn(&File) -> bool) {
    let mut found = Vec::new();
    let mut seen = false;
    for file in files() {
        for word in words {
            for place in file.places(word) {
                seen = true;
                if !allowed(&file) {
                    found.push(format!("{}: {word}", at(&file, place)));
                }
            }
        }
    }
    assert_none(rule, &found);
    assert!(
        seen || words == OUTBOUND,
        "nothing says {words:?} any more: mend this test"
    );
}

fn in_folder(file: &File, folder: &str) -> bool {
    file.path == format!("{folder}.rs") || file.path.starts_with(&format!("{folder}/"))
}

fn listed(file: &File, list: &[(&str, &str)]) -> bool {
    list.iter().any(|(path, _)| *path == file.path)
}

#[test]
fn only_the_storage_layer_knows_sqlite() {
    only_in(
        "SQLite is known to db, stores, queues and few more:",
        STORAGE,
        |file| {
            in_folder(file, "db")
                || ["store.rs", "queue.rs"].contains(&file.name())
                || file.path.contains("/store/")
                || listed(file, OWNS_A_TABLE)
        },
    );
    for (path, _) in OWNS_A_TABLE {
        let needed = files()
            .iter()
            .any(|file| file.path == *path && file.says("rusqlite"));
        assert!(needed, "shrink OWNS_A_TABLE: {path}");
    }
}

#[test]
fn only_the_edge_knows_the_http_library() {
    only_in(
        "The HTTP library is known to the edge alone:",
        HTTP,
        |file| {
            in_folder(file, "api")
                || in_folder(file, "server")
                || file.path.contains("/routes/")
                || ["routes.rs", "extract.rs", "dashboard.rs"].contains(&file.name())
        },
    );
}

#[test]
fn only_outside_leaves_the_process() {
    only_in(
        "Clients of other servers live in outside:",
        OUTBOUND,
        |file| in_folder(file, "outside"),
    );
}

#[test]
fn only_config_reads_the_environment() {
    only_in(
        "The environment is read by config alone:",
        &["env::"],
        |file| in_folder(file, "config"),
    );
}

#[test]
fn only_the_clock_asks_for_the_time() {
    only_in(
        "The machine is asked for the time by clock alone:",
        CLOCKS,
        |file| in_folder(file, "clock"),
    );
    only_in(
        "Elapsed time is measured in few places:",
        &["Instant::now"],
        |file| listed(file, MEASURES_TIME),
    );
    let mut found = Vec::new();
    for file in files() {
        for (place, literal) in &file.literals {
            let lower = literal.to_lowercase();
            if ["'now'", "current_timestamp", "unixepoch("]
                .iter()
                .any(|word| lower.contains(word))
            {
                found.push(at(&file, *place));
            }
        }
    }
    assert_none("SQL has no clock:", &found);
}

#[test]
fn only_ids_and_secrets_draw_randomness() {
    only_in(
        "Randomness is drawn by ids and secrets alone:",
        RANDOM,
        |file| in_folder(file, "ids") || in_folder(file, "secrets"),
    );
}

#[test]
fn nouns_stores_and_actions_never_wait() {
    let all = files();
    let features = features(&all);
    let mut found = Vec::new();
    for file in &all {
        let Some((_, own)) = layer(file, &features) else {
            continue;
        };
        if ["mod", "store", "body", "actions"].contains(&own) {
            for word in ["async", ".await", "block_on", "spawn"] {
                let places = file.places(word).into_iter();
                found.extend(places.map(|place| format!("{}: {word}", at(file, place))));
            }
        }
    }
    assert_none("No lock or connection can be held across an await:", &found);
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let silent = files().into_iter().filter(|file| {
        let first = file.text.lines().next().unwrap_or_default();
        first
            .strip_prefix("//! ")
            .is_none_or(|words| words.len() <= 5)
    });
    let silent: Vec<String> = silent.map(|file| file.path).collect();
    assert_none("A file opens with `//!` and a sentence:", &silent);
}

#[test]
fn files_stay_within_their_budget() {
    let mut found = Vec::new();
    for file in files() {
        let lines = file.lines();
        let listed = LONG_FILES.iter().find(|(path, _)| *path == file.path);
        match listed {
            None if lines > FILE_LINES => {
                found.push(format!(
                    "src/{} has {lines} lines: split it by verb",
                    file.path
                ));
            }
            Some((path, most)) if lines > *most => {
                found.push(format!("src/{path} grew from {most} to {lines} lines"));
            }
            Some((path, _)) if lines <= FILE_LINES => {
                found.push(format!("src/{path} fits now: take it off LONG_FILES"));
            }
            _ => {}
        }
    }
    for (path, _) in LONG_FILES {
        if !root().join("src").join(path).exists() {
            found.push(format!("src/{path} is gone: take it off LONG_FILES"));
        }
    }
    assert_none("A file has at most 600 lines:", &found);
}

/// Whether a statement writes a table.
fn writes_table(sql: &str, table: &str) -> bool {
    let words: Vec<&str> = sql
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let is_written = |at: usize| {
        let before = |count: usize| at.checked_sub(count).map_or("", |at| words[at]);
        ["INTO", "UPDATE"].contains(&before(1))
            || (before(2), before(1)) == ("DELETE", "FROM")
            || (before(3), before(2)) == ("UPDATE", "OR")
    };
    (0..words.len()).any(|at| words[at] == table && is_written(at))
}

/// Where each function of a file begins and ends.
fn functions(file: &File) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    for start in file.places("fn") {
        let (mut braces, mut brackets) = (0, 0);
        for (at, byte) in file.code.bytes().enumerate().skip(start) {
            match byte {
                b'(' | b'[' => brackets += 1,
                b')' | b']' => brackets -= 1,
                b'{' => braces += 1,
                b'}' => braces -= 1,
                _ => {}
            }
            if braces == 0 && brackets == 0 && matches!(byte, b'}' | b';') {
                found.push(start..at + 1);
                break;
            }
        }
    }
    found
}

/// The name of the constant that a place below no function belongs to.
fn constant_around(file: &File, at: usize) -> Option<&str> {
    let start = file
        .places("const")
        .into_iter()
        .rfind(|start| *start < at)?;
    let rest = file.code[start..].strip_prefix("const ")?;
    rest.split(':').next().map(str::trim)
}

/// Pages of clients are kept in memory until their tenant is `touched`: who writes the table and does
/// not say so leaves old pages standing.
#[test]
fn what_writes_clients_says_that_their_tenant_is_touched() {
    let all = files();
    let mut found = Vec::new();
    let mut checked = 0;
    let innermost = |file: &File, at: usize| {
        let around = functions(file)
            .into_iter()
            .filter(|body| body.contains(&at));
        around.max_by_key(|body| body.start)
    };
    let is_told =
        |file: &File, body: &std::ops::Range<usize>| file.code[body.clone()].contains(".touched(");
    for file in &all {
        let writes = file.literals.iter();
        for (place, _) in writes.filter(|(_, literal)| writes_table(literal, "clients")) {
            if let Some(body) = innermost(file, *place) {
                checked += 1;
                if !is_told(file, &body) {
                    found.push(at(file, *place));
                }
                continue;
            }
            // It stands in a constant: whoever names that must say so.
            let name = constant_around(file, *place).expect("a constant");
            let mut users = 0;
            for other in &all {
                for used in other.places(name) {
                    let Some(body) = innermost(other, used) else {
                        continue;
                    };
                    users += 1;
                    if !is_told(other, &body) {
                        found.push(format!("{} through {name}", at(other, used)));
                    }
                }
            }
            assert!(users > 0, "nobody runs {}", at(file, *place));
            checked += users;
        }
    }
    assert_none(
        "A write of `clients` goes with `tx.touched(tenant)`:",
        &found,
    );
    assert!(checked >= 3, "only {checked} writes were found");
}
