//! The ZIP file: written to the disk page by page.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use serde_json::Value;

use super::kinds::{self, Kind, Subject};
use super::table::Table;
use super::zipped::{Kept, Zipped};
use crate::clients;
use crate::clients::body::ClientBody;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::files;

/// Photos that are listed at a time; they are read one by one.
const PHOTOS: u32 = 100;

/// A file in the folder `tmp` of the data directory that nobody can find: it has no name any more, and
/// its room is free as soon as it is closed, whatever ends the program.
pub fn unnamed(data: &Path, name: &str) -> Result<File> {
    let folder = data.join("tmp");
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder);
    made.map_err(Error::internal)?;
    let path = folder.join(name);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(Error::internal)?;
    fs::remove_file(&path).map_err(Error::internal)?;
    Ok(file)
}

/// Writes all of a client into `file`; gives the file, to be read from its beginning, and its size.
///
/// It reads page by page: what is changed meanwhile may stand in one page and not in another. A client
/// who is erased meanwhile is [`Code::NotFound`](crate::error::Code::NotFound).
pub fn write(db: &Db, of: &Subject, file: File) -> Result<(File, u64)> {
    let mut archive = Archive::begin(db, of, file);
    let profile = serde_json::to_vec_pretty(&ClientBody::of(of.tenant, &of.client));
    archive.zip.file("profile.json", Kept::Small)?;
    archive.zip.write(&profile.map_err(Error::internal)?)?;
    archive.zip.says("profile.json", "1", "the profile");
    for kind in kinds::kinds() {
        match kind.scope {
            Some(scope) if !of.scopes.contains(&scope) => archive.left_out.push((kind.name, scope)),
            Some(_) | None => archive.kind(&kind)?,
        }
    }
    archive.photos()?;
    let find = db.read_now(|conn| clients::store::find(conn, of.tenant, of.client.id))?;
    find.ok_or_else(Error::not_found)?;
    archive.end()
}

/// Writes the photos of a client into a folder; gives how many there are.
pub fn write_photos(db: &Db, of: &Subject, zip: &mut Zipped, folder: &str) -> Result<u64> {
    let (tenant, client) = (of.tenant, of.client.id);
    let filter = files::store::Filter::default();
    let mut before: Option<String> = None;
    let mut count = 0_u64;
    loop {
        let found = db.read_now(|conn| {
            files::store::page(conn, tenant, client, &filter, before.as_deref(), PHOTOS)
        })?;
        for photo in &found {
            let read = |conn: &_| files::store::picture(conn, tenant, photo.id);
            // One that was deleted since the list was read is no longer there.
            let Some(jpeg) = db.read_now(read)? else {
                continue;
            };
            let (day, pose) = (photo.taken_on, photo.pose.name());
            let name = format!("{folder}{day}-{pose}-{}.jpg", photo.id);
            zip.file(&name, Kept::Picture)?;
            zip.write(&jpeg)?;
            count += 1;
        }
        match found.last().filter(|_| found.len() >= PHOTOS as usize) {
            Some(last) => before = Some(last.id.to_string()),
            None => return Ok(count),
        }
    }
}

struct Archive<'a> {
    db: &'a Db,
    of: &'a Subject,
    zip: Zipped,
    left_out: Vec<(&'static str, &'static str)>,
}

impl<'a> Archive<'a> {
    fn begin(db: &'a Db, of: &'a Subject, file: File) -> Self {
        Self {
            db,
            of,
            zip: Zipped::begin(of.now, file),
            left_out: Vec::new(),
        }
    }

    fn kind(&mut self, kind: &Kind) -> Result<()> {
        let name = format!("{}.jsonl", kind.name);
        self.zip.file(&name, Kept::Small)?;
        let mut count = 0_u64;
        kinds::each(self.db, self.of, kind, |row| {
            count += 1;
            self.zip.write(row.as_bytes())?;
            self.zip.write(b"\n")
        })?;
        self.zip.says(&name, &count.to_string(), kind.words);
        match &kind.table {
            Some(table) => self.table(kind, table),
            None => Ok(()),
        }
    }

    fn table(&mut self, kind: &Kind, table: &Table) -> Result<()> {
        let name = format!("{}.csv", table.name);
        self.zip.file(&name, Kept::Small)?;
        let mut text = String::new();
        table.head(&mut text);
        self.zip.write(text.as_bytes())?;
        kinds::each(self.db, self.of, kind, |row| {
            let object: Value = serde_json::from_str(row).map_err(Error::internal)?;
            text.clear();
            table.write(&mut text, &object);
            self.zip.write(text.as_bytes())
        })?;
        self.zip
            .says(&name, "", &format!("{}.jsonl as a table", kind.name));
        Ok(())
    }

    fn photos(&mut self) -> Result<()> {
        let count = write_photos(self.db, self.of, &mut self.zip, "photos/")?;
        let words = "named by day, side and id, as check-ins name them";
        self.zip.says("photos/", &count.to_string(), words);
        Ok(())
    }

    fn end(self) -> Result<(File, u64)> {
        let text = self.readme();
        self.zip.end(&text)
    }

    fn readme(&self) -> String {
        let (client, now) = (&self.of.client, self.of.now);
        let (id, name) = (client.id, &client.profile.name);
        let mode = if self.of.tenant.mode().is_live() {
            "live"
        } else {
            "test"
        };
        let mut text = format!(
            "All that is kept of {name} ({id}, {mode} mode), as it was at {now}.\r\n\r\n\
             This is the coach's copy: it holds private notes, health data and photos.\r\n\r\n{}",
            self.zip.contents()
        );
        if !self.left_out.is_empty() {
            text.push_str("\r\nLeft out, because the credential lacks the scope:\r\n");
            let left_out = self.left_out.iter();
            text.extend(left_out.map(|(kind, scope)| format!("{kind:<24}{scope}\r\n")));
        }
        text.push_str(&NOT_IN_IT.replace('\n', "\r\n"));
        text.push_str(&NOTES.replace('\n', "\r\n"));
        text
    }
}

/// What is left out of every export.
pub const NOT_IN_IT: &str = "
Not in it: check-ins that were never submitted, devices that were signed out, and the
event log, which is kept in the order of events and not by client. Every event holds the
same objects as these files.
";

/// How the files are to be read.
pub const NOTES: &str = "
Files
*.jsonl   JSON Lines, UTF-8: one object a line, with the fields of the API (/docs).
          Newest first, where there is an order in time.
*.csv     RFC 4180, UTF-8, the first row names the columns. Text that begins with
          = + - @, a tab or a carriage return has an apostrophe before it, so that no
          spreadsheet takes it for a formula.

Units
Times are UTC (RFC 3339). Days such as performed_on, local_date and taken_on are of the
client's own calendar. Amounts are in the minor unit of their currency: 12000 of eur are
120.00 euros. Loads and measurements stand as they were entered, with their unit beside
them; si is the same in the SI unit. grams of a personal record are grams. seconds are
seconds, metres are metres, duration_min is minutes. rpe is 1 to 10, rir is repetitions
in reserve.
";
