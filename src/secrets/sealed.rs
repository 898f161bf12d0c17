//! Secrets that the server must read again, sealed at rest.
//!
//! A sealed value is one byte of version, four of key id, 24 of nonce and the XChaCha20-Poly1305
//! ciphertext with its tag. It is bound to a context, the table and the id of its row: moved to
//! another row it does not open. The nonce is random; with 192 bits two never meet.
//!
//! The key lies outside the database, in a file of its own: whoever gets hold of the database or of
//! a backup alone reads nothing. Lose the file, and what was sealed is lost.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::anyhow;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Secret, random};
use crate::error::{Code, Error, Result};

const VERSION: u8 = 1;
const ID_LENGTH: usize = 4;
const NONCE_LENGTH: usize = 24;
const HEADER_LENGTH: usize = 1 + ID_LENGTH + NONCE_LENGTH;

/// What the line in the key file begins with.
const LABEL: &str = "cadence-sealing-key-1:";
/// More than any key file has, in bytes.
const MAX_FILE_BYTES: usize = 256;

/// The key under which readable secrets are sealed.
pub struct SealingKey {
    id: [u8; ID_LENGTH],
    key: Zeroizing<[u8; 32]>,
}

impl SealingKey {
    /// A new key.
    pub fn generate() -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        random::fill(&mut *key)?;
        Ok(Self::from_key(key))
    }

    /// A key made of a passphrase with argon2id; the same words and salt make the same key.
    pub fn from_passphrase(passphrase: &Secret, salt: &[u8; 16]) -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        super::password::stretch(passphrase, salt, &mut key)?;
        Ok(Self::from_key(key))
    }

    /// Reads the line of a key file: `cadence-sealing-key-1:` and 32 bytes in base64.
    pub fn parse(line: &str) -> Result<Self> {
        read_line(line).map(Self::from_key).ok_or_else(|| {
            refused(format!(
                "The sealing key is malformed. It is one line: {LABEL} and 32 bytes in base64."
            ))
        })
    }

    /// Reads the key file. One that others may read is refused: its key has to be taken for known.
    pub fn load(path: &Path) -> Result<Self> {
        match read(path)? {
            Some(line) => Self::parse(line.reveal()),
            None => Err(refused(format!("There is no key file {}.", path.display()))),
        }
    }

    /// Reads the key file, or makes it if there is none.
    ///
    /// The file appears whole or not at all, and never in the place of another: of two processes that
    /// make it at once, one makes it and both use it.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        if let Some(line) = read(path)? {
            return Self::parse(line.reveal());
        }
        let line = Self::generate()?.line();
        create(path, &line)?;
        Self::load(path)
    }

    /// Names the key without telling it: the first four bytes of its SHA-256.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Seals a text for one row; `context` is the table and the row's id.
    pub fn seal(&self, context: &str, plaintext: &[u8]) -> Result<Vec<u8>> {
        let nonce = random::bytes::<NONCE_LENGTH>()?;
        let payload = Payload {
            msg: plaintext,
            aad: context.as_bytes(),
        };
        let ciphertext = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|error| Error::internal(anyhow!(error).context("sealing failed")))?;
        let mut sealed = Vec::with_capacity(HEADER_LENGTH + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    /// Opens what was sealed under this key for this context.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let fault = |what: String| Error::internal(anyhow!("the sealed value of {context} {what}"));
        let Some(parts) = Parts::of(sealed) else {
            return Err(fault("is cut off".to_owned()));
        };
        if parts.version != VERSION {
            let version = parts.version;
            return Err(fault(format!(
                "has version {version}, which this program does not know"
            )));
        }
        if parts.key_id != self.id {
            let (theirs, ours) = (KeyId(parts.key_id), KeyId(self.id));
            return Err(fault(format!(
                "needs the sealing key {theirs}; the one at hand is {ours}"
            )));
        }
        let payload = Payload {
            msg: parts.ciphertext,
            aad: context.as_bytes(),
        };
        let plaintext = self.cipher().decrypt(&XNonce::from(parts.nonce), payload);
        // The cipher gives no reason, by design.
        plaintext.ok().map(Zeroizing::new).ok_or_else(|| {
            fault("does not open: it was changed or belongs to another row".to_owned())
        })
    }

    /// A key for another purpose, made of this one; neither tells anything of the other.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let message = format!("cadence derived key 1: {purpose}");
        Zeroizing::new(super::signature::sign(&*self.key, message.as_bytes()))
    }

    fn from_key(key: Zeroizing<[u8; 32]>) -> Self {
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(key.as_slice()).into();
        Self {
            id: [a, b, c, d],
            key,
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }

    /// The line of the key file: the key itself.
    pub fn line(&self) -> Secret {
        // The room is reserved at once: a text that grew would leave a copy behind.
        let mut line = String::with_capacity(MAX_FILE_BYTES);
        line.push_str(LABEL);
        STANDARD.encode_string(self.key.as_slice(), &mut line);
        line.push('\n');
        Secret::new(line)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", KeyId(self.id))
    }
}

