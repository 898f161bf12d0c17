//! The schema, and every statement in the source against it.
//!
//! The statements are taken from the source itself, so one that is added is checked without being
//! named here. A list of exceptions may only shrink: an entry that is no longer needed fails.

#![expect(
    clippy::expect_used,
    reason = "a test that finds nothing to check must fail"
)]

use std::collections::{BTreeMap, BTreeSet};

use cadence::check_ins::store::QUEUES;
use cadence::clients::store::{ROSTER_PAGES, STATUS_PAGES};
use cadence::db::migrate;
use rusqlite::Connection;

use crate::source::{File, files, root};

/// Statements on tables with a `tenant_id` that do not name `:tenant_id`: how each begins, and why.
const WITHOUT_TENANT: &[(&str, &str)] = &[
    (
        "SELECT k.id, k.name, k.scopes",
        "looks a credential up by its digest: the tenant is what comes out",
    ),
    (
        "DELETE FROM saved_answers WHERE id = :id",
        "removes the one row that the tenant's key pointed at, in the same transaction",
    ),
    (
        "DELETE FROM idempotency_keys WHERE (tenant_id, principal, key_digest) IN",
        "sweeps what ended, whosever it is",
    ),
    (
        "DELETE FROM saved_answers WHERE id IN (SELECT id",
        "sweeps what ended, whosever it is",
    ),
    (
        "DELETE FROM access_tokens WHERE (tenant_id, digest) IN",
        "sweeps what ended, whosever it is",
    ),
    (
        "DELETE FROM requests WHERE number IN",
        "sweeps what is no longer kept, whosever it is",
    ),
    (
        "DELETE FROM usage_hours WHERE (tenant_id, hour, key_id, route) IN",
        "sweeps what is no longer kept, whosever it is",
    ),
    (
        "SELECT s.id, s.client_id, s.address",
        "looks a client's session up by its digest: the tenant is what comes out",
    ),
    (
        "DELETE FROM client_sessions WHERE (tenant_id, client_id, id) IN",
        "sweeps what ended, whosever it is",
    ),
    (
        "SELECT t.id AS number, t.mode, w.name AS workspace, w.timezone, c.id",
        "looks clients up who come back, by their address: the tenants are what comes out",
    ),
    (
        "SELECT k.client_id, t.id AS number",
        "looks a code up by its digest: the tenant is what comes out",
    ),
    (
        "DELETE FROM client_codes WHERE (tenant_id, client_id, browser) IN",
        "sweeps what ended, whosever it is",
    ),
    (
        "DELETE FROM saved_steps WHERE (tenant_id, principal, key_digest, step) IN",
        "sweeps what nobody came back for, whosever it is",
    ),
    (
        "SELECT o.tenant_id, t.mode, o.key_id",
        "looks a token up by its digest: the tenant is what comes out",
    ),
    (
        "SELECT count(*) FROM deliveries",
        "what would leave a restored server, for its operator",
    ),
    (
        "SELECT w.tenant_id, t.mode, w.id FROM webhooks w JOIN tenants t ON t.id = w.tenant_id WHERE w.deleted_at IS NULL",
        "what the dispatcher begins with, of all tenants",
    ),
    (
        "SELECT w.tenant_id, t.mode, w.id FROM webhooks w JOIN tenants t ON t.id = w.tenant_id WHERE w.deleted_at IS NOT NULL",
        "sweeps what was deleted, whosever it is",
    ),
    (
        "SELECT r.tenant_id, t.mode, r.family_id",
        "looks a token up by its digest: the tenant is what comes out",
    ),
    (
        "SELECT k.tenant_id, t.mode, k.grant_id",
        "looks a code up by its digest: the tenant is what comes out",
    ),
    (
        "SELECT p.tenant_id, t.mode, p.id",
        "looks an app up by its client identifier: the tenant is what comes out",
    ),
    (
        "SELECT EXISTS (SELECT 1 FROM oauth_origins",
        "whether any app at all is at an origin; nothing of it comes out",
    ),
    (
        "DELETE FROM authorization_codes WHERE (tenant_id, digest) IN",
        "sweeps what ended, whosever it is",
    ),
    (
        "DELETE FROM refresh_tokens WHERE (tenant_id, digest) IN",
        "sweeps what ended, whosever it is",
    ),
    (
        "UPDATE refresh_tokens SET answer = NULL WHERE (tenant_id, digest) IN",
        "overwrites what ended, whosever it is",
    ),
    (
        "DELETE FROM oauth_families WHERE (tenant_id, id) IN",
        "sweeps what ended, whosever it is",
    ),
    (
        "SELECT count(*) FROM tenants t CROSS JOIN clients",
        "what the server says of its file when it starts",
    ),
    (
        "SELECT count(*) FROM tenants t CROSS JOIN outbox",
        "what would leave a restored server, for its operator",
    ),
    (
        "SELECT o.recipient, o.template",
        "what would leave a restored server, for its operator",
    ),
    (
        "SELECT t.workspace_id || ' ' || t.mode",
        "who was erased, of all tenants: a restore takes it along",
    ),
    (
        "SELECT max((SELECT created_at FROM events",
        "what the database says of itself, for its operator",
    ),
    (
        "SELECT t.id, t.mode, t.workspace_id",
        "the operator at the command line names a key by its id alone",
    ),
    (
        "SELECT t.id, t.mode, t.clock_offset_ms FROM tenants t WHERE EXISTS",
        "whose schedules are behind: tenants are what comes out",
    ),
    (
        "SELECT t.id AS tenant, t.mode, e.id, e.status",
        "sweeps files that ended, whosever they are",
    ),
];

