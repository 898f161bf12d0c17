//! `/v1/clients/{client_id}/export`

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use cadence::caller::Mode;
use serde_json::{Value, json};
use zip::{CompressionMethod, ZipArchive};

use crate::support::{Answer, Caller, Coach, Server, jpeg};

pub(super) struct Studio {
    pub(super) server: Server,
    pub(super) coach: Coach,
    pub(super) key: Caller,
    pub(super) id: String,
    client: String,
}

/// What is in a file of an export.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

pub(super) fn unzip(answer: &Answer) -> Files {
    let mut archive = ZipArchive::new(Cursor::new(&answer.body)).expect("a ZIP file");
    let places = 0..archive.len();
    let read = |place: usize| {
        let mut file = archive.by_index(place).expect("a file");
        let name = file.name().expect("a name").into_owned();
        let stored = file.compression() == CompressionMethod::Stored;
        assert_eq!(stored, name.starts_with("photos/"), "{name}");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        (name, bytes)
    };
    places.map(read).collect()
}

pub(super) fn text<'f>(files: &'f Files, name: &str) -> &'f str {
    let bytes = files.get(name).unwrap_or_else(|| panic!("no {name}"));
    std::str::from_utf8(bytes).expect("text")
}

pub(super) fn lines(files: &Files, name: &str) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).expect("JSON");
    text(files, name).lines().map(read).collect()
}

impl Studio {
    pub(super) fn open() -> Self {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let key = server.key(coach, &[]);
        let new = json!({ "name": "Ana", "email": "ana@example.com", "send_invite": false });
        let id = key.post("/v1/clients", &new).expect(201).member("id");
        let client = format!("/v1/clients/{id}");
        Self {
            server,
            coach,
            key,
            id,
            client,
        }
    }

    pub(super) fn post(&self, what: &str, body: &Value) -> Answer {
        let path = format!("{}/{what}", self.client);
        self.key.post(&path, body).expect(201)
    }

    fn path(&self) -> String {
        format!("{}/export", self.client)
    }

    pub(super) fn listed(&self, what: &str) -> Vec<Value> {
        let path = format!("{}/{what}?limit=100", self.client);
        let list = self.key.get(&path).expect(200).json();
        list["data"].as_array().expect("rows").clone()
    }

    /// Something of every kind.
    pub(super) fn fill(&self) -> Answer {
        let photo = format!("{}/photos", self.client);
        let parts = [("file", &*jpeg()), ("pose", b"side".as_slice())];
        let photo = self.key.post_form(&photo, &parts).expect(201);
        let set =
            json!({ "reps": 5, "load": { "value": 102.5, "unit": "kg" }, "note": "+1, easy" });
        let done = json!([{ "exercise": "back-squat", "sets": [set, { "reps": 4 }] }]);
        self.post("workout-logs", &json!({ "exercises": done }));
        let squats = json!({ "exercise": "back-squat", "sets": [{ "count": 3, "reps": 5 }] });
        let session =
            json!({ "day": 1, "name": "Squats", "groups": [{ "prescriptions": [squats] }] });
        let blocks = json!([{ "weeks": 4, "sessions": [session] }]);
        self.post("programs", &json!({ "name": "Base", "blocks": blocks }));
        let schedule = format!("{}/checkin-schedule", self.client);
        let weekly = json!({ "weekday": "friday", "time": "18:30" }).to_string();
        let set = self.key.send("PUT", &schedule, &[], Some(&weekly));
        set.expect(200);
        self.post("messages", &json!({ "body": "=HYPERLINK(\"x\")" }));
        self.post(
            "payments",
            &json!({ "amount": 12_000, "currency": "eur", "description": "@June" }),
        );
        let checkin = self.post(
            "checkins",
            &json!({
                "answers": [{ "question": "mood", "type": "text", "value": "-2, as \"ever\"" }],
                "measurements": [{ "metric": "weight", "value": 70.5, "unit": "kg" }],
                "photos": [{ "id": photo.member("id") }],
            }),
        );
        let review = format!("/v1/checkins/{}/review", checkin.member("id"));
        let said = json!({ "reply": "Good", "private_notes": "Watch the knee" });
        self.key.post(&review, &said).expect(200);
        photo
    }
}

