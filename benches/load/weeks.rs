//! Whether reading a coach's week gets slower with the clients and their past: 100 clients against
//! 10,000, each with a check-in in each of 52 weeks, the last of which waits for its review.
//!
//! The rows are copies of a client and a check-in that the server itself wrote, put in by SQL; the
//! reasons of Today are put in as the server would have kept them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use cadence::clock::{Clock, DAY_MS, Timestamp};
use cadence::ids::{CheckinId, MeasurementId};
use cadence::values::{Date, TimeZone};
use rusqlite::{Connection as Database, OpenFlags, Transaction, named_params};

use super::Options;
use super::growth::{Call, compare, copy_client, copy_sql};
use super::http::Connection;
use super::requests::{get, in_turn, post, same};
use super::server::{Key, Server, data_in, make_account, make_key};

const FEW: u32 = 100;
const MANY: u32 = 10_000;
const WEEKS: i64 = 52;
/// Weeks of the range that is asked for.
const RANGE_WEEKS: i64 = 8;
/// Clients asked for in turn.
const SAMPLE: usize = 500;

/// A server on a database of some size.
struct Side {
    server: Server,
    key: Key,
    /// A sample of ids, oldest first.
    ids: Vec<String>,
    /// The first and the last day of a range of check-ins.
    range: (Date, Date),
    /// The cursor of the second page of Today.
    cursor: String,
}

const CALLS: &[Call<Side>] = &[
    Call {
        name: "GET /v1/clients/{id}/checkins, 8 weeks of 52",
        expect: &[200],
        fill: |side, _| {
            let (from, to) = side.range;
            let path = |id: &String| format!("/v1/clients/{id}/checkins?from={from}&to={to}");
            let paths = side.ids.iter().map(path);
            in_turn(paths.map(|path| get(&path, Some(&side.key))).collect())
        },
    },
    Call {
        name: "GET /v1/checkins, what waits for a review",
        expect: &[200],
        fill: |side, _| same(get("/v1/checkins?status=submitted", Some(&side.key))),
    },
    Call {
        name: "GET /v1/clients/{id}, whole",
        expect: &[200],
        fill: |side, _| {
            let path = |id: &String| get(&format!("/v1/clients/{id}"), Some(&side.key));
            in_turn(side.ids.iter().map(path).collect())
        },
    },
    Call {
        name: "GET /v1/today",
        expect: &[200],
        fill: |side, _| same(get("/v1/today", Some(&side.key))),
    },
    Call {
        name: "GET /v1/today, second page",
        expect: &[200],
        fill: |side, _| {
            let path = format!("/v1/today?cursor={}", side.cursor);
            same(get(&path, Some(&side.key)))
        },
    },
];

/// Measures and prints.
pub(crate) async fn run(binary: &Path, root: &Path, options: &Options) -> Result<()> {
    let many = if options.quick { MANY / 10 } else { MANY };
    let small = side(binary, root, "small", FEW).await?;
    let large = side(binary, root, "large", many).await?;
    println!("{FEW} clients against {many}, each with {WEEKS} check-ins; goal: ≤ 1.3 × slower\n");
    compare([&small, &large], CALLS, |side| side.server.address, options).await
}

async fn side(binary: &Path, root: &Path, name: &str, clients: u32) -> Result<Side> {
    let data = data_in(root, name)?;
    let workspace = make_account(binary, &data)?;
    let key = make_key(binary, &data, &workspace, "live")?;
    let now = Clock::system().now();
    let ids = fill(binary, &data, &key, (clients, now)).await?;
    let server = Server::start(binary, &data)?;
    let mut connection = Connection::open(server.address).await?;
    let status = connection.exchange(&get("/v1/today", Some(&key))).await?;
    ensure!(status == 200, "answered {status}: {}", connection.text());
    let today = connection.json()?;
    let shown = today["data"].as_array().map_or(0, Vec::len);
    ensure!(shown == 50, "Today shows {shown} clients");
    let cursor = today["next_cursor"].as_str().context("no second page")?;
    let last = day(now).plus_days(-7 * 20);
    let every = (ids.len() / SAMPLE).max(1);
    Ok(Side {
        cursor: cursor.to_owned(),
        range: (last.plus_days(1 - 7 * RANGE_WEEKS), last),
        server,
        key,
        ids: ids.into_iter().step_by(every).collect(),
    })
}

fn day(at: Timestamp) -> Date {
    Date::at(at, &TimeZone::utc())
}

