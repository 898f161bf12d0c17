//! Makes a table of the files of `static/`, each as it is and compressed: the program carries its
//! pages and needs nothing beside it.
//!
//! Nothing is generated or minified: what a browser gets is what stands in `static/`.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo hands a build script its directories in the environment"
)]

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

/// What stands in `static/` for whoever works on it, and is not served.
const NOT_SERVED: &[&str] = &[
    "build.rs",
    "jsconfig.json",
    "vendor/README.md",
    "vendor/vendor.sh",
];

fn main() -> io::Result<()> {
    let directory = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .ok_or(io::ErrorKind::NotFound)
    };
    let root = directory("CARGO_MANIFEST_DIR")?.join("static");
    let out = directory("OUT_DIR")?;
    // A directory stands for all that is in it: a new file is noticed too.
    println!("cargo:rerun-if-changed=static");
    let mut paths = Vec::new();
    walk(&root, &mut paths)?;
    paths.sort();
    let mut table = String::from("&[\n");
    for (number, path) in paths.iter().enumerate() {
        let name = path.strip_prefix(&root).map_err(io::Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        if NOT_SERVED.contains(&name.as_str()) {
            continue;
        }
        let compressed = out.join(format!("{number}.gz"));
        compress(path, &compressed)?;
        let (plain, small) = (path.display().to_string(), compressed.display().to_string());
        let line =
            format!("    ({name:?}, include_bytes!({plain:?}), include_bytes!({small:?})),\n");
        table.write_str(&line).map_err(io::Error::other)?;
    }
    table.push_str("]\n");
    std::fs::write(out.join("files.rs"), table)
}

fn walk(directory: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// The header of the compressed form holds neither a name nor a time: the same file gives the same
/// bytes.
fn compress(from: &Path, to: &Path) -> io::Result<()> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&std::fs::read(from)?)?;
    std::fs::write(to, encoder.finish()?)
}
