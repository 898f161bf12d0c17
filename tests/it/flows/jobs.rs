//! The queue: what is promised of a job whatever it does, and of schedules whatever the clock does.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cadence::app::App;
use cadence::clock::{DAY_MS, HOUR_MS, SECOND_MS, Timestamp};
use cadence::db::Options;
use cadence::jobs::runner::{Entry, Runner};
use cadence::jobs::{CUT_OFFS_MAX, Done, Job, JobError, Kind, NewJob, PLAIN, actions, queue};
use serde_json::{Value, json};

use crate::support::{Caller, Server};

const PANICS: Kind = Kind {
    name: "test.panics",
    pauses_ms: &[SECOND_MS],
    ..PLAIN
};
const PANICS_AT_ONCE: Kind = Kind {
    name: "test.panics_at_once",
    pauses_ms: &[],
    ..PLAIN
};
const PANICS_WRITING: Kind = Kind {
    name: "test.panics_writing",
    pauses_ms: &[],
    ..PLAIN
};
const WELL: Kind = Kind {
    name: "test.well",
    at_once: 8,
    at_once_in_all: 8,
    ..PLAIN
};
const HANGS: Kind = Kind {
    name: "test.hangs",
    timeout: Duration::from_millis(50),
    pauses_ms: &[],
    ..PLAIN
};
const ONCE: Kind = Kind {
    name: "test.once",
    repeatable: false,
    ..PLAIN
};

static TABLE: &[Entry] = &[
    Entry {
        kind: &PANICS,
        run: |_, _| Box::pin(async { panic!("it was to be expected") }),
        given_up: None,
    },
    Entry {
        kind: &PANICS_AT_ONCE,
        run: |_, _| panic!("before its first step"),
        given_up: None,
    },
    Entry {
        kind: &PANICS_WRITING,
        run: |_, _| Box::pin(async { Ok(Done::with(|_| panic!("while it is written"))) }),
        given_up: None,
    },
    Entry {
        kind: &WELL,
        run: |_, _| Box::pin(async { Ok(Done::plain()) }),
        given_up: None,
    },
    Entry {
        kind: &HANGS,
        run: |_, _| Box::pin(std::future::pending()),
        given_up: None,
    },
    Entry {
        kind: &ONCE,
        run: |_, _| Box::pin(async { Ok(Done::plain()) }),
        given_up: None,
    },
];

fn queued(app: &App, kind: &'static Kind, destination: &str) -> NewJob {
    let now = app.clock.now();
    let job = NewJob::now(now, destination);
    let new = job.clone();
    app.db
        .write_blocking(move |tx| actions::enqueue(tx, kind, &new, now))
        .expect("a write");
    job
}

fn drain(app: &App) -> usize {
    drain_with(app, TABLE)
}

fn drain_with(app: &App, table: &'static [Entry]) -> usize {
    actix_web::rt::System::new().block_on(async {
        let runner = Runner::start(app.clone(), table).await.expect("a runner");
        runner.drain().await.expect("jobs run")
    })
}

fn look(app: &App, job: &NewJob) -> Job {
    let found = app.db.read_now(|conn| queue::find(conn, job.id));
    found.expect("a read").expect("a job")
}

#[test]
fn a_panic_is_the_failure_of_its_job_and_of_nothing_else() {
    let server = Server::start();
    let app = &server.app;
    let twice = queued(app, &PANICS, "a");
    let at_once = queued(app, &PANICS_AT_ONCE, "b");
    let writing = queued(app, &PANICS_WRITING, "c");
    let well = queued(app, &WELL, "d");

    drain(app);

    assert_eq!(look(app, &well).status, "succeeded");
    let failed = look(app, &at_once);
    assert_eq!(failed.status, "failed");
    assert!(failed.error.expect("why").contains("before its first step"));
    let failed = look(app, &twice);
    assert_eq!((failed.status.as_str(), failed.attempts), ("queued", 1));
    assert!(failed.error.expect("why").contains("it was to be expected"));
    server.advance_ms(2 * SECOND_MS);
    drain(app);
    assert_eq!(
        (
            look(app, &twice).status.as_str(),
            look(app, &twice).attempts
        ),
        ("failed", 2)
    );
    let failed = look(app, &writing);
    assert_eq!(failed.status, "failed");
    assert!(failed.error.expect("why").contains("a write panicked"));
    // The queue goes on.
    let next = queued(app, &WELL, "d");
    drain(app);
    assert_eq!(look(app, &next).status, "succeeded");
}

