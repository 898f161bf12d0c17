//! `/v1/exports`

use std::fs;
use std::os::unix::fs::PermissionsExt;

use cadence::clock::{DAY_MS, MINUTE_MS};
use cadence::ids::{ExportId, JobId};
use cadence::jobs::actions::claim;
use serde_json::{Value, json};

use super::export::{Studio, lines, text, unzip};
use crate::support::{Caller, Server};

/// The files of exports on the disk.
fn lying(server: &Server) -> Vec<String> {
    let Ok(folder) = fs::read_dir(server.data().join("exports")) else {
        return Vec::new();
    };
    let names = folder.map(|entry| entry.expect("an entry").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// Asks for an export; gives its path.
fn asked(session: &Caller) -> String {
    let made = session.act("/v1/exports").expect(201);
    made.header("location").expect("where it is").to_owned()
}

/// Makes an export; gives its path.
fn made(server: &Server, session: &Caller) -> String {
    let path = asked(session);
    server.run_jobs();
    assert_eq!(session.get(&path).expect(200).member("status"), "ready");
    path
}

/// A second client of the studio, who is archived and has written; gives the id.
fn archived(studio: &Studio) -> String {
    let new = json!({ "name": "Rui", "email": "rui@example.com", "send_invite": false });
    let rui = studio
        .key
        .post("/v1/clients", &new)
        .expect(201)
        .member("id");
    let thread = format!("/v1/clients/{rui}/messages");
    let message = json!({ "body": "from Rui's thread" });
    studio.key.post(&thread, &message).expect(201);
    let archive = format!("/v1/clients/{rui}/archive");
    studio.key.act(&archive).expect(200);
    rui
}

/// Something that belongs to the coach and to no client.
fn furnish(studio: &Studio) {
    let exercise =
        json!({ "name": "Sandbag carry uphill", "pattern": "squat", "primary": ["quads"] });
    studio.key.post("/v1/exercises", &exercise).expect(201);
    let template = json!({ "name": "Twelve weeks", "blocks": [{ "sessions": [] }] });
    let path = "/v1/program-templates";
    studio.key.post(path, &template).expect(201);
    let metric = json!({
        "name": "vertical_jump", "title": "Vertical jump", "quantity": "length", "units": ["cm"],
    });
    studio.key.post("/v1/metrics", &metric).expect(201);
}

#[test]
fn all_of_a_workspace_is_in_one_file_and_nothing_of_another() {
    let studio = Studio::open();
    let photo = studio.fill();
    let rui = archived(&studio);
    furnish(&studio);
    let server = &studio.server;
    // The same coach's live clients, and another coach's.
    let elsewhere =
        json!({ "name": "elsewhere", "email": "other@example.com", "send_invite": false });
    for key in [
        server.live_key(studio.coach),
        server.key(server.coach("other@example.com"), &[]),
    ] {
        let other = key.post("/v1/clients", &elsewhere).expect(201).member("id");
        let message = json!({ "body": "elsewhere" });
        let thread = format!("/v1/clients/{other}/messages");
        key.post(&thread, &message).expect(201);
    }
    let session = server.session(studio.coach);

    let begun = session.act("/v1/exports").expect(201).json();
    assert_eq!(begun["status"], "queued");
    assert_eq!(begun["livemode"], false);
    assert_eq!(begun["bytes"], Value::Null);
    let path = format!("/v1/exports/{}", begun["id"].as_str().expect("an id"));
    session
        .get(&format!("{path}/file"))
        .refused(404, "not_found");
    server.run_jobs();

    let ready = session.get(&path).expect(200).json();
    assert_eq!(
        (&ready["status"], &ready["clients"]),
        (&json!("ready"), &json!(2))
    );
    assert_eq!(ready["ready_at"], "2026-06-03T12:00:00.000Z");
    assert_eq!(ready["expires_at"], "2026-06-04T12:00:00.000Z");
    let list = session.get("/v1/exports").expect(200).json();
    assert_eq!(list["data"], json!([ready]));
    let answer = session.get(&format!("{path}/file")).expect(200);
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let named = "attachment; filename=\"workspace-2026-06-03-test.zip\"";
    assert_eq!(answer.header("content-disposition"), Some(named));
    assert_eq!(ready["bytes"], json!(answer.body.len()));

    let files = unzip(&answer);
    for (name, bytes) in &files {
        let all = String::from_utf8_lossy(bytes);
        assert!(!all.contains("elsewhere"), "{name}");
    }
    let ids: Vec<Value> = lines(&files, "clients.jsonl")
        .iter()
        .map(|client| client["id"].clone())
        .collect();
    assert_eq!(ids, [json!(studio.id), json!(rui)]);
    assert_eq!(text(&files, "clients.csv").lines().count(), 3);
    for (file, list) in [
        ("workout_logs", "workout-logs"),
        ("personal_records", "personal-records"),
        ("measurements", "measurements"),
        ("payments", "payments"),
    ] {
        let rows = lines(&files, &format!("{file}.jsonl"));
        assert!(!rows.is_empty(), "{file}");
        let without = |mut row: Value| {
            assert_eq!(row["client_id"], json!(studio.id), "{file}");
            row.as_object_mut().expect("an object").remove("client_id");
            row
        };
        let shown = studio.listed(list).into_iter().map(|mut row| {
            row.as_object_mut().expect("an object").remove("client_id");
            row
        });
        let rows: Vec<Value> = rows.into_iter().map(without).collect();
        assert_eq!(rows, shown.collect::<Vec<_>>(), "{file}");
    }
    for kind in ["checkins", "programs", "checkin_schedule", "messages"] {
        let rows = lines(&files, &format!("{kind}.jsonl"));
        assert!(!rows.is_empty(), "{kind}");
        for row in rows {
            assert!(ids.contains(&row["client_id"]), "{kind}: {row}");
        }
    }
    let messages = text(&files, "messages.csv");
    assert!(messages.starts_with("client_id,id,created_at,"));
    assert!(messages.contains(&format!("\r\n{rui},msg_")), "{messages}");
    let name = format!(
        "photos/{}/{}-side-{}.jpg",
        studio.id,
        photo.member("taken_on"),
        photo.member("id")
    );
    assert!(files.contains_key(&name), "{:?}", files.keys());
    assert_eq!(
        lines(&files, "exercises.jsonl")[0]["name"],
        "Sandbag carry uphill"
    );
    let templates = lines(&files, "program_templates.jsonl");
    assert_eq!(templates[0]["name"], "Twelve weeks");
    assert!(!lines(&files, "checkin_forms.jsonl").is_empty());
    assert_eq!(lines(&files, "metrics.jsonl")[0]["name"], "vertical_jump");
    let workspace: Value = serde_json::from_str(text(&files, "workspace.json")).expect("JSON");
    assert_eq!(workspace["mode"], "test");
    let readme = text(&files, "README.txt");
    for name in files.keys().filter(|name| *name != "README.txt") {
        let name = name.split_inclusive('/').next().expect("a name");
        assert!(readme.contains(name), "{name}: {readme}");
    }
}

#[test]
fn a_workspace_without_clients_has_an_export_too() {
    let server = Server::start();
    let session = server.session(server.coach("coach@example.com"));
    let path = made(&server, &session);

    let shown = session.get(&path).expect(200).json();
    assert_eq!(shown["clients"], 0);
    let files = unzip(&session.get(&format!("{path}/file")).expect(200));
    assert_eq!(lines(&files, "clients.jsonl"), [json!(null); 0]);
}

#[test]
fn nobody_but_the_owner_of_the_files_can_read_them_on_the_disk() {
    let server = Server::start();
    let session = server.session(server.coach("coach@example.com"));
    made(&server, &session);

    let folder = server.data().join("exports");
    let mode = |path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(folder.clone()), 0o700);
    let names = lying(&server);
    assert_eq!(names.len(), 1);
    let id = names[0].strip_suffix(".zip").expect("a whole file");
    assert!(ExportId::parse(id).is_some(), "{id}");
    assert_eq!(mode(folder.join(&names[0])), 0o600);
}

#[test]
fn one_export_is_made_at_a_time_and_a_password_is_asked_for() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    let path = asked(&session);

    let refused = session.act("/v1/exports").refused(409, "state_conflict");
    let existing = refused.json()["error"]["existing_id"].clone();
    assert_eq!(
        path,
        format!("/v1/exports/{}", existing.as_str().expect("an id"))
    );
    // The other mode is another tenant.
    asked(&server.session_in(coach, "live"));
    server.run_jobs();
    server.advance_ms(5 * MINUTE_MS + 1);
    session.act("/v1/exports").refused(403, "reauth_required");
    asked(&server.session(coach));
}

