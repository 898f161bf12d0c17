//! Receivers whose certificate is wrong: nothing is told to them, and the try is in the log.
//!
//! It needs openssl for the certificates. Where that is not installed the test says so and passes; with
//! `CI=true` it fails.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};

use cadence::db::Options;
use cadence::outside::http::{Resolve, Resolving};
use serde_json::json;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::Server;

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[expect(
    clippy::disallowed_methods,
    reason = "whether a missing program is a failure depends on where the tests run"
)]
fn has_openssl() -> bool {
    let here = succeeds(Command::new("openssl").arg("version"));
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(here || !required, "openssl is missing");
    here
}

/// A certificate for this name that signs itself, and its key.
fn certificate(
    folder: &Path,
    name: &str,
) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
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
        &format!("/CN={name}"),
        "-addext",
        &format!("subjectAltName=DNS:{name}"),
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ]));
    assert!(made, "openssl makes a certificate");
    let read = |file: &str| std::fs::read(folder.join(file)).expect("a file");
    let chain = CertificateDer::from_pem_slice(&read("cert.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(&read("key.pem")).expect("a key");
    (vec![chain], key)
}

/// Somebody who speaks TLS with such a certificate: the port, and of each connection whether anything
/// came through it.
fn receiver(name: &str) -> (u16, mpsc::Receiver<bool>) {
    let folder = tempfile::tempdir().expect("a folder");
    let (chain, key) = certificate(folder.path(), name);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate and its key");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let tls = rustls::ServerConnection::new(Arc::clone(&config));
            let mut tls = tls.expect("a connection");
            let came = rustls::Stream::new(&mut tls, &mut stream).read(&mut [0; 1]);
            if tell.send(came.is_ok_and(|read| read > 0)).is_err() {
                return;
            }
        }
    });
    (port, told)
}

/// Every name is this machine.
struct Here;

impl Resolve for Here {
    fn resolve(&self, _: &str) -> Resolving {
        Box::pin(async { Ok(vec![IpAddr::from(Ipv4Addr::LOCALHOST)]) })
    }
}

#[test]
fn a_live_receiver_with_a_wrong_certificate_is_told_nothing_and_that_is_in_the_log() {
    if !has_openssl() {
        println!("left out: openssl is not installed");
        return;
    }
    for (name, words) in [
        ("other.example", "for another name"),
        ("receiver.example", "that nobody vouches for"),
    ] {
        let (port, told) = receiver(name);
        let listed = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let server = Server::start_with(
            |config| config.allow_private = vec![listed],
            Options::default(),
        );
        let live = server.live_key(server.coach("coach@example.com"));
        server.app.outside.http.resolve_by(Arc::new(Here));
        let url = format!("https://receiver.example:{port}/hooks");
        let new = json!({ "url": url, "events": ["*"] });
        let webhook = live.post("/v1/webhooks", &new).expect(201).member("id");
        let path = format!("/v1/webhooks/{webhook}");
        let delivery = live.act(&format!("{path}/test")).expect(202).member("id");

        server.deliver();

        assert_eq!(told.recv(), Ok(false), "a certificate {words} was believed");
        let delivery = live
            .get(&format!("/v1/deliveries/{delivery}"))
            .expect(200)
            .json();
        let attempt = &delivery["attempts"][0];
        assert_eq!(attempt["outcome"], "tls", "{words}: {attempt}");
        assert!(attempt["status"].is_null(), "{attempt}");
        let detail = attempt["detail"].as_str().expect("a reason");
        assert!(detail.contains("certificate"), "{detail}");
        assert_eq!(delivery["status"], "pending", "it is tried again");
        assert!(delivery["next_try_at"].is_string());
    }
}
