//! `/v1/jobs`, `/v1/backups`, `/v1/notices` and the test mail: what the owner looks after.

use cadence::clock::{DAY_MS, HOUR_MS};
use cadence::config::Config;
use cadence::db::Options;
use cadence::secrets::Secret;
use serde_json::json;

use crate::support::{MailServer, Manner, Server};

fn with_mail(mail: &MailServer) -> impl FnOnce(&mut Config) + use<> {
    let url = mail.url();
    |config| {
        config.smtp_url = Some(Secret::new(url));
        config.mail_from = Some("hello@coach.example".to_owned());
    }
}

#[test]
fn the_owner_sees_jobs_and_a_coach_does_not() {
    let server = Server::start();
    let owner = server.session(server.coach("owner@example.com"));
    let coach = server.session(server.coach("coach@example.com"));
    server.run_jobs();

    let jobs = owner.get("/v1/jobs").expect(200);

    assert!(jobs.column("kind").contains(&"backup.nightly".to_owned()));
    let id = &owner.get("/v1/jobs?kind=sweep").expect(200).column("id")[0];
    let job = owner.get(&format!("/v1/jobs/{id}")).expect(200).json();
    assert_eq!(
        (&job["recurring"], &job["status"]),
        (&json!(true), &json!("queued"))
    );
    assert_eq!(job["due_at"], "2026-06-03T12:05:00.000Z");
    for path in ["/v1/jobs", &format!("/v1/jobs/{id}"), "/v1/backups"] {
        coach.get(path).refused(403, "auth_forbidden");
    }
    coach.act("/v1/backups").refused(403, "auth_forbidden");
    coach
        .act(&format!("/v1/jobs/{id}/run"))
        .refused(403, "auth_forbidden");
}

#[test]
fn a_job_can_be_run_before_its_time() {
    let server = Server::start();
    let owner = server.session(server.coach("owner@example.com"));
    server.run_jobs();
    let find = || owner.get("/v1/jobs?kind=disk.check").expect(200).json()["data"][0].clone();
    assert_eq!(find()["ended_at"], json!(null));

    let id = find()["id"].as_str().expect("an id").to_owned();
    owner.act(&format!("/v1/jobs/{id}/run")).expect(200);
    server.run_jobs();

    assert_eq!(find()["ended_at"], "2026-06-03T12:00:00.000Z");
    assert_eq!(
        find()["due_at"],
        "2026-06-03T13:00:00.000Z",
        "its next time stays"
    );
}

#[test]
fn a_backup_that_is_asked_for_is_made_by_a_job() {
    let server = Server::start();
    let owner = server.session(server.coach("owner@example.com"));

    let started = owner.act("/v1/backups").expect(202);

    let job = started.header("location").expect("where it is").to_owned();
    assert_eq!(started.json()["status"], "queued");
    assert_eq!(owner.get("/v1/backups").expect(200).column("name"), [""; 0]);
    server.run_jobs();
    assert_eq!(owner.get(&job).expect(200).json()["status"], "succeeded");
    let list = owner.get("/v1/backups").expect(200).json();
    let backup = &list["data"][0];
    assert_eq!(backup["name"], "cadence-20260603T120000Z.backup");
    assert_eq!(backup["origin"], "asked");
    assert!(backup["bytes"].as_i64().expect("a size") > 10_000);
    owner
        .act(&format!("{job}/run"))
        .refused(409, "state_conflict");
}

#[test]
fn a_notice_that_was_put_aside_comes_back_when_there_is_news() {
    let server = Server::start();
    let coach = server.coach("owner@example.com");
    let (key, owner) = (server.live_key(coach), server.session_in(coach, "live"));
    let invite = |name: &str| {
        let new = json!({ "name": name, "email": format!("{name}@example.com") });
        key.post("/v1/clients", &new).expect(201);
    };
    invite("ana");
    let notices = owner.get("/v1/notices").expect(200);
    assert_eq!(notices.column("kind"), ["mail_held"]);
    let id = notices.column("id")[0].clone();
    let again = owner.get("/v1/notices").column("id");
    assert_eq!(again[0], id, "it is the same");

    let path = format!("/v1/notices/{id}/dismiss");
    assert_eq!(owner.act(&path).expect(200).member("id"), id);

    assert_eq!(owner.get("/v1/notices").column("kind"), [""; 0]);
    owner.act(&path).refused(404, "not_found");
    server.advance_ms(HOUR_MS);
    invite("bo");
    let again = owner.get("/v1/notices").expect(200).json();
    assert_eq!(again["data"][0]["title"], "2 mails held: send or drop");
}

#[test]
fn the_age_of_the_backup_is_a_notice_for_the_owner_alone() {
    let server = Server::start();
    let owner = server.live_key(server.coach("owner@example.com"));
    let coach = server.live_key(server.coach("coach@example.com"));
    let kinds = |key: &crate::support::Caller| key.get("/v1/notices").expect(200).column("kind");
    assert_eq!(kinds(&owner), [""; 0]);

    server.advance_ms(3 * DAY_MS);

    let notice = owner.get("/v1/notices").expect(200).json()["data"][0].clone();
    assert_eq!(notice["kind"], "backup_old");
    assert_eq!(notice["title"], "There is no backup yet");
    assert_eq!(notice["livemode"], json!(null));
    assert_eq!(notice["action"]["href"], "/dashboard/settings");
    assert_eq!(kinds(&coach), [""; 0]);
}

#[test]
fn a_test_mail_says_what_happened() {
    let mail = MailServer::start();
    let server = Server::start_with(with_mail(&mail), Options::default());
    let owner = server.session(server.coach("owner@example.com"));
    let refused = Manner::Answer("550 5.7.1 relaying denied", 1);
    mail.treat("elsewhere@example.com", refused);

    let sent = owner.act("/v1/settings/test-mail").expect(200).json();
    let to = json!({ "to": "elsewhere@example.com" });
    let failed = owner.post("/v1/settings/test-mail", &to).expect(200).json();

    assert_eq!(
        (&sent["status"], &sent["message"]),
        (&json!("sent"), &json!("250 taken"))
    );
    assert_eq!(mail.recipients(), ["owner@example.com"]);
    assert_eq!(failed["status"], "failed");
    let why = failed["message"].as_str().expect("why");
    assert!(why.contains("relaying denied"), "{why}");
    let without = Server::start();
    let owner = without.session(without.coach("owner@example.com"));
    let told = owner.act("/v1/settings/test-mail").expect(200).json();
    assert_eq!(told["status"], "failed");
    assert!(
        told["message"]
            .as_str()
            .expect("why")
            .contains("CADENCE_MAIL_SMTP_URL")
    );
}

#[test]
fn a_reset_leaves_by_mail_and_nothing_of_its_link_is_kept() {
    let mail = MailServer::start();
    let server = Server::start_with(with_mail(&mail), Options::default());
    server.coach("owner@example.com");
    let body = json!({ "email": "owner@example.com" });
    server
        .anyone()
        .post("/auth/password-resets", &body)
        .expect(202);
    crate::support::until("the reset is written", || {
        server.rows("account_outbox") == 1
    });

    server.run_jobs();

    let received = mail.received();
    assert_eq!(received[0].to, "owner@example.com");
    assert!(received[0].data.contains("/dashboard/reset#"));
    let kept = server.app.db.read_now(|conn| {
        let sql = "SELECT status, length(fill) FROM account_outbox";
        Ok(conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    });
    assert_eq!(kept.expect("a row"), ("sent".to_owned(), 0_i64));
}
