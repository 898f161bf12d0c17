//! The ZIP file of a tenant: written kind by kind, over all clients, page by page.
//!
//! Neither memory nor a transaction grows with what there is but for the ids of the clients, which are
//! read first: who is added meanwhile is in no file of it. It blocks.

use std::fs::File;

use serde_json::{Value, json};

use super::store;
use super::{Export, Made, files};
use crate::access::workspaces::{self, Workspace};
use crate::app::App;
use crate::caller::Tenant;
use crate::check_ins::forms;
use crate::check_ins::forms::body::FormBody;
use crate::check_ins::measurements;
use crate::check_ins::measurements::body::MetricBody;
use crate::clients;
use crate::clients::body::ClientBody;
use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};
use crate::exercises;
use crate::exercises::body::ExerciseBody;
use crate::ids::ClientId;
use crate::overview::export::archive::{NOT_IN_IT, NOTES, write_photos};
use crate::overview::export::kinds::{self, Kind, Subject, json_line};
use crate::overview::export::table::Table;
use crate::overview::export::zipped::{Kept, Zipped, unwritable};
use crate::programs::templates;
use crate::programs::templates::body::TemplateBody;

/// Rows that are read at a time.
const ROWS: u32 = 500;
/// Progress is told so often in all, and after this many clients at least.
const NOTES_IN_ALL: usize = 200;
const NOTED_AFTER: usize = 25;
/// What is said in every table.
const WHOSE: &str = "client_id";

const CLIENTS: Table = Table {
    name: "clients",
    columns: &[
        ("id", "/id"),
        ("name", "/name"),
        ("email", "/email"),
        ("phone", "/phone"),
        ("status", "/status"),
        ("timezone", "/timezone"),
        ("units", "/units"),
        ("goal", "/goal"),
        ("experience", "/experience"),
        ("days_per_week", "/days_per_week"),
        ("session_minutes", "/session_minutes"),
        ("equipment", "/equipment"),
        ("limitations", "/limitations"),
        ("tags", "/tags"),
        ("check_in_day", "/check_in_day"),
        ("coach_notes", "/coach_notes"),
        ("sms_consent", "/sms_consent"),
        ("external_id", "/external_id"),
        ("past_due", "/past_due"),
        ("joined_at", "/joined_at"),
        ("archived_at", "/archived_at"),
        ("created_at", "/created_at"),
        ("updated_at", "/updated_at"),
    ],
    rows: |client| vec![client.clone()],
};

