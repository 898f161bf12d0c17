//! `POST /v1/clients/import`

use std::fmt::Write as _;
use std::thread;

use cadence::db::{Options, Synchronous};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server};

const PATH: &str = "/v1/clients/import";

fn send(key: &Caller, query: &str, media_type: &str, file: &[u8]) -> Answer {
    let headers = [("Content-Type", media_type)];
    key.send_bytes("POST", &format!("{PATH}{query}"), &headers, Some(file))
}

fn csv(key: &Caller, file: &str) -> Answer {
    send(key, "", "text/csv", file.as_bytes())
}

/// Each row's number, status and the codes of what is wrong with it.
fn rows(answer: &Answer) -> Vec<(u64, String, Vec<String>)> {
    let body = answer.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = body["rows"].as_array().cloned().unwrap_or_default();
    rows.iter()
        .map(|row| {
            let errors = row["errors"].as_array().cloned().unwrap_or_default();
            let codes = errors.iter().map(|error| text(&error["code"])).collect();
            (
                row["row"].as_u64().unwrap_or(0),
                text(&row["status"]),
                codes,
            )
        })
        .collect()
}

fn counts(answer: &Answer) -> [u64; 4] {
    let body = answer.json();
    ["total", "created", "duplicates", "invalid"].map(|name| body[name].as_u64().unwrap())
}

/// How many clients, and how many events of them, there are.
fn added(server: &Server) -> (i64, i64) {
    let sql = "SELECT count(*) FROM events WHERE type = 'client.created'";
    let events = server
        .app
        .db
        .read_now(|conn| Ok(conn.query_row(sql, [], |row| row.get(0))?));
    (server.rows("clients"), events.unwrap())
}

/// A server that does not wait for the disk: how long that takes is not what is tested.
fn hasty() -> Server {
    let options = Options {
        synchronous: Synchronous::Normal,
        ..Options::default()
    };
    Server::start_with(|_| {}, options)
}

fn file_of(rows: usize) -> String {
    let mut file = String::from("First Name,Last Name,Email,Notes\n");
    for row in 0..rows {
        writeln!(file, "Ana,Prado {row},client{row}@example.com,\"one\ntwo\"").unwrap();
    }
    file
}

#[test]
fn a_csv_of_another_program_is_imported_with_a_result_for_each_row() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    key.post(
        "/v1/clients",
        &json!({ "name": "Eva", "email": "eva@example.com" }),
    )
    .expect(201);

    let answer = csv(
        &key,
        "\u{feff}First Name;Last Name;E-mail;Coach Email;Groups\r\n\
         Ana;Prado;Ana@Example.com;me@example.com;\"vip, online\"\r\n\
         \"José \"\"Zé\"\"\";Costa;ze@example.com;;\r\n\
         Rui;;rui.example.com;;\r\n\
         \r\n\
         Ana;Again;ana@example.com;;\r\n\
         Eva;Known;EVA@example.com;;\r\n",
    )
    .expect(200);

    assert_eq!(counts(&answer), [5, 2, 2, 1]);
    let status = |row: (u64, String, Vec<String>)| (row.1, row.2.join(","));
    let found: Vec<_> = rows(&answer).into_iter().map(status).collect();
    let pair = |status: &str, code: &str| (status.to_owned(), code.to_owned());
    assert_eq!(
        found,
        [
            pair("created", ""),
            pair("created", ""),
            pair("invalid", "invalid_email"),
            pair("duplicate", "already_exists"),
            pair("duplicate", "already_exists"),
        ]
    );
    let body = answer.json();
    assert_eq!(body["object"], "client_import");
    assert_eq!(body["livemode"], false);
    assert_eq!(body["rows"][3]["line"], 6);
    assert_eq!(
        body["columns"][3],
        json!({ "column": "Coach Email", "field": null })
    );
    let id = body["rows"][0]["client_id"].as_str().unwrap();
    let ana = key.get(&format!("/v1/clients/{id}")).expect(200).json();
    assert_eq!(ana["name"], "Ana Prado");
    assert_eq!(ana["status"], "active");
    assert_eq!(ana["tags"], json!(["vip", "online"]));
    assert_eq!(ana["timezone"], "UTC");
    let events = key.get("/v1/events?type=client.created").expect(200);
    assert_eq!(events.column("id").len(), 3);
    // Nobody is written to unless that is asked for.
    assert_eq!(server.rows("outbox"), 1);
}

