//! `/v1/outbox`

use serde_json::{Value, json};

use crate::support::{Caller, Server};

fn invite(key: &Caller, name: &str) -> Value {
    let body = json!({ "name": name, "email": format!("{name}@example.com") });
    key.post("/v1/clients", &body).expect(201).json()
}

#[test]
fn the_outbox_shows_an_invite_as_it_would_have_been_sent() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let client = invite(&key, "ana");
    let link = client["install_link"].as_str().expect("a link");

    let list = key.get("/v1/outbox").expect(200).json();

    let mail = &list["data"][0];
    assert_eq!(mail["object"], "mail");
    assert_eq!(mail["livemode"], false);
    assert_eq!(mail["template"], "invite");
    assert_eq!(mail["to"], "ana@example.com");
    assert_eq!(mail["status"], "off");
    assert_eq!(mail["reason"], client["invite"]["reason"]);
    assert_eq!(mail["client_id"], client["id"]);
    assert_eq!(mail["expires_at"], "2026-06-17T12:00:00.000Z");
    let text = mail["text"].as_str().expect("a text");
    assert!(text.contains(link) && text.contains("2026-06-17"), "{text}");
    let id = mail["id"].as_str().expect("an id");
    let read = key.get(&format!("/v1/outbox/{id}")).expect(200);
    assert_eq!(&read.json(), mail);
    let tag = read.header("etag").expect("a tag");
    let path = format!("/v1/outbox/{id}");
    key.get_with(&path, &[("If-None-Match", tag)]).expect(304);
    let narrow = server.key(coach, &["outbox:read"]);
    narrow
        .get_with(&path, &[("If-None-Match", tag)])
        .expect(200);
}

#[test]
fn links_are_masked_from_who_may_not_write_clients() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let client = invite(&server.key(coach, &[]), "ana");
    let link = client["install_link"].as_str().expect("a link");
    let secret = link.rsplit('.').next().expect("a secret");
    let masked = server.key(coach, &["outbox:read", "clients:read"]);
    let shown = server.key(coach, &["outbox:read", "clients:write"]);
    let id = &masked.get("/v1/outbox").column("id")[0];
    for path in ["/v1/outbox".to_owned(), format!("/v1/outbox/{id}")] {
        let text = masked.get(&path).expect(200).text();
        assert!(!text.contains(secret) && !text.contains("cdnin_"), "{text}");
        assert!(text.contains("/app/join#…"), "{text}");
        assert!(shown.get(&path).expect(200).text().contains(secret));
    }
    server
        .key(coach, &["clients:write"])
        .get("/v1/outbox")
        .refused(403, "insufficient_scope");
}

#[test]
fn the_outbox_is_filtered_and_paged() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let ana = invite(&key, "ana");
    server.advance_ms(1_000);
    invite(&key, "bo");
    invite(&key, "cy");
    let to = |query: &str| key.get(&format!("/v1/outbox?{query}")).expect(200);

    let first = to("limit=2");
    let cursor = first.next_cursor().expect("a second page");
    invite(&key, "dee");

    assert_eq!(first.column("to"), ["cy@example.com", "bo@example.com"]);
    assert_eq!(
        to(&format!("limit=2&cursor={cursor}")).column("to"),
        ["ana@example.com"]
    );
    let id = ana["id"].as_str().expect("an id");
    assert_eq!(
        to(&format!("client_id={id}")).column("to"),
        ["ana@example.com"]
    );
    assert_eq!(to("status=queued").column("to"), [""; 0]);
    assert_eq!(to("status=off").column("to").len(), 4);
    assert_eq!(
        to("created_before=2026-06-03T12:00:01Z").column("to"),
        ["ana@example.com"]
    );
    assert_eq!(
        to("updated_after=2026-06-03T12:00:00Z").column("to").len(),
        3
    );
    key.get("/v1/outbox?status=lost")
        .refused(400, "invalid_parameter");
}

#[test]
fn mail_of_another_tenant_does_not_exist() {
    let server = Server::start();
    let coach = server.coach("one@example.com");
    let key = server.key(coach, &[]);
    invite(&key, "ana");
    let id = &key.get("/v1/outbox").column("id")[0];
    for other in [
        server.live_key(coach),
        server.key(server.coach("two@example.com"), &[]),
    ] {
        other
            .get(&format!("/v1/outbox/{id}"))
            .refused(404, "not_found");
        assert_eq!(other.get("/v1/outbox").column("id"), [""; 0]);
    }
}

#[test]
fn no_install_link_is_kept_readable() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let body = json!({ "name": "Ana", "email": "ana@example.com" });
    let client = key.post_once("/v1/clients", "k", &body).expect(201);
    let link = client.member("install_link");
    let secret = link.rsplit('.').next().expect("a secret").to_owned();
    let mut server = server;
    server.stop();
    for entry in std::fs::read_dir(server.data()).expect("a directory") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{}", path.display());
    }
    assert!(!crate::support::logs().contains(&secret));
}
