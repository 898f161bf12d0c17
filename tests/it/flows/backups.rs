//! Backups: made beside a running server, restored elsewhere, refused when anything is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::process::{
    Answer, Connection, Directory, PASSWORD, Ran, Running, client, mode, program, run, set_mode,
};
use crate::support::until;

const PASSPHRASE: &str = "eleven quiet herons at dusk";

/// A server with some of everything in it.
struct Filled {
    directory: Directory,
    workspace: String,
    key: String,
    server: Option<Running>,
    /// Writes with an idempotency key, and how they were answered.
    written: Vec<(String, String, String, Answer)>,
}

impl Filled {
    fn new() -> Self {
        let directory = Directory::new();
        let workspace = directory.account("ann@example.com");
        let key = directory.key(&workspace);
        let key = text(&key["plaintext"]);
        let server = directory.serve();
        let mut filled = Self {
            directory,
            workspace,
            key,
            server: Some(server),
            written: Vec::new(),
        };
        for number in 0..3 {
            let body = client(&format!("client{number}@example.com"));
            filled.write("/v1/clients", &format!("c{number}"), &body);
        }
        let id = text(&filled.written[0].3.json()["id"]);
        let messages = format!("/v1/clients/{id}/messages");
        filled.write(&messages, "m", r#"{"body":"Hello"}"#);
        let keys = format!("/v1/workspaces/{}/api-keys", filled.workspace);
        filled.write(&keys, "k", r#"{"name":"second"}"#);
        filled
    }

    fn running(&self) -> &Running {
        self.server.as_ref().expect("it runs")
    }

    fn write(&mut self, path: &str, once: &str, body: &str) {
        let mut caller = self.running().connect(&self.key);
        let answer = caller.post(path, once, body).expect("an answer");
        assert_eq!(answer.status, 201, "{}", answer.json());
        self.written
            .push((path.to_owned(), once.to_owned(), body.to_owned(), answer));
    }

    /// Every read that is answered alike wherever the same data is.
    fn read(&self, server: &Running) -> Vec<(String, Value)> {
        let mut caller = server.connect(&self.key);
        let keys = format!("/v1/workspaces/{}/api-keys", self.workspace);
        let mut paths: Vec<String> = ["clients", "events", "outbox", "audit-log", "workspaces"]
            .iter()
            .map(|noun| format!("/v1/{noun}"))
            .collect();
        paths.extend(["/v1/whoami".to_owned(), keys]);
        let of_client = self.written.iter().take(3);
        paths.extend(
            of_client.map(|(_, _, _, made)| format!("/v1/clients/{}", text(&made.json()["id"]))),
        );
        let mut answers = Vec::new();
        for path in paths {
            let answer = caller.get(&path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.json());
            let mut body = answer.json();
            // A key's last use is the use by this very read.
            for key in body["keys"].as_array_mut().into_iter().flatten() {
                key["last_used_at"] = Value::Null;
                key["last_used_ip"] = Value::Null;
            }
            answers.push((path, body));
        }
        answers
    }

    /// Ends the server and gives the directory as it is left.
    fn stop(&mut self) {
        let server = self.server.take().expect("it runs");
        server.signal("TERM");
        let (status, said) = server.ended();
        assert!(status.success(), "{said}");
    }

    /// A backup beside the data directory.
    fn backup(&self) -> PathBuf {
        let path = outside(&self.directory, "one.backup");
        let made = self.directory.json(&["backup", display(&path)]);
        assert_eq!(made["path"], json!(path));
        path
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn display(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn outside(directory: &Directory, name: &str) -> PathBuf {
    directory.path().with_file_name(name)
}

fn restore(directory: &Directory, backup: &Path) -> Ran {
    directory.cadence(&["restore", display(backup)])
}

fn restored(directory: &Directory, backup: &Path) -> Value {
    directory.json(&["restore", display(backup)])
}

/// Every file of a directory but the lock, which each command takes.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else if path.file_name().is_some_and(|name| name != "cadence.lock") {
            let bytes = fs::read(&path).unwrap_or_default();
            found.insert(path, bytes);
        }
    }
    found
}

#[track_caller]
fn refused(ran: &Ran, sentence: &str) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains(sentence), "{sentence}: {ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert_eq!(ran.stdout, "");
}

#[test]
fn after_backup_wipe_and_restore_elsewhere_every_answer_is_as_before() {
    let mut filled = Filled::new();
    let before = filled.read(filled.running());
    let backup = filled.backup();
    filled.stop();
    fs::remove_dir_all(filled.directory.path()).expect("wiped");
    let elsewhere = Directory::new();

    let said = restored(&elsewhere, &backup);

    assert_eq!(said["kept"], Value::Null);
    assert_eq!(said["schema"], cadence::db::migrate::MIGRATIONS.len());
    for name in ["cadence.db", "secret.key"] {
        assert_eq!(mode(&elsewhere.file(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&elsewhere.path()), 0o700);
    let server = elsewhere.serve();
    assert_eq!(filled.read(&server), before);
    // Saved answers replay, those with a secret in them too.
    let mut caller = server.connect(&filled.key);
    for (path, once, body, first) in &filled.written {
        let again = caller.post(path, once, body).expect("an answer");
        assert_eq!((again.status, &again.body), (201, &first.body), "{path}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.header("location"), first.header("location"));
    }
    let (_, _, _, second) = filled.written.last().expect("a key");
    let second = text(&second.json()["plaintext"]);
    assert_eq!(server.connect(&second).get("/v1/whoami").status, 200);
    // Invites in the outbox are sealed: they open with the key that came along.
    let mail = &caller.get("/v1/outbox").json()["data"][0];
    assert!(text(&mail["text"]).contains("cdnin_"), "{mail}");
    // Nothing was executed anew by the replays.
    assert_eq!(filled.read(&server), before);
}

/// Callers that add clients, each in an order of its own, until they are stopped.
const CALLERS: usize = 4;

#[derive(Default)]
struct Load {
    answered: [AtomicUsize; CALLERS],
    stopped: AtomicBool,
}

impl Load {
    fn add_clients(&self, thread: usize, mut caller: Connection) {
        for number in 1.. {
            let name = format!("t{thread}-{number}");
            let body = client(&format!("{name}@example.com"));
            let answer = caller.post("/v1/clients", &name, &body);
            assert_eq!(answer.expect("an answer").status, 201);
            self.answered[thread].store(number, Ordering::Release);
            if self.stopped.load(Ordering::Acquire) {
                return;
            }
        }
    }

    fn answered(&self) -> Vec<usize> {
        let each = self.answered.iter();
        each.map(|number| number.load(Ordering::Acquire)).collect()
    }

    fn total(&self) -> usize {
        self.answered().iter().sum()
    }
}

/// The numbers of each caller's clients in the log of events, whose sequence has no holes.
fn logged(caller: &mut Connection) -> [Vec<usize>; CALLERS] {
    let mut held = [const { Vec::new() }; CALLERS];
    let (mut sequences, mut next) = (Vec::new(), Some("/v1/events?limit=100".to_owned()));
    while let Some(page) = next {
        let list = caller.get(&page).json();
        for event in list["data"].as_array().expect("a list") {
            sequences.push(event["sequence"].as_u64().expect("a number"));
            if event["type"] != "client.created" {
                continue;
            }
            let email = text(&event["data"]["object"]["email"]);
            let name = email.split('@').next().unwrap_or_default();
            let (thread, number) = name[1..].split_once('-').expect("a name");
            let thread: usize = thread.parse().expect("a number");
            held[thread].push(number.parse().expect("a number"));
        }
        let cursor = list["next_cursor"].as_str();
        next = cursor.map(|cursor| format!("/v1/events?limit=100&cursor={cursor}"));
    }
    sequences.sort_unstable();
    let dense: Vec<u64> = (1..=sequences.len() as u64).collect();
    assert_eq!(sequences, dense);
    held
}

#[test]
fn a_backup_beside_writes_holds_a_prefix_of_them_and_stalls_none() {
    let directory = Directory::new();
    let workspace = directory.account("ann@example.com");
    let key = text(&directory.key(&workspace)["plaintext"]);
    let server = directory.serve();
    let path = outside(&directory, "loaded.backup");
    let load = Load::default();

    let (before, after) = std::thread::scope(|scope| {
        for thread in 0..CALLERS {
            let (load, caller) = (&load, server.connect(&key));
            scope.spawn(move || load.add_clients(thread, caller));
        }
        until("some writes", || load.total() > 200);
        let before = load.answered();
        let made = directory.cadence(&["backup", display(&path)]);
        let after = load.answered();
        load.stopped.store(true, Ordering::Release);
        assert_eq!(made.code, 0, "{made:?}");
        (before, after)
    });

    for (before, after) in before.iter().zip(&after) {
        assert!(after > before, "writes were answered meanwhile");
    }
    assert_eq!(mode(&path), 0o600);
    let elsewhere = Directory::new();
    restored(&elsewhere, &path);
    let copy = elsewhere.serve();
    let mut caller = copy.connect(&key);
    for (thread, mut numbers) in logged(&mut caller).into_iter().enumerate() {
        numbers.sort_unstable();
        let prefix: Vec<usize> = (1..=numbers.len()).collect();
        assert_eq!(numbers, prefix, "what came first is there first");
        assert!(numbers.len() >= before[thread], "answered before it began");
        assert!(numbers.len() <= after[thread] + 1, "begun after it ended");
    }
    let list = caller.get("/v1/clients?limit=1").json();
    assert_eq!(list["data"][0]["object"], "client");
}

#[test]
fn a_backup_without_a_path_goes_into_the_data_directory_and_is_private() {
    let mut filled = Filled::new();
    let beside = filled.directory.json(&["backup"]);
    filled.stop();
    let path = PathBuf::from(text(&beside["path"]));
    assert_eq!(path.parent(), Some(&*filled.directory.file("backups")));
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&filled.directory.file("backups")), 0o700);
    assert_eq!(beside["encrypted"], false);
    let length = fs::metadata(&path).expect("a file").len();
    assert_eq!(beside["bytes"], length);
    let entries = fs::read_dir(filled.directory.file("backups")).expect("a directory");
    assert_eq!(entries.count(), 1, "no draft stays behind");
    let taken = filled.directory.cadence(&["backup", display(&path)]);
    refused(&taken, "there is a file of this name");
    let without = outside(&filled.directory, "without.copy");
    let made = filled.directory.json(&["backup", display(&without)]);
    assert_eq!(made["path"], json!(without));
    restored(&Directory::new(), &without);
}

#[test]
fn a_restored_copy_is_quiet_until_somebody_says_that_it_is_the_only_one() {
    let filled = Filled::new();
    let backup = filled.backup();
    let elsewhere = Directory::new();
    let never = filled.directory.json(&["resume"]);
    assert_eq!(never["quiet_since"], Value::Null);
    assert_eq!(never["resumed"], false);

    let said = restore(&elsewhere, &backup);

    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("cadence resume"), "{said:?}");
    let server = elsewhere.serve();
    let dry = elsewhere.json(&["resume", "--dry-run"]);
    assert_eq!(dry["resumed"], false);
    assert!(dry["quiet_since"].is_string(), "{dry}");
    assert!(dry["queued_mails"].is_number(), "{dry}");
    server.signal("TERM");
    let (_, said) = server.ended();
    assert!(said.contains("quiet: this copy was restored"), "{said}");
    let doctor = elsewhere.json(&["doctor"]);
    assert_eq!(verdict(&doctor, "quiet").as_deref(), Some("warn"));

    let server = elsewhere.serve();
    let resumed = elsewhere.json(&["resume"]);
    assert_eq!(resumed["resumed"], true);
    assert_eq!(resumed["quiet_since"], dry["quiet_since"]);
    let again = elsewhere.json(&["resume"]);
    assert_eq!(again["quiet_since"], Value::Null);
    drop(server);
    let server = elsewhere.serve();
    server.signal("TERM");
    let (_, said) = server.ended();
    assert!(!said.contains("quiet"), "{said}");
}

#[test]
fn a_restore_beside_a_running_server_is_refused() {
    let filled = Filled::new();
    let backup = filled.backup();
    let before = filled.read(filled.running());

    let ran = restore(&filled.directory, &backup);

    refused(&ran, "already running at http://");
    assert_eq!(filled.read(filled.running()), before);
}

#[test]
fn what_was_there_before_is_kept_and_usable() {
    let mut old = Filled::new();
    let new = Filled::new();
    let of_old = old.read(old.running());
    let of_new = new.read(new.running());
    let backup = new.backup();
    old.stop();

    let said = restored(&old.directory, &backup);

    let server = old.directory.serve();
    assert_eq!(new.read(&server), of_new);
    drop(server);
    let kept = PathBuf::from(text(&said["kept"]));
    assert_eq!(kept.parent(), Some(&*old.directory.path()));
    assert_eq!(mode(&kept), 0o700);
    let arguments = ["--listen", "127.0.0.1:0"];
    let server = Running::start(&mut program(&kept), &arguments);
    assert_eq!(old.read(&server), of_old);
    let (path, once, body, first) = old.written.last().expect("a key");
    let replay = server.connect(&old.key).post(path, once, body);
    assert_eq!(replay.expect("an answer").body, first.body);
}

#[test]
fn a_killed_servers_last_writes_are_in_what_is_kept() {
    let mut old = Filled::new();
    let of_old = old.read(old.running());
    let backup = Filled::new().backup_and_copy(&old.directory);
    old.server.take().expect("it runs").kill();
    let said = restored(&old.directory, &backup);
    let kept = PathBuf::from(text(&said["kept"]));
    let server = Running::start(&mut program(&kept), &["--listen", "127.0.0.1:0"]);
    assert_eq!(old.read(&server), of_old);
}

impl Filled {
    /// A backup that outlives the server it is of.
    fn backup_and_copy(&self, to: &Directory) -> PathBuf {
        let path = outside(to, "other.backup");
        fs::copy(self.backup(), &path).expect("a copy");
        path
    }
}

#[test]
fn a_damaged_database_does_not_stand_in_the_way_of_a_restore() {
    let mut filled = Filled::new();
    let before = filled.read(filled.running());
    let backup = filled.backup();
    filled.stop();
    let file = filled.directory.file("cadence.db");
    let mut bytes = fs::read(&file).expect("a database");
    for damage in [0, 100] {
        bytes[damage..damage + 64].fill(0xa5);
        fs::write(&file, &bytes).expect("damaged");

        let said = restored(&filled.directory, &backup);

        let kept = PathBuf::from(text(&said["kept"])).join("cadence.db");
        assert_eq!(fs::read(kept).expect("the old one"), bytes);
        let server = filled.directory.serve();
        assert_eq!(filled.read(&server), before);
        server.signal("TERM");
        assert!(server.ended().0.success());
    }
}

#[test]
fn a_log_without_its_database_is_not_applied_to_what_is_restored() {
    let mut filled = Filled::new();
    let backup = filled.backup();
    let before = filled.read(filled.running());
    filled.write("/v1/clients", "later", &client("later@example.com"));
    filled.server.take().expect("it runs").kill();
    fs::remove_file(filled.directory.file("cadence.db")).expect("removed");
    assert!(filled.directory.file("cadence.db-wal").exists());

    let said = restored(&filled.directory, &backup);

    let kept = PathBuf::from(text(&said["kept"]));
    assert!(kept.join("cadence.db-wal").exists());
    assert!(kept.join("secret.key").exists());
    let server = filled.directory.serve();
    assert_eq!(filled.read(&server), before);
}

/// The positions of a container's parts: its header's line, and where the first chunk begins.
fn parts(bytes: &[u8]) -> (usize, usize) {
    let line_end = |from: usize| {
        let length = bytes[from..].iter().position(|byte| *byte == b'\n');
        from + length.expect("a line") + 1
    };
    let header = line_end(0);
    (header, line_end(header))
}

#[test]
fn a_backup_that_was_cut_or_altered_is_refused_and_changes_nothing() {
    let mut filled = Filled::new();
    let backup = filled.backup();
    filled.stop();
    let whole = fs::read(&backup).expect("a backup");
    let (header, chunk) = parts(&whole);
    let end = whole.len();
    let before = contents(&filled.directory.path());
    let broken = outside(&filled.directory, "broken.backup");
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    for cut in [
        0,
        1,
        header - 1,
        header,
        header + 10,
        chunk - 1,
        chunk,
        chunk + 3,
        chunk + 4,
        chunk + 50,
        end / 2,
        end - 36,
        end - 33,
        end - 32,
        end - 1,
    ] {
        cases.push((format!("cut at {cut} of {end}"), whole[..cut].to_vec()));
    }
    for place in [
        0,
        header - 1,
        header,
        header + 4,
        chunk - 2,
        chunk,
        chunk + 3,
        chunk + 30,
        chunk + 400,
        end / 2,
        end - 37,
        end - 33,
        end - 32,
        end - 1,
    ] {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x01;
        cases.push((format!("flipped at {place} of {end}"), bytes));
    }
    let mut longer = whole.clone();
    longer.push(0);
    cases.push(("a byte more".to_owned(), longer));
    cases.push(("a foreign file".to_owned(), vec![b'x'; 100_000]));
    cases.push(("a database".to_owned(), database(&filled.directory)));
    cases.push(("a line".to_owned(), b"cadence-backup 2\n{}\n".to_vec()));
    for (what, bytes) in cases {
        fs::write(&broken, bytes).expect("a file");
        let ran = restore(&filled.directory, &broken);
        assert_eq!(ran.code, 1, "{what}: {ran:?}");
        refused(&ran, "it was not restored, and nothing was changed");
        assert_eq!(contents(&filled.directory.path()), before, "{what}");
    }
    let missing = restore(&filled.directory, &outside(&filled.directory, "none"));
    refused(&missing, "cannot be read");
    assert_eq!(contents(&filled.directory.path()), before);
    let server = filled.directory.serve();
    filled.read(&server);
}

fn database(directory: &Directory) -> Vec<u8> {
    fs::read(directory.file("cadence.db")).expect("a database")
}

/// Changes a byte range of a container and makes its digest right again.
fn forged(whole: &[u8], change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let digested = bytes.len() - 32;
    change(&mut bytes[..digested]);
    let digest = Sha256::digest(&bytes[..digested]);
    bytes[digested..].copy_from_slice(&digest);
    bytes
}

/// Where the database begins in a container that is not sealed.
fn database_at(whole: &[u8]) -> usize {
    let magic = b"SQLite format 3\0";
    let found = whole.windows(magic.len()).position(|part| part == magic);
    found.expect("a database")
}

#[test]
fn a_backup_of_a_newer_schema_or_with_a_damaged_database_is_refused() {
    let mut filled = Filled::new();
    let backup = filled.backup();
    filled.stop();
    let before = contents(&filled.directory.path());
    let whole = fs::read(&backup).expect("a backup");
    let at = database_at(&whole);
    let path = outside(&filled.directory, "forged.backup");

    // SQLite keeps `user_version` at byte 60 of the file.
    let newer = forged(&whole, |bytes| {
        bytes[at + 60..at + 64].copy_from_slice(&99_u32.to_be_bytes());
    });
    fs::write(&path, newer).expect("a file");
    refused(
        &restore(&filled.directory, &path),
        "newer Cadence (schema 99",
    );
    assert_eq!(contents(&filled.directory.path()), before);

    let damaged = forged(&whole, |bytes| bytes[at + 4096..at + 8192].fill(0xff));
    fs::write(&path, damaged).expect("a file");
    let ran = restore(&filled.directory, &path);
    assert_eq!((ran.code, ran.stderr.lines().count()), (1, 1), "{ran:?}");
    assert_eq!(contents(&filled.directory.path()), before);

    let foreign = forged(&whole, |bytes| bytes[at..at + 16].fill(b'x'));
    fs::write(&path, foreign).expect("a file");
    let ran = restore(&filled.directory, &path);
    assert_eq!((ran.code, ran.stderr.lines().count()), (1, 1), "{ran:?}");
    assert_eq!(contents(&filled.directory.path()), before);
}

#[test]
fn a_sealed_backup_opens_with_its_passphrase_alone() {
    let filled = Filled::new();
    let before = filled.read(filled.running());
    let path = outside(&filled.directory, "sealed.backup");
    let arguments = ["backup", display(&path), "--passphrase-stdin", "--json"];
    let made = filled.directory.cadence_reading(&arguments, PASSPHRASE);
    assert_eq!(made.code, 0, "{made:?}");
    let made: Value = serde_json::from_str(&made.stdout).expect("JSON");
    assert_eq!(made["encrypted"], true);
    let bytes = fs::read(&path).expect("a backup");
    for secret in ["SQLite format 3", "cadence-sealing-key-1:", "client0@"] {
        let secret = secret.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret));
    }
    let elsewhere = Directory::new();
    let with = |passphrase: &str| {
        let arguments = ["restore", display(&path), "--passphrase-stdin"];
        elsewhere.cadence_reading(&arguments, passphrase)
    };

    refused(
        &restore(&elsewhere, &path),
        "is sealed: give its passphrase",
    );
    refused(
        &with("eleven quiet herons at noon"),
        "does not open with this passphrase",
    );
    refused(&with(""), "there is no passphrase on standard input");
    assert!(contents(&elsewhere.path()).is_empty());
    let cut = forged(&bytes[..bytes.len() - 40], |_| {});
    fs::write(&path, cut).expect("a file");
    assert_eq!(with(PASSPHRASE).code, 1);
    assert!(contents(&elsewhere.path()).is_empty());
    fs::write(&path, bytes).expect("a file");
    let ran = with(&format!("{PASSPHRASE}\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    let server = elsewhere.serve();
    assert_eq!(filled.read(&server), before);
}

#[test]
fn a_swapped_sealing_key_is_told_before_anybody_is_served() {
    let mut filled = Filled::new();
    filled.stop();
    let other = Directory::new();
    other.account("bob@example.com");
    fs::copy(
        other.file("secret.key"),
        filled.directory.file("secret.key"),
    )
    .expect("swapped");

    let ran = filled
        .directory
        .cadence(&["serve", "--listen", "127.0.0.1:0"]);

    refused(&ran, "but the database was sealed under");
    let doctor = doctor(&filled.directory, 1);
    assert_eq!(verdict(&doctor, "sealing key").as_deref(), Some("fail"));
    fs::remove_file(filled.directory.file("secret.key")).expect("removed");
    let ran = filled
        .directory
        .cadence(&["serve", "--listen", "127.0.0.1:0"]);
    refused(&ran, "There is no key file");
}

fn doctor(directory: &Directory, code: i32) -> Value {
    let ran = directory.cadence(&["doctor", "--json"]);
    assert_eq!(ran.code, code, "{ran:?}");
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn check<'d>(doctor: &'d Value, name: &str) -> Option<&'d Value> {
    let checks = doctor["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["name"] == name)
}

fn verdict(doctor: &Value, name: &str) -> Option<String> {
    check(doctor, name).map(|check| text(&check["verdict"]))
}

#[test]
fn doctor_looks_at_everything_beside_a_server_and_without() {
    let mut filled = Filled::new();
    let beside = doctor(&filled.directory, 0);
    assert!(text(&check(&beside, "server").expect("a check")["found"]).contains("runs at http://"));
    filled.stop();
    let before = contents(&filled.directory.path());
    let without = doctor(&filled.directory, 0);
    let found = text(&check(&without, "server").expect("a check")["found"]);
    assert_eq!(found, "does not run");
    assert_eq!(contents(&filled.directory.path()), before, "it only looks");
    for report in [&beside, &without] {
        assert_eq!(report["verdict"], "warn");
        for name in [
            "files",
            "disk",
            "database",
            "write-ahead log",
            "sealing key",
            "clock",
        ] {
            assert_eq!(verdict(report, name).as_deref(), Some("ok"), "{name}");
        }
        assert_eq!(verdict(report, "backup").as_deref(), Some("warn"));
        assert_eq!(
            check(report, "backup").expect("a check")["found"],
            "none yet"
        );
        assert_eq!(
            check(report, "backup").expect("a check")["fix"],
            "cadence backup"
        );
    }
    filled.directory.json(&["backup"]);
    let after = doctor(&filled.directory, 0);
    assert_eq!(verdict(&after, "backup").as_deref(), Some("ok"));
    let people = filled.directory.cadence(&["doctor"]);
    assert!(
        people.stdout.contains("WARN  mail: no mail server"),
        "{people:?}"
    );
    assert!(people.stdout.contains("ok    files: "), "{people:?}");
}

#[test]
fn doctor_fails_where_others_can_read_and_says_what_to_do() {
    let mut filled = Filled::new();
    filled.stop();
    for name in ["cadence.db", "secret.key"] {
        let file = filled.directory.file(name);
        set_mode(&file, 0o644);
        let report = doctor(&filled.directory, 1);
        assert_eq!(report["verdict"], "fail");
        let files = check(&report, "files").expect("a check");
        assert_eq!(files["verdict"], "fail");
        let fix = format!("chmod 600 {} (it is 644)", file.display());
        assert_eq!(files["fix"], fix);
        set_mode(&file, 0o600);
    }
    set_mode(&filled.directory.path(), 0o755);
    let report = doctor(&filled.directory, 1);
    assert_eq!(verdict(&report, "files").as_deref(), Some("fail"));
    set_mode(&filled.directory.path(), 0o700);
    doctor(&filled.directory, 0);
}

#[test]
fn doctor_reports_a_database_that_cannot_be_opened_beside_all_else() {
    let mut filled = Filled::new();
    filled.stop();
    let file = filled.directory.file("cadence.db");
    let mut bytes = fs::read(&file).expect("a database");
    bytes[..64].fill(0xa5);
    fs::write(&file, bytes).expect("damaged");
    let report = doctor(&filled.directory, 1);
    assert_eq!(report["verdict"], "fail");
    assert_eq!(verdict(&report, "database").as_deref(), Some("fail"));
    let fix = text(&check(&report, "database").expect("a check")["fix"]);
    assert!(fix.contains("restore the last backup"), "{fix}");
    assert_eq!(verdict(&report, "files").as_deref(), Some("ok"));
    assert_eq!(verdict(&report, "public address").as_deref(), Some("warn"));
}

#[test]
fn doctor_and_restore_find_nothing_where_nothing_is() {
    let directory = Directory::new();
    refused(
        &directory.cadence(&["doctor"]),
        "there is no Cadence database here",
    );
    assert!(!directory.path().exists());
    let mut command = program(&directory.path());
    let ran = run(command.args(["backup"]), PASSWORD);
    refused(&ran, "there is no Cadence database here");
}