/// Makes the clients and their year; gives their ids, oldest first.
async fn fill(
    binary: &Path,
    data: &Path,
    key: &Key,
    (clients, now): (u32, Timestamp),
) -> Result<Vec<String>> {
    let server = Server::start(binary, data)?;
    let mut connection = Connection::open(server.address).await?;
    let mut send = async |path: &str, body: &str| -> Result<serde_json::Value> {
        let request = post(path, Some(key), "application/json", body);
        let status = connection.exchange(&request).await?;
        ensure!(status == 201, "answered {status}: {}", connection.text());
        connection.json()
    };
    let client = r#"{"name":"Ada Number","email":"ada@example.com","send_invite":false}"#;
    let client = send("/v1/clients", client).await?;
    let client = client["id"].as_str().context("no id")?;
    let checkin = r#"{"notes":"A good week, with a run on Sunday.","rpe":8,
        "answers":[{"question":"Energy","type":"scale","value":4},
            {"question":"Sleep","type":"number","value":7.5}],
        "measurements":[{"metric":"weight","value":81.4,"unit":"kg"}]}"#;
    send(&format!("/v1/clients/{client}/checkins"), checkin).await?;
    drop(server);
    let mut database = Database::open_with_flags(
        data.join(cadence::server::DATABASE),
        OpenFlags::SQLITE_OPEN_READ_WRITE,
    )?;
    database.pragma_update(None, "synchronous", "OFF")?;
    database.pragma_update(None, "cache_size", -500_000)?;
    let tx = database.transaction()?;
    let tenant = tx.query_row("SELECT tenant_id FROM clients", [], |row| row.get(0))?;
    let ids = copy_client(&tx, tenant, clients)?;
    copy_checkins(&tx, &ids, now)?;
    put_reasons(&tx, &ids, now)?;
    tx.commit()?;
    database.execute_batch("ANALYZE")?;
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(ids)
}

/// A check-in of each week for each client, in the order of time as they would have come.
fn copy_checkins(tx: &Transaction<'_>, ids: &[String], now: Timestamp) -> Result<()> {
    let mut checkin = tx.prepare_cached(&copy_sql(
        tx,
        "checkins",
        &[
            "id",
            "client_id",
            "status",
            "at",
            "local_date",
            "period_from",
            "period_to",
            "submitted_at",
            "reviewed_at",
            "created_at",
            "updated_at",
        ],
    )?)?;
    let mut measurement = tx.prepare_cached(&copy_sql(
        tx,
        "measurements",
        &["id", "client_id", "checkin_id", "measured_at", "local_date"],
    )?)?;
    for week in (0..WEEKS).rev() {
        let waits = week == 0;
        for (number, client) in (0..).zip(ids) {
            // Over the days of a week, at a time of its own.
            let at = now.plus_ms(-7 * DAY_MS * week - DAY_MS - number * 8_000);
            let on = day(at);
            let id = CheckinId::new(at).to_string();
            checkin.execute(named_params! {
                ":id": id,
                ":client_id": client,
                ":status": if waits { "submitted" } else { "reviewed" },
                ":at": at,
                ":local_date": on,
                ":period_from": on.plus_days(-6),
                ":period_to": on,
                ":submitted_at": at,
                ":reviewed_at": (!waits).then(|| at.plus_ms(DAY_MS)),
                ":created_at": at,
                ":updated_at": at,
            })?;
            measurement.execute(named_params! {
                ":id": MeasurementId::new(at).to_string(),
                ":client_id": client,
                ":checkin_id": id,
                ":measured_at": at,
                ":local_date": on,
            })?;
        }
    }
    Ok(())
}

/// Every client's last check-in waits; every fifth client wrote last too.
fn put_reasons(tx: &Transaction<'_>, ids: &[String], now: Timestamp) -> Result<()> {
    let kinds = ["checkin_unreviewed", "message_waiting"];
    let mut reason = tx.prepare_cached(&copy_sql(
        tx,
        "attention",
        &["client_id", "kind", "rank", "since", "object_id", "leads"],
    )?)?;
    let mut counts = [0, 0];
    for (number, client) in (0..).zip(ids) {
        let since = now.plus_ms(-DAY_MS - number * 8_000);
        for (place, kind) in kinds.into_iter().enumerate() {
            if place == 1 && number % 5 != 0 {
                continue;
            }
            counts[place] += 1;
            reason.execute(named_params! {
                ":client_id": client,
                ":kind": kind,
                ":rank": i64::try_from(place + 1)?,
                ":since": since,
                ":object_id": client,
                ":leads": place == 0,
            })?;
        }
    }
    let all = counts[0];
    let names = [kinds[0], kinds[1], "all", "active"];
    for (name, more) in names.into_iter().zip([all, counts[1], all, all]) {
        tx.prepare_cached(
            "INSERT INTO attention_counts (tenant_id, kind, clients)
            SELECT tenant_id, ?1, ?2 FROM clients LIMIT 1
            ON CONFLICT (tenant_id, kind) DO UPDATE SET clients = clients + ?2",
        )?
        .execute((name, more))?;
    }
    Ok(())
}