/// Searches in a table with a `tenant_id` that go by something else: the statement and the search.
const SEARCHED_OTHERWISE: &[(&str, &str, &str)] = &[
    (
        "SELECT k.id, k.name, k.scopes",
        "SEARCH k USING INDEX sqlite_autoindex_api_keys_1 (digest=?)",
        "the lookup of a credential",
    ),
    (
        "SELECT o.tenant_id, t.mode, o.key_id",
        "SEARCH o USING INDEX sqlite_autoindex_access_tokens_1 (digest=?)",
        "the lookup of a token",
    ),
    (
        "SELECT r.tenant_id, t.mode, r.family_id",
        "SEARCH r USING INDEX sqlite_autoindex_refresh_tokens_1 (digest=?)",
        "the lookup of a token",
    ),
    (
        "SELECT k.tenant_id, t.mode, k.grant_id",
        "SEARCH k USING INDEX sqlite_autoindex_authorization_codes_1 (digest=?)",
        "the lookup of a code",
    ),
    (
        "SELECT p.tenant_id, t.mode, p.id",
        "SEARCH p USING INDEX sqlite_autoindex_oauth_apps_1 (id=?)",
        "the lookup of an app by its client identifier",
    ),
    (
        "SELECT g.account_id, g.scopes, p.id AS app_id",
        "SEARCH p USING INDEX sqlite_autoindex_oauth_apps_1 (id=?)",
        "the app that the tenant's grant names, which may be registered elsewhere",
    ),
    (
        "SELECT g.id, g.scopes, g.last_used_at",
        "SEARCH p USING INDEX sqlite_autoindex_oauth_apps_1 (id=?)",
        "the app that the tenant's grant names, which may be registered elsewhere",
    ),
    (
        "SELECT EXISTS (SELECT 1 FROM oauth_origins",
        "SEARCH oauth_origins USING COVERING INDEX sqlite_autoindex_oauth_origins_2 (origin=?)",
        "whether any app at all is at an origin",
    ),
    (
        "DELETE FROM authorization_codes WHERE (tenant_id, digest) IN",
        "SEARCH authorization_codes USING COVERING INDEX authorization_codes_expiry (expires_at<?)",
        "the sweep",
    ),
    (
        "DELETE FROM refresh_tokens WHERE (tenant_id, digest) IN",
        "SEARCH refresh_tokens USING COVERING INDEX refresh_tokens_expiry (kept_until<?)",
        "the sweep",
    ),
    (
        "UPDATE refresh_tokens SET answer = NULL WHERE (tenant_id, digest) IN",
        "SEARCH refresh_tokens USING INDEX refresh_tokens_answers (answer_until<?)",
        "the sweep",
    ),
    (
        "DELETE FROM oauth_families WHERE (tenant_id, id) IN",
        "SEARCH oauth_families USING COVERING INDEX oauth_families_expiry (expires_at<?)",
        "the sweep",
    ),
    (
        "DELETE FROM access_tokens WHERE (tenant_id, digest) IN",
        "SEARCH access_tokens USING COVERING INDEX access_tokens_expiry (expires_at<?)",
        "the sweep",
    ),
    (
        "SELECT s.id, s.client_id, s.address",
        "SEARCH s USING INDEX sqlite_autoindex_client_sessions_1 (digest=?)",
        "the lookup of a client's session",
    ),
    (
        "DELETE FROM client_sessions WHERE (tenant_id, client_id, id) IN",
        "SEARCH client_sessions USING COVERING INDEX client_sessions_age (last_seen_at<?)",
        "the sweep",
    ),
    (
        "SELECT k.client_id, t.id AS number",
        "SEARCH k USING INDEX sqlite_autoindex_client_codes_1 (digest=?)",
        "the lookup of a code",
    ),
    (
        "DELETE FROM client_codes WHERE (tenant_id, client_id, browser) IN",
        "SEARCH client_codes USING COVERING INDEX client_codes_age (expires_at<?)",
        "the sweep",
    ),
    (
        "DELETE FROM saved_steps WHERE (tenant_id, principal, key_digest, step) IN",
        "SEARCH saved_steps USING COVERING INDEX saved_steps_age (saved_at<?)",
        "the sweep",
    ),
    (
        "SELECT a.id, a.fingerprint",
        "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)",
        "the row that the tenant's key points at",
    ),
    (
        "SELECT a.id, a.key_digest, a.location",
        "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)",
        "the row that the tenant's key points at",
    ),
    (
        "UPDATE saved_answers SET body",
        "SEARCH saved_answers USING INTEGER PRIMARY KEY (rowid=?)",
        "rows that were found by the tenant's keys",
    ),
    (
        "UPDATE requests SET path",
        "SEARCH requests USING INTEGER PRIMARY KEY (rowid=?)",
        "rows that were found among the tenant's",
    ),
    (
        "DELETE FROM saved_answers WHERE id = :id",
        "SEARCH saved_answers USING INTEGER PRIMARY KEY (rowid=?)",
        "the row that the tenant's key points at",
    ),
    (
        "DELETE FROM saved_answers WHERE id IN",
        "SEARCH saved_answers USING INTEGER PRIMARY KEY (rowid=?)",
        "the sweep",
    ),
    (
        "DELETE FROM requests WHERE number IN",
        "SEARCH requests USING INTEGER PRIMARY KEY (rowid=?)",
        "the sweep",
    ),
    (
        "DELETE FROM requests WHERE number IN",
        "SEARCH requests",
        "the sweep: the newest row, at the end of the table",
    ),
    (
        "DELETE FROM usage_hours WHERE (tenant_id, hour",
        "SEARCH usage_hours USING COVERING INDEX usage_hours_age (hour<?)",
        "the sweep",
    ),
];