#[test]
fn a_job_that_hangs_is_given_up_after_its_time() {
    let server = Server::start();
    let job = queued(&server.app, &HANGS, "a");

    drain(&server.app);

    let failed = look(&server.app, &job);
    assert_eq!(failed.status, "failed");
    assert!(failed.error.expect("why").contains("longer than"));
}

#[test]
fn what_was_cut_off_is_done_again_unless_it_must_not_run_twice() {
    let server = Server::start();
    let app = &server.app;
    let (again, once) = (queued(app, &WELL, "a"), queued(app, &ONCE, "b"));
    let now = app.clock.now();
    let ids = [again.id, once.id];
    let taken = app
        .db
        .write_blocking(move |tx| actions::claim(tx, &ids, now))
        .expect("a write");
    assert_eq!(taken.len(), 2, "both are being carried out");
    assert_eq!(
        drain_without_start(app),
        0,
        "what runs is taken by nobody else"
    );

    // The process ends here, and another begins.
    drain(app);

    assert_eq!(look(app, &again).status, "succeeded");
    let interrupted = look(app, &once);
    assert_eq!(
        (interrupted.status.as_str(), interrupted.attempts),
        ("interrupted", 1)
    );
    assert!(interrupted.ended_at.is_some());
    // Somebody looked at it and wants it done.
    app.db
        .write_blocking(move |tx| actions::run_now(tx, once.id, now).map(drop))
        .expect("a write");
    drain(app);
    assert_eq!(look(app, &once).status, "succeeded");
}

#[test]
fn a_job_that_ends_the_process_again_and_again_is_given_up() {
    let server = Server::start();
    let app = &server.app;
    let job = queued(app, &WELL, "a");
    let now = app.clock.now();
    let cut_off = || {
        let taken = app
            .db
            .write_blocking(move |tx| actions::claim(tx, &[job.id], now))
            .expect("a write");
        assert_eq!(taken.len(), 1, "it is carried out");
        // The process ends, and another begins.
        let recovered = app.db.write_blocking(move |tx| actions::recover(tx, now));
        assert_eq!(recovered.expect("a write"), 1);
    };

    (0..CUT_OFFS_MAX).for_each(|_| cut_off());
    drain(app);

    let failed = look(app, &job);
    assert_eq!(failed.status, "failed");
    let why = failed.error.expect("why");
    assert_eq!(why, "The server ended 10 times while it ran.");
    // Whoever mended what it was can have it done, and it begins anew.
    app.db
        .write_blocking(move |tx| actions::run_now(tx, job.id, now).map(drop))
        .expect("a write");
    (1..CUT_OFFS_MAX).for_each(|_| cut_off());
    drain(app);
    let done = look(app, &job);
    assert_eq!((done.status.as_str(), done.cut_offs), ("succeeded", 0));
}

/// How many jobs are ready.
fn drain_without_start(app: &App) -> usize {
    let mut ready = 0;
    let now = app.clock.now();
    let looked = app.db.read_now(|conn| {
        queue::ready(conn, now, |_, _, _| {
            ready += 1;
            queue::Take::GoOn
        })
    });
    looked.expect("a read");
    ready
}

static ORDER: Mutex<Vec<(String, Timestamp)>> = Mutex::new(Vec::new());
static SIDE_BY_SIDE: AtomicUsize = AtomicUsize::new(0);

const IN_TURN: Kind = Kind {
    name: "test.in_turn",
    ..PLAIN
};

