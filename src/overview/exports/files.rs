//! The files of exports in the data directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::ids::ExportId;

/// The folder of exports in the data directory.
pub const FOLDER: &str = "exports";

/// What a file of the folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is whole.
    Whole,
    /// It is being written, or was when the process ended.
    Part,
}

impl State {
    const fn ending(self) -> &'static str {
        match self {
            Self::Whole => "zip",
            Self::Part => "zip.part",
        }
    }
}

/// Where a file lies.
pub fn path(data: &Path, id: ExportId, state: State) -> PathBuf {
    data.join(FOLDER).join(format!("{id}.{}", state.ending()))
}

/// Makes an empty file to write into, in the place of one that was begun before.
pub fn begin(data: &Path, id: ExportId) -> io::Result<File> {
    let folder = data.join(FOLDER);
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let path = path(data, id, State::Part);
    remove_one(&path)?;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Names a file as whole; false if it was removed meanwhile.
pub fn end(data: &Path, id: ExportId) -> io::Result<bool> {
    match fs::rename(path(data, id, State::Part), path(data, id, State::Whole)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens a file that is whole; none if it is gone.
pub fn open(data: &Path, id: ExportId) -> Result<Option<(File, u64)>> {
    let file = match File::open(path(data, id, State::Whole)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::internal(error)),
    };
    let size = file.metadata().map_err(Error::internal)?.len();
    Ok(Some((file, size)))
}

fn remove_one(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes what there is of an export; should that fail, the sweep tries again.
///
/// The part goes first: whoever names it as whole at this moment either finds none, or what it named is
/// removed after it.
pub fn remove(data: &Path, id: ExportId) {
    for state in [State::Part, State::Whole] {
        if let Err(error) = remove_one(&path(data, id, state)) {
            tracing::error!(%error, export = %id, "the file of an export was not removed");
        }
    }
}

/// What lies in the folder.
pub fn all(data: &Path) -> Result<Vec<(ExportId, State)>> {
    let folder = match fs::read_dir(data.join(FOLDER)) {
        Ok(folder) => folder,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::internal(error)),
    };
    let mut found = Vec::new();
    for entry in folder {
        let name = entry.map_err(Error::internal)?.file_name();
        let name = name.to_string_lossy();
        let Some((id, ending)) = name.split_once('.') else {
            continue;
        };
        let state = [State::Whole, State::Part];
        let state = state.into_iter().find(|state| state.ending() == ending);
        found.extend(ExportId::parse(id).zip(state));
    }
    Ok(found)
}