#[test]
fn json_and_json_lines_are_imported_by_the_same_rules() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);

    let array = r#"[{"name":"Ana","email":"ana@example.com"},
        {"name":"Rui","email":"rui@example.com","send_invite":true},
        {"name":"","email":"x","nmae":1}, 7]"#;
    let answer = send(
        &key,
        "",
        "application/json; charset=utf-8",
        array.as_bytes(),
    )
    .expect(200);
    let lines = "{\"name\":\"Eva\",\"email\":\"eva@example.com\"}\n\n{\"name\":\n\
                 {\"name\":\"Ana\",\"email\":\"ANA@example.com\"}\n";
    let second = send(&key, "", "application/x-ndjson", lines.as_bytes()).expect(200);

    assert_eq!(counts(&answer), [4, 2, 0, 2]);
    let invalid = &rows(&answer)[2].2;
    assert_eq!(invalid, &["required", "invalid_email", "unknown_field"]);
    assert_eq!(rows(&answer)[3].2, ["invalid_type"]);
    let invited = answer.json()["rows"][1]["client_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let invited = key
        .get(&format!("/v1/clients/{invited}"))
        .expect(200)
        .json();
    assert_eq!(invited["status"], "invited");
    assert_eq!(counts(&second), [3, 1, 1, 1]);
    assert_eq!(rows(&second)[1].2, ["malformed_json"]);
    assert_eq!(second.json()["rows"][1]["line"], 3);
    assert_eq!(server.rows("outbox"), 1);
}

#[test]
fn a_dry_run_tells_the_same_and_changes_nothing() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    csv(&key, "name,email\nEva,eva@example.com\n").expect(200);
    let before = server.all_rows();
    let file = "name,email\nAna,ana@example.com\nEva,Eva@example.com\n,nobody\nA,ana@example.com\n";

    let dry = send(&key, "?dry_run=true", "text/csv", file.as_bytes()).expect(200);

    assert_eq!(counts(&dry), [4, 1, 2, 1]);
    assert_eq!(dry.json()["dry_run"], true);
    assert_eq!(rows(&dry)[0].1, "would_create");
    assert_eq!(server.all_rows(), before);
    assert_eq!(counts(&csv(&key, file)), counts(&dry));
}

#[test]
fn the_same_file_again_adds_nothing() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let file = file_of(250);

    assert_eq!(counts(&csv(&key, &file).expect(200)), [250, 250, 0, 0]);
    let events = server.rows("events");
    assert_eq!(counts(&csv(&key, &file).expect(200)), [250, 0, 250, 0]);

    assert_eq!(
        (server.rows("clients"), server.rows("events")),
        (250, events)
    );
}

#[test]
fn an_import_is_carried_out_once_per_idempotency_key_however_many_send_it_at_once() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let file = file_of(450);
    let once = || {
        let headers = [("Content-Type", "text/csv"), ("Idempotency-Key", "one")];
        key.send_bytes("POST", PATH, &headers, Some(file.as_bytes()))
    };

    let answers: Vec<Answer> = thread::scope(|scope| {
        let senders: Vec<_> = (0..6).map(|_| scope.spawn(once)).collect();
        senders
            .into_iter()
            .map(|sender| sender.join().unwrap())
            .collect()
    });

    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
    }
    assert_eq!(counts(&answers[0]), [450, 450, 0, 0]);
    let first = |answer: &&Answer| answer.header("idempotent-replayed").is_none();
    assert_eq!(answers.iter().filter(first).count(), 1);
    assert_eq!(added(&server), (450, 450));
    assert_eq!(server.rows("saved_steps"), 0);
    let headers = [("Content-Type", "text/csv"), ("Idempotency-Key", "one")];
    key.send_bytes("POST", PATH, &headers, Some(file_of(3).as_bytes()))
        .refused(409, "idempotency_key_reused");
}