static IN_TURN_TABLE: &[Entry] = &[Entry {
    kind: &IN_TURN,
    run: |_, job| Box::pin(in_turn(job)),
    given_up: None,
}];

async fn in_turn(job: Job) -> Result<Done, JobError> {
    assert_eq!(SIDE_BY_SIDE.fetch_add(1, Ordering::SeqCst), 0);
    tokio::task::yield_now().await;
    SIDE_BY_SIDE.fetch_sub(1, Ordering::SeqCst);
    let about = job.about.unwrap_or_default();
    ORDER.lock().expect("no panic").push((about, job.due_at));
    Ok(Done::plain())
}

#[test]
fn jobs_of_one_lane_are_done_one_by_one_in_the_order_of_their_times() {
    let server = Server::start();
    let app = &server.app;
    let now = app.clock.now();
    for (name, later_ms) in [("c", 3), ("a", 1), ("d", 4), ("b", 2)] {
        let due = now.plus_ms(later_ms);
        let job = NewJob {
            about: Some(name.to_owned()),
            due_at: due,
            ready_at: due,
            ..NewJob::now(now, "lane")
        };
        app.db
            .write_blocking(move |tx| actions::enqueue(tx, &IN_TURN, &job, now))
            .expect("a write");
    }
    assert_eq!(drain_with(app, IN_TURN_TABLE), 0, "none is due");
    server.advance_ms(10);

    drain_with(app, IN_TURN_TABLE);

    let order = ORDER.lock().expect("no panic");
    let names: Vec<&str> = order.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
}

#[test]
fn the_runner_wakes_when_a_job_is_committed_and_when_it_comes_due() {
    let server = Server::start();
    let working = server.work();
    let key = server.live_key(server.coach("coach@example.com"));
    drop(key);
    let app = &server.app;
    let now = app.clock.now();
    let later = NewJob {
        due_at: now.plus_ms(HOUR_MS),
        ready_at: now.plus_ms(HOUR_MS),
        ..NewJob::now(now, "server")
    };
    let new = later.clone();
    let kind = &cadence::upkeep::CHECK_DISK;
    app.db
        .write_blocking(move |tx| actions::enqueue(tx, kind, &new, now))
        .expect("a write");
    let at_once = queued(app, kind, "server");
    crate::support::until("it is done", || look(app, &at_once).status == "succeeded");
    assert_eq!(look(app, &later).status, "queued");

    server.advance_ms(HOUR_MS);

    crate::support::until("it comes due", || look(app, &later).status == "succeeded");
    drop(working);
}

/// What a tenant's year left, without what differs from one time to the next.
fn left(key: &Caller) -> Vec<Value> {
    let mut left = Vec::new();
    let mut after = 0;
    loop {
        let page = key.get(&format!("/v1/events?limit=100&after={after}"));
        let page = page.expect(200).json();
        let events = page["data"].as_array().expect("events").clone();
        for event in &events {
            after = event["sequence"].as_i64().expect("a number");
            let object = &event["data"]["object"];
            left.push(json!([
                event["sequence"],
                event["type"],
                event["created_at"],
                object["email"],
                object["invite"],
                object["version"],
                event["data"]["previous"],
            ]));
        }
        if events.len() < 100 {
            break;
        }
    }
    let mut mails: Vec<Value> = Vec::new();
    let mut next = "/v1/outbox?limit=100".to_owned();
    loop {
        let page = key.get(&next).expect(200);
        let list = page.json();
        let rows = list["data"].as_array().expect("mails").iter();
        mails.extend(rows.map(|mail| {
            json!([
                mail["template"],
                mail["created_at"],
                mail["subject"],
                mail["status"]
            ])
        }));
        match page.next_cursor() {
            Some(cursor) => next = format!("/v1/outbox?limit=100&cursor={cursor}"),
            None => break,
        }
    }
    left.extend(mails);
    left
}

