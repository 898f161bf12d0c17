//! Whether calls get slower with the data: 100 clients against 1,000,000 in one tenant, with 10,000
//! tenants beside it.
//!
//! The rows are copies of a client and an event that the server itself wrote, put in by SQL.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cadence::clock::Clock;
use cadence::ids::{ClientId, EventId, WorkspaceId};
use rusqlite::{Connection as Database, OpenFlags, Transaction, named_params};

use super::http::{Connection, Fill, Load, drive};
use super::requests::{Order, creates, get, in_turn, post, same};
use super::server::{Key, Server, data_in, make_account, make_key};
use super::{Options, median};

const FEW: u32 = 100;
const MANY: u32 = 1_000_000;
const WORKSPACES: u32 = 5_000;
const CLIENTS_ELSEWHERE: u32 = 10;
/// Bytes in a cursor before the position that it names.
const BINDING_BYTES: usize = 8;
/// Ids asked for in turn.
const SAMPLE: usize = 1_000;

/// A server on a database of some size.
struct Side {
    server: Server,
    key: Key,
    /// What the cursors of the list begin with.
    binding: Vec<u8>,
    /// The fiftieth client from the oldest.
    fiftieth: String,
    /// A sample of ids, oldest first.
    ids: Vec<String>,
}

/// What is compared: a name, and the requests for a side. The number keeps creates apart.
pub(crate) struct Call<S> {
    pub(crate) name: &'static str,
    pub(crate) expect: &'static [u16],
    pub(crate) fill: fn(&S, u64) -> Fill,
}

const CALLS: &[Call<Side>] = &[
    Call {
        name: "GET /v1/clients, first page",
        expect: &[200],
        fill: |side, _| same(get("/v1/clients", Some(&side.key))),
    },
    Call {
        name: "GET /v1/clients, middle page",
        expect: &[200],
        fill: |side, _| page_after(side, &side.ids[side.ids.len() / 2]),
    },
    Call {
        name: "GET /v1/clients, last page",
        expect: &[200],
        fill: |side, _| page_after(side, &side.fiftieth),
    },
    Call {
        name: "GET /v1/clients/{id}",
        expect: &[200],
        fill: |side, _| {
            let path = |id: &String| get(&format!("/v1/clients/{id}"), Some(&side.key));
            in_turn(side.ids.iter().map(path).collect())
        },
    },
    Call {
        name: "POST /v1/clients, sequential keys",
        expect: &[201],
        fill: |side, series| creates(&side.key, Order::Sequential, series),
    },
    Call {
        name: "POST /v1/clients, random keys",
        expect: &[201],
        fill: |side, series| creates(&side.key, Order::Random, series),
    },
];

/// Measures and prints.
pub(crate) async fn run(binary: &Path, root: &Path, options: &Options) -> Result<()> {
    let (many, workspaces) = if options.quick {
        (MANY / 100, WORKSPACES / 100)
    } else {
        (MANY, WORKSPACES)
    };
    let small = side(binary, root, "small", (FEW, 0)).await?;
    let large = side(binary, root, "large", (many, workspaces)).await?;
    println!(
        "{FEW} clients against {many} in a tenant and {} more tenants; goal: ≤ 1.3 × slower\n",
        workspaces * 2
    );
    compare([&small, &large], CALLS, |side| side.server.address, options).await
}

/// Measures calls on two servers in turn, and prints how much slower the second is.
pub(crate) async fn compare<S>(
    sides: [&S; 2],
    calls: &[Call<S>],
    address: fn(&S) -> SocketAddr,
    options: &Options,
) -> Result<()> {
    println!("| call | few: requests/s | many: requests/s | slower by |");
    println!("|---|---|---|---|");
    for (number, call) in calls.iter().enumerate() {
        let mut figures = Vec::new();
        for round in 0..=options.rounds() {
            let series = (number * 100 + round) as u64;
            let mut per_second = [0.0; 2];
            for (side, figure) in sides.into_iter().zip(&mut per_second) {
                let load = Load {
                    connections: options.connections,
                    time: options.time(),
                    expect: call.expect,
                    ..Load::new(address(side), (call.fill)(side, series))
                };
                *figure = drive(load).await?.per_second;
            }
            // The first round warms the caches.
            if round > 0 {
                figures.push(per_second);
            }
        }
        println!(
            "| {} | {:.0} | {:.0} | {:.2} × |",
            call.name,
            median(figures.iter().map(|[few, _]| *few)),
            median(figures.iter().map(|[_, many]| *many)),
            median(figures.iter().map(|[few, many]| few / many)),
        );
    }
    Ok(())
}

/// The page that begins after a client. A cursor is what binds it to its list, and the id of the
/// last row: here one of the server's own with another id in it.
fn page_after(side: &Side, id: &str) -> Fill {
    let cursor = URL_SAFE_NO_PAD.encode([&side.binding, id.as_bytes()].concat());
    let path = format!("/v1/clients?cursor={cursor}");
    same(get(&path, Some(&side.key)))
}