#[test]
fn what_was_cut_off_goes_on_with_the_same_key_and_tells_of_every_row() {
    // The disk is full in the middle: some steps are done, then one fails.
    let cramped = Options {
        max_page_count: Some(260),
        ..Options::default()
    };
    let mut server = Server::start_with(|_| {}, cramped);
    let coach = server.coach("coach@example.com");
    let (_, plaintext) = server.new_key(coach, cadence::caller::Mode::Test, &[]);
    let file = file_of(2_000);
    let headers = [("Content-Type", "text/csv"), ("Idempotency-Key", "one")];

    let cut = server
        .bearer(&plaintext)
        .send_bytes("POST", PATH, &headers, Some(file.as_bytes()));
    let done = server.rows("clients");
    assert_eq!(cut.status, 503, "{}", cut.text());
    assert!(cut.text().contains("Part of the file"), "{}", cut.text());
    assert!(
        done > 0 && done < 2_000 && done % 100 == 0,
        "{done} clients"
    );
    assert_eq!(added(&server), (done, done));
    server.restart();
    let retry = server
        .bearer(&plaintext)
        .send_bytes("POST", PATH, &headers, Some(file.as_bytes()))
        .expect(200);

    assert_eq!(counts(&retry), [2_000, 2_000, 0, 0]);
    assert_eq!(retry.header("idempotent-replayed"), None);
    assert_eq!(added(&server), (2_000, 2_000));
    assert_eq!(server.rows("saved_steps"), 0);
}

#[test]
fn steps_that_nobody_comes_back_for_are_swept_after_a_day() {
    let cramped = Options {
        max_page_count: Some(260),
        ..Options::default()
    };
    let mut server = Server::start_with(|_| {}, cramped);
    let key = server.key(server.coach("coach@example.com"), &[]);
    let headers = [("Content-Type", "text/csv"), ("Idempotency-Key", "one")];
    let file = file_of(2_000);
    key.send_bytes("POST", PATH, &headers, Some(file.as_bytes()))
        .expect(503);
    assert!(server.rows("saved_steps") > 0);
    server.restart();

    server.sweep_steps();
    assert!(server.rows("saved_steps") > 0);
    server.advance_ms(24 * 60 * 60 * 1_000);
    server.sweep_steps();

    assert_eq!(server.rows("saved_steps"), 0);
}

#[test]
fn fifty_thousand_rows_are_imported_and_one_more_is_refused() {
    let server = hasty();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let mut file = String::from("name,email\n");
    for row in 0..50_000 {
        writeln!(file, "A{row},a{row}@example.com").unwrap();
    }

    let answer = csv(&key, &file).expect(200);
    assert_eq!(counts(&answer), [50_000, 50_000, 0, 0]);
    assert_eq!(answer.json()["rows_truncated"], true);
    assert_eq!(rows(&answer).len(), 10_000);
    assert_eq!(server.rows("clients"), 50_000);
    file.push_str("one,more@example.com\n");
    let refused = csv(&key, &file).refused(400, "validation_failed");

    assert_eq!(refused.faults(), [(String::new(), "too_many".to_owned())]);
    assert_eq!(server.rows("clients"), 50_000);
}

#[test]
fn others_write_while_a_large_file_is_imported() {
    let server = hasty();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let file = file_of(3_000);

    thread::scope(|scope| {
        let importing = scope.spawn(|| csv(&key, &file).expect(200));
        let mut during = 0;
        while !importing.is_finished() {
            let email = format!("between{during}@example.com");
            key.post("/v1/clients", &json!({ "name": "B", "email": email }))
                .expect(201);
            during += 1;
        }
        assert!(during > 5, "only {during} writes had their turn");
        assert_eq!(counts(&importing.join().unwrap())[1], 3_000);
    });
}