/// Scans of whole tables: the statement, the scan, and why it is bounded.
const SCANS: &[(&str, &str, &str)] = &[
    (
        "DELETE FROM idempotency_keys WHERE (tenant_id",
        "SCAN saved_answers",
        "the sweep: in order of the rowid, ended by LIMIT",
    ),
    (
        "DELETE FROM saved_answers WHERE id IN",
        "SCAN saved_answers",
        "the sweep: in order of the rowid, ended by LIMIT",
    ),
    (
        "DELETE FROM requests WHERE number IN",
        "SCAN requests",
        "the sweep: in order of the rowid, ended by LIMIT",
    ),
    (
        "SELECT id, email, name, role",
        "SCAN accounts",
        "a list at the command line; accounts are few",
    ),
    (
        "SELECT id, account_id, name",
        "SCAN workspaces",
        "a list at the command line; workspaces are few",
    ),
    (
        "SELECT t.id, t.mode, t.workspace_id",
        "SCAN t",
        "the operator at the command line; each tenant is asked by the whole key",
    ),
    (
        "SELECT t.id AS number, t.mode, w.name AS workspace, w.timezone, c.id",
        "SCAN t",
        "few an hour, by a reader beside the answer: each tenant is one look at the index of addresses",
    ),
    (
        "SELECT count(*) FROM tenants t CROSS JOIN clients",
        "SCAN t",
        "once, at the start of the program; each tenant's part is a range of the roster's index",
    ),
    (
        "SELECT count(*) FROM tenants t CROSS JOIN outbox",
        "SCAN t",
        "at the command line, once after a restore",
    ),
    (
        "SELECT count(*) FROM deliveries",
        "SCAN deliveries USING COVERING INDEX deliveries_pending",
        "at the command line, once after a restore; the index holds only what waits",
    ),
    (
        "SELECT w.tenant_id, t.mode, w.id FROM webhooks w JOIN tenants t ON t.id = w.tenant_id WHERE w.deleted_at IS NULL",
        "SCAN w",
        "when webhooks were changed; a tenant has at most fifty",
    ),
    (
        "SELECT w.tenant_id, t.mode, w.id FROM webhooks w JOIN tenants t ON t.id = w.tenant_id WHERE w.deleted_at IS NOT NULL",
        "SCAN w",
        "the sweep; a tenant has at most fifty",
    ),
    (
        "SELECT id AS tenant_id, mode FROM tenants WHERE webhook_sequence",
        "SCAN tenants USING INDEX tenants_behind",
        "the index holds only those that have something to be told",
    ),
    (
        "SELECT id AS tenant_id, mode FROM tenants WHERE event_sequence",
        "SCAN tenants",
        "the sweep; a row for each workspace and mode",
    ),
    (
        "SELECT o.recipient, o.template",
        "SCAN t",
        "at the command line, once after a restore",
    ),
    (
        "SELECT t.id AS tenant, t.mode, e.id, e.status",
        "SCAN t",
        "the sweep, by a reader: each tenant's exports are a range, and few",
    ),
    (
        "SELECT t.workspace_id || ' ' || t.mode",
        "SCAN e",
        "at the command line, for a restore; the erased are few",
    ),
    (
        "SELECT kind, count(*)",
        "SCAN jobs",
        "at the command line, once after a restore",
    ),
    (
        "SELECT t.id, t.mode, t.clock_offset_ms FROM tenants t WHERE NOT EXISTS",
        "SCAN t",
        "every few minutes, by a reader: each tenant is one look at an index",
    ),
    (
        "SELECT t.id, t.mode, t.clock_offset_ms FROM tenants t WHERE EXISTS",
        "SCAN t",
        "every few minutes, by a reader: each tenant is one look at an index",
    ),
    (
        "SELECT count(*) FROM accounts",
        "SCAN accounts",
        "once, at the start of the program; accounts are few",
    ),
    (
        "SELECT EXISTS (SELECT 1 FROM accounts)",
        "SCAN accounts",
        "ends at the first row",
    ),
    (
        "SELECT id, clock_offset_ms FROM tenants",
        "SCAN tenants",
        "once, at the start of the program",
    ),
];

