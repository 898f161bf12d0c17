//! Mail that leaves, comes back, waits or stays: over real SMTP on loopback.

use cadence::backup;
use cadence::clock::{DAY_MS, MINUTE_MS, SECOND_MS};
use cadence::config::{Config, PublicUrl};
use cadence::db::{Options, Topic, meta};
use cadence::jobs::runner::{Entry, Runner};
use cadence::mailing;
use cadence::outbox;
use cadence::secrets::Secret;
use serde_json::{Value, json};

use crate::support::{Caller, Coach, MailServer, Manner, Server, until};

/// A public address and a mail server, as a server in use has them.
fn in_use(mail: &MailServer) -> impl FnOnce(&mut Config) + use<> {
    let url = mail.url();
    move |config| {
        config.public_url = PublicUrl::parse("https://coach.example").expect("an address");
        config.smtp_url = Some(Secret::new(url));
        config.mail_from = Some("North Street <hello@coach.example>".to_owned());
    }
}

struct Fixture {
    mail: MailServer,
    server: Server,
    coach: Coach,
    key: Caller,
}

impl Fixture {
    fn new() -> Self {
        let mail = MailServer::start();
        let server = Server::start_with(in_use(&mail), Options::default());
        let coach = server.coach("coach@example.com");
        let key = server.live_key(coach);
        Self {
            mail,
            server,
            coach,
            key,
        }
    }

    fn invite(&self, email: &str) -> Value {
        invite(&self.key, email)
    }

    fn client(&self, client: &Value) -> Value {
        let id = client["id"].as_str().expect("an id");
        self.key
            .get(&format!("/v1/clients/{id}"))
            .expect(200)
            .json()
    }

    /// The mails of the outbox by status: whom they are to.
    fn outbox(&self, status: &str) -> Vec<String> {
        let list = self.key.get(&format!("/v1/outbox?status={status}"));
        list.expect(200).column("to")
    }

    fn notices(&self) -> Vec<String> {
        self.key.get("/v1/notices").expect(200).column("kind")
    }
}

fn invite(key: &Caller, email: &str) -> Value {
    let body = json!({ "name": "Zoë Ana", "email": email });
    key.post("/v1/clients", &body).expect(201).json()
}

#[test]
fn an_invite_leaves_and_the_client_says_so() {
    let fixture = Fixture::new();
    let client = fixture.invite("ana@example.com");
    assert_eq!(client["invite"]["status"], "queued");
    let path = format!("/v1/clients/{}", client["id"].as_str().expect("an id"));
    let tags = |path: &str| {
        let answer = fixture.key.get(path).expect(200);
        answer.header("etag").expect("a tag").to_owned()
    };
    let before = (tags(&path), tags(&format!("{path}?expand=none")));

    fixture.server.run_jobs();

    let received = fixture.mail.received();
    assert_eq!(fixture.mail.recipients(), ["ana@example.com"]);
    let mail = &received[0];
    let list = fixture.key.get("/v1/outbox").expect(200).json();
    let shown = &list["data"][0];
    assert_eq!(shown["status"], "sent");
    let id = shown["id"].as_str().expect("an id");
    assert_eq!(mail.header("Message-ID"), format!("<{id}@coach.example>"));
    assert_eq!(
        mail.header("From"),
        "\"North Street Strength\" <hello@coach.example>"
    );
    assert_eq!(mail.header("Date"), "Wed, 03 Jun 2026 12:00:00 +0000");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.data.contains("text/plain") && mail.data.contains("text/html"));
    assert_eq!(fixture.client(&client)["invite"]["status"], "sent");
    // Neither a new version nor a stale copy.
    assert_eq!(fixture.client(&client)["updated_at"], client["updated_at"]);
    let after = (tags(&path), tags(&format!("{path}?expand=none")));
    assert!(before.0 != after.0 && before.1 != after.1, "{before:?}");
    assert!(before.0.starts_with("\"1.") && after.0.starts_with("\"1."));
    // There is nothing left to do.
    fixture.server.advance_ms(DAY_MS);
    fixture.server.run_jobs();
    assert_eq!(fixture.mail.received().len(), 1);
}