/// A key id as people see it: eight hexadecimal digits.
struct KeyId([u8; ID_LENGTH]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// A sealed value, taken apart.
struct Parts<'a> {
    version: u8,
    key_id: [u8; ID_LENGTH],
    nonce: [u8; NONCE_LENGTH],
    ciphertext: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a [u8]) -> Option<Self> {
        let (&version, rest) = sealed.split_first()?;
        let (&key_id, rest) = rest.split_first_chunk()?;
        let (&nonce, ciphertext) = rest.split_first_chunk()?;
        Some(Self {
            version,
            key_id,
            nonce,
            ciphertext,
        })
    }
}

fn read_line(line: &str) -> Option<Zeroizing<[u8; 32]>> {
    let encoded = line.trim_end().strip_prefix(LABEL)?;
    let decoded = STANDARD.decode(encoded).map(Zeroizing::new).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    if decoded.len() != key.len() {
        return None;
    }
    key.copy_from_slice(&decoded);
    Some(key)
}

/// The line of the key file, or none if there is no such file.
fn read(path: &Path) -> Result<Option<Secret>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot("read", path, &error)),
    };
    // The open file is asked and not the path, which may meanwhile lead elsewhere.
    let metadata = file
        .metadata()
        .map_err(|error| cannot("read", path, &error))?;
    refuse_open_to_others(path, &metadata)?;
    // Again without growing.
    let mut line = String::with_capacity(2 * MAX_FILE_BYTES);
    file.take(MAX_FILE_BYTES as u64)
        .read_to_string(&mut line)
        .map_err(|error| cannot("read", path, &error))?;
    Ok(Some(Secret::new(line)))
}

#[cfg(unix)]
fn refuse_open_to_others(path: &Path, metadata: &Metadata) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o777;
    let others = mode & 0o077;
    if others == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(refused(format!(
        "The key file {path} is open to others (mode {mode:04o}). Close it with: chmod 600 {path}"
    )))
}

#[cfg(not(unix))]
fn refuse_open_to_others(_: &Path, _: &Metadata) -> Result<()> {
    Ok(())
}

/// Writes the key file beside its place and links it there, which fails if somebody was faster. Both
/// file and directory are on the disk when this returns.
fn create(path: &Path, line: &Secret) -> Result<()> {
    let name = u64::from_be_bytes(random::bytes()?);
    let draft = path.with_extension(format!("new-{name:016x}"));
    write_new(&draft, line.reveal())
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome,
        })
        // A draft holds a key, so it goes even if the rest failed.
        .and(fs::remove_file(&draft))
        .and_then(|()| sync_directory(path))
        .map_err(|error| cannot("make", path, &error))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Key files are read when the program starts, so these sentences are for whoever starts it.
fn refused(sentence: String) -> Error {
    Error::with(Code::InternalError, sentence)
}

