//! `/docs/guides/oauth`: apps that act for coaches.

use maud::{Markup, html};

use super::super::{Draft, code};
use crate::access::oauth::{CLIENT_TOKEN_S, apps, codes, grants, refresh};
use crate::caller::Scope;
use crate::clock::{DAY_MS, SECOND_MS};

/// A whole program that asks for permission and uses it. A test runs it.
pub const EXAMPLE: &str = include_str!("oauth.py");

const CLIENT_CREDENTIALS: &str = "curl -u \"$CADENCE_CLIENT_ID:$CADENCE_CLIENT_SECRET\" \\\n  -d grant_type=client_credentials -d scope=public \\\n  \"$CADENCE_BASE_URL/oauth/token\"";

const REGISTER: &str = "curl -X POST \"$CADENCE_BASE_URL/v1/oauth/apps\" \\\n  -H \"Authorization: Bearer $CADENCE_API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"name\": \"Diary\", \"client_type\": \"public\",\n       \"redirect_uris\": [\"http://127.0.0.1/callback\"], \"scopes\": [\"clients:read\"]}'";

/// Errors of the OAuth endpoints: name, status, when, what to do.
const ERRORS: &[(&str, &str, &str, &str)] = &[
    (
        "invalid_request",
        "400",
        "A parameter is missing, malformed or sent twice; JSON instead of a form; a credential in the address; PKCE without S256.",
        "Read error_description; mend the request.",
    ),
    (
        "invalid_client",
        "401",
        "The app is unknown or deleted, its secret is wrong or missing, or a public app sent one.",
        "Check client_id and secret. The answer is the same for all of these.",
    ),
    (
        "invalid_grant",
        "400",
        "The code or refresh token is unknown, spent, over, of another app, or its permission was taken back; the verifier does not fit.",
        "Ask the coach again.",
    ),
    (
        "unauthorized_client",
        "400",
        "This kind of client may not use this grant; the account's plan has no API access.",
        "Use a grant of the app's grant_types.",
    ),
    (
        "unsupported_grant_type",
        "400",
        "There is no such grant.",
        "Use authorization_code, refresh_token or client_credentials.",
    ),
    (
        "invalid_scope",
        "400, redirect",
        "The scope is unknown, or more than the app is registered for or was granted.",
        "Ask for less, or change the app.",
    ),
    (
        "invalid_target",
        "400, redirect",
        "The resource is not this server, or not the one that was granted.",
        "Send the public address, or leave it out.",
    ),
    (
        "unsupported_response_type",
        "redirect",
        "The response_type is not code.",
        "Use code.",
    ),
    (
        "access_denied",
        "redirect",
        "The coach said no.",
        "Do without; do not ask again at once.",
    ),
    (
        "request_not_supported, invalid_request_uri",
        "redirect",
        "Request objects are not taken.",
        "Send plain parameters.",
    ),
    (
        "unsupported_token_type",
        "400",
        "An API key or a secret was to be revoked as a token.",
        "Revoke it where it is managed.",
    ),
    (
        "temporarily_unavailable",
        "429, 503",
        "Too many failures, or a change could not be saved.",
        "Wait for as long as Retry-After says; the same request may be sent again.",
    ),
];

fn registration() -> Markup {
    html! {
        h2 #register { "Register an app" }
        p { "An app belongs to a workspace and a mode: a test app sees test data only, whoever lets it in. It is " strong { "public" } " if its user could read a secret in it (a browser, a phone, a command line), and " strong { "confidential" } " if it runs on a server." }
        (code("Register", "sh", REGISTER))
        ul {
            li { "A redirect URI is " code { "https://…" } ", " code { "http://" } " on " code { "127.0.0.1" } ", " code { "[::1]" } " or " code { "localhost" } ", or a scheme of your own with a dot in it, such as " code { "com.example.app:/callback" } ". What you ask for must be what is registered, byte for byte; only the port of " code { "127.0.0.1" } " and " code { "[::1]" } " is free." }
            li { "At most " (apps::MAX_REDIRECTS) " redirect URIs an app and " (apps::MAX_APPS) " apps a workspace and mode." }
            li { "The secret of a confidential app is shown once. Replaced with " code { "POST …/rotate-secret" } ", the old one can go on working for up to seven days." }
        }
    }
}

