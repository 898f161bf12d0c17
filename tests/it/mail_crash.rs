//! Mail across kills: each invite arrives, and what arrives twice was on its way at the kill.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rusqlite::{Connection as Database, OpenFlags};

use crate::process::{Connection, Directory, Running, client, program};
use crate::support::{MailServer, Manner, until};

const CALLERS: usize = 2;
/// The latest moment of the kill after the first answer.
const LATEST_MS: u64 = 400;
const ROUNDS: usize = 4;

fn serve(directory: &Directory, mail: &MailServer) -> Running {
    let mut command = program(&directory.path());
    command.env("CADENCE_PUBLIC_URL", "https://coach.example");
    command.env("CADENCE_MAIL_SMTP_URL", mail.url());
    command.env("CADENCE_MAIL_FROM", "hello@coach.example");
    Running::start(&mut command, &["--listen", "127.0.0.1:0"])
}

fn live_key(directory: &Directory) -> String {
    let workspace = directory.account("ann@example.com");
    let arguments = [
        "key",
        "create",
        "--mode",
        "live",
        "--name",
        "k",
        "--workspace",
    ];
    let key = directory.json(&[&arguments[..], &[&workspace]].concat());
    key["plaintext"].as_str().unwrap().to_owned()
}

/// The mails whose job was being carried out when the process ended.
fn on_their_way(directory: &Directory) -> BTreeSet<String> {
    let file = directory.file("cadence.db");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Database::open_with_flags(file, flags).unwrap();
    let mut statement = database
        .prepare("SELECT about FROM jobs WHERE status = 'running' AND kind = 'mail.send'")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// A moment that differs from run to run and from round to round.
fn moment(round: usize) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one((round, Instant::now()));
    Duration::from_micros(random % (LATEST_MS * 1_000))
}

/// Adds clients until the server is killed; gives the addresses of those that were answered.
fn add_and_kill(server: Running, key: &str, round: usize) -> Vec<String> {
    let (first, answered) = mpsc::channel();
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let (mut caller, first) = (server.connect(key), first.clone());
            std::thread::spawn(move || {
                let mut added = Vec::new();
                for count in 0.. {
                    let email = format!("c{round}-{number}-{count}@d{}.example", count % 7);
                    match caller.post("/v1/clients", &email, &client(&email)) {
                        Ok(answer) => {
                            assert_eq!(answer.status, 201);
                            added.push(email);
                            first.send(()).unwrap_or_default();
                        }
                        Err(_) => break,
                    }
                }
                added
            })
        })
        .collect();
    drop(first);
    answered.recv().expect("a client is added");
    let until = Instant::now() + moment(round);
    let mut left = until.saturating_duration_since(Instant::now());
    while !left.is_zero() && answered.recv_timeout(left).is_ok() {
        left = until.saturating_duration_since(Instant::now());
    }
    server.kill();
    callers
        .into_iter()
        .flat_map(|caller| caller.join().unwrap())
        .collect()
}

/// Waits until nothing is on its way any more.
fn all_gone(caller: &mut Connection) {
    until("the last mail leaves", || {
        let queued = caller.get("/v1/outbox?status=queued&limit=1").json();
        queued["data"].as_array().unwrap().is_empty()
    });
}

#[test]
fn each_invite_arrives_across_kills_at_random_moments() {
    let (directory, mail) = (Directory::new(), MailServer::start());
    let key = live_key(&directory);
    let (mut added, mut cut_off) = (Vec::new(), BTreeSet::new());

    for round in 0..ROUNDS {
        let server = serve(&directory, &mail);
        added.extend(add_and_kill(server, &key, round));
        cut_off.extend(on_their_way(&directory));
    }
    let server = serve(&directory, &mail);
    all_gone(&mut server.connect(&key));

    let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mail in mail.received() {
        let id = mail.header("Message-ID");
        arrived.entry(mail.to).or_default().push(id);
    }
    for email in &added {
        assert!(arrived.contains_key(email), "{email} never arrived");
    }
    let mut repeated = 0;
    for (to, ids) in &arrived {
        assert!(ids.iter().all(|id| *id == ids[0]), "{to}: {ids:?}");
        let mail = ids[0].trim_start_matches('<').split('@').next().unwrap();
        if ids.len() > 1 {
            repeated += 1;
            assert!(cut_off.contains(mail), "{to} was not on its way: {ids:?}");
        }
    }
    println!(
        "{} invites, {} on their way at a kill, {repeated} repeated",
        added.len(),
        cut_off.len()
    );
    assert!(added.len() > ROUNDS);
}

#[test]
fn a_mail_that_was_taken_but_not_acknowledged_before_a_kill_comes_again_under_its_id() {
    let (directory, mail) = (Directory::new(), MailServer::start());
    let key = live_key(&directory);
    let server = serve(&directory, &mail);
    mail.treat("ana@slow.example", Manner::TakeAndHang);
    let mut caller = server.connect(&key);
    let added = caller.post("/v1/clients", "one", &client("ana@slow.example"));
    assert_eq!(added.unwrap().status, 201);
    until("it is taken", || mail.received().len() == 1);

    server.kill();

    assert_eq!(on_their_way(&directory).len(), 1);
    mail.treat("ana@slow.example", Manner::Answer("250 ok", 0));
    let server = serve(&directory, &mail);
    all_gone(&mut server.connect(&key));
    let received = mail.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0], received[1], "the same mail to the byte");
}
