//! Mail to a server of somebody else's making: aiosmtpd, with STARTTLS and a password.
//!
//! It needs Python 3 with aiosmtpd, and openssl for a certificate. Where they are not installed the
//! test says so and passes; with `CI=true` it fails.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::process::{Directory, Running, client, program, run};
use crate::support::until;

const PASSWORD: &str = "p%40ss%3Aword%2F1";

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[expect(
    clippy::disallowed_methods,
    reason = "whether a missing program is a failure depends on where the tests run"
)]
fn is_here() -> bool {
    let here = succeeds(Command::new("python3").args(["-c", "import aiosmtpd"]))
        && succeeds(Command::new("openssl").arg("version"));
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(here || !required, "python3-aiosmtpd or openssl is missing");
    here
}

struct Aiosmtpd {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Aiosmtpd {
    fn start(folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mail_server.py");
        let mut child = Command::new("python3")
            .arg(script)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let mut lines = BufReader::new(child.stdout.take().expect("an output"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        let port = line.trim().parse();
        let port = port.unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child, lines, port }
    }

    fn next_mail(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).expect("a mail")
    }
}

impl Drop for Aiosmtpd {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A certificate for 127.0.0.1 that signs itself.
fn certificate(folder: &Path) {
    let made = succeeds(Command::new("openssl").current_dir(folder).args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ]));
    assert!(made, "openssl makes a certificate");
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one story, told once: a start takes long"
)]
fn mail_goes_through_starttls_and_a_password_to_somebody_elses_server() {
    if !is_here() {
        println!("left out: python3 with aiosmtpd, or openssl, is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a directory");
    certificate(folder.path());
    let mut mail = Aiosmtpd::start(folder.path());
    let directory = Directory::new();
    let workspace = directory.account("ann@example.com");
    let arguments = [
        "key",
        "create",
        "--mode",
        "live",
        "--name",
        "k",
        "--workspace",
    ];
    let key = directory.json(&[&arguments[..], &[&workspace]].concat());
    let key = key["plaintext"].as_str().expect("a key");
    let port = mail.port;
    let with = |password: &str| {
        let mut command = program(&directory.path());
        let url = format!("smtp://coach%40example.com:{password}@127.0.0.1:{port}?tls=starttls");
        command.env("CADENCE_PUBLIC_URL", "https://coach.example");
        command.env("CADENCE_MAIL_SMTP_URL", url);
        command.env("CADENCE_MAIL_CA_FILE", folder.path().join("cert.pem"));
        command
    };

    let mut stranger = with(PASSWORD);
    stranger.env_remove("CADENCE_MAIL_CA_FILE");
    let ran = run(stranger.args(["doctor", "--json"]), "");
    assert!(
        ran.stdout.contains("No STARTTLS with"),
        "a stranger's certificate: {}",
        ran.stdout
    );
    let ran = run(with("wrong").args(["doctor", "--json"]), "");
    assert!(ran.stdout.contains("Not signed in at"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("wrong"), "{}", ran.stdout);
    let ran = run(with(PASSWORD).args(["doctor", "--json"]), "");
    assert!(
        ran.stdout
            .contains("took us; mail is from coach@example.com"),
        "{}",
        ran.stdout
    );
    let to = ["doctor", "--json", "--mail-to", "ann@example.com"];
    let ran = run(with(PASSWORD).args(to), "");
    assert!(
        ran.stdout
            .contains("took a mail to ann@example.com: 250 2.0.0 taken"),
        "{}",
        ran.stdout
    );
    assert_eq!(mail.next_mail()["subject"], "Mail works");

    let server = Running::start(&mut with(PASSWORD), &["--listen", "127.0.0.1:0"]);
    let mut caller = server.connect(key);
    let added = caller.post("/v1/clients", "one", &client("zoe@example.com"));
    assert_eq!(added.expect("an answer").status, 201);
    let received = mail.next_mail();

    assert_eq!(received["to"][0], "zoe@example.com");
    assert_eq!(
        (&received["tls"], &received["user"]),
        (&Value::Bool(true), &"coach@example.com".into())
    );
    assert_eq!(received["subject"], "Ann invites you to your training app");
    for part in ["text/plain", "text/html"] {
        let text = received["parts"][part].as_str().expect("a part");
        assert!(
            text.contains("https://coach.example/app/join#"),
            "{part}: {text}"
        );
    }
    until("the outbox says so", || {
        let sent = caller.get("/v1/outbox?status=sent").json();
        sent["data"].as_array().is_some_and(|sent| sent.len() == 1)
    });
}