fn flow() -> Markup {
    html! {
        h2 #code { "Ask a coach: authorization code with PKCE" }
        p { "The whole flow in one file, with nothing to install:" }
        (code("Authorization code with PKCE", "python", EXAMPLE))
        ul {
            li { "PKCE with S256 is asked of every app. " code { "state" } " comes back as it was sent; " code { "iss" } " names this server: check both." }
            li { "A code lives for " (codes::CODE_MS / SECOND_MS) " seconds and is redeemed once. Redeeming it again ends the tokens that it gave." }
            li { "Without " code { "scope" } " the app asks for all that it is registered for. The coach may allow less: read " code { "scope" } " in the answer." }
            li { "An access token lives for an hour where the server is not set otherwise; " code { "expires_in" } " tells." }
            li { "A refresh token is used once: keep the new one of each answer. It ends after " (refresh::IDLE_MS / DAY_MS) " days without use, and " (grants::FAMILY_MS / DAY_MS) " days after the consent in any case." }
            li { "If an answer to a refresh was lost, send the same request again within " (refresh::GRACE_MS / SECOND_MS) " seconds: the same tokens come again. Later, or with an older token, it counts as theft: all tokens of that sign-in end, and the coach is told by mail." }
        }
    }
}

fn itself() -> Markup {
    html! {
        h2 #client { "Act for yourself: client credentials" }
        p { "A confidential app, or any API key, obtains an access token for its own workspace. It lives for " (CLIENT_TOKEN_S) " seconds; there is no refresh token." }
        (code("Client credentials", "sh", CLIENT_CREDENTIALS))
        p { "With an API key, " code { "client_id" } " is the key's id and " code { "client_secret" } " the key itself. " code { "scope=public" } " asks for all of the client's own scopes that are about the daily work." }
    }
}

fn rest() -> Markup {
    html! {
        h2 #browser { "Apps in a browser" }
        p { "Pages at the origin of a registered redirect URI may call " code { "/v1" } " with an access token; the token and revocation endpoints are open to any origin. Cookies count nowhere, and an API key sent from another origin is refused: it would be everybody's." }
        h2 #end { "The end of a token" }
        p { code { "POST /oauth/revoke" } " with the token ends it on the next request; a refresh token takes its access tokens along. A coach ends all that an app may do with one button, or by a DELETE of " code { "/v1/oauth/grants/{grant_id}" } ". Deleting the app, narrowing its scopes, disabling the account and a new password do the same. " code { "POST /oauth/introspect" } " tells a confidential app what its own token may do now." }
        h2 #scopes { "Scopes" }
        table {
            thead { tr { th { "Scope" } th { "What the coach reads" } } }
            tbody {
                @for scope in Scope::ALL {
                    tr { td { code { (scope.name()) } } td { (scope.words()) } }
                }
            }
        }
        h2 #errors { "Errors" }
        p { "The OAuth endpoints answer in the form of RFC 6749: " code { "{\"error\": \"…\", \"error_description\": \"…\"}" } ". An unknown app or redirect URI is told on a page and sent nowhere." }
        table {
            thead { tr { th { "error" } th { "Status" } th { "When" } th { "What to do" } } }
            tbody {
                @for (name, status, when, then) in ERRORS {
                    tr { td { code { (name) } } td { (status) } td { (when) } td { (then) } }
                }
            }
        }
        h2 #off { "Where it is off" }
        p { "Behind a public address of plain " code { "http" } " that is not this very computer, tokens could be read on the way: there the metadata answers 404 and apps obtain nothing. Set " code { "public_url" } " to an https address." }
    }
}

/// The guide.
pub(in crate::docs) fn page() -> Draft {
    Draft {
        path: "/docs/guides/oauth".to_owned(),
        title: "Apps and OAuth".to_owned(),
        content: html! {
            h1 { "Apps and OAuth" }
            p.lead { "An app acts for a coach who let it in, with the permissions that she ticked, until she takes them back. OAuth 2.1 in its usual form: any client library will do." }
            p { "Everything a library asks for is in the metadata, at " code { "/.well-known/oauth-authorization-server" } "." }
            (registration())
            (flow())
            (itself())
            (rest())
        },
    }
}