#[test]
fn a_server_that_says_later_is_asked_again() {
    let fixture = Fixture::new();
    let later = Manner::Answer("451 4.7.1 greylisted", 2);
    fixture.mail.treat("ana@example.com", later);
    let client = fixture.invite("ana@example.com");

    fixture.server.run_jobs();
    assert_eq!(fixture.outbox("queued"), ["ana@example.com"]);
    assert_eq!(fixture.client(&client)["invite"]["status"], "queued");
    // Not before its time.
    fixture.server.run_jobs();
    assert_eq!(fixture.mail.connections(), 1);
    fixture.server.advance_ms(12 * SECOND_MS);
    fixture.server.run_jobs();
    assert_eq!(fixture.mail.connections(), 2);
    fixture.server.advance_ms(72 * SECOND_MS);
    fixture.server.run_jobs();

    assert_eq!(fixture.mail.recipients(), ["ana@example.com"]);
    assert_eq!(fixture.outbox("sent"), ["ana@example.com"]);
    assert_eq!(fixture.client(&client)["invite"]["status"], "sent");
}

#[test]
fn a_mail_that_is_refused_for_good_bounces_with_what_was_said() {
    let fixture = Fixture::new();
    let never = Manner::Answer("550 5.1.1 no such user here", 1);
    fixture.mail.treat("ana@example.com", never);
    let client = fixture.invite("ana@example.com");

    fixture.server.run_jobs();

    assert_eq!(fixture.outbox("bounced"), ["ana@example.com"]);
    let invite = &fixture.client(&client)["invite"];
    assert_eq!(invite["status"], "bounced");
    let reason = invite["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("550") && reason.contains("no such user here"),
        "{reason}"
    );
    assert_eq!(fixture.notices(), ["mail_bounced"]);
    fixture.server.advance_ms(3 * DAY_MS);
    fixture.server.run_jobs();
    assert_eq!(fixture.mail.connections(), 1, "it was tried again");

    // The address works by now: somebody sends it again.
    let id = &fixture.key.get("/v1/outbox").column("id")[0];
    let sent = fixture
        .key
        .act(&format!("/v1/outbox/{id}/send"))
        .expect(200);
    assert_eq!(sent.json()["status"], "queued");
    assert_eq!(fixture.client(&client)["invite"]["status"], "queued");
    fixture.server.run_jobs();
    assert_eq!(fixture.mail.recipients(), ["ana@example.com"]);
    assert_eq!(fixture.client(&client)["invite"]["status"], "sent");
    assert_eq!(fixture.notices(), [""; 0]);
    fixture
        .key
        .act(&format!("/v1/outbox/{id}/send"))
        .refused(409, "state_conflict");
    fixture
        .key
        .act(&format!("/v1/outbox/{id}/drop"))
        .refused(409, "state_conflict");
}

#[test]
fn a_server_that_is_down_for_two_days_bounces_nothing_before_that() {
    let fixture = Fixture::new();
    let down = Manner::Answer("421 4.3.2 shutting down", usize::MAX);
    fixture.mail.treat("ana@example.com", down);
    let client = fixture.invite("ana@example.com");
    let mut waited_ms = 0;

    while fixture.outbox("bounced").is_empty() {
        fixture.server.run_jobs();
        waited_ms += 10 * MINUTE_MS;
        assert!(waited_ms < 4 * DAY_MS, "it is never given up");
        fixture.server.advance_ms(10 * MINUTE_MS);
    }

    assert!(
        waited_ms > 36 * 60 * MINUTE_MS,
        "given up after {waited_ms} ms"
    );
    let reason = &fixture.client(&client)["invite"]["reason"];
    assert!(
        reason.as_str().expect("a reason").contains("421"),
        "{reason}"
    );
    assert_eq!(fixture.mail.connections(), 11);
}

#[test]
fn a_recipient_that_hangs_keeps_nobody_else_waiting() {
    let fixture = Fixture::new();
    let working = fixture.server.work();
    for number in 0..10 {
        let address = format!("slow{number}@hangs.example");
        fixture.mail.treat(&address, Manner::Hang);
        fixture.invite(&address);
    }
    until("four hang", || fixture.mail.hanging() == 4);

    for number in 0..40 {
        fixture.invite(&format!("client{number}@quick.example"));
    }
    until("the others arrive", || fixture.mail.received().len() == 40);

    assert_eq!(
        fixture.mail.hanging(),
        4,
        "one destination took more places"
    );
    until("the outbox says so", || fixture.outbox("sent").len() == 40);
    assert_eq!(fixture.outbox("queued").len(), 10);
    drop(working);
}