fn lived(server: &Server, key: &Caller, keys: &str) -> Vec<Value> {
    let at = |days: i64| server.app.clock.now().plus_ms(days * DAY_MS).to_string();
    for (name, days) in [("spring", 40), ("summer", 100), ("autumn", 200)] {
        let new = json!({ "name": name, "expires_at": at(days) });
        key.post(keys, &new).expect(201);
    }
    for number in 0..30 {
        let email = format!("client{number}@example.com");
        key.post("/v1/clients", &json!({ "name": "A", "email": email }))
            .expect(201);
        // Ids of one millisecond are in order only while nobody draws others.
        server.advance_ms(1);
    }
    let to = json!({ "to": at(366) });
    let clock = key.post("/v1/test/clock/advance", &to).expect(200).json();
    assert!(
        clock["pending_jobs"].as_i64().expect("a number") >= 2,
        "{clock}"
    );
    let begun = Instant::now();
    let done = server.run_jobs();
    assert!(begun.elapsed() < Duration::from_mins(1));
    assert!(done > 2 * 365, "only {done} jobs");
    let clock = key.get("/v1/test/clock?wait=true").expect(200).json();
    assert_eq!(clock["pending_jobs"], 0);
    assert_eq!(clock["now"], to["to"]);
    left(key)
}

#[test]
fn a_year_of_schedules_takes_seconds_and_leaves_the_same_each_time() {
    let live = || {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        lived(&server, &server.key(coach, &[]), &coach.keys_path())
    };

    let (first, second) = (live(), live());

    let ended = first.iter().filter(|event| event[1] == "client.updated");
    let ended: Vec<&Value> = ended.map(|event| &event[2]).collect();
    assert_eq!(ended.len(), 30);
    // On the first day after they ended, at the time of the schedule.
    assert!(
        ended.iter().all(|at| *at == "2026-06-18T04:00:00.000Z"),
        "{ended:?}"
    );
    let told: Vec<&Value> = first
        .iter()
        .filter(|mail| mail[0] == "key_expiring")
        .collect();
    assert_eq!(
        told.len(),
        9,
        "three keys, each at 30, 7 and 1 days: {told:?}"
    );
    assert_eq!(first.len(), second.len());
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first, second);
    }
}

#[test]
fn a_clock_that_is_moved_in_steps_leaves_what_one_move_leaves() {
    let lived = |steps: &[i64]| {
        let server = Server::start();
        let coach = server.coach("coach@example.com");
        let key = server.key(coach, &[]);
        let begin = server.app.clock.now();
        let end = begin.plus_ms(20 * DAY_MS).to_string();
        let new = json!({ "name": "k", "expires_at": end });
        key.post(&coach.keys_path(), &new).expect(201);
        let client = json!({ "name": "A", "email": "a@example.com" });
        key.post("/v1/clients", &client).expect(201);
        for days in steps {
            let to = begin.plus_ms(days * DAY_MS).to_string();
            key.post("/v1/test/clock/advance", &json!({ "to": to }))
                .expect(200);
            server.run_jobs();
        }
        left(&key)
    };

    let (one, many) = (lived(&[30]), lived(&[1, 2, 13, 14, 20, 29, 30]));

    assert_eq!(one, many);
    assert!(one.len() > 4, "{one:?}");
}