async fn side(binary: &Path, root: &Path, name: &str, size: (u32, u32)) -> Result<Side> {
    let data = data_in(root, name)?;
    let Filled { key, ids } = filled(binary, &data, size).await?;
    let server = Server::start(binary, &data)?;
    let mut connection = Connection::open(server.address).await?;
    let status = connection
        .exchange(&get("/v1/clients?limit=1", Some(&key)))
        .await?;
    ensure!(status == 200, "answered {status}: {}", connection.text());
    let page = connection.json()?;
    let cursor = page["next_cursor"].as_str().context("no cursor")?;
    let mut binding = URL_SAFE_NO_PAD.decode(cursor)?;
    binding.truncate(BINDING_BYTES);
    let fiftieth = ids.get(50).context("too few clients")?.clone();
    let every = (ids.len() / SAMPLE).max(1);
    Ok(Side {
        server,
        key,
        binding,
        fiftieth,
        ids: ids.into_iter().step_by(every).collect(),
    })
}

/// A directory that was filled.
pub(crate) struct Filled {
    pub(crate) key: Key,
    /// The ids of the one large tenant, oldest first.
    pub(crate) ids: Vec<String>,
}

/// Makes a directory with so many clients in one tenant and so many other workspaces.
pub(crate) async fn filled(
    binary: &Path,
    data: &Path,
    (clients, workspaces): (u32, u32),
) -> Result<Filled> {
    let workspace = make_account(binary, data)?;
    let key = make_key(binary, data, &workspace, "live")?;
    let server = Server::start(binary, data)?;
    let body = r#"{"name":"Ada Number","email":"ada@example.com","timezone":"Europe/Berlin",
        "goal":"Run ten kilometres","days_per_week":3,"tags":["morning","online"]}"#;
    let request = post("/v1/clients", Some(&key), "application/json", body);
    let mut connection = Connection::open(server.address).await?;
    let status = connection.exchange(&request).await?;
    ensure!(status == 201, "answered {status}: {}", connection.text());
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
    for _ in 0..workspaces {
        let other = add_workspace(&tx, &workspace)?;
        copy_client(&tx, other, CLIENTS_ELSEWHERE)?;
    }
    tx.commit()?;
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(Filled { key, ids })
}

/// Puts copies of the first client and its event into a tenant; gives their ids.
pub(crate) fn copy_client(tx: &Transaction<'_>, tenant: i64, count: u32) -> Result<Vec<String>> {
    let unique = ["tenant_id", "id", "email_key", "search_key"];
    let mut client = tx.prepare_cached(&copy_sql(tx, "clients", &unique)?)?;
    let mut event =
        tx.prepare_cached(&copy_sql(tx, "events", &["tenant_id", "id", "sequence"])?)?;
    let mut ids = Vec::with_capacity(count as usize);
    let begin = Clock::system().now().plus_ms(-i64::from(MANY) - 1_000);
    let sequence: i64 = tx
        .prepare_cached("SELECT event_sequence FROM tenants WHERE id = ?1")?
        .query_row([tenant], |row| row.get(0))?;
    for number in 0..i64::from(count) {
        let at = begin.plus_ms(number);
        let id = ClientId::new(at).to_string();
        let email = format!("ada.{number}@example.com");
        client.execute(named_params! {
            ":tenant_id": tenant, ":id": id, ":email_key": email, ":search_key": email,
        })?;
        event.execute(named_params! {
            ":tenant_id": tenant,
            ":id": EventId::new(at).to_string(),
            ":sequence": sequence + number + 1,
        })?;
        ids.push(id);
    }
    tx.prepare_cached("UPDATE tenants SET event_sequence = ?2 WHERE id = ?1")?
        .execute((tenant, sequence + i64::from(count)))?;
    Ok(ids)
}

/// An insert of the table's first row with other values in some columns.
pub(crate) fn copy_sql(tx: &Transaction<'_>, table: &str, other: &[&str]) -> Result<String> {
    let mut columns = tx.prepare_cached("SELECT name FROM pragma_table_info(?1)")?;
    let columns: Vec<String> = columns
        .query_map([table], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let value = |column: &String| {
        if other.contains(&column.as_str()) {
            format!(":{column}")
        } else {
            column.clone()
        }
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    Ok(format!(
        "INSERT INTO {table} ({}) SELECT {} FROM (SELECT * FROM {table} LIMIT 1)",
        columns.join(", "),
        values.join(", ")
    ))
}

/// A workspace of the same account; gives its live tenant.
fn add_workspace(tx: &Transaction<'_>, like: &str) -> Result<i64> {
    let id = WorkspaceId::new(Clock::system().now()).to_string();
    tx.prepare_cached(
        "INSERT INTO workspaces (id, account_id, name, created_at, updated_at)
        SELECT ?1, account_id, name, created_at, updated_at FROM workspaces WHERE id = ?2",
    )?
    .execute((&id, like))?;
    for mode in ["test", "live"] {
        tx.prepare_cached("INSERT INTO tenants (workspace_id, mode) VALUES (?1, ?2)")?
            .execute((&id, mode))?;
    }
    Ok(tx.last_insert_rowid())
}
