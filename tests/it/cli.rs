//! The command line, as a user runs it: the real program on a fresh directory.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Directory, PASSWORD, Ran, Running, client, mode, program, run, set_mode};

const CREATE: &[&str] = &[
    "account",
    "create",
    "--name",
    "Ann",
    "--password-stdin",
    "--email",
];

fn refused(ran: &Ran, sentence: &str) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains(sentence), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert_eq!(ran.stdout, "");
}

#[test]
fn from_nothing_to_a_client_in_four_commands() {
    let directory = Directory::new();

    let server = directory.serve();
    let workspace = directory.account("ann@example.com");
    let key = directory.key(&workspace);
    let mut caller = server.connect(key["plaintext"].as_str().unwrap());
    let created = caller
        .post("/v1/clients", "once-1", &client("kim@example.com"))
        .unwrap();
    let listed = caller.get("/v1/clients").json();

    assert_eq!(
        server.first_line,
        format!("{}: new", directory.path().display())
    );
    assert_eq!(created.status, 201);
    assert_eq!(listed["data"][0]["email"], "kim@example.com");
    server.signal("TERM");
    let (status, said) = server.ended();
    assert!(status.success(), "{said}");
    assert!(said.contains("cadence account create"), "{said}");

    let again = directory.serve();
    assert_eq!(
        again.first_line,
        format!(
            "{}: 1 account, 1 client, no backup yet",
            directory.path().display()
        )
    );
    again.signal("INT");
    let (status, said) = again.ended();
    assert!(status.success());
    assert!(!said.contains("account create"), "{said}");
}

#[test]
fn a_second_server_and_migrate_are_refused_while_one_runs() {
    let directory = Directory::new();
    let server = directory.serve();

    let second = directory.cadence(&["serve", "--listen", "127.0.0.1:0"]);
    let migrate = directory.cadence(&["migrate"]);

    let sentence = format!(
        "already running at http://{} (process {})",
        server.address,
        server.pid()
    );
    refused(&second, &sentence);
    refused(&migrate, &sentence);
}

#[test]
fn a_key_revoked_beside_the_server_is_refused_at_the_next_request() {
    let directory = Directory::new();
    let workspace = directory.account("ann@example.com");
    let key = directory.key(&workspace);
    let server = directory.serve();
    let mut caller = server.connect(key["plaintext"].as_str().unwrap());

    let before = caller.get("/v1/clients");
    let revoked = directory.json(&["key", "revoke", key["id"].as_str().unwrap()]);
    let after = caller.get("/v1/clients");

    assert_eq!(before.status, 200);
    assert_eq!(revoked["status"], "revoked");
    assert_eq!(after.status, 401);
    assert_eq!(after.json()["error"]["code"], "auth_revoked");
}

