//! A ZIP file that is being written, and the list of what is in it.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::clock::Timestamp;
use crate::error::{Code, Error, Result};

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

/// What a file in it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Text of one client.
    Small,
    /// Text of many clients: it may be larger than 4 GiB, which has to be said beforehand.
    Large,
    /// A photo gains nothing from being compressed.
    Picture,
}

/// A ZIP file that is being written.
pub struct Zipped {
    zip: ZipWriter<BufWriter<File>>,
    options: SimpleFileOptions,
    /// What is in it, a line each.
    contents: String,
}

/// A time as a ZIP file knows it, UTC.
fn time(now: Timestamp) -> DateTime {
    let text = now.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
    let small = |range| part(range).and_then(|part| u8::try_from(part).ok());
    let read = || {
        let day = (part(0..4)?, small(5..7)?, small(8..10)?);
        let time = (small(11..13)?, small(14..16)?, small(17..19)?);
        DateTime::from_date_and_time(day.0, day.1, day.2, time.0, time.1, time.2).ok()
    };
    read().unwrap_or_default()
}

/// What it means that a file cannot be written: a full disk is said to be one.
pub fn unwritable(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull {
        let message = "The disk is full: make room, then begin again.";
        return Error::with(Code::WriteNotSaved, message).caused_by(error);
    }
    Error::internal(error)
}

fn failed(error: ZipError) -> Error {
    if let ZipError::Io(error) = error {
        return unwritable(error);
    }
    Error::internal(error)
}

impl Zipped {
    /// Begins one in an empty file.
    pub fn begin(now: Timestamp, file: File) -> Self {
        let options = SimpleFileOptions::default()
            .last_modified_time(time(now))
            .unix_permissions(0o600);
        Self {
            zip: ZipWriter::new(BufWriter::with_capacity(BUFFER_BYTES, file)),
            options,
            contents: String::new(),
        }
    }

    /// Begins a file in it.
    pub fn file(&mut self, name: &str, kept: Kept) -> Result<()> {
        let method = match kept {
            Kept::Small | Kept::Large => CompressionMethod::Deflated,
            Kept::Picture => CompressionMethod::Stored,
        };
        let options = self.options.compression_method(method);
        let options = options.large_file(kept == Kept::Large);
        self.zip.start_file(name, options).map_err(failed)
    }

    /// Goes on with the file that was begun last.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.zip.write_all(bytes).map_err(unwritable)
    }

    /// Adds a line to the list of what is in it.
    pub fn says(&mut self, name: &str, count: &str, words: &str) {
        let line = format!("{name:<26}{count:>8}  {words}\r\n");
        self.contents.push_str(&line);
    }

    /// What is in it, a line each.
    pub fn contents(&self) -> &str {
        &self.contents
    }

    /// Ends it with its `README.txt`; gives the file, to be read from its beginning, and its size.
    pub fn end(mut self, readme: &str) -> Result<(File, u64)> {
        self.file("README.txt", Kept::Small)?;
        self.write(readme.as_bytes())?;
        let written = self.zip.finish().map_err(failed)?;
        let mut file = written
            .into_inner()
            .map_err(|error| unwritable(error.into_error()))?;
        let size = file.stream_position().map_err(Error::internal)?;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        Ok((file, size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_said_to_be_one() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);

        for error in [unwritable(full()), failed(ZipError::Io(full()))] {
            assert_eq!(error.code(), Code::WriteNotSaved);
            assert!(error.message().starts_with("The disk is full"));
        }
        let other = unwritable(io::Error::from(io::ErrorKind::PermissionDenied));
        assert_eq!(other.code(), Code::InternalError);
    }
}
