//! Coming back by a code that was mailed: `/auth/client-codes`, and the pages at `/app/sign-in`.

use cadence::caller::Mode;
use cadence::clients::sessions::codes::actions::who_may_come_back;
use cadence::clock::MINUTE_MS;
use cadence::config::{Config, PublicUrl};
use cadence::db::{Options, meta};
use cadence::secrets::Secret;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Coach, MailServer, Server, until};

const ASK: &str = "/auth/client-codes";
const ENTER: &str = "/auth/client-sessions";
const ANA: &str = "ana@example.com";
const WRONG: &str = "0000-0000";

/// A browser: the cookies that it was handed.
struct Browser {
    caller: Caller,
    jar: std::cell::RefCell<std::collections::BTreeMap<String, String>>,
}

impl Browser {
    fn of(server: &Server) -> Self {
        Self {
            caller: server.anyone(),
            jar: std::cell::RefCell::default(),
        }
    }

    fn cookies(&self) -> String {
        let jar = self.jar.borrow();
        let pairs = jar.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep(&self, answer: Answer) -> Answer {
        let handed = answer.headers.iter();
        let handed = handed.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        for (_, header) in handed {
            let pair = header.split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a name");
            if header.contains("Max-Age=0") {
                self.jar.borrow_mut().remove(name);
            } else {
                let (name, value) = (name.to_owned(), value.to_owned());
                self.jar.borrow_mut().insert(name, value);
            }
        }
        answer
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let cookies = self.cookies();
        let mut headers = vec![("Sec-Fetch-Site", "same-origin")];
        if !cookies.is_empty() {
            headers.push(("Cookie", cookies.as_str()));
        }
        let body = body.map(Value::to_string);
        self.keep(self.caller.send(method, path, &headers, body.as_deref()))
    }

    fn form(&self, fields: &[(&str, &str)]) -> Answer {
        let cookies = self.cookies();
        self.keep(self.caller.send_form("/app/sign-in", &cookies, fields))
    }

    fn ask(&self, email: &str) -> Answer {
        self.send("POST", ASK, Some(&json!({ "email": email })))
    }

    fn enter(&self, code: &str) -> Answer {
        self.enter_as(ANA, code)
    }

    fn enter_as(&self, email: &str, code: &str) -> Answer {
        let body = json!({ "code": code, "email": email });
        self.send("POST", ENTER, Some(&body))
    }

    fn me(&self) -> Answer {
        self.send("GET", "/v1/app/me", None)
    }
}

/// A coach with a client who has joined on a device.
struct Place {
    server: Server,
    coach: Coach,
    key: Caller,
    client: String,
    device: Browser,
}

/// Adds a client and lets her join; gives her id and her device.
fn joined(server: &Server, key: &Caller, email: &str) -> (String, Browser) {
    let new = json!({ "name": "Ana Prado", "email": email });
    let made = key.post("/v1/clients", &new).expect(201);
    let link = made.member("install_link");
    let token = link.split_once('#').expect("a fragment").1;
    let body = json!({ "token": token, "consents": { "terms": true, "health_data": true } });
    let device = Browser::of(server);
    device.send("POST", ENTER, Some(&body)).expect(201);
    (made.member("id"), device)
}

/// The mails with codes in a tenant's outbox, newest first.
fn mails(key: &Caller) -> Vec<Value> {
    let all = key.get("/v1/outbox?limit=100").expect(200).json();
    let all = all["data"].as_array().expect("mails").clone();
    let codes = all
        .into_iter()
        .filter(|mail| mail["template"] == "client_code");
    codes.collect()
}

fn code_in(text: &str) -> String {
    let mut words = text.split_whitespace();
    let code = words.find(|word| word.len() == 9 && word.as_bytes()[4] == b'-');
    code.expect("a code").to_owned()
}

/// The code of the newest mail, once there are so many.
fn nth_code(key: &Caller, count: usize) -> String {
    until("the code", || mails(key).len() >= count);
    let mails = mails(key);
    assert_eq!(mails.len(), count, "{mails:#?}");
    code_in(mails[0]["text"].as_str().expect("a text"))
}

impl Place {
    fn start() -> Self {
        Self::of(Server::start(), Mode::Test)
    }

