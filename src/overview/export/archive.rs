//! The ZIP file: written to the disk page by page.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::kinds::{self, Kind, Subject};
use super::table::Table;
use crate::clients;
use crate::clients::body::ClientBody;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::files;

/// Photos that are listed at a time; they are read one by one.
const PHOTOS: u32 = 100;
/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

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
    archive.file("profile.json", true)?;
    archive.write(&profile.map_err(Error::internal)?)?;
    archive.says("profile.json", "1", "the profile");
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

struct Archive<'a> {
    db: &'a Db,
    of: &'a Subject,
    zip: ZipWriter<BufWriter<File>>,
    options: SimpleFileOptions,
    /// What is in it, a line each.
    contents: String,
    left_out: Vec<(&'static str, &'static str)>,
}

/// The time as a ZIP file knows it, UTC.
fn time(of: &Subject) -> DateTime {
    let text = of.now.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
    let small = |range| part(range).and_then(|part| u8::try_from(part).ok());
    let read = || {
        let day = (part(0..4)?, small(5..7)?, small(8..10)?);
        let time = (small(11..13)?, small(14..16)?, small(17..19)?);
        DateTime::from_date_and_time(day.0, day.1, day.2, time.0, time.1, time.2).ok()
    };
    read().unwrap_or_default()
}

impl<'a> Archive<'a> {
    fn begin(db: &'a Db, of: &'a Subject, file: File) -> Self {
        let options = SimpleFileOptions::default()
            .last_modified_time(time(of))
            .unix_permissions(0o600);
        Self {
            db,
            of,
            zip: ZipWriter::new(BufWriter::with_capacity(BUFFER_BYTES, file)),
            options,
            contents: String::new(),
            left_out: Vec::new(),
        }
    }

    /// Begins a file; a photo gains nothing from being compressed.
    fn file(&mut self, name: &str, compressed: bool) -> Result<()> {
        let method = if compressed {
            CompressionMethod::Deflated
        } else {
            CompressionMethod::Stored
        };
        let options = self.options.compression_method(method);
        self.zip.start_file(name, options).map_err(Error::internal)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.zip.write_all(bytes).map_err(Error::internal)
    }

    fn says(&mut self, name: &str, count: &str, words: &str) {
        let line = format!("{name:<24}{count:>8}  {words}\r\n");
        self.contents.push_str(&line);
    }

    fn kind(&mut self, kind: &Kind) -> Result<()> {
        let name = format!("{}.jsonl", kind.name);
        self.file(&name, true)?;
        let mut count = 0_u64;
        self.each(kind, |archive, row| {
            count += 1;
            archive.write(row.as_bytes())?;
            archive.write(b"\n")
        })?;
        self.says(&name, &count.to_string(), kind.words);
        match &kind.table {
            Some(table) => self.table(kind, table),
            None => Ok(()),
        }
    }

    fn table(&mut self, kind: &Kind, table: &Table) -> Result<()> {
        let name = format!("{}.csv", table.name);
        self.file(&name, true)?;
        let mut text = String::new();
        table.head(&mut text);
        self.write(text.as_bytes())?;
        self.each(kind, |archive, row| {
            let object: Value = serde_json::from_str(row).map_err(Error::internal)?;
            text.clear();
            table.write(&mut text, &object);
            archive.write(text.as_bytes())
        })?;
        self.says(&name, "", &format!("{}.jsonl as a table", kind.name));
        Ok(())
    }

    /// Every object of a kind, page by page.
    fn each(
        &mut self,
        kind: &Kind,
        mut take: impl FnMut(&mut Self, &str) -> Result<()>,
    ) -> Result<()> {
        let mut after: Option<String> = None;
        loop {
            let read = |conn: &_| (kind.read)(self.of, conn, after.as_deref());
            let page = self.db.read_now(read)?;
            for row in &page.rows {
                take(self, row)?;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    fn photos(&mut self) -> Result<()> {
        let (tenant, client) = (self.of.tenant, self.of.client.id);
        let filter = files::store::Filter::default();
        let mut before: Option<String> = None;
        let mut count = 0_u64;
        loop {
            let found = self.db.read_now(|conn| {
                files::store::page(conn, tenant, client, &filter, before.as_deref(), PHOTOS)
            })?;
            for photo in &found {
                let read = |conn: &_| files::store::picture(conn, tenant, photo.id);
                // One that was deleted since the list was read is no longer there.
                let Some(jpeg) = self.db.read_now(read)? else {
                    continue;
                };
                let (day, pose) = (photo.taken_on, photo.pose.name());
                self.file(&format!("photos/{day}-{pose}-{}.jpg", photo.id), false)?;
                self.write(&jpeg)?;
                count += 1;
            }
            match found.last().filter(|_| found.len() >= PHOTOS as usize) {
                Some(last) => before = Some(last.id.to_string()),
                None => break,
            }
        }
        let words = "named by day, side and id, as check-ins name them";
        self.says("photos/", &count.to_string(), words);
        Ok(())
    }

    fn end(mut self) -> Result<(File, u64)> {
        let text = self.readme();
        self.file("README.txt", true)?;
        self.write(text.as_bytes())?;
        let written = self.zip.finish().map_err(Error::internal)?;
        let mut file = written
            .into_inner()
            .map_err(|error| Error::internal(error.into_error()))?;
        let size = file.stream_position().map_err(Error::internal)?;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        Ok((file, size))
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
            self.contents
        );
        if !self.left_out.is_empty() {
            text.push_str("\r\nLeft out, because the credential lacks the scope:\r\n");
            let left_out = self.left_out.iter();
            text.extend(left_out.map(|(kind, scope)| format!("{kind:<24}{scope}\r\n")));
        }
        text.push_str(&NOTES.replace('\n', "\r\n"));
        text
    }
}

/// How the files are to be read.
const NOTES: &str = "
Not in it: check-ins that were never submitted, devices that were signed out, and the
event log, which is kept in the order of events and not by client. Every event holds the
same objects as these files.

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
