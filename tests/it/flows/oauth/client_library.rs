//! Both flows by a client library that nobody here wrote, and by the example of the guide.

use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use cadence::app::PublicAddress;
use cadence::caller::Mode;
use cadence::config::PublicUrl;
use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    PkceCodeChallenge, RedirectUrl, RefreshToken, RevocationUrl, Scope, StandardRevocableToken,
    TokenResponse, TokenUrl, http,
};
use serde_json::json;

use super::{ISSUER, REDIRECT, World, parameter};
use crate::support::{Caller, Server};

/// What can go wrong between the library and the server; nothing does.
#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

/// The transport of the library: requests to the issuer go to the test's server.
fn transport(server: &Server) -> impl Fn(HttpRequest) -> Result<HttpResponse, Broken> {
    let anyone = server.anyone();
    move |request: HttpRequest| {
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let headers: Vec<(&str, &str)> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("")))
            .collect();
        let method = request.method().as_str();
        let answer = anyone.send_bytes(method, path, &headers, Some(request.body()));
        let mut response = http::Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(name, value);
        }
        response.body(answer.body).ok().ok_or(Broken)
    }
}

fn url(path: &str) -> String {
    format!("{ISSUER}{path}")
}

#[test]
fn a_client_library_completes_both_flows() {
    let world = World::new();
    for app in [&world.app, &world.confidential] {
        let mut client = BasicClient::new(ClientId::new(app.id.clone()))
            .set_auth_uri(AuthUrl::new(url("/oauth/authorize")).expect("a URL"))
            .set_token_uri(TokenUrl::new(url("/oauth/token")).expect("a URL"))
            .set_revocation_url(RevocationUrl::new(url("/oauth/revoke")).expect("a URL"))
            .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned()).expect("a URL"));
        if let Some(secret) = &app.secret {
            client = client.set_client_secret(ClientSecret::new(secret.clone()));
        }
        let transport = transport(&world.server);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state) = client
            .authorize_url(CsrfToken::new_random)
            .add_scope(Scope::new("clients:write".to_owned()))
            .set_pkce_challenge(challenge)
            .url();

        let query = address.query().expect("a query");
        let browser = world.browser();
        let page = world.page(&browser, query).expect(200);
        let back = world.answer(&browser, query, &page, ("allow", &["clients:write"]));
        assert_eq!(parameter(&back, "state"), *state.secret());
        let code = AuthorizationCode::new(parameter(&back, "code"));
        let tokens = client
            .exchange_code(code)
            .set_pkce_verifier(verifier)
            .request(&transport)
            .expect("tokens");
        assert!(world.works(tokens.access_token().secret()));
        assert_eq!(tokens.expires_in().map(|time| time.as_secs()), Some(3_600));
        let scopes: Vec<&str> = tokens
            .scopes()
            .expect("scopes")
            .iter()
            .map(|scope| scope.as_str())
            .collect();
        assert_eq!(scopes, ["clients:write"]);

        let refresh: RefreshToken = tokens.refresh_token().expect("a token").clone();
        let next = client
            .exchange_refresh_token(&refresh)
            .request(&transport)
            .expect("tokens");
        assert_ne!(next.access_token().secret(), tokens.access_token().secret());
        let last = next.refresh_token().expect("a token").clone();
        client
            .revoke_token(StandardRevocableToken::RefreshToken(last))
            .expect("a https URL")
            .request(&transport)
            .expect("revoked");
        assert!(!world.works(next.access_token().secret()));

        let own = client.exchange_client_credentials().request(&transport);
        match app.secret {
            Some(_) => assert!(world.works(own.expect("a token").access_token().secret())),
            None => assert!(own.is_err(), "a public app is nobody for itself"),
        }
    }
}

/// Follows the way of a browser from a link of an app to its redirect.
fn consent(world: &World, browser: &Caller, link: &str) -> String {
    let query = link.split_once('?').expect("a query").1;
    let page = world.page(browser, query).expect(200);
    let back = world.answer(browser, query, &page, ("allow", &["clients:read"]));
    back.header("location").expect("a location").to_owned()
}

#[test]
fn the_example_of_the_guide_runs() {
    let world = World::new();
    let here = format!("http://localhost:{}", world.server.address.port());
    let mut address: PublicAddress = (*world.server.app.public_address()).clone();
    address.url = PublicUrl::parse(&here).expect("an address");
    world.server.app.set_public_address(address);
    let uris = json!({ "redirect_uris": ["http://127.0.0.1/callback"] });
    let app = World::register_with(&world.server, world.coach, Mode::Test, &uris);
    let ana = json!({ "name": "Ana Prado", "email": "ana@example.com" });
    world.boss().post("/v1/clients", &ana).expect(201);
    let environment = HashMap::from([
        ("CADENCE_BASE_URL", here.as_str()),
        ("CADENCE_CLIENT_ID", app.id.as_str()),
        ("CADENCE_SCOPE", "clients:read"),
        ("BROWSER", "true"),
    ]);
    let mut running = Command::new("python3")
        .args(["-u", "-c", cadence::docs::OAUTH_EXAMPLE])
        .envs(environment)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("python3 runs");
    let mut output = BufReader::new(running.stdout.take().expect("its output"));
    let mut line = String::new();
    let link = loop {
        line.clear();
        assert!(output.read_line(&mut line).expect("a line") > 0, "no link");
        if let Some(at) = line.find(&format!("{here}/oauth/authorize?")) {
            break line[at..].trim().to_owned();
        }
    };
    let back = consent(&world, &world.browser(), &link);
    let rest = back.strip_prefix("http://127.0.0.1:").expect("loopback");
    let (port, path) = rest.split_once('/').expect("a path");
    let callback = Caller {
        address: format!("127.0.0.1:{port}").parse().expect("an address"),
        ..world.server.anyone()
    };
    callback.get(&format!("/{path}")).expect(200);
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("the rest");
    assert!(running.wait().expect("an end").success(), "{rest}");
    assert!(rest.contains("Ana Prado"), "{rest}");
    assert!(rest.contains("refreshed"), "{rest}");
}