#[test]
fn a_cell_is_text_whatever_it_says() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let names = [
        "=1+1",
        "@SUM(A1)",
        "-2+3",
        "+cmd|' /C calc'!A0",
        "=HYPERLINK(\"http://x.example\")",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "{{7*7}} ${7*7}",
        "'; DROP TABLE clients;--",
    ];
    let mut file = String::from("Name,Email,Goal,Tags,Notes,External ID\n");
    for (row, name) in names.iter().enumerate() {
        let cell = format!("\"{}\"", name.replace('"', "\"\""));
        let tag = "\"<b>=1+1</b>\"";
        writeln!(file, "{cell},f{row}@example.com,{cell},{tag},{cell},{cell}").unwrap();
    }

    let answer = csv(&key, &file).expect(200);

    assert_eq!(counts(&answer), [9, 9, 0, 0]);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let list = key.get("/v1/clients?sort=created_at").expect(200).json();
    for (client, name) in list["data"].as_array().unwrap().iter().zip(names) {
        for field in ["name", "goal", "coach_notes", "external_id"] {
            assert_eq!(client[field], name, "{field}");
        }
        assert_eq!(client["tags"], json!(["<b>=1+1</b>"]));
    }
}

#[test]
fn a_broken_file_is_refused_whole_and_says_what_to_do() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let before = server.all_rows();
    let refused = |file: &[u8], code: &str, says: &str| {
        let answer = send(&key, "", "text/csv", file).refused(400, "validation_failed");
        assert_eq!(answer.faults(), [(String::new(), code.to_owned())]);
        assert!(answer.text().contains(says), "{}", answer.text());
    };

    refused(
        b"name,email\nAna,ana@example.com\n\"Rui,rui@example.com\n",
        "unclosed_quote",
        "line 3",
    );
    refused(
        b"name,email\nJos\xe9,jose@example.com\n",
        "invalid_encoding",
        "Line 2",
    );
    refused(b"\xff\xfen\0a\0", "invalid_encoding", "UTF-16");
    refused(b"Ana,ana@example.com\n", "missing_column", "`Ana`");
    refused(
        b"name,phone\nAna,+351912345678\n",
        "missing_column",
        "email addresses",
    );
    refused(b"name,email\n", "required", "no rows");
    refused(b"\0\0\0\0", "missing_column", "");
    send(&key, "", "application/json", b"[{\"name\"").refused(400, "malformed_json");
    send(&key, "", "application/json", b"{}").refused(400, "validation_failed");
    send(&key, "", "application/json", b"[]").refused(400, "validation_failed");
    key.act(PATH).refused(400, "malformed_json");
    let large = "x".repeat(5 * 1024 * 1024 + 1);
    csv(&key, &large).refused(413, "body_too_large");
    let wrong =
        send(&key, "", "application/vnd.ms-excel", b"x").refused(415, "unsupported_media_type");
    assert!(wrong.text().contains("text/csv"), "{}", wrong.text());
    send(&key, "", "text/csv; charset=iso-8859-1", b"name").refused(415, "unsupported_media_type");

    assert_eq!(server.all_rows(), before);
}

#[test]
fn columns_can_be_named_and_numbers_given_a_country() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let file = "Wer,Kontakt,Email,Handy\nAna,ana@example.com,old@example.com,0912 345 678\n";
    let query = "?columns=Wer:name,2:email,Email:-&calling_code=351";

    let answer = send(&key, query, "text/csv", file.as_bytes()).expect(200);

    assert_eq!(counts(&answer), [1, 1, 0, 0]);
    let client = key
        .get("/v1/clients?email=ana@example.com")
        .expect(200)
        .json();
    assert_eq!(client["data"][0]["phone"], "+351912345678");
    for (query, parameter) in [
        ("?columns=Wer:nme", "columns"),
        ("?columns=Wer", "columns"),
        ("?columns=Wo:name", "columns"),
        ("?columns=1:email,2:email", "columns"),
        ("?calling_code=0351", "calling_code"),
        ("?dry_run=yes", "dry_run"),
    ] {
        let refused = send(&key, query, "text/csv", file.as_bytes());
        let refused = refused.refused(400, "invalid_parameter");
        assert_eq!(refused.faults()[0].0, parameter, "{query}");
    }
}

#[test]
fn invites_are_sent_where_they_are_asked_for() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);

    let answer = send(
        &key,
        "?send_invite=true",
        "text/csv",
        b"name,email\nAna,ana@example.com\n",
    );

    assert_eq!(counts(&answer.expect(200)), [1, 1, 0, 0]);
    let client = key.get("/v1/clients").expect(200).json();
    assert_eq!(client["data"][0]["status"], "invited");
    assert_eq!(server.rows("outbox"), 1);
}
