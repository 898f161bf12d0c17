//! The file that a backup is.
//!
//! ```text
//! cadence-backup 1\n                a mark
//! {…}\n                             a header in JSON: when, by what, sealed or not
//! chunks                            each: length (4 bytes, big-endian), then so many bytes;
//!                                   the last has length 0 and no bytes
//! digest                            SHA-256 of everything before it
//! ```
//!
//! The chunks hold, one after the other, the line of the sealing key and the database. In a sealed
//! backup each chunk is sealed under a key made of the passphrase, with its number and the header's
//! salt as context: chunks cannot be moved, dropped or taken from another backup. The number of
//! bytes of the database stands in the header, so a file cut between chunks is found out too.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{fault, refuse};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::secrets::{SealingKey, Secret, random};

const MARK: &str = "cadence-backup 1\n";
const CHUNK_BYTES: usize = 1024 * 1024;
const DIGEST_BYTES: u64 = 32;
/// More than any header has.
const HEADER_LIMIT_BYTES: u64 = 4096;

/// What is said of a backup before its contents.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Header {
    /// When it was begun.
    pub(super) created_at: String,
    /// The version of the program that made it.
    pub(super) cadence: String,
    /// Bytes of the database.
    database_bytes: u64,
    /// Bytes of the sealing key's line, which stands first.
    key_bytes: u64,
    /// Of a sealed backup: what the passphrase was stretched with.
    salt: Option<String>,
}

/// What goes in.
pub(super) struct Contents<'c> {
    /// A copy of the database that nobody changes.
    pub(super) database: &'c Path,
    /// The key that belongs to it.
    pub(super) sealing: &'c SealingKey,
}

/// What chunks are sealed under, if they are.
struct Sealer {
    key: SealingKey,
    salt: String,
}

impl Sealer {
    fn new(passphrase: &Secret, salt: [u8; 16]) -> Result<Self> {
        let key = SealingKey::from_passphrase(passphrase, &salt)?;
        Ok(Self {
            key,
            salt: STANDARD.encode(salt),
        })
    }

    fn context(&self, number: u64) -> String {
        format!("backup:{}:{number}", self.salt)
    }
}

/// Writes, and digests what it writes.
struct Digesting<W> {
    inner: W,
    digest: Sha256,
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Fills a buffer as far as the source goes.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Writes a container and syncs it.
pub(super) fn write(
    path: &Path,
    contents: &Contents<'_>,
    passphrase: Option<&Secret>,
    now: Timestamp,
) -> Result<()> {
    let sealer = match passphrase {
        Some(passphrase) => Some(Sealer::new(passphrase, random::bytes()?)?),
        None => None,
    };
    let line = contents.sealing.line();
    let io = |error: io::Error| fault(path, "cannot be written", error);
    let database = File::open(contents.database).map_err(io)?;
    let header = Header {
        created_at: now.to_string(),
        cadence: env!("CARGO_PKG_VERSION").to_owned(),
        database_bytes: database.metadata().map_err(io)?.len(),
        key_bytes: line.reveal().len() as u64,
        salt: sealer.as_ref().map(|sealer| sealer.salt.clone()),
    };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(io)?;
    let mut out = Digesting {
        inner: BufWriter::new(file),
        digest: Sha256::new(),
    };
    out.write_all(MARK.as_bytes()).map_err(io)?;
    let json =
        serde_json::to_string(&header).map_err(|error| fault(path, "has no header", error))?;
    writeln!(out, "{json}").map_err(io)?;
    let mut source = line.reveal().as_bytes().chain(database);
    let mut buffer = vec![0; CHUNK_BYTES];
    for number in 0_u64.. {
        let filled = fill(&mut source, &mut buffer).map_err(io)?;
        let chunk = match &sealer {
            Some(sealer) if filled > 0 => sealer
                .key
                .seal(&sealer.context(number), &buffer[..filled])?,
            _ => buffer[..filled].to_vec(),
        };
        let length = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        out.write_all(&length.to_be_bytes()).map_err(io)?;
        out.write_all(&chunk).map_err(io)?;
        if filled == 0 {
            break;
        }
    }
    let Digesting { mut inner, digest } = out;
    inner.write_all(&digest.finalize()).map_err(io)?;
    let file = inner.into_inner().map_err(|error| io(error.into_error()))?;
    file.sync_all().map_err(io)
}

fn damaged(path: &Path, what: &str) -> crate::error::Error {
    refuse(format!(
        "{} {what}; it was not restored, and nothing was changed",
        path.display()
    ))
}

fn read_header(path: &Path, file: &mut impl BufRead) -> Result<Header> {
    let none = || damaged(path, "is no backup of Cadence");
    let mut mark = String::new();
    let mut head = file.take(HEADER_LIMIT_BYTES);
    head.read_line(&mut mark)
        .ok()
        .filter(|_| mark == MARK)
        .ok_or_else(none)?;
    let mut json = String::new();
    head.read_line(&mut json).ok().ok_or_else(none)?;
    serde_json::from_str(&json).ok().ok_or_else(none)
}

/// Checks that a container is whole and unaltered, without opening what is in it.
pub(super) fn check(path: &Path) -> Result<Header> {
    let io = |error: io::Error| fault(path, "cannot be read", error);
    let file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut reader = BufReader::new(file);
    let header = read_header(path, &mut reader)?;
    let digested = length
        .checked_sub(DIGEST_BYTES)
        .ok_or_else(|| damaged(path, "is cut off"))?;
    let mut reader = BufReader::new(File::open(path).map_err(io)?).take(digested);
    let mut digest = Sha256::new();
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let filled = fill(&mut reader, &mut buffer).map_err(io)?;
        if filled == 0 {
            break;
        }
        digest.update(&buffer[..filled]);
    }
    let mut expected = [0; 32];
    reader.into_inner().read_exact(&mut expected).map_err(io)?;
    if digest.finalize()[..] != expected {
        return Err(damaged(
            path,
            "is cut off or was altered: its digest is another",
        ));
    }
    Ok(header)
}