fn cannot(verb: &str, path: &Path, error: &io::Error) -> Error {
    refused(format!(
        "Cannot {verb} the key file {}: {error}.",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SealingKey {
        SealingKey::generate().unwrap()
    }

    fn why(result: Result<Zeroizing<Vec<u8>>>) -> String {
        format!("{:?}", result.unwrap_err())
    }

    #[test]
    fn what_was_sealed_opens_again() {
        let key = key();

        for plaintext in [&b""[..], b"whsec_canary", &[0; 10_000]] {
            let sealed = key.seal("webhooks:we_1", plaintext).unwrap();

            assert_eq!(sealed.len(), HEADER_LENGTH + plaintext.len() + 16);
            assert_eq!(sealed[0], 1);
            assert_eq!(sealed[1..5], key.id());
            assert_eq!(*key.open("webhooks:we_1", &sealed).unwrap(), plaintext);
        }
    }

    #[test]
    fn a_derived_key_belongs_to_its_purpose_and_its_key() {
        let key = key();

        assert_eq!(key.derive("files"), key.derive("files"));
        assert_ne!(key.derive("files"), key.derive("cookies"));
        assert_ne!(key.derive("files"), self::key().derive("files"));
        assert_ne!(*key.derive("files"), *key.key);
    }

    #[test]
    fn equal_texts_are_sealed_differently_and_do_not_show() {
        let key = key();
        let sealed = key.seal("webhooks:we_1", b"canary").unwrap();

        assert_ne!(sealed, key.seal("webhooks:we_1", b"canary").unwrap());
        assert!(!sealed.windows(6).any(|window| window == b"canary"));
    }

    #[test]
    fn a_value_moved_to_another_row_does_not_open() {
        let key = key();
        let one = key.seal("webhooks:we_1", b"one").unwrap();
        let two = key.seal("webhooks:we_2", b"two").unwrap();

        assert!(why(key.open("webhooks:we_1", &two)).contains("belongs to another row"));
        assert!(why(key.open("webhooks:we_2", &one)).contains("belongs to another row"));
        assert!(why(key.open("accounts:we_1", &one)).contains("belongs to another row"));
    }

    #[test]
    fn no_byte_can_be_changed_and_none_left_out() {
        let key = key();
        let sealed = key.seal("webhooks:we_1", b"canary").unwrap();

        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open("webhooks:we_1", &changed).is_err(), "byte {at}");
            assert!(
                key.open("webhooks:we_1", &sealed[..at]).is_err(),
                "{at} bytes"
            );
        }
    }

    #[test]
    fn faults_say_what_is_wrong_and_show_nothing() {
        let (key, other) = (key(), key());
        let sealed = other.seal("webhooks:we_1", b"canary").unwrap();

        let fault = why(key.open("webhooks:we_1", &sealed));
        assert!(
            fault.contains(&format!("needs the sealing key {}", KeyId(other.id()))),
            "{fault}"
        );
        assert!(why(key.open("webhooks:we_1", &[2; 80])).contains("has version 2"));
        assert!(why(key.open("webhooks:we_1", &[])).contains("is cut off"));
        assert_eq!(
            key.open("webhooks:we_1", &[]).unwrap_err().message(),
            Code::InternalError.sentence()
        );
    }

    #[test]
    fn the_key_file_is_made_once_and_read_afterwards() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");

        assert!(
            SealingKey::load(&path)
                .unwrap_err()
                .message()
                .starts_with("There is no key file")
        );
        let made = SealingKey::load_or_create(&path).unwrap();
        let line = fs::read_to_string(&path).unwrap();

        assert_eq!(SealingKey::load_or_create(&path).unwrap().id(), made.id());
        assert_eq!(SealingKey::load(&path).unwrap().id(), made.id());
        assert_eq!(line.len(), LABEL.len() + 44 + 1);
        assert!(line.starts_with(LABEL) && line.ends_with('\n'));
        assert_eq!(
            fs::read_dir(directory.path()).unwrap().count(),
            1,
            "no draft is left"
        );
        assert_eq!(SealingKey::parse(&line).unwrap().id(), made.id());
        assert!(!format!("{made:?}").contains(&line[LABEL.len()..LABEL.len() + 8]));
    }

    #[test]
    fn processes_that_make_the_key_file_at_once_agree_on_one_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");

        let ids: Vec<_> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| SealingKey::load_or_create(&path).unwrap().id()))
                .collect();
            makers
                .into_iter()
                .map(|maker| maker.join().unwrap())
                .collect()
        });

        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_refused_with_the_command_that_closes_it() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");
        SealingKey::load_or_create(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );

        for mode in [0o640, 0o604, 0o644, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = SealingKey::load_or_create(&path).unwrap_err();
            let fix = format!(
                "(mode {mode:04o}). Close it with: chmod 600 {}",
                path.display()
            );
            assert!(error.message().ends_with(&fix), "{error}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(SealingKey::load(&path).is_ok());
    }

    #[test]
    fn malformed_key_files_are_refused_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.key");

        for line in [
            "",
            "cadence-sealing-key-1:",
            "cadence-sealing-key-1:AAAA",
            "cadence-sealing-key-2:AAAA",
        ] {
            write_new(&path, line).unwrap();
            let error = SealingKey::load_or_create(&path).unwrap_err();
            assert!(
                error.message().starts_with("The sealing key is malformed."),
                "{error}"
            );
            assert_eq!(fs::read_to_string(&path).unwrap(), line);
            fs::remove_file(&path).unwrap();
        }
    }
}