#[test]
fn all_of_a_client_is_in_one_file() {
    let studio = Studio::open();
    let photo = studio.fill();
    let answer = studio.key.get(&studio.path()).expect(200);

    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let named = format!("attachment; filename=\"client-{}.zip\"", studio.id);
    assert_eq!(answer.header("content-disposition"), Some(&*named));
    let length = answer.body.len().to_string();
    assert_eq!(answer.header("content-length"), Some(&*length));

    let files = unzip(&answer);
    let profile: Value = serde_json::from_str(text(&files, "profile.json")).expect("JSON");
    assert_eq!(profile["email"], "ana@example.com");
    for (file, list) in [
        ("messages", "messages"),
        ("workout_logs", "workout-logs"),
        ("personal_records", "personal-records"),
        ("measurements", "measurements"),
        ("payments", "payments"),
    ] {
        let rows = lines(&files, &format!("{file}.jsonl"));
        assert!(!rows.is_empty(), "{file}");
        assert_eq!(rows, studio.listed(list), "{file}");
    }
    let schedule = lines(&files, "checkin_schedule.jsonl");
    let path = format!("{}/checkin-schedule", studio.client);
    assert_eq!(schedule, [studio.key.get(&path).expect(200).json()]);
    let program = &lines(&files, "programs.jsonl")[0];
    let path = format!("/v1/programs/{}", program["id"].as_str().expect("an id"));
    assert_eq!(*program, studio.key.get(&path).expect(200).json());
    let checkin = &lines(&files, "checkins.jsonl")[0];
    assert_eq!(checkin["private_notes"], "Watch the knee");
    let shown = json!({ "id": photo.member("id"), "pose": "side" });
    assert_eq!(checkin["photos"], json!([shown]));

    let picture = photo.json();
    let name = format!(
        "photos/{}-side-{}.jpg",
        photo.member("taken_on"),
        photo.member("id")
    );
    let url = picture["url"].as_str().expect("an address");
    assert_eq!(files[&name], studio.key.get(url).expect(200).body);
    let readme = text(&files, "README.txt");
    assert!(!readme.contains("lacks the scope"), "{readme}");
    for name in files.keys().filter(|name| *name != "README.txt") {
        let name = name.split_inclusive('/').next().expect("a name");
        assert!(readme.contains(name), "{name}: {readme}");
    }
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    let studio = Studio::open();
    studio.fill();
    let files = unzip(&studio.key.get(&studio.path()).expect(200));
    let row = |name: &str, number: usize| {
        let all = text(&files, name);
        all.split("\r\n").nth(number).expect("a row").to_owned()
    };

    assert!(row("messages.csv", 0).starts_with("id,created_at,direction,"));
    assert!(row("messages.csv", 1).ends_with(",\"'=HYPERLINK(\"\"x\"\")\""));
    assert!(row("payments.csv", 1).contains(",12000,0,eur,'@June,"));
    assert!(row("checkin_answers.csv", 1).ends_with(",mood,text,\"'-2, as \"\"ever\"\"\""));
    assert!(row("measurements.csv", 1).contains(",weight,70.5,kg,70.5,kg,"));
    let first = row("workout_sets.csv", 1);
    assert!(first.contains(",back-squat,,1,,5,102.5,kg,"), "{first}");
    assert!(first.ends_with(",\"'+1, easy\","), "{first}");
    assert!(row("workout_sets.csv", 2).contains(",back-squat,,2,,4,,,"));
    assert_eq!(row("workout_sets.csv", 3), "");
}

#[test]
fn an_export_is_read_to_the_last_page() {
    let studio = Studio::open();
    for number in 0..101 {
        let metric = json!({ "metric": "weight", "value": number + 40, "unit": "kg" });
        studio.post("measurements", &metric);
        studio.post("messages", &json!({ "body": number.to_string() }));
    }
    let files = unzip(&studio.key.get(&studio.path()).expect(200));

    let bodies = lines(&files, "messages.jsonl");
    let bodies: Vec<&str> = bodies
        .iter()
        .filter_map(|row| row["body"].as_str())
        .collect();
    let sent: Vec<String> = (0..101).rev().map(|number| number.to_string()).collect();
    assert_eq!(bodies, sent);
    let mut values: Vec<i64> = lines(&files, "measurements.jsonl")
        .iter()
        .filter_map(|row| row["value"].as_i64())
        .collect();
    values.sort_unstable();
    assert_eq!(values, (40..141).collect::<Vec<i64>>());
    assert_eq!(text(&files, "messages.csv").lines().count(), 102);
}

#[test]
fn what_the_credential_may_not_read_is_left_out_and_named() {
    let studio = Studio::open();
    studio.fill();
    let reader = studio.server.key(
        studio.coach,
        &["clients:read", "checkins:read", "messages:read"],
    );
    let files = unzip(&reader.get(&studio.path()).expect(200));

    for gone in ["payments", "programs", "workout_logs", "personal_records"] {
        assert!(!files.contains_key(&format!("{gone}.jsonl")), "{gone}");
    }
    for gone in ["payments.csv", "workout_sets.csv"] {
        assert!(!files.contains_key(gone), "{gone}");
    }
    assert_eq!(lines(&files, "messages.jsonl").len(), 1);
    let readme = text(&files, "README.txt");
    let (_, left_out) = readme.split_once("lacks the scope").expect("a reason");
    assert!(left_out.contains("payments") && left_out.contains("payments:read"));

    for scope in ["clients:read", "checkins:read"] {
        let lacking = studio.server.key(studio.coach, &[scope]);
        let refused = lacking.get(&studio.path());
        refused.refused(403, "insufficient_scope");
    }
}

#[test]
fn a_client_of_somebody_else_cannot_be_exported() {
    let studio = Studio::open();
    let other = studio.server.coach("other@example.com");
    let stranger = studio.server.key(other, &[]);
    stranger.get(&studio.path()).refused(404, "not_found");
    let live = studio.server.live_key(studio.coach);
    live.get(&studio.path()).refused(404, "not_found");
}

#[test]
fn a_tenant_is_given_two_exports_at_a_time() {
    let studio = Studio::open();
    let (id, _) = studio.server.new_key(studio.coach, Mode::Test, &[]);
    let tenant = studio.server.caller(studio.coach, Mode::Test, &id).tenant;
    let exports = &studio.server.app.exports;
    let places = [(); 2].map(|()| exports.open(tenant).expect("a place"));

    let refused = studio.key.get(&studio.path()).refused(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), Some("5"));
    drop(places);
    studio.key.get(&studio.path()).expect(200);
}

#[test]
fn an_export_leaves_no_file_and_gives_its_place_back() {
    let studio = Studio::open();
    for _ in 0..4 {
        studio.key.get(&studio.path()).expect(200);
    }

    let folder = studio.server.data().join("tmp");
    let left = std::fs::read_dir(folder).expect("the folder").count();
    assert_eq!(left, 0);
}