/// Tables of a handful of rows, which may be scanned.
const SMALL_TABLES: &[&str] = &["meta", "sqlite_master"];

fn memory() -> Connection {
    Connection::open_in_memory().expect("a database in memory")
}

/// A database of the schema that the migrations make.
fn migrated() -> Connection {
    let mut conn = memory();
    migrate::apply(&mut conn, |_, _| Ok(())).expect("the migrations run");
    conn
}

/// SQL without comments and with one space for any white space, none around punctuation.
fn normalised(sql: &str) -> String {
    let without_comments: Vec<&str> = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for word in without_comments.join(" ").split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    for mark in ["(", ")", ","] {
        text = text
            .replace(&format!(" {mark}"), mark)
            .replace(&format!("{mark} "), mark);
    }
    text
}

/// Every table and index by name, as SQL, with the columns in their order.
fn described(conn: &Connection) -> BTreeMap<String, String> {
    let mut statement = conn
        .prepare("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master")
        .expect("the list of tables");
    let rows = statement.query_map([], |row| {
        let (kind, name, table): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let sql: String = row.get(3)?;
        Ok((kind, name, table, sql))
    });
    let rows: Vec<_> = rows
        .expect("tables")
        .map(|row| row.expect("a table"))
        .collect();
    let described = rows.into_iter().map(|(kind, name, table, sql)| {
        let mut text = format!("{kind} on {table}: {}", normalised(&sql));
        if kind == "table" {
            text.push_str(&columns(conn, &name));
        }
        (name, text)
    });
    described.collect()
}