/// Reads the contents, in order, and hands each piece on.
fn read(
    path: &Path,
    passphrase: Option<&Secret>,
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Header> {
    let io = |error: io::Error| fault(path, "cannot be read", error);
    let mut reader = BufReader::new(File::open(path).map_err(io)?);
    let header = read_header(path, &mut reader)?;
    let sealer = match (&header.salt, passphrase) {
        (None, _) => None,
        (Some(_), None) => return Err(damaged(path, "is sealed: give its passphrase")),
        (Some(salt), Some(passphrase)) => {
            let salt = STANDARD
                .decode(salt)
                .ok()
                .and_then(|salt| salt.try_into().ok());
            Some(Sealer::new(
                passphrase,
                salt.ok_or_else(|| damaged(path, "has no salt"))?,
            )?)
        }
    };
    for number in 0_u64.. {
        let mut length = [0; 4];
        reader.read_exact(&mut length).map_err(io)?;
        let length = u32::from_be_bytes(length) as usize;
        if length == 0 {
            break;
        }
        if length > 2 * CHUNK_BYTES {
            return Err(damaged(path, "has a chunk that is too long"));
        }
        let mut chunk = vec![0; length];
        reader.read_exact(&mut chunk).map_err(io)?;
        match &sealer {
            None => each(&chunk)?,
            Some(sealer) => {
                let opened = sealer.key.open(&sealer.context(number), &chunk);
                each(
                    &opened
                        .ok()
                        .ok_or_else(|| damaged(path, "does not open with this passphrase"))?,
                )?;
            }
        }
    }
    Ok(header)
}

/// Reads a container that was just written, and compares it byte for byte with what went in.
pub(super) fn compare(
    path: &Path,
    contents: &Contents<'_>,
    passphrase: Option<&Secret>,
) -> Result<()> {
    check(path)?;
    let line = contents.sealing.line();
    let database = File::open(contents.database)
        .map_err(|error| fault(contents.database, "cannot be read", error))?;
    let mut expected = BufReader::new(line.reveal().as_bytes().chain(database));
    let differs = || damaged(path, "differs from what was written");
    read(path, passphrase, |piece| {
        let mut same = vec![0; piece.len()];
        let filled = fill(&mut expected, &mut same).unwrap_or(0);
        if filled == piece.len() && same == piece {
            Ok(())
        } else {
            Err(differs())
        }
    })?;
    let rest = fill(&mut expected, &mut [0; 1]).unwrap_or(1);
    if rest == 0 { Ok(()) } else { Err(differs()) }
}

/// Takes the database out into a file of its own, and gives the key.
pub(super) fn extract(
    path: &Path,
    passphrase: Option<&Secret>,
    database: &Path,
) -> Result<SealingKey> {
    let io = |error: io::Error| fault(database, "cannot be written", error);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(database)
        .map_err(io)?;
    let mut out = BufWriter::new(file);
    let mut line = Vec::new();
    let mut written = 0_u64;
    let mut reader = BufReader::new(File::open(path).map_err(io)?);
    let key_bytes = usize::try_from(read_header(path, &mut reader)?.key_bytes).unwrap_or(0);
    let extracted = read(path, passphrase, |piece| {
        let of_key = (key_bytes - line.len()).min(piece.len());
        line.extend_from_slice(&piece[..of_key]);
        written += (piece.len() - of_key) as u64;
        out.write_all(&piece[of_key..]).map_err(io)
    })
    .and_then(|header| {
        if written != header.database_bytes {
            return Err(damaged(path, "is cut off"));
        }
        let file = out.into_inner().map_err(|error| io(error.into_error()))?;
        file.sync_all().map_err(io)?;
        let line = String::from_utf8(line).ok().map(Secret::new);
        let line = line.ok_or_else(|| damaged(path, "has no sealing key"))?;
        SealingKey::parse(line.reveal().trim_end())
    });
    if extracted.is_err() {
        drop(fs::remove_file(database));
    }
    extracted
}