/// Why the writing ended early.
enum Stop {
    /// Nobody wants the file any more.
    Unwanted,
    /// It cannot be written.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Writes the file of an export and names it as whole; none if nobody wants it any more. `note` is told
/// how far it is, and says whether to go on.
pub fn make(
    app: &App,
    tenant: Tenant,
    export: &Export,
    note: &mut dyn FnMut(String) -> Result<bool>,
) -> Result<Option<Made>> {
    let data = &app.config.data;
    let file = files::begin(data, export.id).map_err(unwritable)?;
    let written = write(app, tenant, file, note);
    let whole = match written {
        Ok((file, made)) => {
            let kept = file.sync_all().and_then(|()| files::end(data, export.id));
            kept.map_err(unwritable).map(|there| there.then_some(made))
        }
        Err(Stop::Unwanted) => Ok(None),
        Err(Stop::Failed(error)) => Err(error),
    };
    // At the end of the process it is left to the next one, which begins anew.
    if !matches!(whole, Ok(Some(_))) && !app.db.is_closed() {
        files::remove(data, export.id);
    }
    whole
}

fn write(
    app: &App,
    tenant: Tenant,
    file: File,
    note: &mut dyn FnMut(String) -> Result<bool>,
) -> Result<(File, Made), Stop> {
    let now = app.clock.now();
    let workspace = app
        .db
        .read_now(|conn| workspaces::store::of_tenant(conn, tenant))?;
    let workspace = workspace.ok_or_else(Error::not_found)?;
    let kinds = kinds::kinds();
    let tables = kinds.iter().filter(|kind| kind.table.is_some()).count();
    let clients = ids(app, tenant)?;
    let mut whole = Whole {
        app,
        tenant,
        now,
        // The clients, their table, and the photos.
        passes: 3 + kinds.len() + tables,
        clients,
        zip: Zipped::begin(now, file),
        steps: 0,
        note,
    };
    whole.workspace(&workspace)?;
    whole.clients()?;
    for kind in &kinds {
        whole.kind(kind)?;
    }
    whole.photos()?;
    whole.of_the_workspace()?;
    let made = whole.clients.len();
    let readme = whole.readme(&workspace);
    let (file, bytes) = whole.zip.end(&readme)?;
    let made = Made {
        clients: made,
        bytes,
    };
    Ok((file, made))
}

/// The ids of all clients, archived ones too.
fn ids(app: &App, tenant: Tenant) -> Result<Vec<ClientId>> {
    let mut ids: Vec<ClientId> = Vec::new();
    loop {
        let after = ids.last().map(ClientId::to_string).unwrap_or_default();
        let read = |conn: &_| store::clients(conn, tenant, &after, ROWS);
        let page = app.db.read_now(read)?;
        let more = page.len() >= ROWS as usize;
        ids.extend(page);
        if !more {
            return Ok(ids);
        }
    }
}

struct Whole<'a> {
    app: &'a App,
    tenant: Tenant,
    now: Timestamp,
    clients: Vec<ClientId>,
    zip: Zipped,
    /// How often the clients are gone through.
    passes: usize,
    /// Clients that were gone through so far, in all passes.
    steps: usize,
    note: &'a mut dyn FnMut(String) -> Result<bool>,
}