    fn of(server: Server, mode: Mode) -> Self {
        let coach = server.coach("coach@example.com");
        let key = match mode {
            Mode::Test => server.key(coach, &[]),
            Mode::Live => server.live_key(coach),
        };
        let (client, device) = joined(&server, &key, ANA);
        Self {
            server,
            coach,
            key,
            client,
            device,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/clients/{}{rest}", self.client)
    }

    /// A browser that asked, and the code that came.
    fn asked(&self, count: usize) -> (Browser, String) {
        let browser = Browser::of(&self.server);
        browser.ask(ANA).expect(202);
        let code = nth_code(&self.key, count);
        (browser, code)
    }

    /// Whether anybody of an address may come back.
    fn may_come_back(&self, email: &str) -> bool {
        let read = self
            .server
            .app
            .db
            .read_now(|conn| who_may_come_back(conn, email));
        !read.expect("a read").is_empty()
    }
}

#[track_caller]
fn refused(answer: Answer) -> String {
    let refused = answer.refused(401, "auth_invalid");
    assert_eq!(refused.json()["error"]["reason"], "unknown");
    assert!(!refused.text().contains("cdnca_"));
    refused.json()["error"]["message"]
        .as_str()
        .expect("words")
        .to_owned()
}

#[test]
fn a_client_comes_back_by_a_code_that_works_once() {
    let place = Place::start();
    let before = place
        .key
        .get(&place.path(""))
        .expect(200)
        .header("etag")
        .map(str::to_owned);
    let events = place.server.rows("events");
    let browser = Browser::of(&place.server);

    let asked = browser.ask(ANA).expect(202);
    let code = nth_code(&place.key, 1);
    let back = browser
        .enter(&code.to_lowercase().replace('-', " "))
        .expect(201);

    assert_eq!(
        asked.json(),
        json!({ "object": "client_code", "status": "accepted" })
    );
    let handed = asked.header("set-cookie").expect("a cookie");
    assert!(handed.starts_with("cadence-code=cdncr_"), "{handed}");
    for part in ["HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"] {
        assert!(handed.contains(part), "{handed}");
    }
    assert_eq!(back.header("location"), Some("/v1/app/me"));
    assert_eq!(back.json()["client"]["id"], place.client.as_str());
    assert_eq!(back.json()["workspace"]["name"], "North Street Strength");
    assert_eq!(browser.me().expect(200).member("id"), place.client);
    assert!(
        !browser.cookies().contains("cadence-code"),
        "{}",
        browser.cookies()
    );
    // Both see the device; nothing of the client has changed.
    let devices = place
        .key
        .get(&place.path("/sessions"))
        .expect(200)
        .column("id");
    assert_eq!(devices.len(), 2);
    assert_eq!(devices[0], back.member("id"));
    let own = browser.send("GET", ENTER, None).expect(200).json();
    assert_eq!(own["data"][0]["current"], true);
    place.device.me().expect(200);
    let after = place
        .key
        .get(&place.path(""))
        .expect(200)
        .header("etag")
        .map(str::to_owned);
    assert_eq!((before, events), (after, place.server.rows("events")));
    let mail = &mails(&place.key)[0];
    assert_eq!(mail["status"], "off");
    assert_eq!(mail["to"], ANA);
    assert_eq!(mail["client_id"], place.client.as_str());
    assert_eq!(mail["expires_at"], "2026-06-03T12:10:00.000Z");

    // With the same cookie as before.
    let again = Browser::of(&place.server);
    again.keep(asked);
    refused(again.enter(&code));
    assert_eq!(place.server.rows("client_codes"), 0);
}

#[test]
fn whatever_the_address_the_answer_is_the_same() {
    let place = Place::start();
    let invited = json!({ "name": "Rui", "email": "rui@example.com" });
    place.key.post("/v1/clients", &invited).expect(201);
    let added = json!({ "name": "Eva", "email": "eva@example.com", "send_invite": false });
    place.key.post("/v1/clients", &added).expect(201);
    let (gone, _) = joined(&place.server, &place.key, "gone@example.com");
    place
        .key
        .act(&format!("/v1/clients/{gone}/archive"))
        .expect(200);
    let (erased, _) = joined(&place.server, &place.key, "erased@example.com");
    place
        .key
        .act(&format!("/v1/clients/{erased}/erase"))
        .expect(200);
    let (_, device) = joined(&place.server, &place.key, "no@example.com");
    let taken_back = device.send("POST", "/v1/app/consents/terms/withdraw", None);
    assert!(taken_back.status < 300, "{}", taken_back.text());
    let (paused, _) = joined(&place.server, &place.key, "paused@example.com");
    place
        .key
        .act(&format!("/v1/clients/{paused}/pause"))
        .expect(200);
    let seen = |answer: &Answer| {
        let header = |name: &str| answer.header(name).map(str::to_owned);
        let cookie = header("set-cookie").expect("a cookie");
        let (before, rest) = cookie.split_once("cdncr_").expect("a value");
        (
            (answer.status, answer.text(), header("cache-control")),
            (
                answer.headers.len(),
                before.to_owned(),
                rest[36..].to_owned(),
            ),
        )
    };
    let known = seen(&Browser::of(&place.server).ask("ANA@Example.com"));

    for stranger in [
        "rui@example.com",
        "eva@example.com",
        "gone@example.com",
        "erased@example.com",
        "no@example.com",
        "nobody@example.com",
    ] {
        let browser = Browser::of(&place.server);
        assert_eq!(seen(&browser.ask(stranger)), known, "{stranger}");
        assert!(!place.may_come_back(stranger), "{stranger}");
        refused(browser.enter_as(stranger, WRONG));
        let form = Browser::of(&place.server).form(&[("email", stranger)]);
        assert_eq!(
            form.expect(303).header("location"),
            Some("/app/sign-in?code")
        );
    }
    nth_code(&place.key, 1);
    assert!(place.may_come_back(ANA) && place.may_come_back("paused@example.com"));
    for wrong in [
        json!({}),
        json!({ "email": "ana" }),
        json!({ "email": ANA, "x": 1 }),
    ] {
        let answer = place.server.anyone().post(ASK, &wrong);
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
}

#[test]
fn after_five_wrong_tries_a_browser_has_to_ask_again() {
    let place = Place::start();
    let (browser, code) = place.asked(1);

    let words: Vec<String> = (0..5).map(|_| refused(browser.enter(WRONG))).collect();
    let sixth = refused(browser.enter(&code));

    assert!(words.iter().all(|one| *one == sixth), "{words:?}");
    browser.ask(ANA).expect(202);
    let next = nth_code(&place.key, 2);
    refused(browser.enter(&code));
    browser.enter(&next).expect(201);
    // Four do not end it, and another browser's are its own.
    let (first, code) = place.asked(3);
    let stranger = Browser::of(&place.server);
    stranger.ask("nobody@example.com").expect(202);
    for _ in 0..6 {
        refused(stranger.enter(WRONG));
    }
    for _ in 0..4 {
        refused(first.enter(WRONG));
    }
    first.enter(&code).expect(201);
}

#[test]
fn a_code_ends_after_ten_minutes_and_is_swept() {
    let place = Place::start();
    let (browser, code) = place.asked(1);
    place.server.advance_ms(10 * MINUTE_MS);

    refused(browser.enter(&code));

    assert_eq!(place.server.rows("client_codes"), 1);
    place.server.advance_ms(10 * MINUTE_MS);
    place.server.sweep_sessions();
    assert_eq!(place.server.rows("client_codes"), 0);
    assert_eq!(place.server.rows("client_code_tries"), 0);
    let (browser, code) = place.asked(2);
    place.server.advance_ms(10 * MINUTE_MS - 1);
    browser.enter(&code).expect(201);
}

#[test]
fn a_code_opens_nothing_in_another_browser_nor_for_another_address() {
    let place = Place::start();
    joined(&place.server, &place.key, "rui@example.com");
    let (browser, code) = place.asked(1);
    let thief = Browser::of(&place.server);

    refused(thief.enter(&code));
    thief.ask("nobody@example.com").expect(202);
    refused(thief.enter(&code));
    refused(browser.enter_as("rui@example.com", &code));
    let mut forged = browser.cookies();
    forged.pop();
    let headers = [
        ("Cookie", forged.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let body = json!({ "code": code, "email": ANA }).to_string();
    refused(
        place
            .server
            .anyone()
            .send("POST", ENTER, &headers, Some(&body)),
    );

    browser.enter(&code).expect(201);
}

#[test]
fn a_newer_code_ends_the_older_of_its_browser_and_not_those_of_others() {
    let place = Place::start();
    let (browser, first) = place.asked(1);
    let (other, others) = place.asked(2);
    browser.ask(ANA).expect(202);
    let second = nth_code(&place.key, 3);

    refused(browser.enter(&first));
    browser.enter(&second).expect(201);

    // And who is in needs no further one.
    refused(other.enter(&others));
}

#[test]
fn who_is_coached_twice_gets_a_mail_of_each_and_enters_where_its_code_is_from() {
    let place = Place::start();
    let other = place.server.coach("other@example.com");
    let keys = [
        place.server.live_key(place.coach),
        place.server.key(other, &[]),
    ];
    let theirs = joined(&place.server, &keys[1], ANA).0;
    joined(&place.server, &keys[0], ANA);
    let browser = Browser::of(&place.server);

    let asked = browser.ask(ANA).expect(202);
    let here = nth_code(&place.key, 1);
    let there = nth_code(&keys[1], 1);

    // Live, and there is no mail server.
    assert!(mails(&keys[0]).is_empty());
    assert_ne!(here, there);
    let back = browser.enter(&there).expect(201);
    assert_eq!(back.json()["client"]["id"], theirs.as_str());
    assert_eq!(browser.me().expect(200).member("id"), theirs);
    assert_eq!(
        place
            .key
            .get(&place.path("/sessions"))
            .expect(200)
            .column("id")
            .len(),
        1
    );
    // The code of the one says nothing of that of the other.
    let again = Browser::of(&place.server);
    again.keep(asked);
    let back = again.enter(&here).expect(201);
    assert_eq!(back.json()["client"]["id"], place.client.as_str());
}

#[test]
fn a_code_ends_with_what_ends_the_client_s_devices() {
    let ended = |what: &str, end: &dyn Fn(&Place)| {
        let place = Place::start();
        let (browser, code) = place.asked(1);
        end(&place);
        refused(browser.enter(&code));
        assert_eq!(place.server.rows("client_codes"), 0, "{what}");
    };

    ended("archived and back", &|place| {
        place.key.act(&place.path("/archive")).expect(200);
        place.key.act(&place.path("/unarchive")).expect(200);
    });
    ended("erased", &|place| {
        place.key.act(&place.path("/erase")).expect(200);
    });
    ended("a device ended by the coach", &|place| {
        let devices = place
            .key
            .get(&place.path("/sessions"))
            .expect(200)
            .column("id");
        let path = place.path(&format!("/sessions/{}", devices[0]));
        place.key.delete(&path).expect(204);
    });
    ended("another address", &|place| {
        let patch = json!({ "email": "else@example.com" });
        place.key.patch(&place.path(""), &patch).expect(200);
    });
    ended("the consent", &|place| {
        let gone = place
            .device
            .send("POST", "/v1/app/consents/terms/withdraw", None);
        assert!(gone.status < 300, "{}", gone.text());
    });
    // Another name is no other address.
    let place = Place::start();
    let (browser, code) = place.asked(1);
    let patch = json!({ "name": "Ana P." });
    place.key.patch(&place.path(""), &patch).expect(200);
    browser.enter(&code).expect(201);
    // What ends a device afterwards ends this one, too.
    let devices = place
        .key
        .get(&place.path("/sessions"))
        .expect(200)
        .column("id");
    place
        .key
        .delete(&place.path(&format!("/sessions/{}", devices[0])))
        .expect(204);
    browser.me().refused(401, "auth_revoked");
}

#[test]
fn a_fourth_device_ends_the_one_that_was_silent_longest() {
    let place = Place::start();
    let mut all = Vec::new();
    for count in 1..=3 {
        place.server.advance_ms(61 * MINUTE_MS);
        let (browser, code) = place.asked(count);
        browser.enter(&code).expect(201);
        all.push(browser);
    }

    place.device.me().refused(401, "auth_revoked");
    for browser in &all {
        browser.me().expect(200);
    }
}

#[test]
fn few_codes_an_hour_are_sent_and_what_is_refused_ends_none() {
    let place = Place::start();
    let browser = Browser::of(&place.server);
    let mut code = String::new();
    for count in 1..=3 {
        browser.ask(ANA).expect(202);
        code = nth_code(&place.key, count);
    }
    joined(&place.server, &place.key, "rui@example.com");

    let fourth = browser.ask(ANA).expect(202);
    Browser::of(&place.server)
        .ask("rui@example.com")
        .expect(202);
    until("the other code", || mails(&place.key).len() == 4);

    assert!(fourth.header("set-cookie").is_some());
    let to_ana = mails(&place.key)
        .iter()
        .filter(|mail| mail["to"] == ANA)
        .count();
    assert_eq!(to_ana, 3);
    browser.enter(&code).expect(201);
    place.server.advance_ms(60 * MINUTE_MS);
    Browser::of(&place.server).ask(ANA).expect(202);
    nth_code(&place.key, 5);
}

/// A public address and a mail server.
fn in_use(mail: &MailServer) -> impl FnOnce(&mut Config) + use<> {
    let url = mail.url();
    move |config| {
        config.public_url = PublicUrl::parse("https://coach.example").expect("an address");
        config.smtp_url = Some(Secret::new(url));
        config.mail_from = Some("hello@coach.example".to_owned());
    }
}

#[test]
fn a_live_client_is_mailed_the_code() {
    let mail = MailServer::start();
    let server = Server::start_with(in_use(&mail), Options::default());
    let place = Place::of(server, Mode::Live);
    place.server.run_jobs();
    let sent_before = mail.received().len();
    let (browser, code) = place.asked(1);

    place.server.run_jobs();

    let received = mail.received();
    assert_eq!(received.len(), sent_before + 1);
    let data = &received.last().expect("a mail").data;
    assert!(data.contains(&code), "{data}");
    assert_eq!(mails(&place.key)[0]["status"], "sent");
    browser.enter(&code).expect(201);
    // What ended meanwhile does not leave.
    let (_, _) = place.asked(2);
    place.key.act(&place.path("/archive")).expect(200);
    place.server.run_jobs();
    assert_eq!(mail.received().len(), sent_before + 1);
    assert_eq!(mails(&place.key)[0]["status"], "dropped");
    let page = place.server.anyone().get("/app/sign-in").expect(200).text();
    assert!(page.contains("Send me a code") && !page.contains("No mail leaves"));
}

#[test]
fn where_no_mail_leaves_no_live_code_is_made_and_the_page_says_so() {
    let place = Place::of(Server::start(), Mode::Live);
    let test = place.server.key(place.coach, &[]);
    joined(&place.server, &test, ANA);
    let browser = Browser::of(&place.server);
    browser.ask(ANA).expect(202);
    nth_code(&test, 1);

    assert!(mails(&place.key).is_empty());
    assert_eq!(place.server.rows("client_codes"), 1);
    let page = place.server.anyone().get("/app/sign-in").expect(200).text();
    assert!(page.contains("No mail leaves this server"), "{page}");
    assert!(page.contains("Ask your coach for a new link"));

    // A restored copy that keeps quiet, with a mail server.
    let mail = MailServer::start();
    let server = Server::start_with(in_use(&mail), Options::default());
    let place = Place::of(server, Mode::Live);
    let test = place.server.key(place.coach, &[]);
    joined(&place.server, &test, ANA);
    let quiet = place
        .server
        .app
        .db
        .write_blocking(|tx| meta::set(tx, meta::QUIET_SINCE, "1"));
    quiet.expect("a write");
    Browser::of(&place.server).ask(ANA).expect(202);
    nth_code(&test, 1);
    assert!(mails(&place.key).is_empty());
    let page = place.server.anyone().get("/app/sign-in").expect(200).text();
    assert!(page.contains("No mail leaves this server"), "{page}");
}

#[test]
fn readers_of_the_outbox_see_the_code_masked() {
    let place = Place::start();
    let (_, code) = place.asked(1);
    let reader = place
        .server
        .key(place.coach, &["outbox:read", "clients:read"]);
    let id = mails(&place.key)[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();

    for path in [
        "/v1/outbox".to_owned(),
        format!("/v1/outbox/{id}"),
        format!("/v1/outbox/{id}/preview"),
    ] {
        let seen = reader.get(&path).expect(200).text();
        assert!(
            !seen.contains(&code) && !seen.contains(&format!("{}-", &code[..4])),
            "{path}"
        );
        assert!(seen.contains("····"), "{path}");
    }
}

#[test]
fn another_origin_can_neither_ask_nor_enter() {
    let place = Place::start();
    let (browser, code) = place.asked(1);
    let cookies = browser.cookies();
    let enter = json!({ "code": code, "email": ANA }).to_string();
    let ask = json!({ "email": ANA }).to_string();
    for foreign in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://evil.example"),
        ("X-Nothing", "1"),
    ] {
        let headers = [foreign, ("Cookie", cookies.as_str())];
        let anyone = place.server.anyone();
        for (path, body) in [(ENTER, &enter), (ASK, &ask)] {
            anyone
                .send("POST", path, &headers, Some(body))
                .refused(403, "cross_origin_refused");
        }
        let form = [
            foreign,
            ("Cookie", cookies.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let body = format!("code={code}");
        let page = anyone.send("POST", "/app/sign-in", &form, Some(&body));
        assert_eq!(page.status, 403, "{}", page.text());
    }
    // None of that was a try.
    for _ in 0..4 {
        refused(browser.enter(WRONG));
    }
    browser.enter(&code).expect(201);
}

#[test]
fn asking_for_somebody_else_s_code_gives_no_further_tries_of_one_s_own() {
    // By a try that counts anew, whoever knows a code of his own would learn who is a client.
    let place = Place::start();
    let (browser, code) = place.asked(1);
    joined(&place.server, &place.key, "rui@example.com");
    for _ in 0..5 {
        refused(browser.enter(WRONG));
    }

    browser.ask("rui@example.com").expect(202);

    let theirs = nth_code(&place.key, 2);
    refused(browser.enter(&code));
    let entered = json!({ "code": theirs, "email": "rui@example.com" });
    browser.send("POST", ENTER, Some(&entered)).expect(201);
}

#[test]
fn wrong_codes_are_slowed_down_per_address_and_a_right_one_is_not() {
    let place = Place::start();
    let (browser, code) = place.asked(1);
    let guess = || Browser::of(&place.server).enter(WRONG).status;

    let statuses: Vec<u16> = (0..30).map(|_| guess()).collect();

    assert!(
        statuses[..20].iter().all(|status| *status == 401),
        "{statuses:?}"
    );
    assert!(
        statuses[20..].iter().all(|status| *status == 429),
        "{statuses:?}"
    );
    let page = Browser::of(&place.server).form(&[("code", WRONG)]);
    assert_eq!(page.status, 429);
    browser.enter(&code).expect(201);
}

#[test]
fn the_pages_lead_back_in_without_a_script() {
    let place = Place::start();
    let browser = Browser::of(&place.server);
    let page = browser.send("GET", "/app/sign-in", None).expect(200).text();
    assert!(page.contains("name=\"email\"") && !page.contains("/app/sign-in?code"));
    assert!(
        !page.contains("data-keep"),
        "nothing of it is kept in the browser"
    );

    let wrong = browser.form(&[("email", "ana@")]).expect(400).text();
    assert!(wrong.contains("Not an email address") && wrong.contains("value=\"ana@\""));
    let asked = browser.form(&[("email", " Ana@example.com ")]).expect(303);
    assert_eq!(asked.header("location"), Some("/app/sign-in?code"));
    let page = browser
        .send("GET", "/app/sign-in?code", None)
        .expect(200)
        .text();
    assert!(page.contains("name=\"code\"") && page.contains("one-time-code"));
    assert!(!page.contains("ana@example.com"));
    let start = browser.send("GET", "/app/sign-in", None).expect(200).text();
    assert!(start.contains("/app/sign-in?code"));
    let code = nth_code(&place.key, 1);
    for wrong in [WRONG, "", "lots", "K7QM-2XPA-and-more-than-fits"] {
        let page = browser.form(&[("code", wrong)]).expect(400).text();
        assert!(page.contains("This code does not work here"), "{wrong}");
    }
    let back = browser.form(&[("code", &code)]).expect(303);

    assert_eq!(back.header("location"), Some("/app/"));
    let today = browser.send("GET", "/app/", None).expect(200).text();
    assert!(today.contains("Hello, Ana"));
    // Who is in is led in, whatever was sent.
    for fields in [[("email", ANA)], [("code", WRONG)]] {
        let answer = browser.form(&fields).expect(303);
        assert_eq!(answer.header("location"), Some("/app/"));
    }
    assert_eq!(mails(&place.key).len(), 1);
    let left = browser.keep(place.server.anyone().send_form(
        "/app/sign-out",
        &browser.cookies(),
        &[],
    ));
    assert_eq!(
        left.expect(303).header("location"),
        Some("/app/sign-in?left")
    );
    let out = browser
        .send("GET", "/app/sign-in?left", None)
        .expect(200)
        .text();
    assert!(out.contains("You are signed out"));
}
