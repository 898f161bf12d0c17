//! Whatever is sent, the answer says what is wrong, and nothing is written.

use cadence::db::Options;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server, exchange};

const CLIENTS: &str = "/v1/clients";

struct Scene {
    server: Server,
    key: Caller,
    before: Vec<(&'static str, i64)>,
}

fn scene() -> Scene {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let before = server.all_rows();
    Scene {
        server,
        key,
        before,
    }
}

impl Scene {
    fn post_text(&self, body: &str) -> Answer {
        self.key.send("POST", CLIENTS, &[], Some(body))
    }

    /// Sends a head as it is, with the key and the close that end it.
    fn head(&self, lines: &[&str]) -> Answer {
        let authorization = self.key.authorization.as_deref().unwrap_or_default();
        let request = format!(
            "{}\r\nAuthorization: {authorization}\r\nConnection: close\r\n\r\n",
            lines.join("\r\n")
        );
        exchange(self.server.address, request.as_bytes())
    }

    #[track_caller]
    fn nothing_was_written(&self) {
        assert_eq!(self.server.all_rows(), self.before);
    }
}

fn fault(place: &str, code: &str) -> (String, String) {
    (place.to_owned(), code.to_owned())
}

/// A client with one member more, as text.
fn with(member: &str) -> String {
    format!(r#"{{"name":"Ana","email":"ana@example.com",{member}}}"#)
}

#[test]
fn bodies_that_are_no_json() {
    let scene = scene();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_object = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    for body in [
        "{",
        "nonsense",
        r#"{"name":"Ana",}"#,
        r#"{"name":"Ana"} {}"#,
        r"{'name':'Ana'}",
        r#"{"name":NaN}"#,
        r#"{"name":Infinity}"#,
        r#"{"name":01}"#,
        "\u{feff}{}",
        " ",
        &deep,
        &deep_object,
        &with(r#""days_per_week":1e999"#),
        &with(r#""days_per_week":-1e999"#),
        &with(r#""goal":"\ud800""#),
        &with(r#""goal":"\udc00\ud800""#),
        &with(r#""goal":"\x41""#),
        &with("\"goal\":\"a\nb\""),
    ] {
        let refused = scene.post_text(body).refused(400, "malformed_json");
        assert_eq!(refused.json()["error"]["type"], "invalid_request");
    }
    for bytes in [
        &b"{\"name\":\"\xff\"}"[..],
        b"{\"name\":\"\xc0\xaf\"}",
        b"{\"name\":\"\xed\xa0\x80\"}",
        b"\xff\xfe{\0}\0",
        b"{\"name\":\"a\0b\"}",
    ] {
        let answer = scene.key.send_bytes("POST", CLIENTS, &[], Some(bytes));
        answer.refused(400, "malformed_json");
    }
    scene.nothing_was_written();
}

#[test]
fn bodies_that_are_no_object() {
    let scene = scene();
    for body in ["[]", "null", "1", "\"text\"", "true", "[{}]"] {
        let refused = scene.post_text(body).refused(400, "validation_failed");
        assert_eq!(refused.faults(), [fault("", "invalid_type")], "{body}");
    }
    scene.nothing_was_written();
}

#[test]
fn a_field_that_does_not_exist() {
    let scene = scene();

    let refused = scene.post_text(&with(r#""nmae":"x""#));

    let refused = refused.refused(400, "unknown_field");
    let error = &refused.json()["error"]["errors"][0];
    assert_eq!(error["pointer"], "/nmae");
    assert_eq!(error["code"], "unknown_field");
    assert_eq!(error["fix"], "Did you mean `name`?");
    for name in ["id", "livemode", "status", "created_at", "tenant_id"] {
        let body = with(&format!(r#""{name}":"x""#));
        scene.post_text(&body).refused(400, "unknown_field");
    }
    let slash = scene.post_text(&with(r#""a/b~c":1"#));
    let slash = slash.refused(400, "unknown_field");
    assert_eq!(slash.faults(), [fault("/a~1b~0c", "unknown_field")]);
    scene.nothing_was_written();
}

#[test]
fn invalid_fields_are_reported_all_at_once() {
    let scene = scene();
    let body = json!({
        "name": "", "email": "not an address", "phone": "12", "days_per_week": 9,
        "tags": ["ok", 5], "nonsense": true,
    });

    let refused = scene.key.post(CLIENTS, &body);

    let refused = refused.refused(400, "validation_failed");
    let faults = refused.faults();
    let places: Vec<&str> = faults.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "/name",
            "/email",
            "/phone",
            "/days_per_week",
            "/tags/1",
            "/nonsense"
        ]
    );
    assert_eq!(faults[1], fault("/email", "invalid_email"));
    scene.nothing_was_written();
}

#[test]
fn a_control_character_does_not_hide_other_faults() {
    let scene = scene();
    let body = r#"{"name":"a\u0000b","email":"no","goal":"x","goal":"y","nonsense":1}"#;

    let refused = scene.post_text(body).refused(400, "validation_failed");

    let mut faults = refused.faults();
    faults.sort();
    assert_eq!(
        faults,
        [
            fault("/email", "invalid_email"),
            fault("/goal", "duplicate_field"),
            fault("/name", "control_character"),
            fault("/nonsense", "unknown_field"),
        ]
    );
    scene.nothing_was_written();
}

#[test]
fn fields_of_wrong_types_and_ranges() {
    let scene = scene();
    for (member, place) in [
        (r#""phone":5"#, "/phone"),
        (r#""phone":"+12""#, "/phone"),
        (r#""timezone":"Mars/Base""#, "/timezone"),
        (r#""units":"stone""#, "/units"),
        (r#""experience":["beginner"]"#, "/experience"),
        (r#""days_per_week":0"#, "/days_per_week"),
        (r#""days_per_week":7"#, "/days_per_week"),
        (r#""days_per_week":2.5"#, "/days_per_week"),
        (r#""days_per_week":1e99"#, "/days_per_week"),
        (r#""days_per_week":"4""#, "/days_per_week"),
        (r#""days_per_week":18446744073709551617"#, "/days_per_week"),
        (r#""session_minutes":121"#, "/session_minutes"),
        (r#""limitations":["nose"]"#, "/limitations/0"),
        (r#""tags":"vip""#, "/tags"),
        (r#""tags":[""]"#, "/tags/0"),
        (r#""tags":[null]"#, "/tags/0"),
        (r#""metadata":[]"#, "/metadata"),
        (r#""metadata":{"a":1}"#, "/metadata/a"),
        (r#""metadata":{"":"x"}"#, "/metadata/"),
        (r#""check_in_day":"Mon""#, "/check_in_day"),
        (r#""send_invite":"yes""#, "/send_invite"),
        (r#""send_invite":1"#, "/send_invite"),
        (r#""external_id":"""#, "/external_id"),
        (r#""name":{}"#, "/name"),
    ] {
        let body = if member.starts_with("\"name\"") {
            format!(r#"{{"email":"ana@example.com",{member}}}"#)
        } else {
            with(member)
        };
        let refused = scene.post_text(&body).refused(400, "validation_failed");
        assert_eq!(refused.faults()[0].0, place, "{member}");
        assert_eq!(refused.faults().len(), 1, "{member}");
    }
    for (name, value) in [
        ("name", "n".repeat(201)),
        ("email", format!("{}@example.com", "e".repeat(250))),
        ("goal", "g".repeat(501)),
    ] {
        let mut body = json!({ "name": "Ana", "email": "ana@example.com" });
        body[name] = value.into();
        let refused = scene.key.post(CLIENTS, &body);
        let refused = refused.refused(400, "validation_failed");
        assert_eq!(refused.faults()[0].0, format!("/{name}"));
    }
    let mut body = json!({ "name": "Ana", "email": "ana@example.com" });
    body["tags"] = (0..51).map(|n| n.to_string()).collect::<Vec<_>>().into();
    scene
        .key
        .post(CLIENTS, &body)
        .refused(400, "validation_failed");
    scene.nothing_was_written();
}

#[test]
fn control_characters_in_texts_and_names() {
    let scene = scene();
    for escape in [
        "\\u0000", "\\u0001", "\\u001b", "\\u007f", "\\u0085", "\\u202e", "\\u2028", "\\n",
    ] {
        let body = with(&format!(r#""goal":"a{escape}b""#));
        let refused = scene.post_text(&body).refused(400, "validation_failed");
        assert_eq!(
            refused.faults(),
            [fault("/goal", "control_character")],
            "{escape}"
        );
    }
    let body = with(r#""metadata":{"a\u0000":"x"}"#);
    scene.post_text(&body).refused(400, "validation_failed");
    scene.nothing_was_written();
}

#[test]
fn a_field_that_is_sent_twice() {
    let scene = scene();
    let body = with(r#""name":"Bo""#);
    let refused = scene.post_text(&body).refused(400, "validation_failed");
    assert_eq!(refused.faults(), [fault("/name", "duplicate_field")]);
    let nested = with(r#""metadata":{"a":"1","a":"2"}"#);
    let refused = scene.post_text(&nested).refused(400, "validation_failed");
    assert_eq!(refused.faults(), [fault("/metadata/a", "duplicate_field")]);
    // Two spellings of one name are one name.
    let escaped = with(r#""n\u0061me":"Bo""#);
    let refused = scene.post_text(&escaped).refused(400, "validation_failed");
    assert_eq!(refused.faults(), [fault("/name", "duplicate_field")]);
    scene.nothing_was_written();
}

#[test]
fn bodies_that_are_too_large() {
    let scene = scene();
    for size in [256 * 1024 + 1, 10 * 1024 * 1024] {
        let body = " ".repeat(size);
        let refused = scene.post_text(&body).refused(413, "body_too_large");
        assert_eq!(refused.json()["error"]["limit_bytes"], 256 * 1024);
        let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        let chunked = [("Transfer-Encoding", "chunked")];
        let refused = scene.key.send("POST", CLIENTS, &chunked, Some(&chunk));
        refused.refused(413, "body_too_large");
    }
    scene.nothing_was_written();
    let client = with(r#""goal":"x""#);
    let padded = format!("{}{client}", " ".repeat(256 * 1024 - client.len()));
    scene.post_text(&padded).expect(201);
}

#[test]
fn bodies_of_other_media_types() {
    let scene = scene();
    let body = with(r#""goal":"x""#);
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
        "application/jsonx",
        "application/problem+json",
        "",
    ] {
        let headers = [("Content-Type", media)];
        let refused = scene.key.send("POST", CLIENTS, &headers, Some(&body));
        refused.refused(415, "unsupported_media_type");
    }
    for coding in ["gzip", "br", "deflate", "identity, gzip"] {
        let headers = [("Content-Encoding", coding)];
        let refused = scene.key.send("POST", CLIENTS, &headers, Some(&body));
        refused.refused(415, "unsupported_media_type");
    }
    let length = format!("Content-Length: {}", body.len());
    let authorization = scene.key.authorization.as_deref().unwrap_or_default();
    let request = format!(
        "POST {CLIENTS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n\
        Connection: close\r\n{length}\r\n\r\n{body}"
    );
    exchange(scene.server.address, request.as_bytes()).refused(415, "unsupported_media_type");
    scene.nothing_was_written();
    let headers = [("Content-Type", "Application/JSON; Charset=\"UTF-8\"")];
    let made = scene.key.send("POST", CLIENTS, &headers, Some(&body));
    let path = format!("{CLIENTS}/{}", made.expect(201).member("id"));
    // Without a body there is nothing whose type could be wrong.
    let headers = [("Content-Type", "text/plain")];
    let archive = format!("{path}/archive");
    scene.key.send("POST", &archive, &headers, None).expect(200);
    let unarchive = format!("{path}/unarchive");
    scene
        .key
        .send("POST", &unarchive, &headers, Some(""))
        .expect(200);
    scene.key.post(&archive, &json!({})).expect(200);
    scene
        .key
        .post(&unarchive, &json!({ "now": true }))
        .refused(400, "unknown_field");
    scene
        .key
        .send("POST", CLIENTS, &[("Content-Type", "text/plain")], None)
        .refused(400, "validation_failed");
}

#[test]
fn two_credentials_in_one_request() {
    let scene = scene();
    let own = scene.key.authorization.as_deref().unwrap_or_default();
    for second in [own, "Bearer x", ""] {
        let headers = [("Authorization", second)];
        scene
            .key
            .get_with("/v1/whoami", &headers)
            .refused(400, "ambiguous_credentials");
    }
}

#[test]
fn requests_whose_end_is_ambiguous() {
    let scene = scene();
    let body = with(r#""goal":"x""#);
    let length = body.len().to_string();
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for (headers, body) in [
        (
            vec![("Content-Length", "1"), ("Content-Length", "2")],
            &body,
        ),
        (
            vec![
                ("Content-Length", &length),
                ("Transfer-Encoding", "chunked"),
            ],
            &chunk,
        ),
        (
            vec![("Transfer-Encoding", "chunked"), ("Content-Length", "3")],
            &chunk,
        ),
        (vec![("Content-Length", "+5")], &body),
        (vec![("Content-Length", "-5")], &body),
        (vec![("Content-Length", "5, 5")], &body),
        (vec![("Transfer-Encoding", "chunked, identity")], &chunk),
        (vec![("Transfer-Encoding", "gzip")], &body),
    ] {
        let refused = scene.key.send("POST", CLIENTS, &headers, Some(body));
        assert_eq!(refused.status, 400, "{headers:?}: {}", refused.text());
    }
    scene.nothing_was_written();
}

#[test]
fn hosts_that_are_not_ours() {
    let scene = scene();
    for host in [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "192.0.2.1",
        "[2001:db8::1]",
        "",
        "localhost:port",
    ] {
        scene
            .key
            .get_with("/v1/whoami", &[("Host", host)])
            .refused(421, "host_not_allowed");
    }
    let open = scene.server.anyone();
    open.get_with("/health", &[("Host", "evil.example")])
        .refused(421, "host_not_allowed");
    let missing = scene.head(&["GET /v1/whoami HTTP/1.1"]);
    assert_eq!(missing.status, 400);
    let double = scene.head(&[
        "GET /v1/whoami HTTP/1.1",
        "Host: localhost",
        "Host: localhost",
    ]);
    assert_eq!(double.status, 400);
    let port = scene.server.address.port();
    for host in [
        "localhost".to_owned(),
        "LOCALHOST".to_owned(),
        format!("localhost:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{port}"),
        "127.0.0.2".to_owned(),
        format!("[::1]:{port}"),
    ] {
        scene
            .key
            .get_with("/v1/whoami", &[("Host", &host)])
            .expect(200);
    }
}

#[test]
fn targets_that_name_another_server() {
    let scene = scene();
    for target in [
        "http://evil.example/v1/whoami",
        "http://192.0.2.1/v1/whoami",
    ] {
        let line = format!("GET {target} HTTP/1.1");
        scene
            .head(&[&line, "Host: localhost"])
            .refused(421, "host_not_allowed");
    }
    scene
        .head(&["GET http://localhost/v1/whoami HTTP/1.1", "Host: localhost"])
        .expect(200);
    scene
        .head(&[
            "GET http://localhost/v1/whoami HTTP/1.1",
            "Host: evil.example",
        ])
        .refused(421, "host_not_allowed");
}

#[test]
fn heads_that_are_too_large() {
    let scene = scene();
    let path = format!("/v1/clients?q={}", "x".repeat(9 * 1024));
    for caller in [&scene.key, &scene.server.anyone()] {
        caller.get(&path).refused(414, "uri_too_long");
        let large = "x".repeat(40 * 1024);
        caller
            .get_with("/v1/whoami", &[("X-Large", &large)])
            .refused(431, "headers_too_large");
    }
    let huge = "x".repeat(300 * 1024);
    let refused = scene.key.get_with("/v1/whoami", &[("X-Huge", &huge)]);
    assert_eq!((refused.status, refused.body.len()), (431, 0));
    let fits = "x".repeat(24 * 1024);
    scene
        .key
        .get_with("/v1/whoami", &[("X-Large", &fits)])
        .expect(200);
}

#[test]
fn query_parameters_that_are_none() {
    let scene = scene();
    for (query, name) in [
        ("limit=-1", "limit"),
        ("nonsense=1", "nonsense"),
        ("limt=1", "limt"),
        ("limit=1&limit=1", "limit"),
        ("sort=age", "sort"),
        ("status=", "status"),
        ("created_after=yesterday", "created_after"),
        ("created_after=2026-06-03", "created_after"),
        ("q=", "q"),
        ("q=%00", "q=%00"),
        ("q=%ff", "q=%ff"),
        ("q=a%0ab", "q=a%0ab"),
        ("Limit=1", "Limit"),
        ("%6cimit=0", "limit"),
    ] {
        let refused = scene.key.get(&format!("{CLIENTS}?{query}"));
        let refused = refused.refused(400, "invalid_parameter");
        assert_eq!(
            refused.faults(),
            [fault(name, "invalid_parameter")],
            "{query}"
        );
    }
    let hint = scene.key.get(&format!("{CLIENTS}?limt=1")).text();
    assert!(hint.contains("Did you mean `limit`?"), "{hint}");
    let many = scene.key.get(&format!("{CLIENTS}?limit=0&sort=x&y=z"));
    assert_eq!(many.refused(400, "invalid_parameter").faults().len(), 3);
    let body = json!({ "name": "Ana", "email": "ana@example.com" });
    scene
        .key
        .post(&format!("{CLIENTS}?dry_run=true"), &body)
        .refused(400, "invalid_parameter");
    scene
        .key
        .get("/v1/whoami?x=1")
        .refused(400, "invalid_parameter");
    scene.nothing_was_written();
}

#[test]
fn errors_come_as_problem_details_to_who_asks() {
    let scene = scene();
    let accept = [("Accept", "application/problem+json")];
    let plain = scene.key.post(CLIENTS, &json!({})).expect(400).json();

    let problem = scene.key.send("POST", CLIENTS, &accept, Some("{}"));

    let problem = problem.expect(400);
    assert_eq!(
        problem.header("content-type"),
        Some("application/problem+json")
    );
    let problem = problem.json();
    assert_eq!(problem["type"], "/docs/errors#validation_failed");
    assert_eq!(problem["status"], 400);
    assert_eq!(problem["code"], plain["error"]["code"]);
    assert_eq!(problem["detail"], plain["error"]["message"]);
    assert_eq!(problem["errors"], plain["error"]["errors"]);
    assert!(problem["title"].is_string() && problem["request_id"].is_string());
    for (path, status) in [("/v1/nothing", 404), ("/nothing", 404)] {
        let answer = scene.key.get_with(path, &accept).expect(status);
        assert_eq!(answer.json()["status"], status);
    }
    let anyone = scene.server.anyone().get_with("/v1/whoami", &accept);
    assert_eq!(anyone.expect(401).json()["code"], "auth_missing");
    let both = [("Accept", "application/json, application/problem+json")];
    let answer = scene.key.get_with("/v1/whoami", &both).expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// An answer of every kind.
fn answers_of_every_kind(scene: &Scene) -> Vec<Answer> {
    let key = &scene.key;
    let client = json!({ "name": "Ana", "email": "ana@example.com" });
    let created = key.post_once(CLIENTS, "k", &client).expect(201);
    let path = format!("{CLIENTS}/{}", created.member("id"));
    let tag = [("If-None-Match", "*")];
    let stale = [("If-Match", "\"9\"")];
    let text = [("Content-Type", "text/plain")];
    vec![
        created,
        key.post_once(CLIENTS, "k", &client),
        key.post_once(CLIENTS, "k", &json!({})),
        key.get("/v1/whoami"),
        key.get_with(&path, &tag).expect(304),
        key.get(&format!("{CLIENTS}?limit=0")),
        scene.server.anyone().get("/v1/whoami"),
        scene.server.bearer("x").get("/v1/whoami"),
        key.post("/v1/workspaces", &json!({ "name": "x" })),
        key.get("/v1/nothing"),
        scene.server.anyone().get("/nothing"),
        scene.server.anyone().get("/health"),
        key.send("TRACE", CLIENTS, &[], None),
        key.post(CLIENTS, &client).expect(409),
        key.send("PATCH", &path, &stale, Some("{\"goal\":\"x\"}")),
        key.send("POST", CLIENTS, &[], Some(&" ".repeat(300_000))),
        key.send("POST", CLIENTS, &text, Some("x")),
        key.get_with("/v1/whoami", &[("Host", "evil.example")]),
        key.get(&format!("/{}", "x".repeat(9_000))),
        key.get_with("/health", &[("X", &"x".repeat(40_000))]),
        key.send("HEAD", "/v1/whoami", &[], None),
    ]
}

#[test]
fn every_answer_has_the_security_headers_and_a_request_id() {
    let scene = scene();
    let mut ids = std::collections::HashSet::new();
    for answer in answers_of_every_kind(&scene) {
        let status = answer.status;
        let has = |name: &str, value: &str| {
            assert_eq!(answer.header(name), Some(value), "{status} {name}");
        };
        has("x-content-type-options", "nosniff");
        has("referrer-policy", "no-referrer");
        has("cross-origin-resource-policy", "same-origin");
        // Browsers heed it on trustworthy origins alone, and plain http under another name is none.
        let trustworthy = status != 421;
        let policy = answer.header("cross-origin-opener-policy");
        assert_eq!(policy, trustworthy.then_some("same-origin"), "{status}");
        let policy = answer.header("content-security-policy");
        assert!(policy.is_some_and(|policy| policy.contains("default-src 'none'")));
        assert_eq!(answer.header("server"), None, "{status}");
        assert_eq!(answer.header("x-powered-by"), None, "{status}");
        assert_eq!(answer.header("strict-transport-security"), None);
        let id = answer.header("x-request-id").expect("an id").to_owned();
        has("x-wx-trace", &id);
        assert!(id.starts_with("req_") && id.len() == 30, "{id}");
        if status >= 400 && !answer.body.is_empty() {
            let body = answer.json();
            let replayed = answer.header("idempotent-replayed").is_some();
            assert!(replayed || body["error"]["request_id"] == id.as_str());
            let code = body["error"]["code"].as_str().expect("a code");
            let page = format!("/docs/errors#{code}");
            assert_eq!(body["error"]["doc_url"], page.as_str());
            has("cache-control", "no-store");
        }
        assert!(ids.insert(id), "an id came twice");
    }
}

#[test]
fn a_server_behind_https_says_so() {
    let server = Server::start_with(
        |config| {
            let url = cadence::config::PublicUrl::parse("https://coach.example");
            config.public_url = url.expect("an address");
        },
        Options::default(),
    );
    let headers = [("Host", "coach.example")];
    let answer = server.anyone().get_with("/health", &headers).expect(200);
    assert_eq!(
        answer.header("strict-transport-security"),
        Some("max-age=31536000; includeSubDomains")
    );
    let key = server.live_key(server.coach("coach@example.com"));
    let body = json!({ "name": "Ana", "email": "ana@example.com" });
    let client = key.post(CLIENTS, &body).expect(201);
    let link = client.member("install_link");
    assert!(link.starts_with("https://coach.example/app/join#"));
    assert_eq!(
        client.json()["invite"]["reason"],
        "No mail server is set up. Pass the link on yourself."
    );
}

#[test]
fn links_are_made_of_the_configuration_and_never_of_the_request() {
    let scene = scene();
    let headers = [
        ("Host", "127.0.0.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "https"),
        ("Forwarded", "host=evil.example;proto=https"),
    ];
    let body = with(r#""goal":"x""#);

    let made = scene.key.send("POST", CLIENTS, &headers, Some(&body));

    let made = made.expect(201);
    assert!(made.member("install_link").starts_with("http://localhost"));
    assert_eq!(made.header("strict-transport-security"), None);
    let location = made.header("location").expect("a place");
    assert!(location.starts_with("/v1/clients/"), "{location}");
}

#[test]
fn credentials_are_checked_before_anything_else_is_told() {
    let scene = scene();
    let anyone = scene.server.anyone();
    let text = [("Content-Type", "text/plain")];
    for answer in [
        anyone.get("/v1/nothing"),
        anyone.send("TRACE", CLIENTS, &[], None),
        anyone.send("POST", CLIENTS, &text, Some("x")),
        anyone.send("POST", CLIENTS, &[], Some("{")),
        anyone.get("/v1/clients?nonsense=1"),
        anyone.post_once(CLIENTS, "", &Value::Null),
    ] {
        answer.refused(401, "auth_missing");
    }
    // Then the scope, before the body.
    let coach = scene.server.coach("two@example.com");
    let narrow = scene.server.key(coach, &["events:read"]);
    for answer in [
        narrow.send("POST", CLIENTS, &text, Some("x")),
        narrow.send("POST", CLIENTS, &[], Some("{")),
        narrow.get("/v1/clients?nonsense=1"),
        narrow.post_once(CLIENTS, "", &Value::Null),
    ] {
        answer.refused(403, "insufficient_scope");
    }
    // Then media type, size and key, before the body is read.
    let key = [("Idempotency-Key", ""), ("Content-Type", "text/plain")];
    scene
        .key
        .send("POST", CLIENTS, &key, Some("{"))
        .refused(415, "unsupported_media_type");
    scene
        .key
        .post_once(CLIENTS, "", &Value::Null)
        .refused(400, "invalid_idempotency_key");
}

#[test]
fn two_lines_of_one_header_do_not_hide_each_other() {
    let scene = scene();
    let body = r#"{"name":"Ana","email":"ana@example.com"}"#;
    for (name, first, second) in [
        ("Content-Type", "application/json", "text/plain"),
        ("Content-Encoding", "identity", "gzip"),
    ] {
        let headers = [(name, first), (name, second)];
        scene
            .key
            .send("POST", CLIENTS, &headers, Some(body))
            .refused(415, "unsupported_media_type");
    }
    scene.nothing_was_written();
}

#[test]
fn problem_json_is_asked_for_in_any_line_and_any_case_and_can_be_refused() {
    let scene = scene();
    for (lines, form) in [
        (
            &["APPLICATION/Problem+JSON"][..],
            "application/problem+json",
        ),
        (
            &["text/html", "application/problem+json"],
            "application/problem+json",
        ),
        (
            &["text/html, application/problem+json;q=0.1"],
            "application/problem+json",
        ),
        (&["application/problem+json;q=0"], "application/json"),
        (&["application/problem+jsonx"], "application/json"),
        (&["*/*"], "application/json"),
    ] {
        let headers: Vec<(&str, &str)> = lines.iter().map(|line| ("Accept", *line)).collect();
        let refused = scene.key.get_with("/v1/clients/none", &headers).expect(404);
        assert_eq!(refused.header("content-type"), Some(form), "{lines:?}");
    }
}
