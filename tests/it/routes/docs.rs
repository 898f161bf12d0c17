//! `/docs`

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cadence::error::Code;
use cadence::server::openapi_document;
use cadence::server::table::routes;
use serde_json::Value;

use crate::support::Server;

fn page(server: &Server, path: &str) -> String {
    server.anyone().get(path).expect(200).text()
}

/// The values of `id` in a page.
fn anchors(page: &str) -> BTreeSet<String> {
    let ids = page.split(" id=\"").skip(1);
    ids.filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// What links lead to, without those out of the documentation.
fn links(page: &str) -> BTreeSet<String> {
    let links = page.split("href=\"").skip(1);
    links
        .filter_map(|rest| rest.split('"').next())
        .filter(|link| !link.starts_with("/assets/"))
        .map(str::to_owned)
        .collect()
}

/// Every page that is linked from the first.
fn pages(server: &Server) -> Vec<(String, String)> {
    let first = page(server, "/docs");
    let paths: BTreeSet<String> = links(&first)
        .iter()
        .filter_map(|link| link.split('#').next())
        .filter(|path| path.starts_with("/docs"))
        .map(str::to_owned)
        .collect();
    assert!(paths.len() > 8, "{paths:?}");
    paths
        .into_iter()
        .map(|path| {
            let text = page(server, &path);
            (path, text)
        })
        .collect()
}

fn plain(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[test]
fn every_code_has_a_place_to_which_its_doc_url_leads() {
    let server = Server::start();
    let errors = page(&server, "/docs/errors");
    let anchors = anchors(&errors);

    for code in Code::ALL {
        assert!(anchors.contains(code.name()), "{}", code.name());
        let forced = format!("Cadence-Force: {}", code.name());
        assert!(errors.contains(&forced), "{forced}");
        assert!(plain(&errors).contains(code.sentence().split('`').next().unwrap()));
    }
    let refused = server.anyone().get("/v1/whoami");
    let url = refused.json()["error"]["doc_url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(url, "/docs/errors#auth_missing");
}

#[test]
fn every_operation_is_in_the_reference_with_samples_in_each_language() {
    let server = Server::start();
    let all: String = pages(&server).into_iter().map(|(_, text)| text).collect();
    let anchors = anchors(&all);

    for route in routes() {
        assert!(
            anchors.contains(route.doc.id),
            "{} is not there",
            route.doc.id
        );
        assert!(
            all.contains(&format!("<code>{}</code>", route.path)),
            "{}",
            route.path
        );
        for alias in route.aliases {
            assert!(all.contains(&format!("<code>{alias}</code>")), "{alias}");
        }
    }
    let operations = routes().len();
    for language in ["curl", "python", "javascript", "ruby"] {
        let samples = format!("class=\"sample\" data-language=\"{language}\"");
        assert!(all.matches(&samples).count() >= operations, "{language}");
    }
    // Fields of requests and answers are shown, and the examples of the document.
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let fields = document["components"]["schemas"]["NewClient"]["properties"]
        .as_object()
        .unwrap();
    for field in fields.keys() {
        assert!(
            all.contains(&format!("<code class=\"field-name\">{field}</code>")),
            "{field}"
        );
    }
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let server = Server::start();
    let pages = pages(&server);
    for (path, text) in &pages {
        for link in links(text) {
            let (to, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let to = if to.is_empty() { path.as_str() } else { to };
            if to == "/openapi.json" || to.starts_with("/dashboard/") {
                server.anyone().get(to).expect(200);
                continue;
            }
            let found = pages.iter().find(|(other, _)| other == to);
            let (_, target) = found.unwrap_or_else(|| panic!("{path} links to {link}"));
            assert!(
                anchor.is_empty() || anchors(target).contains(anchor),
                "{path}: {link}"
            );
        }
    }
    assert_eq!(server.anyone().get("/docs/").status, 303);
    server
        .anyone()
        .get("/docs/nope")
        .refused(404, "route_not_found");
    server
        .anyone()
        .send("POST", "/docs", &[], None)
        .refused(405, "method_not_allowed");
}

#[test]
fn every_page_is_well_formed_and_every_id_is_there_once() {
    let server = Server::start();
    for (path, text) in pages(&server) {
        assert_eq!(text.matches("<h1").count(), 1, "{path}");
        assert_eq!(text.matches("<main").count(), 1, "{path}");
        assert_eq!(
            text.matches(" id=\"").count(),
            anchors(&text).len(),
            "{path}: an id twice"
        );
        assert!(!text.contains(" style="), "{path}");
        assert!(!text.contains("<script>"), "{path}");
    }
}

#[test]
fn every_type_of_event_is_shown_with_a_sample() {
    let server = Server::start();
    let events = page(&server, "/docs/events");
    let key = server.key(server.coach("coach@example.com"), &[]);
    for kind in key.get("/v1/event-types").expect(200).column("type") {
        assert!(anchors(&events).contains(&kind), "{kind}");
        assert!(
            plain(&events).contains(&format!("\"type\": \"{kind}\"")),
            "{kind}"
        );
    }
}

/// The commands of a page, in their order.
fn commands(server: &Server, path: &str) -> Vec<String> {
    let text = page(server, path);
    let blocks = text.split("data-language=\"sh\"").skip(1);
    let commands = blocks.map(|block| {
        let code = block.split("<code>").nth(1).expect("code");
        plain(code.split("</code>").next().expect("an end"))
    });
    commands.collect()
}

#[test]
fn the_commands_of_the_quickstart_run_as_they_are_shown() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (_, key) = server.new_key(coach, cadence::caller::Mode::Test, &[]);
    let commands = commands(&server, "/docs");
    assert_eq!(commands.len(), 7);
    assert!(commands[0].contains("CADENCE_BASE_URL") && commands[0].contains("CADENCE_API_KEY"));
    let run = |command: &str| -> Value {
        let ran = Command::new("sh")
            .arg("-c")
            .arg(command.replacen("curl ", "curl --silent --show-error ", 1))
            .env("CADENCE_BASE_URL", format!("http://{}", server.address))
            .env("CADENCE_API_KEY", &key)
            .output()
            .expect("a shell");
        assert!(
            ran.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        serde_json::from_slice(&ran.stdout).expect("JSON")
    };

    let whoami = run(&commands[1]);
    assert_eq!(whoami["mode"], "test", "{whoami}");
    let made = run(&commands[2]);
    assert_eq!(
        (&made["object"], &made["status"]),
        (&"client".into(), &"invited".into())
    );
    assert_eq!(run(&commands[2]), made, "once however often");
    let found = run(&commands[3]);
    assert_eq!(found["data"][0]["id"], made["id"]);
    let dry = run(&commands[4]);
    assert_eq!(
        (&dry["dry_run"], &dry["created"]),
        (&true.into(), &1.into())
    );
    let events = run(&commands[5]);
    assert_eq!(events["data"][0]["type"], "client.created");
    let refused = run(&commands[6]);
    assert_eq!(refused["error"]["code"], "validation_failed");
}

#[test]
fn the_guide_from_a_new_client_to_a_running_program_runs_as_it_is_shown() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (_, key) = server.new_key(coach, cadence::caller::Mode::Test, &[]);
    let folder = tempfile::tempdir().expect("a folder");
    image::RgbImage::from_pixel(300, 400, image::Rgb([90, 120, 150]))
        .save(folder.path().join("front.jpg"))
        .expect("a picture");
    let commands = commands(&server, "/docs/guides/coaching");
    assert_eq!(commands.len(), 12);
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    let mut run = |number: usize, name: Option<&'static str>| -> Value {
        let command: &str = &commands[number];
        let ran = Command::new("sh")
            .arg("-c")
            .arg(command.replacen("curl ", "curl --silent --show-error --fail-with-body ", 1))
            .current_dir(folder.path())
            .envs(&ids)
            .env("CADENCE_BASE_URL", format!("http://{}", server.address))
            .env("CADENCE_API_KEY", &key)
            .output()
            .expect("a shell");
        let told = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(ran.status.success(), "{command}: {told}");
        let answer: Value = serde_json::from_str(&told).unwrap_or_default();
        if let Some(name) = name {
            ids.insert(name, answer["id"].as_str().expect("an id").to_owned());
        }
        answer
    };

    run(0, Some("CLIENT_ID"));
    let program = run(1, Some("PROGRAM_ID"));
    assert_eq!(program["status"], "draft");
    assert_eq!(run(2, None)["status"], "active");
    assert_eq!(run(3, None)["active"], true);
    let log = run(4, None);
    assert_eq!(log["personal_records"][0]["exercise"], "barbell-hip-thrust");
    run(5, Some("PHOTO_ID"));
    let checkin = run(6, Some("CHECKIN_ID"));
    assert_eq!(checkin["photos"][0]["pose"], "front");
    assert_eq!(run(7, None)["status"], "reviewed");
    assert_eq!(run(8, None)["status"], "succeeded");
    assert_eq!(run(9, None)["object"], "today");
    let whole = run(10, None);
    assert_eq!(whole["current_program"]["week"], 1);
    assert_eq!(whole["recent_checkins"][0]["id"], checkin["id"]);
    assert_eq!(whole["payment_history"][0]["amount"], 12_000);
    run(11, None);
    let file = std::fs::read(folder.path().join("client.zip")).expect("a file");
    assert!(file.starts_with(b"PK"));
}

#[test]
fn the_documented_curl_of_a_call_runs() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let (_, key) = server.new_key(coach, cadence::caller::Mode::Test, &[]);
    let text = page(&server, "/docs/api/clients");
    let section = text.split("id=\"create_client\"").nth(1).expect("the call");
    let code = section
        .split("data-language=\"curl\"")
        .nth(1)
        .and_then(|rest| rest.split("<code>").nth(1));
    let command = plain(
        code.expect("a sample")
            .split("</code>")
            .next()
            .expect("an end"),
    );
    let ran = Command::new("sh")
        .arg("-c")
        .arg(
            command
                .replacen("curl ", "curl --silent ", 1)
                .replace("$(uuidgen)", "a-key"),
        )
        .env("CADENCE_BASE_URL", format!("http://{}", server.address))
        .env("CADENCE_API_KEY", key)
        .output()
        .expect("a shell");

    let made: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(made["object"], "client", "{made}");
}