impl Whole<'_> {
    /// One step further; ends it if nobody wants it any more.
    fn step(&mut self) -> Result<(), Stop> {
        let total = self.passes * self.clients.len();
        if self.app.db.is_closed() {
            let message = "The server ended while it was made.";
            return Err(Error::with(Code::Overloaded, message).into());
        }
        if self
            .steps
            .is_multiple_of(NOTED_AFTER.max(total / NOTES_IN_ALL))
        {
            let (done, all) = (self.steps / self.passes, self.clients.len());
            let noun = if all == 1 { "client" } else { "clients" };
            if !(self.note)(format!("{done} of {all} {noun}"))? {
                return Err(Stop::Unwanted);
            }
        }
        self.steps += 1;
        Ok(())
    }

    /// Goes through all clients.
    fn pass(
        &mut self,
        mut take: impl FnMut(&mut Self, &Subject) -> Result<()>,
    ) -> Result<(), Stop> {
        for at in 0..self.clients.len() {
            self.step()?;
            let (tenant, id) = (self.tenant, self.clients[at]);
            let read = |conn: &_| clients::store::find(conn, tenant, id);
            // One that was removed since the ids were read is no longer there.
            if let Some(client) = self.app.db.read_now(read)? {
                let subject = Subject {
                    tenant,
                    client,
                    now: self.now,
                    scopes: Vec::new(),
                };
                take(self, &subject)?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<()> {
        self.zip.write(line.as_bytes())?;
        self.zip.write(b"\n")
    }

    fn workspace(&mut self, workspace: &Workspace) -> Result<()> {
        let body = json!({
            "id": workspace.id.to_string(),
            "object": "workspace",
            "name": workspace.name,
            "timezone": workspace.timezone,
            "units": workspace.units,
            "created_at": workspace.created_at,
            "updated_at": workspace.updated_at,
            "mode": self.tenant.mode().name(),
            "exported_at": self.now,
        });
        let text = serde_json::to_vec_pretty(&body).map_err(Error::internal)?;
        self.zip.file("workspace.json", Kept::Small)?;
        self.zip.write(&text)?;
        self.zip.says("workspace.json", "", "the workspace");
        Ok(())
    }

    fn clients(&mut self) -> Result<(), Stop> {
        self.zip.file("clients.jsonl", Kept::Large)?;
        let mut count = 0_u64;
        self.pass(|whole, of| {
            count += 1;
            let line = json_line(&ClientBody::of(of.tenant, &of.client))?;
            whole.line(&line)
        })?;
        let words = "the clients, archived ones too";
        self.zip.says("clients.jsonl", &count.to_string(), words);
        let mut text = String::new();
        CLIENTS.head(&mut text);
        self.zip.file("clients.csv", Kept::Large)?;
        self.zip.write(text.as_bytes())?;
        self.pass(|whole, of| {
            let body = ClientBody::of(of.tenant, &of.client);
            let object = serde_json::to_value(&body).map_err(Error::internal)?;
            text.clear();
            CLIENTS.write(&mut text, &object);
            whole.zip.write(text.as_bytes())
        })?;
        self.zip.says("clients.csv", "", "clients.jsonl as a table");
        Ok(())
    }

    fn kind(&mut self, kind: &Kind) -> Result<(), Stop> {
        let name = format!("{}.jsonl", kind.name);
        self.zip.file(&name, Kept::Large)?;
        let app = self.app;
        let mut count = 0_u64;
        let mut names_client = None;
        self.pass(|whole, of| {
            kinds::each(&app.db, of, kind, |row| {
                count += 1;
                let named = match names_client {
                    Some(named) => named,
                    None => *names_client.insert(names(row)?),
                };
                if named {
                    whole.line(row)
                } else {
                    whole.line(&with_client(row, of.client.id))
                }
            })
        })?;
        self.zip.says(&name, &count.to_string(), kind.words);
        match &kind.table {
            Some(table) => self.table(kind, table),
            None => Ok(()),
        }
    }

    fn table(&mut self, kind: &Kind, table: &Table) -> Result<(), Stop> {
        let name = format!("{}.csv", table.name);
        let mut text = String::new();
        table.head_of_many(&mut text, WHOSE);
        self.zip.file(&name, Kept::Large)?;
        self.zip.write(text.as_bytes())?;
        let app = self.app;
        self.pass(|whole, of| {
            let id = of.client.id.to_string();
            kinds::each(&app.db, of, kind, |row| {
                let object: Value = serde_json::from_str(row).map_err(Error::internal)?;
                text.clear();
                table.write_of_many(&mut text, &id, &object);
                whole.zip.write(text.as_bytes())
            })
        })?;
        let words = format!("{}.jsonl as a table", kind.name);
        self.zip.says(&name, "", &words);
        Ok(())
    }

    fn photos(&mut self) -> Result<(), Stop> {
        let mut count = 0;
        let app = self.app;
        self.pass(|whole, of| {
            let folder = format!("photos/{}/", of.client.id);
            count += write_photos(&app.db, of, &mut whole.zip, &folder)?;
            Ok(())
        })?;
        let words = "a folder a client; named by day, side and id, as check-ins name them";
        self.zip.says("photos/", &count.to_string(), words);
        Ok(())
    }

    /// What is the coach's and no client's.
    fn of_the_workspace(&mut self) -> Result<()> {
        let (app, tenant) = (self.app, self.tenant);
        let own = app
            .db
            .read_now(|conn| exercises::store::all(conn, tenant))?;
        let lines = own.iter();
        let lines = lines.map(|own| json_line(&ExerciseBody::of_own(tenant, own)));
        self.list("exercises.jsonl", "exercises of your own", lines)?;
        self.templates()?;
        let versions = app.db.read_now(|conn| {
            let mut versions = Vec::new();
            for form in forms::store::all(conn, tenant)? {
                for version in 1..=form.version {
                    versions.extend(forms::store::find_version(conn, tenant, form.id, version)?);
                }
            }
            Ok(versions)
        })?;
        let lines = versions.iter();
        let lines = lines.map(|form| json_line(&FormBody::of(tenant, form)));
        let words = "check-in forms, each version of each";
        self.list("checkin_forms.jsonl", words, lines)?;
        let own = app
            .db
            .read_now(|conn| measurements::store::own_metrics(conn, tenant))?;
        let lines = own.iter();
        let lines = lines.map(|metric| json_line(&MetricBody::of(tenant, metric)));
        self.list("metrics.jsonl", "metrics of your own", lines)
    }

    fn list(
        &mut self,
        name: &str,
        words: &str,
        lines: impl Iterator<Item = Result<String>>,
    ) -> Result<()> {
        self.zip.file(name, Kept::Small)?;
        let mut count = 0_u64;
        for line in lines {
            count += 1;
            self.line(&line?)?;
        }
        self.zip.says(name, &count.to_string(), words);
        Ok(())
    }

    fn templates(&mut self) -> Result<()> {
        const NAME: &str = "program_templates.jsonl";
        let (db, tenant) = (&self.app.db, self.tenant);
        let filter = templates::store::Filter::default();
        self.zip.file(NAME, Kept::Small)?;
        let mut count = 0_u64;
        let mut before: Option<String> = None;
        loop {
            let read =
                |conn: &_| templates::store::page(conn, tenant, &filter, before.as_deref(), ROWS);
            let page = db.read_now(read)?;
            for short in &page {
                let read = |conn: &_| templates::store::find(conn, tenant, short.id);
                // One that was deleted since the list was read is no longer there.
                if let Some(template) = db.read_now(read)? {
                    count += 1;
                    self.line(&json_line(&TemplateBody::of(tenant, &template)?)?)?;
                }
            }
            match page.last().filter(|_| page.len() >= ROWS as usize) {
                Some(last) => before = Some(last.id.to_string()),
                None => break,
            }
        }
        self.zip
            .says(NAME, &count.to_string(), "program templates, whole");
        Ok(())
    }

    fn readme(&self, workspace: &Workspace) -> String {
        let (id, name, mode) = (workspace.id, &workspace.name, self.tenant.mode().name());
        let mut text = format!(
            "All that is kept of the workspace {name} ({id}, {mode} mode), begun at {}.\r\n\r\n\
             It holds private notes, health data and photos of every client: keep it as such.\r\n\
             Each object names its client by client_id; the tables but clients.csv begin with it.\r\n\r\n{}",
            self.now,
            self.zip.contents()
        );
        text.push_str(&NOT_IN_IT.replace('\n', "\r\n"));
        text.push_str(NOR_IN_IT);
        text.push_str(&NOTES.replace('\n', "\r\n"));
        text
    }
}

/// What else is left out of the file of a tenant.
const NOR_IN_IT: &str =
    "Nor are API keys, apps, webhooks, mail and logs, which are of use to this server alone.\r\n";

/// Whether an object names its client; all of a kind do, or none.
fn names(row: &str) -> Result<bool> {
    let object: Value = serde_json::from_str(row).map_err(Error::internal)?;
    Ok(object.get(WHOSE).is_some())
}

/// An object with its client as the first member.
fn with_client(row: &str, client: ClientId) -> String {
    let rest = row.strip_prefix('{').unwrap_or(row);
    let comma = if rest.starts_with('}') { "" } else { "," };
    format!("{{\"{WHOSE}\":\"{client}\"{comma}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_names_no_client_is_given_one() {
        let client = ClientId::first_at(Timestamp::from_ms(0));
        for row in ["{}", "{\"id\":\"a\",\"b\":{\"c\":1}}"] {
            assert!(!names(row).expect("JSON"));
            let mut expected: Value = serde_json::from_str(row).expect("JSON");
            expected[WHOSE] = client.to_string().into();

            let named = with_client(row, client);
            let read: Value = serde_json::from_str(&named).expect("JSON");

            assert_eq!(read, expected);
            assert!(names(&named).expect("JSON"));
        }
    }
}
