//! `/v1/exercises`

use serde_json::{Value, json};

use crate::support::Server;

fn zercher() -> Value {
    json!({
        "name": "Zercher squat",
        "aliases": ["Elbow squat"],
        "pattern": "squat",
        "primary": ["quads"],
        "secondary": ["abs"],
        "equipment": ["barbell"],
        "level": "advanced",
        "tags": ["axial_load"],
        "joint_stress": { "elbow": 2 },
    })
}

#[test]
fn the_catalogue_is_listed_page_by_page_and_searched() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let mut slugs: Vec<String> = Vec::new();
    let mut path = "/v1/exercises?limit=100".to_owned();
    loop {
        let page = key.get(&path).expect(200);
        slugs.extend(page.column("slug"));
        match page.next_cursor() {
            Some(cursor) => path = format!("/v1/exercises?limit=100&cursor={cursor}"),
            None => break,
        }
    }
    assert!(
        slugs.len() > 180 && slugs.windows(2).all(|pair| pair[0] < pair[1]),
        "{slugs:?}"
    );

    let found = |query: &str| {
        key.get(&format!("/v1/exercises?limit=100&{query}"))
            .expect(200)
            .column("slug")
    };
    assert!(found("q=military+press").contains(&"barbell-overhead-press".to_owned()));
    assert!(found("q=RDL").contains(&"romanian-deadlift".to_owned()));
    assert!(found("pattern=carry").contains(&"farmer-carry".to_owned()));
    assert!(!found("pattern=carry").contains(&"back-squat".to_owned()));
    assert!(found("muscle=calves&equipment=none").contains(&"bodyweight-calf-raise".to_owned()));
    assert!(
        !found("equipment=dumbbells,bench&muscle=chest")
            .contains(&"barbell-bench-press".to_owned())
    );
    assert!(!found("level=beginner").contains(&"back-squat".to_owned()));
    assert_eq!(found("q=no+such+thing"), [""; 0]);
    key.get("/v1/exercises?equipment=spoon")
        .refused(400, "invalid_parameter");
}

#[test]
fn an_exercise_is_read_by_its_slug_and_known_by_its_tag() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);

    let squat = key.get("/v1/exercises/back-squat").expect(200);

    let body = squat.json();
    assert_eq!(
        (&body["id"], &body["source"], &body["livemode"]),
        (&json!("back-squat"), &json!("catalogue"), &Value::Null)
    );
    for path in ["/v1/exercises/back-squat", "/v1/exercises?pattern=squat"] {
        let tag = key.get(path).header("etag").expect("a tag").to_owned();
        assert_eq!(
            key.send("GET", path, &[("If-None-Match", &tag)], None)
                .status,
            304
        );
    }
    key.get("/v1/exercises/no-such-squat")
        .refused(404, "not_found");
    let change = json!({ "cue": "Mine." });
    key.send(
        "PATCH",
        "/v1/exercises/back-squat",
        &[],
        Some(&change.to_string()),
    )
    .refused(409, "state_conflict");
    key.send("DELETE", "/v1/exercises/back-squat", &[], None)
        .refused(409, "state_conflict");
}

#[test]
fn a_coach_adds_changes_and_removes_exercises_of_her_own() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);

    let made = key.post("/v1/exercises", &zercher()).expect(201);

    assert_eq!(made.member("slug"), "zercher-squat");
    let path = made.header("location").expect("a location").to_owned();
    assert_eq!(key.get(&path).expect(200).json(), made.json());
    assert_eq!(
        key.get("/v1/exercises/zercher-squat").expect(200).json(),
        made.json()
    );
    assert_eq!(
        key.get("/v1/exercises?q=elbow+squat").column("slug"),
        ["zercher-squat"]
    );
    assert_eq!(
        key.get("/v1/exercises?source=own").column("slug"),
        ["zercher-squat"]
    );
    let again = key
        .post("/v1/exercises", &zercher())
        .refused(409, "already_exists");
    assert_eq!(again.json()["error"]["existing_id"], made.json()["id"]);
    let taken = json!({ "name": "Back squat", "pattern": "squat", "primary": ["quads"] });
    key.post("/v1/exercises", &taken)
        .refused(409, "already_exists");

    let change = json!({ "name": "Zercher", "cue": "Elbows up.", "joint_stress": {} }).to_string();
    let stale = [("If-Match", "\"7\"")];
    key.send("PATCH", &path, &stale, Some(&change))
        .refused(412, "etag_mismatch");
    let changed = key
        .send("PATCH", &path, &[("If-Match", "\"1\"")], Some(&change))
        .expect(200);
    assert_eq!(
        (changed.member("slug"), changed.member("cue")),
        ("zercher-squat".to_owned(), "Elbows up.".to_owned())
    );
    assert_eq!(changed.json()["joint_stress"], json!({}));
    assert_eq!(changed.header("etag"), Some("\"2\""));

    key.send("DELETE", &path, &[], None).expect(204);
    key.get(&path).refused(404, "not_found");
}

#[test]
fn every_invalid_field_of_an_exercise_is_named() {
    let server = Server::start();
    let key = server.key(server.coach("coach@example.com"), &[]);
    let wrong = json!({
        "slug": "Not A Slug",
        "name": "",
        "pattern": "sideways",
        "primary": ["quads", "heart"],
        "joint_stress": { "knee": 4, "nose": 1 },
    });

    let faults = key
        .post("/v1/exercises", &wrong)
        .refused(400, "validation_failed")
        .faults();

    let places: Vec<&str> = faults.iter().map(|(place, _)| place.as_str()).collect();
    for place in [
        "/slug",
        "/name",
        "/pattern",
        "/primary/1",
        "/joint_stress/knee",
        "/joint_stress/nose",
    ] {
        assert!(places.contains(&place), "{place} of {places:?}");
    }
    let nameless = json!({ "name": "深蹲", "pattern": "squat", "primary": ["quads"] });
    let faults = key.post("/v1/exercises", &nameless).faults();
    assert_eq!(faults, [("/slug".to_owned(), "required".to_owned())]);
}