#[test]
fn a_key_is_told_of_once_at_each_stage_also_after_a_restart() {
    let mut server = Server::start();
    let coach = server.coach("coach@example.com");
    let (_, plaintext) = server.new_key(coach, cadence::caller::Mode::Live, &[]);
    let key = server.bearer(&plaintext);
    let end = server.app.clock.now().plus_ms(40 * DAY_MS).to_string();
    let new = json!({ "name": "shop", "expires_at": end, "mode": "live" });
    let ending = key.post(&coach.keys_path(), &new).expect(201).member("id");
    let short = json!({ "name": "short", "mode": "live",
        "expires_at": server.app.clock.now().plus_ms(HOUR_MS).to_string() });
    key.post(&coach.keys_path(), &short).expect(201);
    let mut told = Vec::new();

    for day in 0..41 {
        server.run_jobs();
        if day == 20 {
            server.restart();
        }
        let key = server.bearer(&plaintext);
        let mails = key.get("/v1/outbox").expect(200).column("subject");
        if mails.len() > told.len() {
            told.insert(0, mails[0].clone());
            let notices = key.get("/v1/notices").expect(200);
            assert!(notices.column("kind").contains(&"key_expiring".to_owned()));
            let one = notices.column("kind");
            assert_eq!(one.iter().filter(|kind| *kind == "key_expiring").count(), 1);
        }
        assert_eq!(mails, told);
        server.advance_ms(DAY_MS);
    }

    assert_eq!(
        told,
        [
            "The live API key “shop” ends tomorrow",
            "The live API key “shop” ends in 7 days",
            "The live API key “shop” ends in 30 days",
        ]
    );
    let key = server.bearer(&plaintext);
    let left = key.get("/v1/notices").expect(200).column("kind");
    assert!(
        !left.contains(&"key_expiring".to_owned()),
        "it has ended: {left:?}"
    );
    drop(ending);
}

#[test]
fn a_notice_of_a_key_ends_with_the_key() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.key(coach, &[]);
    let end = server.app.clock.now().plus_ms(31 * DAY_MS).to_string();
    let new = json!({ "name": "shop", "expires_at": end });
    let id = key.post(&coach.keys_path(), &new).expect(201).member("id");
    let to = server.app.clock.now().plus_ms(3 * DAY_MS).to_string();
    key.post("/v1/test/clock/advance", &json!({ "to": to }))
        .expect(200);
    server.run_jobs();
    let kinds = || key.get("/v1/notices").expect(200).column("kind");
    assert_eq!(
        kinds(),
        ["key_expiring", "backup_old"].map(str::to_owned)[..1]
    );

    key.delete(&format!("{}/{id}", coach.keys_path()))
        .expect(204);

    assert_eq!(kinds(), [""; 0]);
}

#[test]
fn the_nightly_backup_is_made_once_a_night_and_so_many_are_kept() {
    let server = Server::start_with(|config| config.backups_kept = 3, Options::default());
    server.coach("coach@example.com");
    let nightly = || {
        let found = cadence::upkeep::backups(&server.data()).expect("a folder");
        let mut names: Vec<String> = found.into_iter().map(|found| found.name).collect();
        names.sort();
        names
    };

    for _ in 0..5 * 24 {
        server.run_jobs();
        server.advance_ms(HOUR_MS);
    }

    let names = nightly();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[2].starts_with("nightly-20260608T03"), "{names:?}");
    assert!(names[1].starts_with("nightly-20260607T03"), "{names:?}");
}

#[test]
fn a_nightly_backup_that_fails_is_a_notice_and_a_mail() {
    let server = Server::start();
    let coach = server.coach("coach@example.com");
    let key = server.live_key(coach);
    // A file where the folder should be: it cannot be made.
    std::fs::write(server.data().join("backups"), "").expect("a file");

    server.run_jobs();
    server.advance_ms(HOUR_MS);
    for _ in 0..5 {
        server.run_jobs();
        server.advance_ms(13 * 60 * SECOND_MS);
    }

    let kinds = key.get("/v1/notices").expect(200).column("kind");
    assert!(kinds.contains(&"backup_failed".to_owned()), "{kinds:?}");
    let told: i64 = server
        .app
        .db
        .read_now(|conn| {
            let sql = "SELECT count(*) FROM account_outbox WHERE template = 'backup_failed'";
            Ok(conn.query_row(sql, [], |row| row.get(0))?)
        })
        .expect("a count");
    assert_eq!(told, 1, "told once a night");
    std::fs::remove_file(server.data().join("backups")).expect("a file");
    server.advance_ms(HOUR_MS);
    server.run_jobs();
    let kinds = key.get("/v1/notices").expect(200).column("kind");
    assert!(!kinds.contains(&"backup_failed".to_owned()), "{kinds:?}");
}