#[test]
fn an_export_is_its_tenants_alone() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    let path = made(&server, &session);

    for stranger in [
        server.session_in(coach, "live"),
        server.session(server.coach("other@example.com")),
    ] {
        assert_eq!(
            stranger.get("/v1/exports").expect(200).column("id"),
            [""; 0]
        );
        stranger.get(&path).refused(404, "not_found");
        stranger
            .get(&format!("{path}/file"))
            .refused(404, "not_found");
        stranger.delete(&path).refused(404, "not_found");
    }
    let key = server.key(coach, &[]);
    key.act("/v1/exports").refused(403, "auth_forbidden");
    key.get(&format!("{path}/file"))
        .refused(403, "auth_forbidden");
    session.get(&format!("{path}/file")).expect(200);
}

#[test]
fn the_file_ends_after_a_day() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let path = made(&server, &server.session(coach));
    server.advance_ms(DAY_MS - 1);
    let session = server.session(coach);
    session.get(&format!("{path}/file")).expect(200);

    server.advance_ms(1);

    session
        .get(&format!("{path}/file"))
        .refused(404, "not_found");
    assert_eq!(session.get(&path).expect(200).member("status"), "expired");
    assert_eq!(lying(&server).len(), 1);
    server.run_jobs();
    assert_eq!(lying(&server), [""; 0]);
    assert_eq!(session.get(&path).expect(200).member("status"), "expired");
}