#[test]
fn the_server_tells_as_data_where_it_listens() {
    let directory = Directory::new();
    let mut child = program(&directory.path())
        .args(["serve", "--json", "--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    let said: Value = serde_json::from_str(&line).unwrap();
    let listening = said["listening"].as_str().unwrap();
    assert!(listening.starts_with("http://127.0.0.1:"), "{line}");
    assert_eq!(said["data"], json!(directory.path()));
}

#[test]
fn accounts_and_keys_as_data_have_their_documented_members() {
    let directory = Directory::new();
    let ran =
        directory.cadence_reading(&[CREATE, &["Ann@example.com", "--json"]].concat(), PASSWORD);
    let made: Value = serde_json::from_str(&ran.stdout).unwrap();
    let workspace = made["workspace_id"].as_str().unwrap();
    let key = directory.key(workspace);
    let arguments = [
        "key",
        "create",
        "--mode",
        "live",
        "--name",
        "narrow",
        "--scopes",
        "clients:read,keys:read",
        "--expires-at",
        "2190-01-01T00:00:00Z",
        "--description",
        "for reading",
        "--workspace",
    ];
    let narrow = directory.json(&[&arguments[..], &[workspace]].concat());
    let accounts = directory.json(&["account", "list"]);
    let keys = directory.json(&["key", "list"]);
    let of_workspace = directory.json(&["key", "list", "--workspace", workspace]);

    let members: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!(members, ["account_id", "workspace_id", "email"]);
    assert_eq!(made["email"], "Ann@example.com");
    assert_eq!(key["object"], "api_key");
    assert_eq!(key["client_id"], key["id"]);
    assert!(
        key["plaintext"]
            .as_str()
            .unwrap()
            .starts_with("cdnsk_test_")
    );
    assert_eq!(narrow["scopes"], json!(["clients:read", "keys:read"]));
    assert_eq!(narrow["expires_at"], "2190-01-01T00:00:00.000Z");
    assert_eq!(narrow["description"], "for reading");
    assert_eq!(accounts["accounts"][0]["role"], "owner");
    assert_eq!(
        accounts["accounts"][0]["workspaces"][0]["workspace_id"],
        workspace
    );
    assert_eq!(keys["count"], 2);
    assert!(keys["keys"][0].get("plaintext").is_none());
    assert_eq!(keys, of_workspace);
}

#[test]
fn a_test_key_can_be_revoked_without_a_server() {
    let directory = Directory::new();
    let key = directory.key(&directory.account("ann@example.com"));
    let id = key["id"].as_str().unwrap();

    let revoked = directory.cadence(&["key", "revoke", id]);
    let unknown = directory.cadence(&["key", "revoke", "key_01m81e5jsaeppbf086zm2nasen"]);

    assert_eq!(revoked.stdout, format!("{id} is revoked\n"));
    refused(&unknown, "There is no such key");
    let keys = directory.json(&["key", "list"]);
    assert_eq!(keys["keys"][0]["status"], "revoked");
}

#[test]
fn passwords_plans_and_second_accounts_are_refused_with_a_sentence() {
    let directory = Directory::new();
    let create = |more: &[&str], password: &str| {
        directory.cadence_reading(&[CREATE, more].concat(), password)
    };

    let short = create(&["ann@example.com"], "short\n");
    let none = create(&["ann@example.com"], "\n");
    let made_by_a_typing_error = directory.path().exists();
    let plan = create(&["ann@example.com", "--plan", "gold"], PASSWORD);
    let first = create(&["ann@example.com"], PASSWORD);
    let second = create(&["ANN@example.com"], PASSWORD);

    refused(&short, "fewer than 15 characters");
    refused(&none, "there is no password on standard input");
    assert!(!made_by_a_typing_error);
    refused(
        &plan,
        "There is no plan `gold`; there are agency, coach, studio.",
    );
    assert_eq!(first.code, 0);
    refused(&second, "An account with this address exists.");
}

#[test]
fn a_password_is_reset_beside_the_server_and_without() {
    let directory = Directory::new();
    directory.account("ann@example.com");
    let reset = |email: &str| {
        let arguments = [
            "account",
            "reset-password",
            "--password-stdin",
            "--email",
            email,
        ];
        directory.cadence_reading(&arguments, "another river eight lamps")
    };

    let without = reset("ann@example.com");
    let server = directory.serve();
    let beside = reset("ann@example.com");
    let nobody = reset("bob@example.com");
    drop(server);

    assert_eq!(without.stdout, "ann@example.com has a new password\n");
    assert_eq!(without.stdout, beside.stdout);
    refused(&nobody, "There is no account with this address.");
}

#[test]
fn a_command_line_that_is_not_understood_exits_with_2() {
    let directory = Directory::new();

    assert_eq!(directory.cadence(&["sreve"]).code, 2);
    assert_eq!(directory.cadence(&[]).code, 2);
    assert_eq!(directory.cadence(&["key", "revoke"]).code, 2);
    let in_argv = directory.cadence(&[
        "account",
        "create",
        "--email",
        "a@example.com",
        "--name",
        "A",
    ]);
    assert_eq!(in_argv.code, 2);
    assert!(in_argv.stderr.contains("--password-stdin"));
    assert!(!directory.path().exists());
}

#[test]
fn the_form_of_a_key_is_checked_without_a_server() {
    let directory = Directory::new();
    let key = directory.key(&directory.account("ann@example.com"));
    let plaintext = key["plaintext"].as_str().unwrap();
    let last = plaintext.len() - 1;
    let other = if plaintext.ends_with('a') { "b" } else { "a" };
    let mistyped = format!("{}{other}", &plaintext[..last]);
    let elsewhere = Directory::new();
    let check = |text: &str| elsewhere.cadence_reading(&["key", "check", "--json"], text);

    let right = check(&format!("{plaintext}\n"));
    let wrong = check(&mistyped);
    let foreign = check("sk_live_51H8");

    assert_eq!(right.code, 0);
    assert!(right.stdout.contains("test_api_key"), "{right:?}");
    assert_eq!(wrong.code, 1);
    assert!(wrong.stdout.contains(r#""fault": "checksum""#), "{wrong:?}");
    assert_eq!(foreign.code, 1);
    assert!(foreign.stdout.contains(r#""fault": "unknown""#));
    assert!(!elsewhere.path().exists());
}

#[test]
fn settings_are_shown_with_their_origins_and_secrets_are_not_shown() {
    let directory = Directory::new();
    fs::create_dir(directory.path()).unwrap();
    fs::write(
        directory.file("cadence.toml"),
        "public_url = 'https://coach.example'",
    )
    .unwrap();
    let mut command = program(&directory.path());
    command.args(["config", "--json"]);
    command.env("CADENCE_MAIL_SMTP_URL", "smtp://u:canary@mail.example:587");
    let ran = run(&mut command, "");

    let settings: Value = serde_json::from_str(&ran.stdout).unwrap();
    let origin = |name: &str| {
        let all = settings["settings"].as_array().unwrap();
        let setting = all.iter().find(|setting| setting["name"] == name).unwrap();
        setting["origin"].as_str().unwrap().to_owned()
    };
    assert_eq!(origin("data"), "environment CADENCE_DATA");
    assert_eq!(origin("public_url"), "cadence.toml");
    assert_eq!(origin("listen"), "default");
    assert_eq!(origin("mail.smtp_url"), "environment CADENCE_MAIL_SMTP_URL");
    assert!(!ran.stdout.contains("canary"));
}

#[test]
fn a_command_on_a_directory_without_a_database_makes_none() {
    let directory = Directory::new();

    for arguments in [&["key", "list"][..], &["account", "list"], &["migrate"]] {
        let ran = directory.cadence(arguments);
        refused(&ran, "there is no Cadence database here");
    }

    assert!(!directory.path().exists());
}

#[test]
fn migrate_says_from_where_to_where() {
    let directory = Directory::new();
    directory.account("ann@example.com");

    let migrated = directory.json(&["migrate"]);

    assert_eq!(migrated["from"], migrated["to"]);
    assert_eq!(migrated["database"], json!(directory.file("cadence.db")));
}

#[test]
fn the_database_of_a_newer_program_is_refused() {
    let directory = Directory::new();
    directory.account("ann@example.com");
    let file = directory.file("cadence.db");
    // Bytes 60 to 63 of an SQLite file hold `user_version`.
    let mut bytes = fs::read(&file).unwrap();
    bytes[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    fs::write(&file, bytes).unwrap();

    for arguments in [&["serve"][..], &["migrate"], &["account", "list"]] {
        let ran = directory.cadence(arguments);
        refused(
            &ran,
            "this database was written by a newer Cadence (schema 9999",
        );
    }
}

#[test]
fn what_is_made_is_its_owners_alone_and_wider_modes_are_refused_with_a_fix() {
    let directory = Directory::new();
    directory.account("ann@example.com");
    let server = directory.serve();

    assert_eq!(mode(&directory.path()), 0o700);
    for entry in fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert!(directory.file("control.sock").exists());
    server.signal("TERM");
    server.ended();
    assert!(!directory.file("control.sock").exists());

    for (path, wide, right) in [
        (directory.path(), 0o755, 0o700),
        (directory.file("cadence.db"), 0o644, 0o600),
        (directory.file("secret.key"), 0o640, 0o600),
    ] {
        set_mode(&path, wide);
        let ran = directory.cadence(&["account", "list"]);
        refused(&ran, &format!("chmod {right:o} {}", path.display()));
        set_mode(&path, right);
    }
}

#[test]
fn a_stranger_writes_no_errors_into_the_log() {
    let directory = Directory::new();
    directory.account("ann@example.com");
    let server = directory.serve();

    for nonsense in [
        "GET / HTTP/9.9\r\n\r\n",
        "\0\u{1}\u{2}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(nonsense.as_bytes()).unwrap();
        // It has been dealt with once the server closes the connection.
        drop(stream.read_to_end(&mut Vec::new()));
    }
    server.signal("TERM");
    let (status, said) = server.ended();

    assert!(status.success(), "{status:?}");
    assert!(said.contains(" INFO "), "the log was not read: {said}");
    assert!(!said.contains("ERROR"), "{said}");
}

#[test]
fn a_killed_server_leaves_nothing_that_has_to_be_cleared_away() {
    let directory = Directory::new();
    directory.account("ann@example.com");
    directory.serve().kill();
    assert!(directory.file("control.sock").exists());

    let alone = directory.cadence(&["account", "list"]);
    let server = directory.serve();
    let beside = directory.cadence(&["account", "list"]);

    assert_eq!((alone.code, beside.code), (0, 0), "{alone:?} {beside:?}");
    assert_eq!(alone.stdout, beside.stdout);
    drop(server);
}

#[test]
fn a_directory_with_a_long_path_has_its_socket_elsewhere() {
    let root = Directory::new();
    let data = root.path().join("long".repeat(30)).join("data");
    fs::create_dir_all(data.parent().unwrap()).unwrap();
    let server = Running::start(&mut program(&data), &["--listen", "127.0.0.1:0"]);

    let ran = run(program(&data).args(["account", "list"]), "");
    let held: Value =
        serde_json::from_str(&fs::read_to_string(data.join("cadence.lock")).unwrap()).unwrap();
    let socket = Path::new(held["socket"].as_str().unwrap()).to_owned();

    assert_eq!(ran.stdout, "no accounts\n", "{ran:?}");
    assert!(!data.join("control.sock").exists());
    assert_eq!(mode(&socket), 0o600);
    assert_eq!(mode(socket.parent().unwrap()), 0o700);
    server.signal("TERM");
    assert!(server.ended().0.success());
    assert!(!socket.parent().unwrap().exists());
}

#[test]
fn nonsense_at_the_control_socket_is_answered_and_leaves_the_server_running() {
    let directory = Directory::new();
    directory.account("ann@example.com");
    let server = directory.serve();
    let ask = |line: &[u8]| {
        let mut stream = UnixStream::connect(directory.file("control.sock")).unwrap();
        // The server may have answered before it read all.
        drop(stream.write_all(line));
        drop(stream.shutdown(std::net::Shutdown::Write));
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };

    let nonsense = ask(b"hello\n");
    let cut_off = ask(br#"{"command":"account_list"}"#);
    let unknown = ask(b"{\"command\":\"account_list\",\"as\":\"root\"}\n");
    let held_open: Vec<UnixStream> = (0..8)
        .map(|_| UnixStream::connect(directory.file("control.sock")).unwrap())
        .collect();
    let right = ask(b"{\"command\":\"account_list\"}\n");

    assert_eq!(nonsense["error"]["code"], "unknown_field");
    assert_eq!(cut_off["error"]["code"], "body_too_large");
    assert!(unknown["error"]["message"].is_string());
    assert_eq!(right["ok"]["count"], 1);
    drop(held_open);
    assert_eq!(server.connect("").get("/health").status, 200);
}

#[test]
fn a_command_waits_for_a_server_that_is_starting_or_ending() {
    let directory = Directory::new();
    directory.account("ann@example.com");

    let mut starting = program(&directory.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let during = directory.cadence(&["account", "list"]);
    let kill = Command::new("kill").arg(starting.id().to_string()).status();
    let after = directory.cadence(&["account", "list"]);
    let status = starting.wait().unwrap();

    assert_eq!((during.code, after.code), (0, 0), "{during:?} {after:?}");
    assert!(kill.unwrap().success());
    assert!(status.success() || status.code().is_none());
}

/// A request whose head the server has and whose body it waits for, and that body.
fn half_sent(server: &Running, key: &str) -> (TcpStream, String) {
    let body = client("late@example.com");
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = format!(
        "POST /v1/clients HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 25];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    (stream, body)
}

/// Asks the server to end and returns once it takes no more connections.
fn stop_accepting(server: &Running) {
    server.signal("TERM");
    while TcpStream::connect(server.address).is_ok() {
        std::thread::yield_now();
    }
}

#[test]
fn a_request_under_way_is_answered_before_the_server_ends() {
    let directory = Directory::new();
    let key = directory.key(&directory.account("ann@example.com"));
    let server = directory.serve();
    let (mut stream, body) = half_sent(&server, key["plaintext"].as_str().unwrap());

    stop_accepting(&server);
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();

    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert_eq!(server.ended().0.code(), Some(0));
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let directory = Directory::new();
    let key = directory.key(&directory.account("ann@example.com"));
    let server = directory.serve();
    let (stream, _) = half_sent(&server, key["plaintext"].as_str().unwrap());

    stop_accepting(&server);
    server.signal("INT");
    let (status, said) = server.ended();
    drop(stream);

    assert_eq!(status.code(), Some(1));
    assert!(said.contains("by a second signal"), "{said}");
}

#[test]
fn a_directory_of_another_user_is_refused_without_a_server() {
    let directory = Directory::new();
    directory.account("ann@example.com");
    if std::os::unix::fs::chown(directory.path(), Some(12_345), None).is_err() {
        eprintln!("not checked: only the superuser can give a directory away");
        return;
    }

    for arguments in [&["account", "list"][..], &["migrate"]] {
        let ran = directory.cadence(arguments);
        refused(
            &ran,
            "this directory belongs to another user (number 12345)",
        );
    }
}

/// Threads that add clients until the server ends, and the addresses that were answered with 201.
fn load(server: &Running, key: &str, started: &Arc<AtomicUsize>) -> Vec<mpsc::Receiver<String>> {
    let mut answered = Vec::new();
    for thread in 0..4 {
        let (send, receive) = mpsc::channel();
        answered.push(receive);
        let mut caller = server.connect(key);
        let started = Arc::clone(started);
        std::thread::spawn(move || {
            for number in 0.. {
                let email = format!("t{thread}n{number}@example.com");
                let once = format!("{thread}-{number}");
                let Ok(answer) = caller.post("/v1/clients", &once, &client(&email)) else {
                    return;
                };
                started.fetch_add(1, Ordering::Relaxed);
                if answer.status == 201 {
                    send.send(email).unwrap();
                } else if answer.status != 503 {
                    panic!("{answer:?}");
                }
            }
        });
    }
    answered
}

#[test]
fn a_server_that_is_asked_to_end_under_load_saves_all_that_it_answered() {
    let directory = Directory::new();
    let key = directory.key(&directory.account("ann@example.com"));
    let key = key["plaintext"].as_str().unwrap();
    let server = directory.serve();
    let started = Arc::new(AtomicUsize::new(0));
    let answered = load(&server, key, &started);
    while started.load(Ordering::Relaxed) < 200 {
        std::thread::yield_now();
    }

    let asked = Instant::now();
    server.signal("TERM");
    let (status, said) = server.ended();
    let took = asked.elapsed();

    assert_eq!(status.code(), Some(0), "{said}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    let log = fs::metadata(directory.file("cadence.db-wal"));
    assert_eq!(log.map_or(0, |log| log.len()), 0);
    let emails: Vec<String> = answered.into_iter().flatten().collect();
    let again = directory.serve();
    let mut caller = again.connect(key);
    for email in &emails {
        let found = caller.get(&format!("/v1/clients?email={email}")).json();
        assert_eq!(found["data"].as_array().map(Vec::len), Some(1), "{email}");
    }
    assert!(emails.len() >= 200);
}

#[test]
fn a_server_without_an_account_makes_the_owner_that_its_configuration_names() {
    let directory = Directory::new();
    let mut private = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);
    private.create(directory.path()).unwrap();
    let settings = format!("[owner]\nemail = 'ann@example.com'\npassword = '{PASSWORD}'\n");
    fs::write(directory.file("cadence.toml"), settings).unwrap();

    let server = directory.serve();
    let accounts = directory.json(&["account", "list"]);
    server.signal("TERM");
    server.ended();
    let again = directory.serve();
    let unchanged = directory.json(&["account", "list"]);

    assert_eq!(accounts["accounts"][0]["email"], "ann@example.com");
    assert_eq!(accounts["accounts"][0]["role"], "owner");
    assert_eq!(accounts, unchanged);
    again.signal("TERM");
}

#[test]
fn a_fresh_server_prints_its_set_up_link_and_a_new_one_when_asked() {
    let directory = Directory::new();
    let server = directory.serve();
    let port = server.address.port();

    let made = directory.json(&["setup-link"]);
    let link = made["links"][0].as_str().unwrap();
    let page = format!("http://localhost:{port}/dashboard/set-up#cdnsu_");
    assert!(link.starts_with(&page), "{link}");
    assert_eq!(made["links"].as_array().unwrap().len(), 1);
    let (_, token) = link.split_once('#').unwrap();
    let owner = json!({
        "token": token, "name": "Ann", "email": "ann@example.com", "password": PASSWORD,
    });
    let anyone = crate::support::Caller {
        address: server.address,
        authorization: None,
        session: None,
    };
    anyone.post("/auth/setup", &owner).expect(201);
    let late = directory.cadence(&["setup-link"]);
    refused(&late, "There is an account already");

    server.signal("TERM");
    let (status, said) = server.ended();
    assert!(status.success(), "{said}");
    let printed = said
        .lines()
        .find(|line| line.trim_start().starts_with(&page));
    // The one that was printed at the start was replaced by the one that was asked for.
    assert!(printed.is_some_and(|line| !line.contains(token)), "{said}");
}