fn columns(conn: &Connection, table: &str) -> String {
    let mut statement = conn
        .prepare(
            "SELECT cid, name, type, \"notnull\", coalesce(dflt_value, ''), pk, hidden
            FROM pragma_table_xinfo(?1) ORDER BY cid",
        )
        .expect("the columns");
    let rows = statement.query_map([table], |row| {
        let (place, name, kind): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (required, default, key): (bool, String, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let hidden: i64 = row.get(6)?;
        Ok(format!(
            "\n  {place} {name} {kind} {required} {default:?} {key} {hidden}"
        ))
    });
    rows.expect("columns")
        .map(|row| row.expect("a column"))
        .collect()
}

#[test]
fn the_schema_file_is_the_sum_of_the_migrations() {
    let file = std::fs::read_to_string(root().join("schema.sql")).expect("schema.sql");
    let conn = memory();
    conn.execute_batch(&file).expect("schema.sql runs");

    let (read, made) = (described(&conn), described(&migrated()));

    assert!(made.len() > 10, "{made:?}");
    let names: BTreeSet<&String> = read.keys().chain(made.keys()).collect();
    for name in names {
        assert_eq!(
            read.get(name),
            made.get(name),
            "schema.sql and the migrations differ in {name}"
        );
    }
}

#[test]
fn tables_of_a_tenant_are_strict_and_begin_with_it() {
    let conn = migrated();
    for table in tenant_tables(&conn) {
        let sql: String = conn
            .query_row(
                "SELECT sql FROM sqlite_master WHERE name = ?1",
                [&table],
                |row| row.get(0),
            )
            .expect("the table");
        assert!(
            normalised(&sql).contains(")STRICT"),
            "{table} is not STRICT"
        );
        // The rows of these lie in order of time, to be swept. `idempotency_keys` is how a tenant
        // reaches its saved answers, the index `requests_id` its requests.
        let by_tenant = normalised(&sql).contains("PRIMARY KEY(tenant_id,");
        assert!(
            by_tenant || ["saved_answers", "requests"].contains(&table.as_str()),
            "{table} has another key"
        );
        let mut indexes = conn
            .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL")
            .expect("the list of indexes");
        let indexes = indexes
            .query_map([&table], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("indexes");
        for index in indexes {
            let (name, sql): (String, String) = index.expect("an index");
            if [
                "access_tokens_expiry",
                "authorization_codes_expiry",
                "refresh_tokens_expiry",
                "refresh_tokens_answers",
                "oauth_families_expiry",
                "usage_hours_age",
                "saved_steps_age",
                "client_sessions_age",
                "client_codes_age",
            ]
            .contains(&name.as_str())
            {
                continue; // What ended is swept, whosever it is.
            }
            assert!(
                normalised(&sql).contains("(tenant_id,"),
                "{name} does not begin with tenant_id"
            );
        }
    }
}

/// Tables with a column `tenant_id`.
fn tenant_tables(conn: &Connection) -> BTreeSet<String> {
    let mut statement = conn
        .prepare(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
            WHERE m.type = 'table' AND c.name = 'tenant_id'",
        )
        .expect("the list of tables");
    let names = statement.query_map([], |row| row.get(0)).expect("tables");
    let names: BTreeSet<String> = names.map(|name| name.expect("a name")).collect();
    assert!(names.len() > 5);
    names
}

/// A statement and where it stands.
struct Statement {
    place: String,
    sql: String,
}

impl Statement {
    /// Whether an entry of a list means this statement.
    fn begins(&self, beginning: &str) -> bool {
        normalised(&self.sql).starts_with(&normalised(beginning))
    }
}

fn is_statement(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let verb = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"].contains(&first);
    verb && text.split_whitespace().count() > 1
}

/// Every statement of the program: the literals that are one, and those that macros put together.
fn statements() -> Vec<Statement> {
    let mut found = Vec::new();
    for file in files() {
        for (at, literal) in &file.literals {
            let place = format!("src/{}:{}", file.path, file.line(*at));
            if is_statement(literal) && !follows(&file, *at, "concat!(") {
                let sql = literal.clone();
                found.push(Statement { place, sql });
            } else if follows(&file, *at, "select!(") {
                let sql = format!("{}{literal}", selected(&file));
                found.push(Statement { place, sql });
            }
        }
    }
    for (name, pages) in [
        ("ROSTER_PAGES", ROSTER_PAGES),
        ("STATUS_PAGES", STATUS_PAGES),
    ] {
        found.extend(pages.iter().map(|sql| Statement {
            place: format!("clients::store::{name}"),
            sql: (*sql).to_owned(),
        }));
    }
    found.extend(QUEUES.as_flattened().iter().map(|sql| Statement {
        place: "check_ins::store::QUEUES".to_owned(),
        sql: (*sql).to_owned(),
    }));
    assert!(
        found.len() > 40,
        "only {} statements were found",
        found.len()
    );
    found
}

fn follows(file: &File, at: usize, words: &str) -> bool {
    file.code[..at].trim_end().ends_with(words)
}

/// What a file's macro `select!` begins every statement with.
fn selected(file: &File) -> &str {
    let first = file
        .literals
        .iter()
        .find(|(at, literal)| follows(file, *at, "concat!(") && is_statement(literal));
    first.map_or_else(
        || panic!("{} has no `select!`", file.path),
        |(_, text)| text.as_str(),
    )
}

/// The tables that a statement opens, from its compiled form: aliases do not hide them.
fn tables(conn: &Connection, statement: &Statement) -> BTreeSet<String> {
    let mut explained = conn
        .prepare(&format!("EXPLAIN {}", statement.sql))
        .unwrap_or_else(|error| panic!("{}: {error}\n{}", statement.place, statement.sql));
    let mut rows = explained.raw_query();
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next().expect("a step") {
        let operation: String = row.get("opcode").expect("an operation");
        if ["OpenRead", "OpenWrite", "ReopenIdx"].contains(&operation.as_str()) {
            let page: i64 = row.get("p2").expect("a page");
            let table = conn.query_row(
                "SELECT tbl_name FROM sqlite_master WHERE rootpage = ?1",
                [page],
                |row| row.get::<_, String>(0),
            );
            found.extend(table);
        }
    }
    found
}

/// The lines of the query plan.
fn plan(conn: &Connection, statement: &Statement) -> Vec<String> {
    let mut explained = conn
        .prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql))
        .unwrap_or_else(|error| panic!("{}: {error}\n{}", statement.place, statement.sql));
    let mut rows = explained.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().expect("a step") {
        lines.push(row.get("detail").expect("a line"));
    }
    lines
}

fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}\n\n{}\n", found.join("\n\n"));
}

#[test]
fn every_statement_compiles_against_the_schema() {
    let conn = migrated();
    let broken = statements().into_iter().filter_map(|statement| {
        let error = conn.prepare(&statement.sql).err()?;
        Some(format!("{}: {error}\n{}", statement.place, statement.sql))
    });
    let broken: Vec<String> = broken.collect();
    assert_none("A statement does not compile:", &broken);
}

#[test]
fn every_statement_on_a_tenants_data_names_the_tenant() {
    let conn = migrated();
    let of_tenants = tenant_tables(&conn);
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    let mut checked = 0;
    for statement in statements() {
        let touched = tables(&conn, &statement);
        // A foreign key makes SQLite look into the parent's table: the child is what counts.
        if touched.is_disjoint(&of_tenants) {
            continue;
        }
        checked += 1;
        if statement.sql.contains(":tenant_id") {
            continue;
        }
        match WITHOUT_TENANT
            .iter()
            .position(|(start, _)| statement.begins(start))
        {
            Some(entry) => drop(used.insert(entry)),
            None => found.push(format!("{}\n{}", statement.place, statement.sql)),
        }
    }
    assert_none("A statement on tenant data names `:tenant_id`:", &found);
    assert!(checked > 30, "only {checked} statements touch tenant data");
    assert_eq!(
        used.len(),
        WITHOUT_TENANT.len(),
        "shrink WITHOUT_TENANT to {used:?}"
    );
}