#[test]
fn a_server_that_says_nothing_is_given_up_after_its_time() {
    let mail = MailServer::start();
    let server = Server::start_with(
        |config| {
            in_use(&mail)(config);
            config.mail_timeout = std::time::Duration::from_millis(200);
        },
        Options::default(),
    );
    let key = server.live_key(server.coach("coach@example.com"));
    mail.treat("ana@example.com", Manner::Hang);
    invite(&key, "ana@example.com");

    server.run_jobs();

    assert_eq!(key.get("/v1/outbox?status=queued").column("to").len(), 1);
    let error: String = one(&server, "SELECT error FROM jobs WHERE kind = 'mail.send'");
    assert!(error.contains("did not answer within"), "{error}");
}

fn one<T: rusqlite::types::FromSql>(server: &Server, sql: &str) -> T {
    let found = server
        .app
        .db
        .read_now(|conn| Ok(conn.query_row(sql, [], |row| row.get(0))?));
    found.expect("one value")
}

#[test]
fn what_is_held_leaves_when_somebody_says_so_and_never_by_itself() {
    let mail = MailServer::start();
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let (_, plaintext) = server.new_key(coach, cadence::caller::Mode::Live, &[]);
    for name in ["ana", "bo", "cy"] {
        let client = invite(&server.bearer(&plaintext), &format!("{name}@example.com"));
        assert_eq!(client["invite"]["status"], "held");
    }

    server.restart_with(in_use(&mail));

    server.run_jobs();
    let key = server.bearer(&plaintext);
    assert_eq!(mail.connections(), 0, "held mail left by itself");
    let notice = &key.get("/v1/notices").expect(200).json()["data"][0];
    assert_eq!(notice["kind"], "mail_held");
    assert_eq!(notice["title"], "3 mails held: send or drop");
    assert_eq!(
        notice["action"]["href"],
        "/dashboard/live/outbox?status=held"
    );
    let held = key.get("/v1/outbox?status=held").column("id");
    key.act(&format!("/v1/outbox/{}/send", held[2])).expect(200);
    let dropped = key.act(&format!("/v1/outbox/{}/drop", held[1]));
    assert_eq!(dropped.expect(200).json()["status"], "dropped");
    server.run_jobs();
    assert_eq!(mail.recipients(), ["ana@example.com"]);
    let status = |email: &str| {
        let found = key.get(&format!("/v1/clients?email={email}")).json();
        found["data"][0]["invite"]["status"].clone()
    };
    assert_eq!(status("ana@example.com"), "sent");
    assert_eq!(status("bo@example.com"), "off");
    assert_eq!(status("cy@example.com"), "held");
    // Its link ends after 14 days; what is pointless to send is dropped.
    server.advance_ms(15 * DAY_MS);
    key.act(&format!("/v1/outbox/{}/send", held[0]))
        .refused(409, "state_conflict");
    server.run_jobs();
    assert_eq!(status("cy@example.com"), "off");
    assert_eq!(key.get("/v1/outbox?status=held").column("id"), [""; 0]);
    assert_eq!(mail.received().len(), 1);
}

#[test]
fn what_is_held_cannot_leave_without_a_mail_server() {
    let server = Server::start();
    let key = server.live_key(server.coach("coach@example.com"));
    invite(&key, "ana@example.com");
    let id = &key.get("/v1/outbox").column("id")[0];

    let refused = key.act(&format!("/v1/outbox/{id}/send"));

    let refused = refused.refused(409, "state_conflict");
    assert!(refused.text().contains("opens only on this computer"));
}

#[test]
fn an_invite_that_was_replaced_before_it_left_is_dropped() {
    let fixture = Fixture::new();
    let client = fixture.invite("ana@example.com");
    let id = client["id"].as_str().expect("an id");
    fixture.server.advance_ms(SECOND_MS);
    fixture
        .key
        .act(&format!("/v1/clients/{id}/invite"))
        .expect(200);

    fixture.server.run_jobs();

    assert_eq!(fixture.mail.received().len(), 1);
    assert_eq!(fixture.outbox("dropped"), ["ana@example.com"]);
    assert_eq!(fixture.client(&client)["invite"]["status"], "sent");
}

