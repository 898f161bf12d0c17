//! The catalogue of server tests by its titles: one table, one case a line.
//!
//! Each case looks at one property by itself, in the words of the catalogue; the statements are
//! tested at length beside this file. All of them share a server, so none may count its rows.

use std::collections::BTreeSet;

use cadence::clock::MINUTE_MS;
use serde_json::json;

use super::{
    FORM, OTHER_VERIFIER, REDIRECT, Tokens, VERIFIER, World, at_once, form, parameter, query,
    refused,
};

type Case = (&'static str, &'static str, fn(&World));

const CASES: &[Case] = &[
    ("AuthEndpoint", "HasContentSecurityPolicy", |world| {
        let page = world.page(&world.browser(), &query(&world.app, &[]));
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'"));
    }),
    ("AuthEndpoint", "HasFrameOptions", |world| {
        let page = world.page(&world.browser(), &query(&world.app, &[]));
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("frame-ancestors 'none'"));
    }),
    ("AuthEndpoint", "ReferrerPolicyEnforced", |world| {
        let page = world.page(&world.browser(), &query(&world.app, &[]));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    }),
    ("AuthEndpoint", "InvalidRedirect", |world| {
        let evil = query(&world.app, &[("redirect_uri", "https://evil.example/")]);
        assert_eq!(world.page(&world.browser(), &evil).status, 400);
    }),
    ("AuthEndpoint", "RedirectUriPathMatched", |world| {
        let other = format!("{REDIRECT}/more");
        let other = query(&world.app, &[("redirect_uri", &other)]);
        assert_eq!(world.page(&world.browser(), &other).status, 400);
    }),
    ("AuthEndpoint", "RedirectUriQueryMatched", |world| {
        let other = format!("{REDIRECT}?more=1");
        let other = query(&world.app, &[("redirect_uri", &other)]);
        assert_eq!(world.page(&world.browser(), &other).status, 400);
    }),
    ("AuthEndpoint", "RedirectUriConfusion", |world| {
        let twice = format!(
            "{}&redirect_uri=https%3A%2F%2Fevil.example%2F",
            query(&world.app, &[])
        );
        assert_eq!(world.page(&world.browser(), &twice).status, 400);
    }),
    ("AuthEndpoint", "AutomaticRedirectInvalidScope", |world| {
        let asked = query(&world.app, &[("scope", "nonsense")]);
        let led = world.page(&world.server.anyone(), &asked);
        assert!(
            led.header("location")
                .is_some_and(|at| at.starts_with("/oauth/sign-in"))
        );
    }),
    (
        "AuthEndpoint",
        "AutomaticRedirectInvalidResponseType",
        |world| {
            let asked = query(&world.app, &[("response_type", "nonsense")]);
            let led = world.page(&world.server.anyone(), &asked);
            assert!(
                led.header("location")
                    .is_some_and(|at| at.starts_with("/oauth/sign-in"))
            );
        },
    ),
    ("AuthEndpoint", "UnrecognizedParameter", |world| {
        let asked = format!("{}&unheard=of", query(&world.app, &[]));
        world.page(&world.browser(), &asked).expect(200);
    }),
    ("AuthEndpoint", "SameParameterTwice", |world| {
        let asked = format!("{}&scope=a&scope=b", query(&world.app, &[]));
        let told = world.page(&world.browser(), &asked);
        assert_eq!(parameter(&told, "error"), "invalid_request");
    }),
    ("AuthEndpoint", "StateSupported", |world| {
        assert_eq!(parameter(&world.allow(&world.app, &[]), "state"), "xyz");
    }),
    ("AuthEndpoint", "IssuerReturned", |world| {
        assert_eq!(
            parameter(&world.allow(&world.app, &[]), "iss"),
            super::ISSUER
        );
    }),
    ("AuthEndpoint", "ImplicitGrantNotSupported", |world| {
        for kind in ["token", "id_token", "code id_token", "none"] {
            let told = world.page(
                &world.browser(),
                &query(&world.app, &[("response_type", kind)]),
            );
            assert_eq!(parameter(&told, "error"), "unsupported_response_type");
        }
    }),
    ("AuthEndpoint", "No307Redirect", |world| {
        assert_eq!(world.allow(&world.app, &[]).status, 303);
    }),
    ("TokenEndpoint", "HasCacheControlHeader", |world| {
        let answer = world.redeem(&world.app, &world.code(&world.app));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }),
    ("TokenEndpoint", "HasPragmaHeader", |world| {
        let answer = world.redeem(&world.app, &world.code(&world.app));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
    }),
    ("TokenEndpoint", "IsGetSupported", |world| {
        let path = format!("/oauth/token?{}", form(&World::shown(&world.confidential)));
        assert_eq!(world.server.anyone().get(&path).status, 405);
    }),
    ("TokenEndpoint", "IsAuthInUri", |world| {
        let path = format!("/oauth/token?{}", form(&World::shown(&world.confidential)));
        let answer = world.send_form(&path, &[("grant_type", "client_credentials")]);
        refused(&answer, 400, "invalid_request");
    }),
    ("TokenEndpoint", "IsClientAuthRequired", |world| {
        let mut bare = world.confidential.clone();
        bare.secret = None;
        let code = world.code(&world.confidential);
        refused(&world.redeem(&bare, &code), 401, "invalid_client");
    }),
    ("TokenEndpoint", "IsBasicAuthSupported", |world| {
        let secret = world.confidential.secret.clone().unwrap_or_default();
        let caller = world.server.basic(&world.confidential.id, &secret);
        let body = form(&[("grant_type", "client_credentials")]);
        caller
            .send(
                "POST",
                "/oauth/token",
                &[("Content-Type", FORM)],
                Some(&body),
            )
            .expect(200);
    }),
    ("TokenEndpoint", "IsPostAuthSupported", |world| {
        drop(world.client_token());
    }),
    ("TokenEndpoint", "InvalidClientCode", |world| {
        let code = world.code(&world.app);
        refused(
            &world.redeem(&world.confidential, &code),
            400,
            "invalid_grant",
        );
    }),
    ("TokenEndpoint", "RedirectUriChecked", |world| {
        let more = [
            ("code_verifier", VERIFIER),
            ("redirect_uri", "https://evil.example/"),
        ];
        let answer = world.redeem_with(&world.app, &world.code(&world.app), &more);
        refused(&answer, 400, "invalid_grant");
    }),
    ("TokenEndpoint", "SameParameterTwice", |world| {
        let mut pairs = World::shown(&world.confidential);
        pairs.extend([
            ("grant_type", "client_credentials"),
            ("scope", "a"),
            ("scope", "b"),
        ]);
        refused(&world.token(&pairs), 400, "invalid_request");
    }),
    ("TokenEndpoint", "UnrecognizedParameter", |world| {
        let mut pairs = World::shown(&world.confidential);
        pairs.extend([("grant_type", "client_credentials"), ("unheard", "of")]);
        world.token(&pairs).expect(200);
    }),
    ("TokenEndpoint", "PasswordGrantNotSupported", |world| {
        let mut pairs = World::shown(&world.confidential);
        pairs.extend([
            ("grant_type", "password"),
            ("username", "a"),
            ("password", "b"),
        ]);
        refused(&world.token(&pairs), 400, "unsupported_grant_type");
    }),
    (
        "TokenEndpoint",
        "NoRefreshTokenForClientCredentials",
        |world| {
            let mut pairs = World::shown(&world.confidential);
            pairs.push(("grant_type", "client_credentials"));
            assert_eq!(world.token(&pairs).json().get("refresh_token"), None);
        },
    ),
    ("Concurrency", "SingleFastACExchange", |world| {
        let code = world.code(&world.app);
        let won = at_once(8, |_| world.redeem(&world.app, &code).status);
        assert_eq!(won.iter().filter(|status| **status == 200).count(), 1);
    }),
    ("Concurrency", "MultiFastACExchange", |world| {
        let codes = [(); 4].map(|()| world.code(&world.app));
        let won = at_once(16, |number| {
            world.redeem(&world.app, &codes[number % 4]).status
        });
        assert_eq!(won.iter().filter(|status| **status == 200).count(), 4);
    }),
    ("Concurrency", "FastRefresh", |world| {
        let tokens = world.tokens(&world.app);
        let bodies = at_once(8, |_| world.refresh(&world.app, &tokens.refresh).body);
        assert_eq!(bodies.into_iter().collect::<BTreeSet<_>>().len(), 1);
    }),
    ("Pkce", "IsPkceRequired", |world| {
        let asked = query(
            &world.app,
            &[("code_challenge", ""), ("code_challenge_method", "")],
        );
        let told = world.page(&world.browser(), &asked);
        assert_eq!(parameter(&told, "error"), "invalid_request");
    }),
    ("Pkce", "PlainPkceNotSupported", |world| {
        for method in ["plain", ""] {
            let asked = query(&world.app, &[("code_challenge_method", method)]);
            let told = world.page(&world.browser(), &asked);
            assert_eq!(parameter(&told, "error"), "invalid_request");
        }
    }),
    ("Pkce", "IsPkceTokenRequired", |world| {
        let answer = world.redeem_with(&world.app, &world.code(&world.app), &[]);
        refused(&answer, 400, "invalid_request");
    }),
    ("Pkce", "IsVerifierChecked", |world| {
        let wrong = [("code_verifier", OTHER_VERIFIER)];
        let answer = world.redeem_with(&world.app, &world.code(&world.app), &wrong);
        refused(&answer, 400, "invalid_grant");
    }),
    ("Pkce", "ShortVerifier", |world| {
        let short = [("code_verifier", &VERIFIER[1..])];
        let answer = world.redeem_with(&world.app, &world.code(&world.app), &short);
        refused(&answer, 400, "invalid_request");
    }),
    ("Pkce", "ChallengeIsNoVerifier", |world| {
        let challenge = cadence::access::oauth::codes::challenge_of(VERIFIER);
        let wrong = [("code_verifier", challenge.as_str())];
        let answer = world.redeem_with(&world.app, &world.code(&world.app), &wrong);
        refused(&answer, 400, "invalid_grant");
    }),
    ("Revocation", "CanAccessTokensBeRevoked", |world| {
        let tokens = world.tokens(&world.app);
        world.revoke(&world.app, &tokens.access).expect(200);
        assert!(!world.works(&tokens.access));
    }),
    ("Revocation", "CanRefreshTokensBeRevoked", |world| {
        let tokens = world.tokens(&world.app);
        world.revoke(&world.app, &tokens.refresh).expect(200);
        refused(
            &world.refresh(&world.app, &tokens.refresh),
            400,
            "invalid_grant",
        );
    }),
    ("Revocation", "RefreshRevokesAccess", |world| {
        let tokens = world.tokens(&world.app);
        world.revoke(&world.app, &tokens.refresh).expect(200);
        assert!(!world.works(&tokens.access));
    }),
    ("Revocation", "IsClientAuthRequired", |world| {
        let mut bare = world.confidential.clone();
        bare.secret = None;
        refused(&world.revoke(&bare, "cdnat_x"), 401, "invalid_client");
    }),
    ("Revocation", "IsBoundToClient", |world| {
        let tokens = world.tokens(&world.app);
        world
            .revoke(&world.confidential, &tokens.refresh)
            .expect(200);
        assert!(world.works(&tokens.access));
    }),
    ("Revocation", "UnknownTokenIsNoError", |world| {
        world.revoke(&world.app, "nonsense").expect(200);
    }),
    ("Tokens", "AuthorizationCodeEntropy", |world| {
        let codes = [(); 5].map(|()| world.code(&world.app));
        assert!(codes.iter().all(|code| code.len() == "cdnac_".len() + 36));
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 5);
    }),
    ("Tokens", "AccessAndRefreshTokenEntropy", |world| {
        let tokens = [(); 5].map(|()| world.tokens(&world.app));
        let all: BTreeSet<&String> = tokens
            .iter()
            .flat_map(|t| [&t.access, &t.refresh])
            .collect();
        assert_eq!(all.len(), 10);
        assert!(all.iter().all(|token| token.len() == "cdnat_".len() + 36));
    }),
    ("Tokens", "CodeTimeout", |world| {
        let code = world.code(&world.app);
        world.server.advance_ms(MINUTE_MS);
        refused(&world.redeem(&world.app, &code), 400, "invalid_grant");
    }),
    ("Tokens", "TokenTimeout", |world| {
        let tokens = world.tokens(&world.app);
        world.server.advance_ms(60 * MINUTE_MS);
        assert!(!world.works(&tokens.access));
    }),
    ("Tokens", "UsesTokenRotation", |world| {
        let tokens = world.tokens(&world.app);
        let next = Tokens::of(&world.refresh(&world.app, &tokens.refresh));
        assert_ne!(tokens.refresh, next.refresh);
    }),
    ("Tokens", "InvalidatedRefreshToken", |world| {
        let tokens = world.tokens(&world.app);
        Tokens::of(&world.refresh(&world.app, &tokens.refresh));
        world.server.advance_ms(MINUTE_MS);
        refused(
            &world.refresh(&world.app, &tokens.refresh),
            400,
            "invalid_grant",
        );
    }),
    ("Tokens", "CodeReplayRevokes", |world| {
        let code = world.code(&world.app);
        let tokens = Tokens::of(&world.redeem(&world.app, &code));
        world.redeem(&world.app, &code);
        assert!(!world.works(&tokens.access));
    }),
    ("Tokens", "IsRefreshBoundToClient", |world| {
        let tokens = world.tokens(&world.app);
        refused(
            &world.refresh(&world.confidential, &tokens.refresh),
            400,
            "invalid_grant",
        );
    }),
    ("Tokens", "ScopeCannotBeWidened", |world| {
        let tokens = world.tokens(&world.app);
        let wide = world.refresh_with(&world.app, &tokens.refresh, &[("scope", "keys:write")]);
        refused(&wide, 400, "invalid_scope");
    }),
    ("ApiEndpoint", "SupportsAuthorizationHeader", |world| {
        let tokens = world.tokens(&world.app);
        assert!(world.works(&tokens.access));
    }),
    ("ApiEndpoint", "TokenAsQueryParameterDisabled", |world| {
        let tokens = world.tokens(&world.app);
        let path = format!("/v1/clients?access_token={}", tokens.access);
        world
            .server
            .anyone()
            .get(&path)
            .refused(401, "auth_missing");
    }),
    ("ApiEndpoint", "TokenAsFormParameterDisabled", |world| {
        let tokens = world.tokens(&world.app);
        let body = form(&[("access_token", tokens.access.as_str())]);
        let media = [("Content-Type", FORM)];
        let answer = world
            .server
            .anyone()
            .send("POST", "/v1/clients", &media, Some(&body));
        answer.refused(401, "auth_missing");
    }),
    ("ApiEndpoint", "HasCacheControlHeader", |world| {
        let tokens = world.tokens(&world.app);
        let answer = world
            .server
            .bearer(&tokens.access)
            .get("/v1/clients")
            .expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }),
    ("ApiEndpoint", "ChallengesWithoutToken", |world| {
        let answer = world.server.anyone().get("/v1/clients").expect(401);
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert!(challenge.starts_with("Bearer ") && !challenge.contains("error="));
    }),
    ("ApiEndpoint", "RefreshTokenIsNoAccessToken", |world| {
        let tokens = world.tokens(&world.app);
        let answer = world.server.bearer(&tokens.refresh).get("/v1/clients");
        answer.refused(401, "auth_invalid");
    }),
    ("ApiEndpoint", "ScopeIsEnforced", |world| {
        let back = world.allow_some(&world.app, &[], &["checkins:read"]);
        let answer = world.redeem(&world.app, &parameter(&back, "code"));
        let bearer = world.server.bearer(&Tokens::of(&answer).access);
        bearer.get("/v1/clients").refused(403, "insufficient_scope");
        // For whoever comes after: the scopes as they were.
        parameter(&world.allow(&world.app, &[]), "code");
    }),
    ("ApiEndpoint", "TokenIsBoundToItsWorkspace", |world| {
        let tokens = world.tokens(&world.app);
        let other = world
            .server
            .coach(&format!("{}@example.com", world.server.rows("accounts")));
        let ana = json!({ "name": "Ana", "email": "ana@example.com" });
        let id = world
            .server
            .key(other, &[])
            .post("/v1/clients", &ana)
            .member("id");
        let bearer = world.server.bearer(&tokens.access);
        bearer
            .get(&format!("/v1/clients/{id}"))
            .refused(404, "not_found");
    }),
];

#[test]
fn every_case_of_the_catalogue_holds() {
    let world = World::with(|config| config.requests_per_hour = Some(0));
    let mut names = BTreeSet::new();
    for (title, name, case) in CASES {
        assert!(names.insert((title, name)), "{title}/{name} is there twice");
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case(&world)));
        assert!(outcome.is_ok(), "{title}/{name}");
        world.server.advance_ms(MINUTE_MS);
    }
    let titles: BTreeSet<&&str> = CASES.iter().map(|(title, ..)| title).collect();
    let expected = [
        "ApiEndpoint",
        "AuthEndpoint",
        "Concurrency",
        "Pkce",
        "Revocation",
        "TokenEndpoint",
        "Tokens",
    ];
    assert!(titles.into_iter().eq(expected.iter()), "a title is missing");
}