#[test]
fn no_statement_scans_a_table_that_grows() {
    let conn = migrated();
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for statement in statements() {
        for line in plan(&conn, &statement) {
            let Some(scanned) = line.strip_prefix("SCAN ") else {
                continue;
            };
            let derived = scanned.starts_with('(') || scanned == "CONSTANT ROW";
            let virtual_table = scanned.starts_with("json_each VIRTUAL TABLE");
            let small = SMALL_TABLES.contains(&scanned.split(' ').next().unwrap_or_default());
            if derived || virtual_table || small {
                continue;
            }
            let entry = SCANS
                .iter()
                .position(|(start, scan, _)| statement.begins(start) && line.starts_with(scan));
            match entry {
                Some(entry) => drop(used.insert(entry)),
                None => found.push(format!("{}: {line}\n{}", statement.place, statement.sql)),
            }
        }
    }
    assert_none("A statement reads a whole table:", &found);
    assert_eq!(used.len(), SCANS.len(), "shrink SCANS to {used:?}");
}

#[test]
fn every_search_in_a_tenants_data_is_bounded_by_the_tenant() {
    let conn = migrated();
    let of_tenants = tenant_tables(&conn);
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    let mut checked = 0;
    for statement in statements() {
        if tables(&conn, &statement).is_disjoint(&of_tenants) {
            continue;
        }
        for line in plan(&conn, &statement) {
            let Some(searched) = line.strip_prefix("SEARCH ") else {
                continue;
            };
            let name = searched.split(' ').next().unwrap_or_default();
            if !stands_for(&statement.sql, name, &of_tenants) {
                continue;
            }
            checked += 1;
            if searched.contains("(tenant_id=?") {
                continue;
            }
            let entry = SEARCHED_OTHERWISE
                .iter()
                .position(|(start, search, _)| statement.begins(start) && line == *search);
            match entry {
                Some(entry) => drop(used.insert(entry)),
                None => found.push(format!("{}: {line}\n{}", statement.place, statement.sql)),
            }
        }
    }
    assert_none("A search in tenant data begins at the tenant:", &found);
    assert!(checked > 20, "only {checked} searches were found");
    assert_eq!(
        used.len(),
        SEARCHED_OTHERWISE.len(),
        "shrink SEARCHED_OTHERWISE to {used:?}"
    );
}

/// Whether a name in a plan is one of these tables, or an alias of one.
fn stands_for(sql: &str, name: &str, tables: &BTreeSet<String>) -> bool {
    let sql = normalised(sql);
    tables.contains(name)
        || tables.iter().any(|table| {
            ["FROM", "JOIN"].iter().any(|verb| {
                [" ", ",", ")"]
                    .iter()
                    .any(|end| format!("{sql} ").contains(&format!("{verb} {table} {name}{end}")))
            })
        })
}

#[test]
fn the_rows_of_a_tenant_are_inserted_with_its_number() {
    let conn = migrated();
    let of_tenants = tenant_tables(&conn);
    let mut checked = 0;
    for statement in statements() {
        let sql = normalised(&statement.sql);
        let Some(into) = sql.strip_prefix("INSERT INTO ") else {
            continue;
        };
        let table = into.split(['(', ' ']).next().unwrap_or_default();
        if of_tenants.contains(table) {
            checked += 1;
            let first = format!("{table}(tenant_id,");
            assert!(into.starts_with(&first), "{}: {sql}", statement.place);
            assert!(
                sql.contains("VALUES(:tenant_id,"),
                "{}: {sql}",
                statement.place
            );
        }
    }
    assert!(checked > 5, "only {checked} inserts were found");
}