#[test]
fn a_deleted_export_leaves_nothing_and_the_audit_log_tells_of_it() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    let path = made(&server, &session);
    session.get(&format!("{path}/file")).expect(200);

    session.delete(&path).expect(204);

    assert_eq!(lying(&server), [""; 0]);
    session.get(&path).refused(404, "not_found");
    session
        .get(&format!("{path}/file"))
        .refused(404, "not_found");
    session.delete(&path).refused(404, "not_found");
    let id = path.rsplit('/').next().expect("an id");
    let log = server.key(coach, &[]);
    let log = log.get(&format!("/v1/audit-log?target={id}")).expect(200);
    let told = ["export.deleted", "export.downloaded", "export.created"];
    assert_eq!(log.column("action"), told);
    // One that waits is given up.
    let path = asked(&session);
    session.delete(&path).expect(204);
    server.run_jobs();
    assert_eq!(lying(&server), [""; 0]);
    asked(&session);
}

#[test]
fn an_export_that_was_cut_off_begins_anew() {
    let studio = Studio::open();
    let server = &studio.server;
    let session = server.session(studio.coach);
    let path = asked(&session);
    let job = session.get("/v1/jobs?kind=export").expect(200).column("id");
    let job = JobId::parse(&job[0]).expect("an id");
    let now = server.app.clock.now();
    let taken = server
        .app
        .db
        .write_blocking(move |tx| claim(tx, &[job], now));
    assert_eq!(taken.expect("a write").len(), 1);
    let id = path.rsplit('/').next().expect("an id");
    let folder = server.data().join("exports");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(format!("{id}.zip.part")), "half of it").expect("a file");
    // What belongs to nothing lies there as well.
    let lost = ExportId::new(now);
    for ending in ["zip", "zip.part"] {
        fs::write(folder.join(format!("{lost}.{ending}")), "lost").expect("a file");
    }

    // The process ends here, and another begins.
    server.run_jobs();

    assert_eq!(session.get(&path).expect(200).member("status"), "ready");
    assert_eq!(lying(server), [format!("{id}.zip")]);
    let files = unzip(&session.get(&format!("{path}/file")).expect(200));
    assert_eq!(lines(&files, "clients.jsonl").len(), 1);
}

#[test]
fn an_export_that_cannot_be_written_says_why() {
    let server = Server::start();
    let session = server.session(server.coach("coach@example.com"));
    // A file where the folder should be.
    fs::write(server.data().join("exports"), "").expect("a file");
    let path = asked(&session);
    server.run_jobs();

    let failed = session.get(&path).expect(200).json();
    assert_eq!(failed["status"], "failed");
    let why = "It could not be written; the server's log says why.";
    assert_eq!(failed["error"], why);
    fs::remove_file(server.data().join("exports")).expect("a file");
    made(&server, &session);
}

#[test]
fn the_files_of_a_tenant_that_is_emptied_are_removed() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let session = server.session(coach);
    session.act("/v1/sample-data").expect(200);
    let path = made(&server, &session);

    session.delete("/v1/sample-data").expect(204);

    assert_eq!(lying(&server), [""; 0]);
    let ended = session.get(&path).expect(200).json();
    assert_eq!(ended["status"], "expired");
    let why = "The sample data was removed: ask for a new export.";
    assert_eq!(ended["error"], why);
    made(&server, &session);
    let live = server.session_in(coach, "live");
    let kept = made(&server, &live);

    session.act("/v1/test/reset").expect(200);

    assert_eq!(session.get("/v1/exports").expect(200).column("id"), [""; 0]);
    assert_eq!(lying(&server).len(), 1, "the live one stays");
    live.get(&format!("{kept}/file")).expect(200);
}