#[test]
fn test_mode_sends_nothing_and_says_so() {
    let fixture = Fixture::new();
    let key = fixture.server.key(fixture.coach, &[]);
    let client = invite(&key, "ana@example.com");
    assert_eq!(client["invite"]["status"], "off");
    let id = &key.get("/v1/outbox").column("id")[0];

    let sent = key.act(&format!("/v1/outbox/{id}/send")).expect(200).json();
    fixture.server.run_jobs();

    assert_eq!(sent["status"], "off");
    assert_eq!(
        sent["reason"],
        "Test mode sends no mail. Read it in the outbox."
    );
    assert_eq!(fixture.mail.connections(), 0);
}

#[test]
fn a_restored_server_keeps_all_of_it_in_until_it_is_resumed() {
    let fixture = Fixture::new();
    let now = fixture.server.app.clock.now();
    let db = &fixture.server.app.db;
    db.write_blocking(move |tx| meta::set(tx, meta::QUIET_SINCE, &now.as_ms().to_string()))
        .expect("a write");
    fixture.invite("ana@example.com");

    fixture.server.run_jobs();
    fixture.server.advance_ms(DAY_MS);
    fixture.server.run_jobs();

    assert_eq!(fixture.mail.connections(), 0);
    assert_eq!(fixture.outbox("queued"), ["ana@example.com"]);
    assert_eq!(fixture.notices()[0], "restored_quiet");
    db.write_blocking(|tx| {
        tx.changed(Topic::Jobs);
        backup::resume(tx)
    })
    .expect("a write");
    fixture.server.run_jobs();
    assert_eq!(fixture.mail.recipients(), ["ana@example.com"]);
    assert!(!fixture.notices().contains(&"restored_quiet".to_owned()));
}

#[test]
fn a_preview_is_a_page_that_can_do_nothing() {
    let fixture = Fixture::new();
    fixture.invite("ana@example.com");
    let id = &fixture.key.get("/v1/outbox").column("id")[0];

    let page = fixture
        .key
        .get(&format!("/v1/outbox/{id}/preview"))
        .expect(200);

    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(
        policy.contains("sandbox") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    assert!(page.text().contains("North Street Strength invites you"));
    let narrow =
        fixture
            .server
            .new_key(fixture.coach, cadence::caller::Mode::Live, &["outbox:read"]);
    let narrow = fixture.server.bearer(&narrow.1);
    let masked = narrow.get(&format!("/v1/outbox/{id}/preview")).expect(200);
    assert!(!masked.text().contains("cdnin_") && !masked.text().contains("cdnit_"));
}

/// The job that sends mail, with a fault of ours in it.
static BROKEN: &[Entry] = &[Entry {
    kind: &outbox::SEND,
    run: |_, _| Box::pin(async { panic!("a fault of the program's own") }),
    given_up: Some(mailing::jobs::given_up),
}];

#[test]
fn a_mail_whose_job_is_given_up_says_so_and_can_be_sent_by_hand() {
    let fixture = Fixture::new();
    let client = fixture.invite("ana@example.com");
    let app = &fixture.server.app;

    actix_web::rt::System::new().block_on(async {
        let runner = Runner::start(app.clone(), BROKEN).await.expect("a runner");
        for _ in 0..outbox::SEND.attempts() {
            assert_eq!(runner.drain().await.expect("jobs run"), 1);
            fixture.server.advance_ms(DAY_MS);
        }
        assert_eq!(runner.drain().await.expect("jobs run"), 0);
    });

    assert_eq!(fixture.outbox("bounced"), ["ana@example.com"]);
    let invite = &fixture.client(&client)["invite"];
    assert_eq!(invite["status"], "bounced");
    let reason = invite["reason"].as_str().expect("why");
    assert!(reason.contains("this server's own"), "{reason}");
    let mail = &fixture.key.get("/v1/outbox").expect(200).json()["data"][0];
    let id = mail["id"].as_str().expect("an id");
    fixture
        .key
        .post(&format!("/v1/outbox/{id}/send"), &json!({}))
        .expect(200);
    fixture.server.run_jobs();
    assert_eq!(fixture.mail.recipients(), ["ana@example.com"]);
}
